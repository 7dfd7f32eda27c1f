"""Whether a file somebody brings may be a template here: small, whole, asks nobody else for anything, can be filled and
printed."""

import io
import zipfile
import zlib

from lxml import etree

from library.core.errors import N_, Reason
from library.documents import printing
from library.documents.filling import UNREADABLE, BadTemplate, Values, filled

MOST_BYTES = 2_000_000
MOST_UNPACKED = 20_000_000
MOST_PARTS = 400
TOO_LARGE = Reason("template-too-large", N_("Tệp to quá: nhiều nhất 2 MB. Bớt ảnh trong mẫu."))
HAS_MACROS = Reason("template-macros", N_("Tệp có macro. Lưu lại thành Word thường (.docx) rồi tải lên."))
POINTS_OUT = Reason("template-points-out", N_("Mẫu lấy ảnh hoặc tệp ở nơi khác. Chèn thẳng vào mẫu rồi lưu lại."))
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, etree.XMLSyntaxError)
"""What a broken package raises. RuntimeError: one that is locked by a password, or packed by a method nobody else knows."""


def check(template: bytes, sample: Values) -> bytes:
    """The template filled with sample values, which can be printed too. Raises BadTemplate."""
    if len(template) > MOST_BYTES:
        raise BadTemplate(TOO_LARGE)
    try:
        with zipfile.ZipFile(io.BytesIO(template)) as package:
            _look_inside(package)
    except _DAMAGED as wrong:
        raise BadTemplate(UNREADABLE) from wrong
    docx = filled(template, sample)
    printing.pdf(docx, "")
    return docx


def _look_inside(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise BadTemplate(TOO_LARGE)
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        raise BadTemplate(HAS_MACROS)
    for part in parts:
        if part.filename.lower().endswith(".rels") and _points_out(package.read(part)):
            raise BadTemplate(POINTS_OUT)


def _points_out(relations: bytes) -> bool:
    """Links that a reader may follow are theirs; everything else would be fetched unasked. Raises BadTemplate."""
    tree = etree.fromstring(relations, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    if tree.getroottree().docinfo.doctype:
        raise BadTemplate(UNREADABLE)
    return any(_is_outside(one) for one in tree.iter("{*}Relationship"))


def _is_outside(one: etree._Element) -> bool:
    outside = one.get("TargetMode", "").strip().lower() == "external"
    return outside and not one.get("Type", "").endswith("/hyperlink")
