"""A paper form typed in afterwards: the same acts, dated then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.core.fold import fold
from library.core.forms import Reader
from library.inbox.acts import Doing
from library.loans import facts, posting
from library.loans.forms import Posted
from library.loans.happened import Scan
from library.mobile import at_stop, stop_lending
from library.mobile.at_stop import Books, Heads, NotSo, Signed, Tally
from library.mobile.at_stop_forms import BOXES, HEADS, LEVELS, MOST_AT_ONCE, MOST_MONEY, heads, moment_of, signed_of
from library.mobile.at_stop_page import OTHER_WORDS, Room
from library.mobile.models import StopVisit, VisitState
from library.mobile.stop_lending import Spot
from library.organisations.models import CodeKind
from library.patrons.models import Membership, Person, SchoolClass
from library.policies.values import Channel

TICK = timedelta(seconds=1)
MOST_LINES = 200
GROWN = ("teacher", "citizen", "disabled", "blind")


@dataclass(frozen=True)
class Line:
    """A line of the paper: who (a card, or a name and a class; '' for a return), and the copy's number."""

    text: str
    who: str
    book: str


@dataclass(frozen=True)
class PaperForm:
    """All of it. `opened_at`, `closed_at`: on the visit's day."""

    posted: Posted
    opened_at: datetime
    closed_at: datetime
    tally: Tally
    lines: tuple[Line, ...]
    signed: Signed | None

    @classmethod
    def read(cls, source: Mapping[str, Any], visit: StopVisit, rooms: Sequence[Room]) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted = posting.posted_of(source, reader)
        opened, closed = (moment_of(reader, name, visit.day) for name in ("opened_at", "closed_at"))
        if opened and closed and closed <= opened:
            reader.complain("closed_at", "order", N_("Giờ rời điểm phải sau giờ đến."))
        if closed and closed > clock.now():
            reader.complain("closed_at", "future", N_("Giờ này chưa tới."))
        tally, lines, signed = _tally(reader, rooms), lines_of(reader), signed_of(reader, required=False)
        reader.done()
        assert posted
        assert opened
        assert closed
        return cls(posted, opened, closed, tally, lines, signed)

    @property
    def content(self) -> dict[str, Any]:
        told = (self.opened_at, self.closed_at, self.tally, self.lines, self.signed)
        return {"paper": [str(one) for one in told]}


def _tally(reader: Reader, rooms: Sequence[Room]) -> Tally:
    return Tally(_heads(reader, rooms), _books(reader), _others(reader))


def _number(reader: Reader, name: str, most: int = MOST_AT_ONCE) -> int:
    return reader.number(name, 0, most, required=False) or 0


def _heads(reader: Reader, rooms: Sequence[Room]) -> list[Heads]:
    """Of a class: boys, girls, and those nobody told apart; without classes: pupils as a whole; then grown-ups."""
    found = [
        heads(what, _number(reader, f"{what}-{room.uid}"), (room.name, room.grade))
        for room in rooms for what in ("pupil", "boy", "girl")
    ]  # fmt: skip
    found += [heads(what, _number(reader, what), None) for what in HEADS]
    return [one for one in found if one.quantity]


def _books(reader: Reader) -> list[Books]:
    found = [Books(_number(reader, "book"))]
    found += [Books(_number(reader, f"level-{level}"), level) for level in LEVELS]
    found += [Books(_number(reader, f"box-{box}"), class_mark=box) for box in BOXES]
    return [one for one in found if one.quantity]


def _others(reader: Reader) -> dict[str, int]:
    counted = {
        name: _number(reader, name, MOST_MONEY if name == "gift-value" else MOST_AT_ONCE) for name in OTHER_WORDS
    }
    return {name: number for name, number in counted.items() if number}


def lines_of(reader: Reader) -> tuple[Line, ...]:
    """ "Ma Văn Bình 3A; LC.00012": who and what, parted by a semicolon or a tab; a line without who is a return."""
    text = str(reader.source.get("lines") or "")[:20_000]
    found = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        who, _, book = line.replace("\t", ";").replace("|", ";").rpartition(";")
        found.append(Line(line, who.strip(" ;,"), book.strip()))
    if len(found) > MOST_LINES:
        reader.complain("lines", "too-many", N_("Nhiều nhất %(most)s dòng một lần."), most=MOST_LINES)
    return tuple(found)


@dataclass(frozen=True)
class TypedIn:
    """What was written. `unread`: lines whose reader or book nobody knows; the rest was written all the same."""

    counted: bool
    lent: int
    returned: int
    unread: tuple[str, ...]


def type_in(session: Session, doing: Doing, visit: StopVisit, form: PaperForm) -> TypedIn:
    """The stop was open then: everything of the paper as acts of that day. Raises NotSo."""
    if visit.state is not VisitState.PLANNED:
        raise NotSo("not-planned", N_("Điểm dừng này đã mở trên máy rồi nên không nhập lại từ phiếu."))
    at_stop.open_(session, _then(doing, "open", form.opened_at), visit)
    visit.typed_in = True
    if form.tally:
        at_stop.count(session, _then(doing, "count", form.opened_at + TICK), visit, form.tally)
    told = _lines(session, doing, visit, form)
    at_stop.close(session, _then(doing, "close", form.closed_at), visit, form.signed)
    return replace(told, counted=bool(form.tally))


def _then(doing: Doing, name: str, at: datetime) -> Doing:
    return replace(doing, uid=uuid5(doing.uid, name), number=None, at=at)


def _lines(session: Session, doing: Doing, visit: StopVisit, form: PaperForm) -> TypedIn:
    spot = stop_lending.spot_of(session, visit)
    unread, lent, returned = [], 0, 0
    step = min(TICK, (form.closed_at - form.opened_at) / (len(form.lines) + 3))
    for number, line in enumerate(form.lines, 2):
        at = form.opened_at + step * number
        reader = _reader(session, spot, line.who, at)
        if (line.who and reader is None) or not line.book:
            unread.append(line.text)
            continue
        scan = Scan(line.book, reader, returns_only=not line.who, channel=Channel.VAN)
        came = stop_lending.scan(session, spot, _then(doing, f"line {number}", at), scan)
        if came.told.act is None:
            unread.append(line.text)
        lent, returned = lent + (came.told.what == "lent"), returned + (came.told.what == "returned")
    return TypedIn(False, lent, returned, tuple(unread))


def _reader(session: Session, spot: Spot, text: str, at: datetime) -> UUID | None:
    """By card, even one that was given out since; else by a name, with a class behind it where there are namesakes."""
    if not text:
        return None
    found = facts.resolve(session, text, spot.desk, at) or facts.resolve(session, text, spot.desk, clock.now())
    cards = [one for one in found if one.kind is CodeKind.CARD]
    if cards:
        return session.scalars(select(Membership.uid).where(Membership.id == cards[0].id)).one()
    called = _called(session, spot, " ".join(text.replace(",", " ").split()))
    return called[0] if len(called) == 1 else None


def _called(session: Session, spot: Spot, text: str) -> list[UUID]:
    """Readers whose name is just this, or this without its last word, which is then their class."""
    name, _, group = text.rpartition(" ")
    query = (
        select(Membership.uid, Person.name_folded, SchoolClass.name)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Membership.library_id.in_(spot.libraries), Membership.to_on.is_(None))
        .where(Person.name_folded.in_([fold(text), fold(name)]))
    )
    rows = session.execute(query).all()
    whole = [row[0] for row in rows if row[1] == fold(text)]
    of_class = [row[0] for row in rows if row[1] == fold(name) and fold(row[2] or "") == fold(group)]
    return whole or of_class
