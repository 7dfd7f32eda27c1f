"""A class list is taken back: who came ends, who was moved, mended or let go is as before. What changed since stays."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.core.fold import fold, name_key
from library.organisations.models import Code
from library.patrons import details
from library.patrons.models import Card, Membership, Person, ReaderWord
from library.staging.importers import Staged, Task, note_of
from library.staging.undoing import named_elsewhere
from library.staging.verdicts import Note

STILL_NEEDED = N_("Giữ lại: em đã có lượt mượn hoặc đặt sách.")
MOVED_SINCE = N_("Giữ nguyên lớp: em đã đổi lớp lần nữa sau khi nạp.")
CARD_SINCE = N_("Giữ nguyên hạn thẻ: hạn đã đổi lần nữa sau khi nạp.")
MENDED_SINCE = N_("Giữ nguyên thông tin: đã sửa lần nữa sau khi nạp.")
BACK_ALREADY = N_("Giữ nguyên: em đã đọc lại ở thư viện bằng thẻ khác.")
OPENED_SINCE = N_("Giữ nguyên: em đã được cho đọc lại sau khi nạp.")
PARTS = (Card.__tablename__, ReaderWord.__tablename__)
"""What belongs to a membership and says nothing of what became of it."""


def undo(session: Session, task: Task, rows: Sequence[Staged]) -> list[tuple[Note, ...]]:
    """For each row, what stays."""
    told = [_as_told(row.subjects) for row in rows]
    began = [one["member"] for one in told if one["do"] == "join"]
    needed = named_elsewhere(session, Membership, began, besides=PARTS) if began else set()
    _end(session, [one for one in began if one not in needed])
    keeps = any("details" in one for one in told) and details.keeps(session, task.library_id)
    return [_undone(session, task, one, needed, keeps) for one in told]


def _as_told(subjects: Sequence[Any]) -> dict[str, Any]:
    """Rows that an earlier release wrote: [membership, began, class before, class now, person whose code was added]."""
    if isinstance(subjects[0], dict):
        return subjects[0]
    if subjects[1]:
        return {"do": "join", "member": subjects[0]}
    member, _, before, now, person = subjects
    told = {"do": "change", "member": member, "class": [before, now], "until": [None, None]}
    if not person:
        return told
    return {**told, "person": person, "was": {"student_code": None}, "now": {}}


def _undone(session: Session, task: Task, told: dict[str, Any], needed: set[int], keeps: bool) -> tuple[Note, ...]:
    notes: list[Note] = []
    if told["do"] == "join" and told["member"] in needed:
        return (note_of(STILL_NEEDED),)
    if told["do"] == "change":
        notes += _put_back(session, told)
    if told["do"] == "end":
        notes += _reopen(session, told)
    if "was" in told:
        notes += _mend_back(session, told)
    if "details" in told and keeps:
        _details_back(session, task.library_id, *told["details"])
    return tuple(notes)


def _end(session: Session, memberships: Sequence[int]) -> None:
    """They end today, and their cards with them."""
    if not memberships:
        return
    mine = select(Card.code_id).where(Card.membership_id.in_(memberships), Card.ended_at.is_(None))
    cards, now = list(session.scalars(mine)), clock.now()
    session.execute(update(Code).where(Code.id.in_(cards)).values(valid_to=now))
    session.execute(update(Card).where(Card.code_id.in_(cards)).values(ended_at=now))
    session.execute(update(Membership).where(Membership.id.in_(memberships)).values(to_on=clock.today()))


def _put_back(session: Session, told: Mapping[str, Any]) -> list[Note]:
    (before, now), (was, until) = told["class"], told["until"]
    same_class = Membership.class_id == now if now is not None else Membership.class_id.is_(None)
    notes = []
    if before != now and not _set(session, told["member"], same_class, class_id=before):
        notes.append(note_of(MOVED_SINCE))
    if was != until:
        same_day = Membership.expires_on == date.fromisoformat(until)
        if not _set(session, told["member"], same_day, expires_on=date.fromisoformat(was)):
            notes.append(note_of(CARD_SINCE))
    return notes


def _set(session: Session, member: int, still: Any, **values: Any) -> bool:
    change = update(Membership).where(Membership.id == member, still).values(**values)
    return session.execute(change.returning(Membership.id)).first() is not None


def _reopen(session: Session, told: Mapping[str, Any]) -> list[Note]:
    """They read here again, unless they do already."""
    person = session.execute(
        select(Membership.person_id, Membership.library_id, Membership.to_on).where(Membership.id == told["member"])
    ).one()
    if person.to_on is None:
        return [note_of(OPENED_SINCE)]
    other = select(Membership.id).where(
        Membership.person_id == person.person_id, Membership.library_id == person.library_id, Membership.to_on.is_(None)
    )
    if session.scalar(other):
        return [note_of(BACK_ALREADY)]
    still = Membership.to_on == date.fromisoformat(told["on"])
    return [] if _set(session, told["member"], still, to_on=None) else [note_of(OPENED_SINCE)]


def _mend_back(session: Session, told: Mapping[str, Any]) -> list[Note]:
    """Each column that is still as the list set it."""
    person = session.get_one(Person, told["person"], populate_existing=True)
    kept = [name for name in told["was"] if name in told["now"] and _plain(getattr(person, name)) != told["now"][name]]
    for name, value in told["was"].items():
        if name not in kept:
            setattr(person, name, _value(name, value))
    person.name_sort, person.name_folded = name_key(person.full_name), fold(person.full_name)
    session.flush()
    return [note_of(MENDED_SINCE)] if kept else []


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _value(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "born_on" and value else value


def _details_back(
    session: Session, library_id: int, person: int, before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    if details.of(session, library_id, [person]).get(person) == after:
        details.put(session, library_id, {person: before})
