"""A book in the hand, typed in one go: title, author, publisher, year, price, class, how many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Scope
from library.catalogue import classes, forms, search
from library.catalogue.forms import Said
from library.catalogue.models import Record
from library.catalogue.writing import NewRecord
from library.cataloguing import entering
from library.core import clock
from library.core.errors import N_, Invalid, Reason
from library.core.fold import fold
from library.finding import queries
from library.finding.forms import NewCopies
from library.holdings.models import Place

SUGGESTED, LEAST_LETTERS = 5, 2
LOOKED_AT = 300


@dataclass(frozen=True)
class Book:
    """A title and its copies. `said` is what this library says of the title."""

    new: NewRecord
    said: Said
    copies: NewCopies


def read(source: Mapping[str, str], homes: Sequence[Place]) -> Book:
    """Raises Invalid with every complaint of both halves."""
    complaints: dict[str, Reason] = {}
    ddc, school = classes.parted(source.get("mark", ""))
    described = {**source, "ddc": ddc, "class_mark": school, "series": source.get("series_title", "")}
    try:
        new, said = forms.read(described)
    except Invalid as told:
        complaints |= told.fields
    try:
        copies = NewCopies.read(source, homes)
    except Invalid as told:
        complaints = dict(told.fields) | complaints
    if looks_scanned(source.get("title", "")):
        complaints["title"] = Reason(
            "scanned", N_("Đây là mã số, chưa phải tên sách. Có mã thì quét ở trang Quét nhiều cuốn.")
        )
    for hidden in {"ddc", "class_mark"} & complaints.keys():
        complaints["mark"] = complaints.pop(hidden)
    if complaints:
        raise Invalid(complaints)
    return Book(new, said, copies)


def looks_scanned(title: str) -> bool:
    """A code where a title should be: the scanner was quicker than the hand."""
    bare = title.replace(" ", "").replace("-", "")
    return bare.isascii() and bare.isdigit() and len(bare) >= 10


def blank(session: Session, library_id: int, title: str = "") -> dict[str, str]:
    """The page before anything is typed."""
    return {"uid": str(clock.uuid7()), "quantity": "1", "title": title, **entering.usual(session, library_id)}


@dataclass(frozen=True)
class Suggestion:
    """A title of the network that may be the one in the hand. `copies` are ours."""

    record: Record
    copies: int


def suggestions(session: Session, network_id: int, library_id: int, typed: str) -> list[Suggestion]:
    """Titles of the network for what is typed so far, ours and others'."""
    if len(fold(typed)) < LEAST_LETTERS:
        return []
    ids = search.ids(session, typed, Scope(networks=frozenset({network_id})), limit=SUGGESTED)
    return known(session, library_id, ids)


def known(session: Session, library_id: int, ids: Sequence[int]) -> list[Suggestion]:
    ours = entering.ours(session, library_id, ids)
    return [Suggestion(record, ours.get(record.id, 0)) for record in queries.records(session, ids)]


def by_uid(session: Session, network_id: int | None, text: str) -> Record | None:
    """The title a suggestion spoke of."""
    try:
        return entering.record_in(session, network_id, UUID(text))
    except ValueError:
        return None


def publishers(session: Session, network_id: int, most: int = 30) -> list[str]:
    """Publishers of the titles described last, each once."""
    query = select(Record.publisher).where(Record.network_id == network_id, Record.publisher.is_not(None))
    latest = session.scalars(query.order_by(Record.id.desc()).limit(LOOKED_AT))
    return sorted(dict.fromkeys(one for one in latest if one))[:most]
