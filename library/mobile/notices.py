"""Telling of a change: old days and new days, as an official notice and as words to copy into a message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from library.core.fold import sort_key
from library.holdings.models import Place
from library.loans.models import DueMove, DueShift, Hold, Loan, still_out
from library.mobile import change_words, sheet_words, trip_report
from library.mobile.models import ChangeShift, VisitChange
from library.organisations.models import Organisation
from library.patrons.models import Membership, Person, SchoolClass

Fact = Mapping[str, Any]


def visits(change: VisitChange) -> Sequence[Fact]:
    """As `changing` froze them."""
    return list(change.facts.get("visits", ()))


def before(fact: Fact, between: str = ", ") -> str:
    return _when(fact["day"], fact["from_at"], fact["to_at"], between)


def after(fact: Fact, between: str = ", ") -> str:
    """The new day; of a visit that is left out, the next one already planned."""
    if fact.get("to_day"):
        return _when(fact["to_day"], fact["to_from_at"], fact["to_to_at"], between)
    if fact.get("next_on"):
        return f"Nghỉ; lần sau {sheet_words.long_day(date.fromisoformat(fact['next_on']))}"
    return "Nghỉ; sẽ báo lịch sau"


def _when(day: str, since: str, until: str, between: str) -> str:
    return f"{sheet_words.long_day(date.fromisoformat(day))}{between}{since} – {until}"


def because(change: VisitChange) -> str:
    """In a sentence; '' where it was only put otherwise."""
    words = change_words.why(change.why)
    return f" vì {words[:1].lower()}{words[1:]}" if words and change.why not in change_words.LEFT else ""


def dates(change: VisitChange) -> str:
    """What becomes of books that readers have."""
    count = int(change.facts.get("dates") or 0)
    return f"Hạn trả của {count} cuốn đang mượn dời theo lịch mới." if count else "Không có hạn trả nào phải dời."


def readers(session: Session, change: VisitChange) -> Sequence[tuple[str, int]]:
    """Whom to tell that their books are due on another day, without naming anybody: (class and library, or library of those
    who are in no class; how many books they still have), by name (one statement)."""
    group = Organisation.name, SchoolClass.name, Organisation.id
    query = (
        select(*group, func.count(DueMove.id))
        .select_from(ChangeShift)
        .join(DueMove, DueMove.shift_id == ChangeShift.shift_id)
        .join(Loan, Loan.id == DueMove.loan_id)
        .join(Membership, Membership.id == Loan.membership_id)
        .join(Organisation, Organisation.id == Membership.library_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(ChangeShift.change_id == change.id, DueMove.undone.is_(False), still_out())
        .group_by(*group)
        .order_by(*group)
    )
    return [
        (f"Lớp {room} {library}" if room else library, count) for library, room, _id, count in session.execute(query)
    ]


@dataclass(frozen=True)
class Moved:
    """A reader whose books are due on another day: full name, class and library, the stop, old and new day, how many books."""

    name: str
    group: str
    stop: str
    before: date
    after: date
    count: int


def moved(session: Session, change: VisitChange) -> list[Moved]:
    """Whom to tell, by name: of their loans and of what is kept for them, never of which books; what is back or fetched since
    is left out (one statement). For those who speak to readers; a message names nobody."""
    waits = and_(Hold.ended_at.is_(None), Hold.item_id.is_not(None))
    query = (
        select(
            Person.full_name, SchoolClass.name, Organisation.name, Place.name, DueMove.before_on, DueMove.after_on, func.count()
        )
        .select_from(ChangeShift)
        .join(DueMove, DueMove.shift_id == ChangeShift.shift_id)
        .join(DueShift, DueShift.id == DueMove.shift_id)
        .join(Place, Place.id == DueShift.place_id)
        .outerjoin(Loan, Loan.id == DueMove.loan_id)
        .outerjoin(Hold, Hold.id == DueMove.hold_id)
        .join(Membership, Membership.id == func.coalesce(Loan.membership_id, Hold.membership_id))
        .join(Person, Person.id == Membership.person_id)
        .join(Organisation, Organisation.id == Membership.library_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(ChangeShift.change_id == change.id, DueMove.undone.is_(False), or_(still_out(), waits))
        .group_by(
            Person.id, Person.full_name, SchoolClass.name, Organisation.name, Place.name, DueMove.before_on, DueMove.after_on
        )
    )  # fmt: skip
    found = [
        Moved(
            name, f"{_('Lớp %(name)s', name=room)}, {library}" if room else library, place, before_on, after_on, count
        )
        for name, room, library, place, before_on, after_on, count in session.execute(query)
    ]
    return sorted(found, key=lambda one: (sort_key(one.stop), sort_key(one.group), sort_key(one.name), one.after))


def values(session: Session, change: VisitChange, address: str) -> dict[str, Any]:
    library, told = session.get_one(Organisation, change.library_id), visits(change)
    names = list(dict.fromkeys(fact["stop"] for fact in told))
    return {
        **trip_report.head(session, library, address, "Lịch mới nhất", "TB"),
        "about": "Thay đổi lịch thư viện lưu động", "receivers": ", ".join(names) or "bạn đọc", "because": because(change),
        "loans": dates(change), "copies": "- Như trên;\n- Lưu: VT.", "director": "",
        "rows": [
            {"number": at, "name": fact["stop"], "before": before(fact, "\n"), "after": after(fact, "\n")}
            for at, fact in enumerate(told, 1)
        ],
    }  # fmt: skip


def message(change: VisitChange, library: str, address: str, told: Sequence[tuple[str, int]] = ()) -> str:
    """To copy into a chat: names no reader. `told`: `readers`."""
    lines = [f"{library}: đổi lịch thư viện lưu động{because(change)}."]
    lines += [f"- {fact['stop']}: {before(fact)} → {after(fact)}" for fact in visits(change)]
    lines += [dates(change)] if change.facts.get("dates") else []
    lines += [f"Nhờ báo bạn đọc: {'; '.join(f'{name} {count} cuốn' for name, count in told)}."] if told else []
    return "\n".join([*lines, f"Lịch mới nhất: {address}"])
