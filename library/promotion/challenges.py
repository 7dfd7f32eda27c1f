"""Reading challenges are set, ticked, settled. What is reckoned stands in `challenge_counting`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid5

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.promotion import challenge_counting, challenge_facts
from library.promotion.challenge_models import (
    Challenge,
    ChallengeEntry,
    ChallengeGroup,
    ChallengeMark,
    ChallengeResult,
    MarkOf,
    Reach,
    Unit,
)
from library.promotion.club_frame import NotSo

SET, CHANGE, TICK, SETTLE = "challenge", "challenge-change", "challenge-tick", "challenge-settle"
LATE = timedelta(days=7)
"""After its last day a challenge still takes ticks for so long; then its results stand."""
LONGEST = timedelta(days=400)
REACHES: Mapping[Reach, str] = {
    Reach.CLASS: N_("Một số lớp"), Reach.GRADE: N_("Một số khối"), Reach.SCHOOL: N_("Cả trường, theo lớp"),
    Reach.LIBRARY: N_("Mọi bạn đọc của thư viện"), Reach.BELOW: N_("Các trường, thư viện cấp dưới"),
}  # fmt: skip
UNITS: Mapping[Unit, str] = {
    Unit.BOOKS: N_("cuốn"), Unit.PAGES: N_("trang"), Unit.MINUTES: N_("phút"), Unit.DAYS: N_("ngày đọc"),
}  # fmt: skip
MARKS_OF: Mapping[MarkOf, str] = {
    MarkOf.READER: N_("Mỗi bạn đọc"), MarkOf.CLASS: N_("Mỗi lớp"), MarkOf.ALL: N_("Tất cả cộng lại"),
}  # fmt: skip
MOST_AT_ONCE: Mapping[Unit, int] = {Unit.BOOKS: 100, Unit.PAGES: 5_000, Unit.MINUTES: 1_440, Unit.DAYS: 1}
"""Of one reader in one tick."""
MOST_TOGETHER = 100_000
"""Of a class in one entry."""


@dataclass(frozen=True)
class NewMark:
    of: MarkOf
    amount: int
    name: str


@dataclass(frozen=True)
class NewChallenge:
    """`classes`: ids, for Reach.CLASS; `grades` for Reach.GRADE."""

    name: str
    reach: Reach
    unit: Unit
    first_on: date
    last_on: date
    marks: Sequence[NewMark] = ()
    classes: Sequence[int] = ()
    grades: Sequence[int] = ()
    note: str = ""


@dataclass(frozen=True)
class Ticks:
    """These readers read `quantity` each on that day; no reader: the class together did."""

    class_id: int
    on: date
    quantity: int
    members: Sequence[int] = field(default_factory=tuple)


def set_up(session: Session, doing: Doing, branch_id: int, new: NewChallenge) -> Challenge:
    act_id = acts.write(session, doing, SET, doing.at or clock.now())
    made = Challenge(uid=uuid5(doing.uid, SET), branch_id=branch_id, act_id=act_id, cancelled=False)
    _fill(made, new)
    session.add(made)
    session.flush()
    challenge_facts.follow(session, (act_id, doing.uid), made)
    return made


def change(session: Session, doing: Doing, challenge: Challenge, new: NewChallenge) -> None:
    """Raises NotSo once it is settled, and where ticks would fall outside its days or its unit would change under them."""
    lock(session, challenge)
    check_open(challenge)
    ticked = select(ChallengeEntry.read_on).where(
        ChallengeEntry.challenge_id == challenge.id, ChallengeEntry.voided.is_(False)
    )
    days = session.scalars(ticked.distinct()).all()
    if days and (new.unit is not challenge.unit or new.reach is not challenge.reach):
        raise NotSo("ticked", N_("Thử thách đã có lượt ghi: không đổi đơn vị và đối tượng nữa."))
    if days and not new.first_on <= min(days) <= max(days) <= new.last_on:
        raise NotSo("ticked-outside", N_("Có lượt ghi nằm ngoài khoảng ngày mới."))
    act_id = acts.write(session, doing, CHANGE, doing.at or clock.now())
    challenge.marks.clear()
    challenge.groups.clear()
    session.flush()
    _fill(challenge, new)
    session.flush()
    challenge_facts.follow(session, (act_id, doing.uid), challenge)


def _fill(challenge: Challenge, new: NewChallenge) -> None:
    challenge.name, challenge.note = new.name, new.note or None
    challenge.reach, challenge.unit = new.reach, new.unit
    challenge.first_on, challenge.last_on = new.first_on, new.last_on
    challenge.marks = [ChallengeMark(of=one.of, amount=one.amount, name=one.name) for one in new.marks]
    classes = new.classes if new.reach is Reach.CLASS else ()
    grades = new.grades if new.reach is Reach.GRADE else ()
    chosen = [ChallengeGroup(class_id=one) for one in classes]
    challenge.groups = chosen + [ChallengeGroup(grade=one) for one in grades]


def cancel(session: Session, doing: Doing, challenge: Challenge) -> None:
    """It was set by mistake: nothing of it counts. Raises NotSo once it is settled, AlreadyUndone."""
    lock(session, challenge)
    check_open(challenge)
    voiding = acts.void(session, doing, challenge.act_id)
    challenge.cancelled = True
    session.flush()
    challenge_facts.follow(session, (voiding, doing.uid), challenge)


def tick(session: Session, doing: Doing, challenge: Challenge, what: Ticks) -> int:
    """The act. Raises NotSo: settled, another day, nobody of the class."""
    lock(session, challenge)
    check_open(challenge)
    if not challenge.first_on <= what.on <= min(challenge.last_on, clock.today()):
        raise NotSo(
            "not-then", N_("Ngày đọc phải trong khoảng %(first)s – %(last)s và không sau hôm nay."),
            first=f"{challenge.first_on:%d/%m/%Y}", last=f"{challenge.last_on:%d/%m/%Y}",
        )  # fmt: skip
    act_id = acts.write(session, doing, TICK, doing.at or clock.now())
    rows = [_entry(challenge, what, act_id, doing.uid, one) for one in what.members or (None,)]
    session.add_all(rows)
    session.flush()
    challenge_facts.follow(session, (act_id, doing.uid), challenge)
    return act_id


def _entry(challenge: Challenge, what: Ticks, act_id: int, act_uid: UUID, member: int | None) -> ChallengeEntry:
    return ChallengeEntry(
        uid=uuid5(act_uid, f"tick {member or 'class'}"), act_id=act_id, challenge_id=challenge.id, class_id=what.class_id,
        membership_id=member, read_on=what.on, quantity=what.quantity, voided=False,
    )  # fmt: skip


def undo_tick(session: Session, doing: Doing, challenge: Challenge, act: Act) -> None:
    """Raises AlreadyUndone, NotSo once the challenge is settled."""
    lock(session, challenge)
    check_open(challenge)
    voiding = acts.void(session, doing, act.id)
    session.execute(update(ChallengeEntry).where(ChallengeEntry.act_id == act.id).values(voided=True))
    challenge_facts.follow(session, (voiding, doing.uid), challenge)


def settle(session: Session, doing: Doing, challenge: Challenge) -> None:
    """Its results stand from now on, whatever is forgotten later. Raises NotSo before its last day is over."""
    lock(session, challenge)
    check_open(challenge)
    if challenge.last_on >= clock.today():
        raise NotSo("still-running", N_("Thử thách còn đến hết %(day)s."), day=f"{challenge.last_on:%d/%m/%Y}")
    act_id = acts.write(session, doing, SETTLE, clock.now())
    board = challenge_counting.board(session, challenge)
    challenge_facts.follow(session, (act_id, doing.uid), challenge, board)
    session.add_all(
        ChallengeResult(
            challenge_id=challenge.id, name=row.name, class_id=row.class_id, size=row.size, readers=row.readers,
            amount=row.amount, reached={str(amount): many for amount, many in row.reached.items()},
        )
        for row in (*board.rows, board.together)
    )  # fmt: skip
    challenge.settled_at = clock.now()
    session.flush()


def unsettle(session: Session, doing: Doing, challenge: Challenge) -> None:
    """It is reckoned anew again: late ticks are to be taken, for LATE; then the night settles it. Raises NotSo where it
    is not settled, or loans of its days are forgotten by now."""
    lock(session, challenge)
    if challenge.settled_at is None:
        raise NotSo("not-settled", N_("Thử thách này chưa chốt."))
    if clock.today() > challenge.last_on + 8 * LATE:
        raise NotSo("too-late", N_("Đã quá lâu: kết quả đã chốt giữ nguyên."))
    act_id = acts.write(session, doing, CHANGE, clock.now())
    session.execute(delete(ChallengeResult).where(ChallengeResult.challenge_id == challenge.id))
    challenge.settled_at = None
    challenge.followed_on = clock.today() + LATE
    session.flush()
    challenge_facts.follow(session, (act_id, doing.uid), challenge)


def lock(session: Session, challenge: Challenge) -> None:
    """The challenge as it is now, and nobody else changes it meanwhile."""
    session.flush()
    session.refresh(challenge, with_for_update={"of": Challenge, "key_share": True})


def check_open(challenge: Challenge) -> None:
    """Raises NotSo once it is settled or taken back."""
    if challenge.cancelled:
        raise NotSo("undone", N_("Thử thách này đã hoàn tác rồi."))
    if challenge.settled_at is not None:
        raise NotSo("settled", N_("Thử thách đã chốt kết quả. Mở lại rồi mới sửa được."))


def has_ticks(session: Session, challenge: Challenge) -> bool:
    mine = (ChallengeEntry.challenge_id == challenge.id, ChallengeEntry.voided.is_(False))
    return bool(session.scalar(select(exists().where(*mine))))


def lately(session: Session, challenge: Challenge, class_ids: Iterable[int]) -> list[tuple[UUID, date, int, int]]:
    """(act, day, of how many readers or 0, quantity together) of what was ticked last and stands, newest first."""
    query = (
        select(Act.uid, ChallengeEntry.read_on, ChallengeEntry.membership_id, ChallengeEntry.quantity, Act.id)
        .join(Act, Act.id == ChallengeEntry.act_id)
        .where(ChallengeEntry.challenge_id == challenge.id, ChallengeEntry.class_id.in_(list(class_ids)))
        .where(ChallengeEntry.voided.is_(False))
        .order_by(Act.id.desc())
        .limit(200)
    )
    found: dict[UUID, tuple[UUID, date, int, int]] = {}
    for uid, on, member, quantity, _id in session.execute(query):
        _same, _on, many, before = found.get(uid, (uid, on, 0, 0))
        found[uid] = uid, on, many + (member is not None), before + quantity
    return list(found.values())[:5]
