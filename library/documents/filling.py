"""A template that people edit in their word processor, and plain values, make a DOCX.

Whoever may put a template here is not thereby a programmer of the server: the marks {{ … }} and {% … %} of a template
can read the values given and nothing else.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from PIL import Image

from library.core.errors import N_, Reason, Refused
from library.documents.plain import Plain, TooLong

Values = Mapping[str, Any]


class BadTemplate(Refused):
    """The template cannot be filled; the sentence says what to mend."""

    status = 422


@dataclass(frozen=True)
class Square:
    """A square code among the values: rows of "1" (dark) and "0", and how wide it stands on paper."""

    rows: tuple[str, ...]
    wide_mm: float = 24.0

    def png(self) -> bytes:
        """With its quiet zone of four modules."""
        side = len(self.rows) + 8
        image = Image.new("1", (side, side), 1)
        for down, row in enumerate(self.rows):
            for right, dark in enumerate(row):
                if dark == "1":
                    image.putpixel((right + 4, down + 4), 0)
        out = io.BytesIO()
        image.resize((side * 8, side * 8)).save(out, "PNG")
        return out.getvalue()


def filled(template: bytes, values: Values) -> bytes:
    """The DOCX with every mark filled in. Raises BadTemplate."""
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.render(_placed(document, values), Plain(), autoescape=True)
        out = io.BytesIO()
        document.save(out)
    except UndefinedError as unknown:
        raise BadTemplate(_unknown(str(unknown))) from unknown
    except TemplateSyntaxError as wrong:
        raise BadTemplate(_broken(wrong.message or "")) from wrong
    except TooLong as endless:
        raise BadTemplate(TOO_LONG) from endless
    except SecurityError as forbidden:
        raise BadTemplate(FORBIDDEN) from forbidden
    except Exception as wrong:  # whatever a stranger's file does to three libraries, it is the file that is wrong
        raise BadTemplate(UNREADABLE) from wrong
    return out.getvalue()


FORBIDDEN = Reason(
    "template-forbidden", N_("Mẫu có phép tính mà máy không làm. Trong dấu ngoặc chỉ để tên các giá trị.")
)
TOO_LONG = Reason("template-too-long", N_("Giấy điền ra dài quá. Bớt những đoạn lặp lại trong mẫu."))
UNREADABLE = Reason(
    "template-unreadable", N_("Tệp này không phải bản Word (.docx) mà máy điền được. Tải mẫu của máy về sửa.")
)


def _unknown(said: str) -> Reason:
    """`said`: jinja's "'abc' is undefined"."""
    name = said.split("'")[1] if said.count("'") >= 2 else said
    if said.count("'") > 2:
        name = said.split("'")[-2]
    sentence = N_("Mẫu có chỗ “%(name)s” mà máy không có gì để điền. Xem tên các giá trị ở trang này.")
    return Reason("template-unknown", sentence, {"name": name[:60]})


def _broken(said: str) -> Reason:
    sentence = N_("Dấu ngoặc trong mẫu chưa khép: %(said)s. Mỗi chỗ điền viết như {{ ten }}.")
    return Reason("template-broken", sentence, {"said": said[:120]})


def _placed(document: DocxTemplate, values: Values) -> dict[str, Any]:
    """Pictures must know the document they stand in."""
    return {name: _picture(document, value) if isinstance(value, Square) else value for name, value in values.items()}


def _picture(document: DocxTemplate, square: Square) -> InlineImage:
    return InlineImage(document, io.BytesIO(square.png()), width=Mm(square.wide_mm))
