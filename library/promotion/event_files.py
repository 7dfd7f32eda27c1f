"""Photos and papers of what was recorded: looked at before they are kept, served so that no browser runs them."""

from io import BytesIO
from pathlib import PurePath
from typing import Any, BinaryIO
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from sqlalchemy import select
from sqlalchemy.orm import Session

from library import files
from library.catalogue import pictures
from library.core import clock
from library.core.errors import N_, Reason
from library.core.fold import clean
from library.core.mime import DOCX, XLSX
from library.inbox import acts
from library.inbox.acts import Doing
from library.promotion.drive_models import Drive
from library.promotion.event_models import PromotionFile, Recorded
from library.promotion.gift_models import Gift

LARGEST = 20 * 1_048_576
MOST = 40
PICTURE = "image/jpeg"
PDF = "application/pdf"
ACCEPT = f"{pictures.ACCEPT},application/pdf,.docx,.xlsx"
ENDINGS = {PICTURE: "jpg", PDF: "pdf", DOCX: "docx", XLSX: "xlsx"}
ACT = "promotion-file"
Filed = Recorded | Drive | Gift
"""What photos and papers are kept of."""


class BadFile(ValueError):
    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.reason = Reason(code, sentence, facts)


NOT_KNOWN = N_("Máy chỉ nhận ảnh (JPEG, PNG, WebP), PDF, Word (.docx) và Excel (.xlsx).")


def looked_at(stream: BinaryIO) -> tuple[bytes, str]:
    """What is kept, and its media type: by what it is, not by its name; a picture is drawn anew. Raises BadFile."""
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise BadFile("too-large", N_("Tệp to quá %(most)s MB."), most=LARGEST >> 20)
    if data.startswith(b"%PDF-"):
        return data, PDF
    if data.startswith(b"PK\x03\x04"):
        return data, _office(data)
    try:
        return pictures.prepared(BytesIO(data)), PICTURE
    except pictures.BadPicture as bad:
        raise BadFile("not-a-file", NOT_KNOWN) if bad.reason.code == "not-a-picture" else _bad(bad) from bad


def _bad(bad: pictures.BadPicture) -> BadFile:
    return BadFile(bad.reason.code, bad.reason.sentence, **bad.reason.facts)


def _office(data: bytes) -> str:
    try:
        with ZipFile(BytesIO(data)) as packed:
            inside = packed.namelist()
    except BadZipFile as error:
        raise BadFile("broken", N_("Tệp hỏng giữa chừng, máy không mở được.")) from error
    macros = any(name.lower().endswith("vbaproject.bin") for name in inside)
    kind = DOCX if "word/document.xml" in inside else XLSX if "xl/workbook.xml" in inside else None
    if kind is None or macros or "[Content_Types].xml" not in inside:
        raise BadFile("not-a-file", NOT_KNOWN)
    return kind


def add(session: Session, doing: Doing, kind: str, thing: Filed, data: bytes, media: str, name: str) -> PromotionFile:
    """Raises BadFile where there are MOST already."""
    if len(of(session, thing.uid)) >= MOST:
        raise BadFile("too-many", N_("Đã có %(most)s tệp. Bỏ bớt rồi thêm."), most=MOST)
    made = PromotionFile(
        uid=clock.uuid7(), branch_id=thing.branch_id, kind=kind, source=thing.uid, key=files.keep(BytesIO(data)),
        name=_name(name, media), media=media, act_id=acts.write(session, doing, ACT, clock.now()),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _name(name: str, media: str) -> str:
    """Without folders; a picture is a .jpg now."""
    stem = clean(PurePath(name.replace("\\", "/")).stem)[:100] or "tep"
    return f"{stem}.{ENDINGS[media]}"


def of(session: Session, source: UUID) -> list[PromotionFile]:
    """As they were added."""
    query = select(PromotionFile).where(PromotionFile.source == source, PromotionFile.removed_at.is_(None))
    return list(session.scalars(query.order_by(PromotionFile.id)))


def shown(session: Session, thing: Filed, kind: str) -> dict[str, Any]:
    """What `files_of` of the templates asks for."""
    return {"files": of(session, thing.uid), "kind": kind, "accept": ACCEPT}


def remove(session: Session, one: PromotionFile) -> str:
    """Not shown any more; the key of bytes to be forgotten after the commit."""
    one.removed_at = clock.now()
    session.flush()
    return one.key
