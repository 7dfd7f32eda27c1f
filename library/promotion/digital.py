"""Links of titles to the net: put on, taken off, opened and counted. Only addresses that somebody stored are opened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from library.catalogue.merged import is_merged
from library.catalogue.models import Record
from library.core import clock
from library.core.errors import N_
from library.duplicates import merging
from library.duplicates.models import TitleMerge
from library.holdings.models import Item, Register
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations.models import Branch
from library.promotion.club_frame import NotSo
from library.promotion.digital_models import DigitalLink, LinkKind
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import DocumentUse, UseKind

PUT, OPEN = "digital-link", "open-link"
CHANNEL = "opac"
LONGEST = 1_000
KINDS: Mapping[LinkKind, str] = {
    LinkKind.TEXT: N_("Đọc"), LinkKind.AUDIO: N_("Nghe"), LinkKind.VIDEO: N_("Xem phim"), LinkKind.PICTURES: N_("Xem ảnh, tranh"),
    LinkKind.LESSON: N_("Bài giảng, bài tập"), LinkKind.DATABASE: N_("Tra cứu"),
}  # fmt: skip
LICENCES = (
    "CC0", "CC BY 4.0", "CC BY-SA 4.0", "CC BY-NC 4.0", "CC BY-NC-ND 4.0", N_("Hết hạn bảo hộ"),
    N_("Miễn phí cho trường học"), N_("Thư viện đã mua quyền"),
)  # fmt: skip
"""To choose from; any other words may be written."""


@dataclass(frozen=True)
class NewLink:
    """`address` as `address_or_none` leaves it."""

    label: str
    address: str
    kind: LinkKind
    licence: str = ""
    shared: bool = True


def address_or_none(text: str) -> str | None:
    """An address a browser may be sent to: http or https, a host, nobody's name and password in it. A bare
    "vi.wikisource.org/…" is meant as https."""
    text = text.strip()
    said = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(said)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and "." in (parts.hostname or "")
        whole = fine and parts.username is None and parts.password is None and (parts.port or 1) > 0
    except ValueError:
        return None
    plain = all(char > " " for char in said) and "\\" not in said
    return said if whole and plain and len(said) <= LONGEST else None


def put(session: Session, doing: Doing, record: Record, branch_id: int, new: NewLink) -> DigitalLink:
    """Raises NotSo where the title has this address."""
    if new.address == record.url or any(one.address == new.address for one in of(session, record.id, None)):
        raise NotSo("twice", N_("Nhan đề này đã có liên kết ấy."))
    act_id = acts.write(session, doing, PUT, doing.at or clock.now())
    made = DigitalLink(
        uid=uuid5(doing.uid, PUT), record_id=record.id, branch_id=branch_id, act_id=act_id, made_at=clock.now(),
        label=new.label, address=new.address, kind=new.kind, licence=new.licence or None, shared=new.shared,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def change(session: Session, doing: Doing, link: DigitalLink, new: NewLink) -> None:
    """Raises NotSo where the link was taken off, or another of the title has that address."""
    _lock(session, link)
    if link.removed_by is not None:
        raise NotSo("gone", N_("Liên kết này đã gỡ rồi."))
    others = [one for one in of(session, link.record_id, None) if one.id != link.id]
    if any(one.address == new.address for one in others):
        raise NotSo("twice", N_("Nhan đề này đã có liên kết ấy."))
    acts.write(session, doing, PUT, doing.at or clock.now())
    link.label, link.address, link.kind = new.label, new.address, new.kind
    link.licence, link.shared = new.licence or None, new.shared
    session.flush()


def remove(session: Session, doing: Doing, link: DigitalLink) -> None:
    """What was opened through it stays counted."""
    _lock(session, link)
    if link.removed_by is None:
        link.removed_by = acts.write(session, doing, PUT, doing.at or clock.now())
        session.flush()


def bring_back(session: Session, doing: Doing, link: DigitalLink) -> None:
    """It was taken off by mistake. Raises AlreadyUndone."""
    _lock(session, link)
    if link.removed_by is not None:
        acts.void(session, doing, link.removed_by)
        link.removed_by = None
        session.flush()


def _lock(session: Session, link: DigitalLink) -> None:
    session.flush()
    session.refresh(link, with_for_update={"of": DigitalLink, "key_share": True})


# Asking


def titles_of(record_id: int) -> ColumnElement[bool]:
    """The WHERE for links of a title and of those that became part of it."""
    merged = select(TitleMerge.gone_id, TitleMerge.kept_id).where(TitleMerge.undone_by.is_(None)).subquery()
    gone = select(merged.c.gone_id).where(merged.c.kept_id == record_id).cte("gone", recursive=True)
    gone = gone.union(select(merged.c.gone_id).join(gone, merged.c.kept_id == gone.c.gone_id))
    return or_(DigitalLink.record_id == record_id, DigitalLink.record_id.in_(select(gone.c.gone_id)))


def of(session: Session, record_id: int, library_id: int | None) -> Sequence[DigitalLink]:
    """Of one title, as this library shows them: its own and those that are shared; None: all (one statement)."""
    query = select(DigitalLink).where(titles_of(record_id), DigitalLink.removed_by.is_(None))
    if library_id is not None:
        query = query.where(shown_by(library_id))
    return session.scalars(query.order_by(DigitalLink.id)).all()


def shown_by(library_id: int) -> ColumnElement[bool]:
    """The WHERE for links that this library's pages show: its own and those that are shared."""
    mine = select(Branch.id).where(Branch.organisation_id == library_id)
    return or_(DigitalLink.shared, DigitalLink.branch_id.in_(mine))


