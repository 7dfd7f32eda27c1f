"""Drives: made, changed, called off; what each is worth as facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from library.access import Scope
from library.core import clock
from library.core.errors import N_
from library.inbox import acts
from library.inbox.acts import Doing
from library.promotion import gift_changes
from library.promotion.drive_models import Drive, DriveCollective
from library.promotion.gift_changes import Before, NotDone
from library.promotion.gift_models import Donor, Gift, GivingChange
from library.uses import happenings
from library.uses.happenings import Fact, Measure

KIND = "drive"
A_PAGE = 50
CALLED_OFF = N_("Đợt này đã hủy. Hoàn tác việc hủy rồi ghi tiếp.")


@dataclass(frozen=True)
class Called:
    """A drive as it is told. `collectives`: donors by id; none: the organiser called."""

    name: str
    organiser: str
    first_on: date
    last_on: date
    goal_copies: int | None = None
    goal_money: int | None = None
    note: str | None = None
    collectives: tuple[int, ...] = ()


def open_drive(session: Session, doing: Doing, told: Called) -> Drive:
    """At the branch of `doing`."""
    assert doing.branch_id is not None
    act_id = acts.write(session, doing, KIND, doing.at or clock.now())
    made = Drive(uid=clock.uuid7(), branch_id=doing.branch_id, **_plain(told))
    session.add(made)
    session.flush()
    _gather(session, made, told.collectives)
    gift_changes.record(session, act_id, made, None)
    _settle(session, (act_id, doing.uid), made)
    return made


def change(session: Session, doing: Doing, drive: Drive, told: Called) -> int:
    """The act's id. Collectives whose names were forgotten stay in it. Raises NotDone once it is called off."""
    drive = lock(session, drive.id)
    if drive.cancelled:
        raise NotDone("cancelled", CALLED_OFF)
    nameless = tuple(one.id for one in drive.collectives if one.name is None)
    act_id, before = acts.write(session, doing, KIND, doing.at or clock.now()), _snapshot(drive)
    _put(session, drive, replace(told, collectives=(*told.collectives, *nameless)))
    return _done(session, (act_id, doing.uid), drive, before)


def call_off(session: Session, doing: Doing, drive: Drive) -> int:
    """It counts no more. Raises NotDone while gifts stand in it."""
    drive = lock(session, drive.id)
    given = exists().where(Gift.drive_id == drive.id, Gift.cancelled.is_(False))
    if session.scalar(select(given)):
        raise NotDone("has-gifts", N_("Đợt này đã nhận quà. Hủy hoặc chuyển các quà sang đợt khác trước."))
    act_id, before = acts.write(session, doing, KIND, doing.at or clock.now()), _snapshot(drive)
    drive.cancelled = True
    return _done(session, (act_id, doing.uid), drive, before)


def undo(session: Session, voiding: tuple[int, UUID], one: GivingChange) -> None:
    """The act was voided: the drive is as it was. Raises NotDone."""
    drive = lock(session, one.drive_id or 0)
    gift_changes.take_back(session, one, drive)
    if one.before is None:
        given = exists().where(Gift.drive_id == drive.id, Gift.cancelled.is_(False))
        if session.scalar(select(given)):
            raise NotDone("has-gifts", N_("Đợt này đã nhận quà. Hủy hoặc chuyển các quà sang đợt khác trước."))
        drive.cancelled = True
    else:
        _put(session, drive, _told(one.before))
        drive.cancelled = one.before["cancelled"]
    session.flush()
    _settle(session, voiding, drive)


def lock(session: Session, drive_id: int) -> Drive:
    """As it is now, held until commit."""
    query = select(Drive).where(Drive.id == drive_id).with_for_update(of=Drive, key_share=True)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def check_open(session: Session, drive_id: int | None) -> None:
    """A gift comes into it: it is not called off meanwhile. Raises NotDone where it is."""
    if drive_id is not None and lock(session, drive_id).cancelled:
        raise NotDone("cancelled", CALLED_OFF)


# Facts


def _settle(session: Session, act: tuple[int, UUID], drive: Drive) -> None:
    happenings.settle(session, act, KIND, drive.uid, [] if drive.cancelled else _facts(session, drive))


def _facts(session: Session, drive: Drive) -> Iterable[Fact]:
    yield Fact(Measure.DRIVE, callers(session, drive), drive.first_on, drive.branch_id)


def callers(session: Session, drive: Drive) -> int:
    """Collectives that called: those listed, else the organiser alone."""
    rows = session.scalars(select(DriveCollective.donor_id).where(DriveCollective.drive_id == drive.id)).all()
    return len(rows) or 1


# Values


def _done(session: Session, act: tuple[int, UUID], drive: Drive, before: Before) -> int:
    session.flush()
    gift_changes.record(session, act[0], drive, before)
    _settle(session, act, drive)
    return act[0]


def _plain(told: Called) -> dict[str, object]:
    names = ("name", "organiser", "first_on", "last_on", "goal_copies", "goal_money", "note")
    return {name: getattr(told, name) for name in names}


def _put(session: Session, drive: Drive, told: Called) -> None:
    for name, value in _plain(told).items():
        setattr(drive, name, value)
    _gather(session, drive, told.collectives)


def _gather(session: Session, drive: Drive, collectives: Sequence[int]) -> None:
    session.execute(delete(DriveCollective).where(DriveCollective.drive_id == drive.id))
    rows = [{"drive_id": drive.id, "donor_id": one} for one in dict.fromkeys(collectives)]
    if rows:
        session.execute(insert(DriveCollective), rows)
    session.expire(drive, ["collectives"])


def as_told(drive: Drive) -> Called:
    return Called(
        drive.name, drive.organiser, drive.first_on, drive.last_on, drive.goal_copies, drive.goal_money, drive.note,
        tuple(one.id for one in drive.collectives),
    )  # fmt: skip


def _snapshot(drive: Drive) -> Before:
    told = as_told(drive)
    days = {"first_on": told.first_on.isoformat(), "last_on": told.last_on.isoformat()}
    return {**_plain(told), **days, "collectives": list(told.collectives), "cancelled": drive.cancelled}


def _told(before: Before) -> Called:
    plain = {name: before[name] for name in ("name", "organiser", "goal_copies", "goal_money", "note")}
    first, last = (date.fromisoformat(before[name]) for name in ("first_on", "last_on"))
    return Called(first_on=first, last_on=last, collectives=tuple(before["collectives"]), **plain)


# Asking


def listed(session: Session, scope: Scope, branches: Iterable[int]) -> list[Drive]:
    """Drives that stand, the newest first."""
    which = (Drive.branch_id.in_(list(branches)), scope.of_branches(Drive.branch_id), Drive.cancelled.is_(False))
    return list(session.scalars(select(Drive).where(*which).order_by(Drive.first_on.desc(), Drive.id.desc())))


def collectives_of(session: Session, library_id: int) -> list[Donor]:
    query = select(Donor).where(Donor.library_id == library_id, Donor.name.is_not(None), Donor.kind == "collective")
    return list(session.scalars(query.order_by(Donor.folded)))
