"""Files that stand beside a figure: paper scanned, a photo, a list. What they are is read from their bytes, not their names."""

from io import BytesIO
from pathlib import PurePath

from werkzeug.datastructures import FileStorage

from library import files
from library.core.errors import N_, Reason
from library.core.fold import clean

KINDS = {
    ".pdf": b"%PDF-", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n\x1a\n",
    ".docx": b"PK\x03\x04", ".xlsx": b"PK\x03\x04",
}  # fmt: skip
"""Endings that are taken, and how such a file begins."""
ACCEPT = ",".join(KINDS)
LARGEST = 10_000_000
LONGEST = 120

TOO_LARGE = Reason("too-large", N_("Tệp to quá: nhiều nhất 10 MB."))
WRONG_KIND = Reason("kind", N_("Tệp phải là PDF, ảnh JPG hay PNG, Word (.docx) hoặc Excel (.xlsx)."))


class BadFile(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


def keep(sent: FileStorage) -> tuple[str, str]:
    """(key, name). Raises BadFile."""
    name = clean(PurePath((sent.filename or "").replace("\\", "/")).name)[-LONGEST:]
    data = sent.stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise BadFile(TOO_LARGE)
    begins = KINDS.get(PurePath(name.lower()).suffix)
    if begins is None or not data.startswith(begins):
        raise BadFile(WRONG_KIND)
    return files.keep(BytesIO(data)), name
