"""A loan at a desk is a visit: one of a reader, branch and day, however many books, and none where that reader told of
their coming otherwise (at the kiosk), or where their class came as a whole and they are among its heads. Whatever came
first: `settle` makes it so from what stands."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Date, Integer, Select, Text, Uuid, bindparam, case, exists, func, insert, literal, or_, select
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.db import BigId, Moment, straight, table_of
from library.inbox.models import Act
from library.patrons.models import Membership, Person, Sex
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import Visit, VisitKind, Visitor

_VISIT, _VISITOR = table_of(Visit), table_of(Visitor)
_TAKEN = (
    "uid", "act_id", "kind", "quantity", "visited_on", "occurred_at", "recorded_at", "branch_id", "class_name", "grade",
    "category", "sex",
)  # fmt: skip
WHOLE = "count-class"
"""The kind of an act that tells of a class by its heads, whoever of it is counted one by one that day among them."""
SEX: dict[Sex | None, str] = {Sex.MALE: "m", Sex.FEMALE: "f"}


@dataclass(frozen=True)
class Lent:
    """A loan that stands: its act, when, and what was true of the reader that day."""

    act: tuple[int, UUID]
    at: datetime
    frozen: Frozen


def came(session: Session, act: tuple[int, UUID], membership_id: int, at: datetime, frozen: Frozen) -> None:
    """The reader was lent a book: a visit, unless one stands already. One statement on PostgreSQL, two on SQLite, which
    cannot write two tables in one; the reader's row is locked by the caller."""
    values = _values(session, act, membership_id, Lent(act, at, frozen))
    if session.get_bind().dialect.name == "postgresql":
        straight(session).execute(_coming_at_once(), values)
        return
    made = straight(session).execute(_coming(), values).scalar()
    if made is not None:
        note(session, made, membership_id, frozen.branch_id, values["visited_on"])


def _values(session: Session, act: tuple[int, UUID], membership_id: int, lent: Lent, turn: int = 0) -> dict[str, Any]:
    return {
        "uid": uuid5(act[1], f"desk visit {turn}"), "act_id": act[0], "visited_on": clock.day_of(lent.at),
        "occurred_at": lent.at, "recorded_at": max(clock.now(), lent.at), "branch_id": lent.frozen.branch_id,
        "class_name": lent.frozen.class_name, "grade": lent.frozen.grade, "category": lent.frozen.category,
        "membership": membership_id,
    }  # fmt: skip


def _row() -> Select[Any]:
    """The visit as told; whether a boy or a girl came is asked of the reader's own row."""
    sex = case(*((Person.sex == one, literal(letter)) for one, letter in SEX.items()))
    told: dict[str, Any] = {
        "uid": Uuid(), "act_id": BigId, "visited_on": Date(), "occurred_at": Moment(), "recorded_at": Moment(),
        "branch_id": BigId, "class_name": Text(), "grade": Integer(), "category": Text(),
    }  # fmt: skip
    cells: dict[str, Any] = {name: bindparam(name, type_=type_) for name, type_ in told.items()}
    cells |= {"kind": literal(VisitKind.DESK, type_=_VISIT.c.kind.type), "quantity": literal(1), "sex": sex}
    here = select(*(cells[name] for name in _TAKEN)).join(Person, Person.id == Membership.person_id)
    return here.select_from(Membership).where(Membership.id == bindparam("membership", type_=BigId))


def _anew() -> Any:
    standing = _standing(bindparam("membership"), bindparam("branch_id"), bindparam("visited_on")).exists()
    among = _heads(bindparam("branch_id"), bindparam("visited_on"), bindparam("class_name", type_=Text())).exists()
    return insert(_VISIT).from_select(_TAKEN, _row().where(~standing, ~among)).returning(_VISIT.c.id)


@cache
def _coming() -> Any:
    return _anew()


@cache
def _coming_at_once() -> Any:
    made = _anew().cte("made")
    beside = select(made.c.id, bindparam("membership", type_=BigId), bindparam("branch_id", type_=BigId),
                    bindparam("visited_on", type_=Date()))  # fmt: skip
    names = ["visit_id", "membership_id", "branch_id", "visited_on"]
    return insert(_VISITOR).from_select(names, beside)


