"""Certificates of reading, for a class or for one pupil: an A4 page in colour."""

from collections.abc import Mapping
from typing import Any, Literal

from library.shelves import certificate_sheet

Kind = Literal["class", "pupil"]


def certificate_pdf(kind: Kind, values: Mapping[str, Any]) -> bytes:
    """One landscape A4 page. `values`, all but the first two may be missing: library, name ("4A", or the pupil's), reason
    ("Tủ sách lớp được đọc nhiều nhất khối 4"; of a pupil: "Đã đọc 20 cuốn sách"), figures (the sentence below, numbers
    get bold), group (a pupil's class: "Học sinh lớp 4A"), titles (on the spines), place and day (a date) of the paper,
    left and right: (who, name) of the two who sign."""
    return certificate_sheet.pdf([certificate_sheet.of(kind, values)])


def certificates_pdf(kind: Kind, many: list[Mapping[str, Any]]) -> bytes:
    """A page each, in the order given."""
    return certificate_sheet.pdf([certificate_sheet.of(kind, values) for values in many])
