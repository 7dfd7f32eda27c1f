"""A shelf is built in one act: a place, its code, its first tenure."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings.models import Place, PlaceKind
from library.inbox import acts
from library.inbox.acts import Doing
from library.labels import signs
from library.labels.signs import Thing
from library.organisations.models import CodeKind, Organisation
from library.patrons.models import SchoolClass
from library.shelves import tenures
from library.shelves.models import GoesWith, Shelf, ShelfKind, ShelfMode, ShelfTenure


@dataclass(frozen=True)
class NewShelf:
    """What is said of a shelf to be built. `name` is its place's: "Tủ lớp 4A"."""

    name: str
    kind: ShelfKind = ShelfKind.CLASS
    mode: ShelfMode = ShelfMode.SCAN
    goes_with: GoesWith = GoesWith.ROOM
    grade: int | None = None
    levels: Sequence[int] = ()
    keeper_id: int | None = None
    keeper_name: str = ""


class NameTaken(Refused):
    def __init__(self, name: str) -> None:
        sentence = N_("Nơi này đã có chỗ tên “%(name)s”. Đặt tên khác, ví dụ thêm số phòng.")
        super().__init__(Reason("name-taken", sentence, {"name": name}))


def build(
    session: Session, doing: Doing, library: Organisation, branch_id: int, new: NewShelf, of: SchoolClass | None = None
) -> Shelf:
    """The shelf, open from today, with a code to print. Raises NameTaken."""
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, "build-shelf", at)
    place = _place(session, branch_id, new.name)
    shelf = Shelf(
        uid=clock.uuid7(), library_id=library.id, branch_id=branch_id, place_id=place.id, kind=new.kind,
        grade=new.grade if new.kind is ShelfKind.GRADE else None, mode=new.mode, goes_with=new.goes_with,
        levels=sorted(new.levels), act_id=act_id, built_on=clock.day_of(at),
    )  # fmt: skip
    session.add(shelf)
    session.flush()
    thing = Thing(f"shelf:{place.uid.hex}", "", new.name, None, place.id)
    signs.with_codes(session, library, CodeKind.SHELF, [thing], at)
    tenure = ShelfTenure(
        uid=clock.uuid7(), shelf_id=shelf.id, class_id=of.id if of else None, keeper_id=new.keeper_id,
        keeper_name=new.keeper_name, from_on=shelf.built_on, act_id=act_id,
    )  # fmt: skip
    tenures.begin(session, tenure)
    return shelf


def taken_names(session: Session, branch_id: int, but_of: int | None = None) -> set[str]:
    """Names of places there, folded. Here and not in the database: SQLite knows the small letters of ASCII only."""
    query = select(Place.id, Place.name).where(Place.branch_id == branch_id)
    return {name.casefold() for place_id, name in session.execute(query) if place_id != but_of}


def check_name(session: Session, branch_id: int, name: str, but_of: int | None = None) -> None:
    """Raises NameTaken for the name of another place there than `but_of`."""
    if name.casefold() in taken_names(session, branch_id, but_of):
        raise NameTaken(name)


def _place(session: Session, branch_id: int, name: str) -> Place:
    check_name(session, branch_id, name)
    place = Place(uid=clock.uuid7(), branch_id=branch_id, kind=PlaceKind.CLASS_SHELF, name=name)
    session.add(place)
    session.flush()
    return place