def _standing(membership: Any, branch: Any, day: Any) -> Select[Any]:
    """Visits of this reader there that day that were not taken back."""
    back = aliased(Visit)
    mine = (Visitor.membership_id == membership, Visitor.branch_id == branch, Visitor.visited_on == day)
    return select(Visit.id).join(Visitor, Visitor.visit_id == Visit.id).where(
        *mine, ~exists().where(back.reverses_id == Visit.id)
    )  # fmt: skip


def _heads(branch: Any, day: Any, class_name: Any) -> Select[Any]:
    """Visits of that class as a whole, of a line or a lesson, that were not taken back."""
    back = aliased(Visit)
    there = (Visit.branch_id == branch, Visit.visited_on == day, Visit.class_name == class_name, Visit.quantity > 0)
    whole = or_(Visit.kind == VisitKind.SESSION, Act.kind == WHOLE)
    query = select(Visit.id).join(Act, Act.id == Visit.act_id)
    return query.where(*there, whole, ~exists().where(back.reverses_id == Visit.id))


def came_whole(session: Session, branch_id: int, day: date, class_name: str | None) -> bool:
    """Whether the class was counted there that day by its heads, borrowers among them."""
    return session.scalar(_heads(branch_id, day, class_name).limit(1)) is not None


def counted_at(session: Session, branch_id: int, day: date, class_name: str) -> list[datetime]:
    """The moments at which lines counted the class so; a lesson has a day and no moment anybody saw."""
    lines = _heads(branch_id, day, class_name).where(Act.kind == WHOLE)
    return list(session.scalars(lines.with_only_columns(Visit.occurred_at)))


def note(session: Session, visit_id: int, membership_id: int, branch_id: int, day: date) -> None:
    """Whose visit it was."""
    row = {"visit_id": visit_id, "membership_id": membership_id, "branch_id": branch_id, "visited_on": day}
    straight(session).execute(insert(_VISITOR), row)


def whose(session: Session, visit_id: int) -> int | None:
    """The reader of a visit; None where nobody was told, or they were forgotten."""
    return session.scalar(select(Visitor.membership_id).where(Visitor.visit_id == visit_id))


def standing(session: Session, membership_id: int, branch_id: int, day: date) -> list[Visit]:
    """This reader's visits there that day, the first first."""
    ids = _standing(membership_id, branch_id, day)
    return list(session.scalars(select(Visit).where(Visit.id.in_(ids)).order_by(Visit.occurred_at, Visit.id)))


def settle(
    session: Session, membership_id: int, branch_id: int, day: date, lent: Lent | None, adds: bool = True,
    undone: int | None = None,
) -> None:  # fmt: skip
    """Exactly one visit by desk while a loan stands (`lent`, one of them), the reader told of no coming otherwise and
    is not among the heads of their class.

    `undone`: an act that was voided; its visit goes even if another loan keeps the reader's coming true, which is then
    told under that loan. `adds`: whether the library counts loans as visits now; what was counted before stays.
    """
    found = standing(session, membership_id, branch_id, day)
    told = [one for one in found if one.kind is VisitKind.DESK]
    wanted = lent is not None and len(told) == len(found) and not _among_heads(session, lent, day)
    kept = next((one for one in told if wanted and one.act_id != undone), None)
    for one in told:
        if one is not kept:
            counting.take_back_visit(session, one)
    if wanted and kept is None and lent is not None and (adds or told):
        _add(session, membership_id, lent)


def _among_heads(session: Session, lent: Lent, day: date) -> bool:
    class_name = lent.frozen.class_name
    return class_name is not None and came_whole(session, lent.frozen.branch_id, day, class_name)


def _add(session: Session, membership_id: int, lent: Lent) -> None:
    turn = select(func.count()).where(Visit.act_id == lent.act[0], Visit.kind == VisitKind.DESK, Visit.quantity > 0)
    values = _values(session, lent.act, membership_id, lent, session.scalar(turn) or 0)
    made = straight(session).execute(insert(_VISIT).from_select(_TAKEN, _row()).returning(_VISIT.c.id), values)
    note(session, made.scalar_one(), membership_id, lent.frozen.branch_id, values["visited_on"])