def with_links(library_id: int) -> Select[int]:
    """Ids of titles with a link that this library's pages show, also where it was of a title that became part of them."""
    linked = select(DigitalLink.record_id.label("id")).where(DigitalLink.removed_by.is_(None), shown_by(library_id))
    titles = linked.cte("linked", recursive=True)
    merged = select(TitleMerge.kept_id).join(titles, TitleMerge.gone_id == titles.c.id)
    titles = titles.union(merged.where(TitleMerge.undone_by.is_(None)))
    return select(titles.c.id)


def with_addresses(_library_id: int) -> Select[int]:
    """Ids of titles whose description leads to the web. A list of titles taken back takes their addresses along."""
    taken_back = exists().where(Item.record_id == Record.id, Item.register_status == Register.STRUCK_OUT)
    told = or_(Record.url.startswith("https://"), Record.url.startswith("http://"))
    return select(Record.id).where(Record.url.is_not(None), told, ~taken_back, ~is_merged())


@dataclass(frozen=True)
class Aim:
    """What an address of ours stands for: the title, and where the browser goes."""

    record: Record
    address: str
    branch_id: int | None
    """Whose link it is; None: of the title's description."""


def aim(session: Session, uid: UUID) -> Aim | None:
    """The link of that uid, else the description of the title of that uid. None for what was taken off or never was, and
    for an address no browser may be sent to."""
    link = session.scalar(select(DigitalLink).where(DigitalLink.uid == uid, DigitalLink.removed_by.is_(None)))
    record = (
        _kept(session, link.record) if link else session.scalar(select(Record).where(Record.uid == uid, ~is_merged()))
    )
    if record is None:
        return None
    address = address_or_none(link.address if link else record.url or "")
    return Aim(record, address, link.branch_id if link else None) if address else None


def _kept(session: Session, record: Record) -> Record:
    """The title that stands for it today."""
    kept = merging.kept_for(session, record.uid)
    return session.scalars(select(Record).where(Record.uid == kept)).one() if kept else record


def opened(session: Session, doing: Doing, aim: Aim, branch_id: int) -> None:
    """Somebody went there: one use of the title (two statements). No reader is named."""
    at = clock.now()
    act = acts.write(session, doing, OPEN, at), doing.uid
    frozen = Frozen(
        branch_id, class_mark=aim.record.class_mark or aim.record.ddc, channel=CHANNEL, record_id=aim.record.id
    )
    counting.tally(session, act, UseKind.DIGITAL, 1, at, frozen)


def times(session: Session, branches: ColumnElement[bool], since: date, until: date) -> dict[int, int]:
    """{title: how often opened} through these branches on these days (one statement)."""
    query = select(DocumentUse.record_id, func.sum(DocumentUse.quantity)).where(
        branches, DocumentUse.used_on.between(since, until), DocumentUse.kind == UseKind.DIGITAL
    )
    found = session.execute(query.group_by(DocumentUse.record_id))
    return {record: int(many) for record, many in found if record is not None and many}


def links(session: Session, which: Iterable[ColumnElement[bool]], most: int, skip: int) -> Sequence[DigitalLink]:
    """The newest first."""
    query = select(DigitalLink).join(Record, Record.id == DigitalLink.record_id)
    query = query.where(DigitalLink.removed_by.is_(None), *which)
    return session.scalars(query.order_by(DigitalLink.id.desc()).limit(most).offset(skip)).all()


def how_many(session: Session, which: Iterable[ColumnElement[bool]]) -> int:
    query = select(func.count()).select_from(DigitalLink).join(Record, Record.id == DigitalLink.record_id)
    return session.scalar(query.where(DigitalLink.removed_by.is_(None), *which)) or 0
