"""Training classes: a class counts once, its people once each, and every session's turns on its own day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox.acts import Doing
from library.patrons.models import Membership, Person
from library.privacy.forgetting import NOBODY
from library.promotion import event_steps
from library.promotion.event_models import State
from library.promotion.event_steps import LINES, Beside, Came, Lines, Manner, NotSo, Plain
from library.promotion.event_types import sort_of
from library.promotion.event_words import total
from library.promotion.events import came_of
from library.promotion.training_models import Training, TrainingMark, TrainingSession
from library.uses.happenings import Fact, Measure

KIND = "training"
PUPILS = "pupils"
TO_COME = N_("Buổi này chưa tới ngày nên chưa có số người.")


def sessions_of(session: Session, one: Training) -> list[TrainingSession]:
    """In order of time."""
    rows = event_steps.lines_of(session, MANNER, one)
    return sorted(rows, key=lambda row: (row.day, row.id))


def enrolled(one: Training, sessions: Sequence[TrainingSession]) -> dict[str, int]:
    """As stated; else as many of each audience as came to the session with most of them, those ticked at the least."""
    if one.people:
        return dict(one.people)
    most: dict[str, int] = {}
    for row in sessions:
        for audience, count in row.came.items():
            most[audience] = max(most.get(audience, 0), count)
    missing = one.ticked - sum(most.values())
    return most | {PUPILS: most.get(PUPILS, 0) + missing} if missing > 0 else most


def _facts(session: Session, one: Training) -> Iterable[Fact]:
    held = [row for row in sessions_of(session, one) if row.came]
    if one.state is State.CANCELLED or not held:
        return
    sort, first = sort_of(one.subjects), held[0].day
    yield Fact(Measure.TRAINING, 1, first, one.branch_id, sort)
    for audience, count in enrolled(one, held).items():
        yield Fact(Measure.TRAINING_PEOPLE, count, first, one.branch_id, sort, audience)
    for row in held:
        for audience, count in row.came.items():
            yield Fact(Measure.TRAINING_TURNS, count, row.day, one.branch_id, sort, audience)


def _came(session: Session, one: Training) -> Iterable[Came]:
    if one.as_visits and one.state is not State.CANCELLED:
        for row in sessions_of(session, one):
            yield from came_of(one.branch_id, row.day, row.came)


def _forget_marks(session: Session, ids: list[int]) -> None:
    session.execute(delete(TrainingMark).where(TrainingMark.session_id.in_(ids)))


MARKS = "marks"
"""{uid of a session: memberships ticked at it}, so that a tick taken back is none."""
Marks = dict[str, list[int]]


def _marks(session: Session, one: Training) -> Marks:
    query = select(TrainingSession.uid, TrainingMark.membership_id).where(TrainingSession.training_id == one.id)
    query = query.join(TrainingMark, TrainingMark.session_id == TrainingSession.id)
    found: Marks = {}
    for uid, member in session.execute(query.order_by(TrainingSession.id, TrainingMark.membership_id)):
        found.setdefault(str(uid), []).append(member)
    return found


def _told_marks(session: Session, one: Training) -> Plain:
    return {MARKS: _marks(session, one)}


def _put_marks(session: Session, one: Training, said: Plain) -> None:
    """Readers forgotten meanwhile are not ticked again."""
    if MARKS not in said:
        return
    rows = {str(row.uid): row.id for row in sessions_of(session, one)}
    _forget_marks(session, list(rows.values()))
    wanted = [(rows[uid], member) for uid, members in said[MARKS].items() if uid in rows for member in members]
    known = _known(session, {member for _row, member in wanted})
    values = [{"session_id": row, "membership_id": member} for row, member in wanted if member in known]
    if values:
        session.execute(insert(TrainingMark), values)


def _known(session: Session, members: set[int]) -> set[int]:
    query = select(Membership.id).join(Person, Person.id == Membership.person_id)
    return set(session.scalars(query.where(Membership.id.in_(members), Person.full_name != NOBODY)))


MANNER = Manner(
    KIND, Training,
    ("title", "subjects", "teacher", "place", "partners", "cost", "note", "state", "first_on", "people", "ticked",
     "as_visits"),
    _facts, _came,
    Lines(TrainingSession, "training_id", ("day", "from_at", "topic", "came"), _forget_marks),
    Beside(_told_marks, _put_marks),
)  # fmt: skip


def record(session: Session, doing: Doing, branch_id: int, said: Plain, sessions: Sequence[Plain]) -> Training:
    """`sessions`: {day, from_at, topic, came}. Raises NotSo."""
    _check(sessions)
    _check_fewer(said.get("people") or {}, sessions)
    days = min(one["day"] for one in sessions)
    lines = [{"uid": str(clock.uuid7()), **one} for one in sessions]
    whole = said | {LINES: lines, "first_on": days, "state": State.HELD, "ticked": 0}
    made: Training = event_steps.make(session, doing, MANNER, branch_id, whole)
    return made


def _check(sessions: Iterable[Plain]) -> None:
    if any(one["came"] and date.fromisoformat(one["day"]) > clock.today() for one in sessions):
        raise NotSo("to-come", TO_COME)


def _check_fewer(people: Mapping[str, int], sessions: Iterable[Plain]) -> None:
    """Nobody comes to a class without being of it: stated people are as many as came to its fullest session."""
    most = max((total(one["came"]) for one in sessions), default=0)
    if people and total(people) < most:
        raise NotSo(
            "fewer-enrolled", N_("Lớp ghi %(people)s người học mà có buổi %(came)s người đến. Sửa một trong hai số."),
            people=total(people), came=most,
        )  # fmt: skip


def change(session: Session, doing: Doing, one: Training, said: Plain) -> bool:
    """Raises NotSo."""
    _check_runs(one)
    _check_fewer(said.get("people") or {}, event_steps.plain_of(session, MANNER, one)[LINES])
    return event_steps.change(session, doing, MANNER, one, "change", said)


def _check_runs(one: Training) -> None:
    if one.state is State.CANCELLED:
        raise NotSo("cancelled", N_("Lớp này đã hủy. Hoàn tác việc hủy rồi ghi."))


def count(session: Session, doing: Doing, one: Training, line: Plain) -> bool:
    """A session as it is told now: {uid, day, from_at, topic, came}; of no known uid: a new one. Raises NotSo."""
    _check_runs(one)
    _check([line])
    lines = event_steps.plain_of(session, MANNER, one)[LINES]
    others = [row for row in lines if row["uid"] != line["uid"]]
    _check_fewer(one.people, [line])
    at = next((place for place, row in enumerate(lines) if row["uid"] == line["uid"]), len(lines))
    return _say(session, doing, one, [*others[:at], line, *others[at:]], _marks(session, one), "count")


def remove(session: Session, doing: Doing, one: Training, row: TrainingSession) -> bool:
    """That session never was. Raises NotSo for the only one."""
    _check_runs(one)
    lines = [line for line in event_steps.plain_of(session, MANNER, one)[LINES] if line["uid"] != str(row.uid)]
    if not lines:
        raise NotSo("last-session", N_("Lớp phải còn ít nhất một buổi. Hủy cả lớp nếu không tổ chức."))
    left = {uid: members for uid, members in _marks(session, one).items() if uid != str(row.uid)}
    return _say(session, doing, one, lines, left, "change")


def _say(session: Session, doing: Doing, one: Training, lines: list[Plain], marks: Marks, deed: str) -> bool:
    said: Plain = {LINES: lines, "first_on": min(row["day"] for row in lines), MARKS: marks}
    said["ticked"] = _ticked(one, _marks(session, one), marks)
    return event_steps.change(session, doing, MANNER, one, deed, said)


def cancel(session: Session, doing: Doing, one: Training) -> bool:
    return event_steps.change(session, doing, MANNER, one, "cancel", {"state": State.CANCELLED.value})


# Names


@dataclass(frozen=True)
class Pupil:
    """A reader who may be ticked."""

    id: int
    name: str
    here: bool


def pupils(session: Session, row: TrainingSession, class_id: int) -> list[Pupil]:
    """Readers of a class in the order of names, with who is ticked (two statements)."""
    there = set(session.scalars(select(TrainingMark.membership_id).where(TrainingMark.session_id == row.id)))
    query = select(Membership.id, Person.full_name).join(Person, Person.id == Membership.person_id)
    mine = query.where(Membership.class_id == class_id, Membership.to_on.is_(None)).order_by(
        Person.name_sort, Membership.id
    )
    return [Pupil(one, name, one in there) for one, name in session.execute(mine)]


def tick(
    session: Session, doing: Doing, one: Training, row: TrainingSession, class_id: int, here: Sequence[int]
) -> bool:
    """Of this class exactly these came to the session; others of it, and other classes, stay as they were."""
    _check_runs(one)
    if row.day > clock.today():
        raise NotSo("to-come", TO_COME)
    among, marks = {pupil.id for pupil in pupils(session, row, class_id)}, _marks(session, one)
    there = sorted(set(marks.get(str(row.uid), [])) - among | set(here) & among)
    told_marks = {uid: members for uid, members in (marks | {str(row.uid): there}).items() if members}
    came = {**row.came, PUPILS: len(there)}
    lines = event_steps.plain_of(session, MANNER, one)[LINES]
    told = [line | {"came": _some(came)} if line["uid"] == str(row.uid) else line for line in lines]
    _check_fewer(one.people, told)
    return _say(session, doing, one, told, told_marks, "count")


def _some(came: dict[str, int]) -> dict[str, int]:
    return {audience: count for audience, count in came.items() if count}


def _ticked(one: Training, before: Marks, marks: Marks) -> int:
    """Different readers ticked over all sessions. Where some marks were forgotten: what it was, and who is new."""
    known, now = ({member for members in told.values() for member in members} for told in (before, marks))
    return len(now) if one.ticked <= len(known) else one.ticked + len(now - known)


# Asking


def listed(session: Session, where: ColumnElement[bool], first: date, last: date) -> list[Training]:
    """Classes that began in these days, the newest first."""
    query = select(Training).where(where, Training.gone.is_(False), Training.first_on.between(first, last))
    return list(session.scalars(query.order_by(Training.first_on.desc(), Training.id.desc())))


def sessions_by(session: Session, trainings: Sequence[Training]) -> dict[int, list[TrainingSession]]:
    """Their sessions in order of time (one statement)."""
    found: dict[int, list[TrainingSession]] = {one.id: [] for one in trainings}
    query = select(TrainingSession).where(TrainingSession.training_id.in_(found))
    for row in session.scalars(query.order_by(TrainingSession.day, TrainingSession.id)):
        found[row.training_id].append(row)
    return found
