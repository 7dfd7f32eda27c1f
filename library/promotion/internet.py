"""Places to use the Internet: how many a branch has and when they are open; turns, counted by a tap or from a list.

The figure "places" is how many there are on a day: what came until then without what went. Added up from the beginning.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations.models import Branch
from library.promotion.club_frame import NotSo
from library.promotion.internet_models import InternetCount, InternetPlace
from library.uses import happenings
from library.uses.happenings import Fact, Measure

KIND = "internet"
SET, COUNT = "internet", "internet-count"
SORT = "internet"
"""Of SERVICE_MINUTES: the Internet room's."""
AUDIENCES: Mapping[str, str] = {
    "pupils": N_("Học sinh"), "teachers": N_("Giáo viên"), "parents": N_("Phụ huynh"), "citizens": N_("Người dân"),
}  # fmt: skip
DAY = 24 * 60


@dataclass(frozen=True)
class Hours:
    """`days`: "12345", Monday is 1; minutes after midnight."""

    days: str = ""
    opens_at: int | None = None
    closes_at: int | None = None

    @property
    def a_day(self) -> int:
        """Minutes."""
        return (self.closes_at or 0) - (self.opens_at or 0)

    @property
    def a_week(self) -> int:
        return self.a_day * len(self.days)


@dataclass(frozen=True)
class Counted:
    """Turns of one day, `minutes` it was open; None: nobody said who they were."""

    turns: int
    on: date
    audience: str | None = None
    minutes: int = 0


def hours_of(place: InternetPlace) -> Hours:
    return Hours(place.days, place.opens_at, place.closes_at)


