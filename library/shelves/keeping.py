"""A shelf changes hands or manner, is closed, and opened again. Books move by scans and signatures, never by this."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from library.accounts.models import Account, Grant, RoleName
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.shelves import building, stock, tenures, undoing
from library.shelves.models import GoesWith, Shelf, ShelfMode, ShelfTenure


class StillHolds(Refused):
    def __init__(self, count: int) -> None:
        sentence = N_(
            "Tủ còn %(count)s cuốn trong danh sách. Quét về kho, trao trả hoặc chuyển sang tủ khác rồi hãy đóng."
        )
        super().__init__(Reason("still-holds", sentence, {"count": count}))


class Closed(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("shelf-closed", N_("Tủ này đã đóng.")))


@dataclass(frozen=True)
class Manner:
    """What may be changed of a shelf at any time."""

    name: str
    mode: ShelfMode
    goes_with: GoesWith
    levels: Sequence[int]


@dataclass(frozen=True)
class Keeper:
    """Who answers for a shelf: an account, or somebody without one, by name."""

    name: str
    account_id: int | None = None


def change(session: Session, shelf: Shelf, to: Manner) -> None:
    """Raises NameTaken, Closed."""
    _open(shelf)
    building.check_name(session, shelf.branch_id, to.name, shelf.place_id)
    shelf.place.name, shelf.mode, shelf.goes_with = to.name, to.mode, to.goes_with
    shelf.levels = sorted(set(to.levels))
    session.flush()


def give_to(session: Session, doing: Doing, shelf: Shelf, keeper: Keeper) -> ShelfTenure:
    """Somebody else keeps it from today on, without minutes: a teacher left, or none was named. Raises Closed."""
    _locked(session, shelf)
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, "keep-shelf", at)
    now = tenures.current(session, shelf.id)
    tenure = ShelfTenure(
        uid=clock.uuid7(), shelf_id=shelf.id, class_id=now.class_id if now else None, keeper_id=keeper.account_id,
        keeper_name=keeper.name, from_on=clock.day_of(at), act_id=act_id,
    )  # fmt: skip
    return tenures.begin(session, tenure)


def close(session: Session, doing: Doing, shelf: Shelf, why: str) -> None:
    """Nobody uses it any more. Raises Closed, and StillHolds while anything belongs on it."""
    _locked(session, shelf)
    if belonging := stock.listed(session, shelf.place_id):
        raise StillHolds(len(belonging))
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, "close-shelf", at)
    on = tenures.end(session, shelf.id, max(clock.day_of(at), shelf.built_on), act_id)
    shelf.closed_on, shelf.closed_why, shelf.closed_by = on, why, act_id
    shelf.place.closed_on = on
    session.flush()


def reopen(session: Session, doing: Doing, shelf: Shelf) -> None:
    """It was not closed after all: who kept it keeps it on. Raises AlreadyUndone for one that is open."""
    act = session.get(Act, shelf.closed_by or 0)
    if act is None:
        raise acts.AlreadyUndone
    undoing.undo(session, doing, act)


def undo(session: Session, act_id: int) -> None:
    """The act was voided: what it closed is open."""
    for shelf in session.scalars(select(Shelf).where(Shelf.closed_by == act_id)).all():
        shelf.closed_on = shelf.closed_why = shelf.closed_by = shelf.place.closed_on = None
    session.flush()


undoing.ALSO.append(undo)


def _locked(session: Session, shelf: Shelf) -> None:
    """Nobody closes it, fills it or signs for it meanwhile."""
    tenures.lock(session, shelf.id)
    session.refresh(shelf)
    _open(shelf)


def _open(shelf: Shelf) -> None:
    if shelf.closed_on is not None:
        raise Closed


def teachers(session: Session, library_id: int) -> list[tuple[Account, int | None]]:
    """Teachers of the library who may sign in, each with the class they were given (or none), by name."""
    today = clock.today()
    held = Grant.role == RoleName.TEACHER, Grant.from_on <= today, or_(Grant.to_on.is_(None), Grant.to_on > today)
    query = (
        select(Account, Grant.class_id)
        .join(Grant, Grant.account_id == Account.id)
        .where(Grant.library_id == library_id, *held, Account.disabled_at.is_(None))
        .order_by(Account.name, Grant.id)
    )
    return [(account, class_id) for account, class_id in session.execute(query)]
