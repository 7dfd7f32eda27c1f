"""How far a class and its pupils are, and the certificates they have earned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core.errors import N_, Reason, Refused
from library.core.fold import given_name
from library.holdings.models import Item
from library.loans import compensation_papers as official
from library.organisations.models import Organisation
from library.patrons.models import SchoolClass
from library.shelves import milestones, reading, reading_told, tenures
from library.shelves.certificates import certificate_pdf, certificates_pdf
from library.shelves.models import Shelf
from library.shelves.reading import Milestone, Told, Way
from library.shelves.reading_told import Pupil
from library.uses.models import DocumentUse, UseKind

BLANK = "________________"
"""Where a name is to be written by hand: nobody agreed that the machine prints it."""
SPINES = 18
"""Titles on a class's certificate."""


class NotYet(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("no-milestone-yet", N_("Chưa đạt mốc nào, nên chưa có giấy chứng nhận.")))


@dataclass(frozen=True)
class Seat:
    """A pupil of the grid."""

    pupil: Pupil
    told: Told
    way: Way

    @property
    def family(self) -> str:
        """Họ và tên đệm."""
        return self.pupil.name[: -len(self.called)].strip()

    @property
    def called(self) -> str:
        return given_name(self.pupil.name)


@dataclass(frozen=True)
class Room:
    """A class and its reading this school year. `uses`: books taken and read by all of it together."""

    school_class: SchoolClass
    since: date
    until: date
    seats: Sequence[Seat]
    uses: int
    way: Way
    milestones: Sequence[Milestone]

    @property
    def awards(self) -> list[tuple[Milestone, int]]:
        """Milestones of pupils and how many stand exactly at each, most books first."""
        reached = [seat.way.reached for seat in self.seats]
        counts = [(one, reached.count(one)) for one in self.milestones if not one.of_class]
        return sorted(((one, many) for one, many in counts if many), key=lambda pair: -pair[0].books)


@dataclass(frozen=True)
class Below:
    """What stands below a certificate: where it is made, and who signs for the school. '' is left to the pen."""

    place: str = ""
    head: str = ""


def room(session: Session, shelf: Shelf, today: date) -> Room:
    """Raises NoClass."""
    mine = reading_told.class_of(session, shelf)
    first, last = reading_told.year_of(session, shelf.library_id, today)
    among, marks = reading_told.pupils(session, mine.id), milestones.of(session, shelf.library_id)
    told = reading_told.told(session, [one.id for one in among], first, last)
    seats = [Seat(one, told[one.id], reading.way(told[one.id].count, marks, of_class=False)) for one in among]
    uses = reading_told.uses_of_class(session, mine, first, last)
    return Room(mine, first, last, seats, uses, reading.way(uses, marks, of_class=True), marks)


def class_certificate(session: Session, shelf: Shelf, today: date, below: Below | None = None) -> bytes:
    """Of the milestone the class has reached. Raises NoClass, NotYet before the first."""
    found = room(session, shelf, today)
    if found.way.reached is None:
        raise NotYet
    figures = _("%(pupils)s em đã đọc %(uses)s lượt sách", pupils=len(found.seats), uses=found.uses)
    values = {
        **_paper(session, shelf, today, below), "name": found.school_class.name, "reason": _earned(found.way.reached),
        "figures": figures, "titles": _titles(session, found),
    }  # fmt: skip
    return certificate_pdf("class", values)


def pupil_certificates(
    session: Session, shelf: Shelf, today: date, chosen: Collection[str] = (), books: int | None = None,
    below: Below | None = None,
) -> bytes:  # fmt: skip
    """A page for everybody, or for the chosen ones, who have reached a milestone (`books`: exactly that one). On the spines
    stand titles the class took: a pupil's own are not told. Raises NoClass, NotYet where nobody has."""
    found = room(session, shelf, today)
    paper = {**_paper(session, shelf, today, below), "titles": _titles(session, found)}
    wanted = [seat for seat in found.seats if _is_meant(seat, chosen, books)]
    if not wanted:
        raise NotYet
    return certificates_pdf("pupil", [_of_pupil(seat, found, paper) for seat in wanted])


def _is_meant(seat: Seat, chosen: Collection[str], books: int | None) -> bool:
    reached = seat.way.reached
    return (
        reached is not None
        and (not chosen or str(seat.pupil.uid) in chosen)
        and (books is None or reached.books == books)
    )


def _of_pupil(seat: Seat, found: Room, paper: Mapping[str, Any]) -> dict[str, Any]:
    assert seat.way.reached
    return {
        **paper, "name": seat.pupil.name if seat.pupil.named else BLANK, "group": _("Lớp %(name)s", name=found.school_class.name),
        "reason": _earned(seat.way.reached), "figures": _("Đã đọc %(books)s cuốn", books=seat.told.count),
    }  # fmt: skip


def _earned(mark: Milestone) -> str:
    """ "Ong chăm đọc: đạt 20 cuốn" """
    if mark.of_class:
        return str(_("%(name)s trong năm học này", name=_(mark.name)))
    return str(_("%(name)s – đạt mốc %(books)s cuốn", name=_(mark.name), books=mark.books))


def _paper(session: Session, shelf: Shelf, today: date, below: Below | None) -> dict[str, Any]:
    """What every certificate of the shelf says: whose, where and when, who signs."""
    said = below or Below(place_of(session, shelf))
    library = session.get_one(Organisation, shelf.library_id)
    tenure = tenures.current(session, shelf.id)
    keeper = tenure.keeper_name if tenure else ""
    return {
        "library": library.name, "place": said.place, "day": today, "left": (_("Giáo viên chủ nhiệm"), keeper),
        "right": (_("Hiệu trưởng"), said.head),
    }  # fmt: skip


def place_of(session: Session, shelf: Shelf) -> str:
    """The commune of the school, as on its other papers; '' where nobody said it (one statement)."""
    return official.town(session, shelf.library_id) or ""


def _titles(session: Session, found: Room) -> list[str]:
    """The titles the class took most, for the spines: of the class, nobody's own; none whose uses were all undone."""
    query = (
        select(Record.title)
        .join(Item, Item.record_id == Record.id)
        .join(DocumentUse, DocumentUse.item_id == Item.id)
        .where(
            DocumentUse.branch_id == found.school_class.branch_id, DocumentUse.class_name == found.school_class.name,
            DocumentUse.used_on >= found.since, DocumentUse.used_on <= found.until, DocumentUse.kind != UseKind.RENEWAL,
        )
        .group_by(Record.id, Record.title)
        .having(func.sum(DocumentUse.quantity) > 0)
        .order_by(func.sum(DocumentUse.quantity).desc(), Record.id)
        .limit(SPINES)
    )  # fmt: skip
    return list(session.scalars(query))