def put(
    session: Session, doing: Doing, branch: Branch, places: int, hours: Hours, from_on: date, note: str
) -> InternetPlace:
    """From that day on the branch has so many. Raises NotSo for a day before the last change."""
    lock(session, branch)
    before = now(session, branch.id)
    if before is not None and from_on < before.from_on:
        raise NotSo("before-the-last", N_("Ngày phải từ %(day)s, lần đổi gần nhất."), day=f"{before.from_on:%d/%m/%Y}")
    act = acts.write(session, doing, SET, doing.at or clock.now()), doing.uid
    if before is not None:
        before.to_on = from_on
        session.flush()
        _settle(session, act, before)
    made = InternetPlace(
        uid=uuid5(doing.uid, KIND), branch_id=branch.id, places=places, days=hours.days, opens_at=hours.opens_at,
        closes_at=hours.closes_at, note=note or None, from_on=from_on, act_id=act[0], voided=False,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _settle(session, act, made)
    return made


def undo_put(session: Session, doing: Doing, place: InternetPlace) -> None:
    """The branch has what it had before. Raises AlreadyUndone, NotSo where it was changed again."""
    lock(session, place.branch)
    session.refresh(place)
    if place.to_on is not None:
        raise NotSo("changed-since", N_("Sau đó đã có lần đổi khác. Hoàn tác lần ấy trước."))
    voiding = acts.void(session, doing, place.act_id)
    place.voided = True
    session.flush()
    act = voiding, doing.uid
    _settle(session, act, place)
    before = session.scalar(_before(place))
    if before is not None:
        before.to_on = None
        session.flush()
        _settle(session, act, before)


def _before(place: InternetPlace) -> Select[InternetPlace]:
    ended = (
        InternetPlace.branch_id == place.branch_id,
        InternetPlace.voided.is_(False),
        InternetPlace.to_on.is_not(None),
    )
    return select(InternetPlace).where(*ended).order_by(InternetPlace.id.desc()).limit(1)


def count(session: Session, doing: Doing, branch_id: int, counted: Counted) -> InternetCount:
    """So many turns. Each is a row of its own: two people may tap at once."""
    act = acts.write(session, doing, COUNT, doing.at or clock.now()), doing.uid
    made = InternetCount(
        uid=uuid5(doing.uid, COUNT), act_id=act[0], branch_id=branch_id, counted_on=counted.on, turns=counted.turns,
        minutes=counted.minutes, audience=counted.audience, voided=False,
    )  # fmt: skip
    session.add(made)
    session.flush()
    happenings.settle(session, act, KIND, made.uid, _facts(made))
    return made


def undo_count(session: Session, doing: Doing, counted: InternetCount) -> None:
    """Raises AlreadyUndone."""
    voiding = acts.void(session, doing, counted.act_id)
    counted.voided = True
    session.flush()
    happenings.settle(session, (voiding, doing.uid), KIND, counted.uid, [])


def lock(session: Session, branch: Branch) -> None:
    """One at a time says how many places a branch has."""
    session.flush()
    session.execute(select(Branch.id).where(Branch.id == branch.id).with_for_update(key_share=True)).all()
    session.expire_all()


def _settle(session: Session, act: tuple[int, UUID], place: InternetPlace) -> None:
    fact = Fact(Measure.INTERNET_PLACES, place.places, place.from_on, place.branch_id)
    until = place.from_on if place.voided else place.to_on
    happenings.settle_stock(session, act, KIND, fact, place.uid, until)


def _facts(one: InternetCount) -> list[Fact]:
    return [
        Fact(Measure.INTERNET_TURNS, one.turns, one.counted_on, one.branch_id, audience=one.audience),
        Fact(Measure.SERVICE_MINUTES, one.minutes, one.counted_on, one.branch_id, sort=SORT),
    ]


# Asking


def now(session: Session, branch_id: int) -> InternetPlace | None:
    """What the branch has today, or is said to have soon."""
    return session.scalar(select(InternetPlace).where(InternetPlace.branch_id == branch_id, open_()))


def open_() -> ColumnElement[bool]:
    """The WHERE for what holds now."""
    return InternetPlace.to_on.is_(None) & InternetPlace.voided.is_(False)


def everywhere(session: Session, branches: ColumnElement[bool]) -> Sequence[InternetPlace]:
    """Of all these branches, by name (one statement)."""
    query = select(InternetPlace).join(Branch, Branch.id == InternetPlace.branch_id).where(open_(), branches)
    return session.scalars(query.order_by(Branch.name, Branch.id)).all()


def history(session: Session, branch_id: int) -> Sequence[InternetPlace]:
    query = select(InternetPlace).where(InternetPlace.branch_id == branch_id, InternetPlace.voided.is_(False))
    return session.scalars(query.order_by(InternetPlace.id.desc()).limit(20)).all()


def sums(session: Session, branches: Iterable[int], since: date, until: date) -> dict[int, tuple[int, int]]:
    """{branch: (turns, minutes)} of these days, both included (one statement)."""
    query = select(InternetCount.branch_id, func.sum(InternetCount.turns), func.sum(InternetCount.minutes)).where(
        InternetCount.branch_id.in_(list(branches)), InternetCount.counted_on.between(since, until), InternetCount.voided.is_(False)
    )  # fmt: skip
    found = session.execute(query.group_by(InternetCount.branch_id))
    return {branch: (int(turns), int(minutes)) for branch, turns, minutes in found}


def by_day(session: Session, branch_id: int, since: date, until: date) -> dict[date, int]:
    """Turns, day by day."""
    query = select(InternetCount.counted_on, func.sum(InternetCount.turns)).where(
        InternetCount.branch_id == branch_id, InternetCount.counted_on.between(since, until), InternetCount.voided.is_(False)
    )  # fmt: skip
    return {day: int(turns) for day, turns in session.execute(query.group_by(InternetCount.counted_on))}


def lately(session: Session, branch_id: int, most: int = 12) -> Sequence[InternetCount]:
    """What was counted last and stands, newest first."""
    query = select(InternetCount).where(InternetCount.branch_id == branch_id, InternetCount.voided.is_(False))
    return session.scalars(query.order_by(InternetCount.id.desc()).limit(most)).all()
