"""Who had a book is forgotten some months after it came back; who somebody was, some months after they left.

Uses, loans and movements stay as figures: they carry the class, the grade and the category of that day, and nobody's name.
Lists, messages and first answers that hold names go by themselves (`jobs.nightly`).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, String, cast, delete, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.core.fold import fold, name_key
from library.jobs.nightly import SOME, forgets
from library.loans import losses_ageing, self_pins
from library.loans.models import Hold, HoldChange, Loan, still_out
from library.organisations.models import Code
from library.patrons import details
from library.patrons.models import Card, GroupReader, Membership, Person, PersonMerge
from library.privacy.models import Consent, Look, Memory, Purpose
from library.uses.models import Visitor

NOBODY = "Bạn đọc đã rời thư viện"
"""Stands where a name stood."""

LOOKS_KEPT = timedelta(days=730)
_A_MONTH = timedelta(days=365.25 / 12)
_STILL_UNDONE = timedelta(hours=2)
"""A desk's own undo reaches back so far at most."""


@dataclass(frozen=True)
class Months:
    """How long a library remembers who had a book (0: until the night after), and who left."""

    loans: int = 12
    leavers: int = 24


USUAL = Months()


Forgetter = Callable[[Session, Sequence[int]], None]
"""(session, memberships): what a package above knows of these readers goes, before their names do."""
FORGETTERS: list[Forgetter] = []


def forgets_memberships(step: Forgetter) -> Forgetter:
    """Register it."""
    FORGETTERS.append(step)
    return step


class StillHolds(Refused):
    """Somebody with a book out, or who reads somewhere, is not forgotten."""


def months_of(session: Session, library_id: int) -> Months:
    found = session.get(Memory, library_id)
    return Months(found.loans_months, found.leavers_months) if found else USUAL


def remember_for(session: Session, library_id: int, months: Months) -> None:
    found = session.get(Memory, library_id) or Memory(library_id=library_id)
    found.loans_months, found.leavers_months = months.loans, months.leavers
    session.add(found)
    session.flush()


def remembered_since(now: datetime, months: int) -> datetime:
    """What ended before is forgotten. No months: today's, and what may still be undone."""
    if months:
        return now - months * _A_MONTH
    today = datetime.combine(clock.day_of(now), time.min, clock.HERE).astimezone(UTC)
    return min(today, now - _STILL_UNDONE)


def _limits(session: Session, now: datetime, which: str) -> list[tuple[ColumnElement[bool], datetime]]:
    """(whose, from when back it is old enough) for every library with a time of its own, and for the others together."""
    own = {one.library_id: getattr(one, f"{which}_months") for one in session.scalars(select(Memory))}
    told = [(Membership.library_id == library, remembered_since(now, months)) for library, months in own.items()]
    return [*told, (Membership.library_id.not_in(list(own)), remembered_since(now, getattr(USUAL, which)))]


# Who had which book


@forgets("loans-of-readers")
def forget_loans(session: Session, now: datetime) -> bool:
    """Of readers who did not ask us to keep the list of what they read."""
    more = False
    for whose, limit in _limits(session, now, "loans"):
        for what in (Loan, Hold):
            agreed = exists().where(
                Consent.person_id == Membership.person_id, Consent.library_id == Membership.library_id,
                Consent.purpose == Purpose.HISTORY, Consent.withdrawn_on.is_(None),
            )  # fmt: skip
            old = (
                select(what.id)
                .join(Membership, Membership.id == what.membership_id)
                .where(whose, what.ended_at < limit, ~agreed)
            )
            more |= _nobody_had(session, what, old.limit(SOME))
    return more


def _nobody_had(session: Session, what: type[Loan] | type[Hold], which: Select[int]) -> bool:
    """Whether there may be more."""
    ids = list(session.scalars(which))
    if what is Hold:
        _forget_reasons(session, ids)
    session.execute(update(what).where(what.id.in_(ids)).values(membership_id=None))
    return len(ids) == SOME


def _forget_reasons(session: Session, holds: Collection[int] | Select[int]) -> None:
    """What somebody wrote when a turn was changed may name anybody."""
    told = update(HoldChange).where(HoldChange.hold_id.in_(holds), HoldChange.why.is_not(None))
    session.execute(told.values(why=None), execution_options={"synchronize_session": False})


# Who somebody was


def free(session: Session, people: Sequence[int]) -> None:
    """Raises StillHolds where one of them reads somewhere, has a book, or answers for a group."""
    reasons = []
    mine = select(Membership.id).where(Membership.person_id.in_(people))
    if session.scalar(
        select(Membership.id).where(Membership.person_id.in_(people), Membership.to_on.is_(None)).limit(1)
    ):
        reasons.append(Reason("reads", N_("Bạn đọc này còn thẻ ở một thư viện. Thôi thẻ ở đó trước.")))
    if session.scalar(select(Loan.id).where(Loan.membership_id.in_(mine), still_out()).limit(1)):
        reasons.append(Reason("holds", N_("Bạn đọc này còn giữ sách. Nhận trả hoặc ghi mất trước.")))
    if session.scalar(losses_ageing.owes(mine).limit(1)):
        reasons.append(Reason("owes", N_("Bạn đọc này còn biên bản đền bù chưa xong. Giải quyết trước.")))
    if session.scalar(select(GroupReader.membership_id).where(GroupReader.responsible_id.in_(mine)).limit(1)):
        reasons.append(Reason("answers", N_("Bạn đọc này đang nhận trách nhiệm cho một tập thể. Đổi người trước.")))
    if reasons:
        raise StillHolds(*reasons)


def forget_people(session: Session, people: Sequence[int]) -> None:
    """Nothing in the database tells any more who they were. The rows stay for what hangs on them; ask `free` before."""
    people = _with_their_other_rows(session, people)
    mine = list(session.scalars(select(Membership.id).where(Membership.person_id.in_(people))))
    losses_ageing.forget(session, mine)
    _forget_reasons(session, select(Hold.id).where(Hold.membership_id.in_(mine)))
    for what in (Loan, Hold):
        session.execute(update(what).where(what.membership_id.in_(mine)).values(membership_id=None))
    session.execute(delete(Visitor).where(Visitor.membership_id.in_(mine)))
    for forgetter in FORGETTERS:
        forgetter(session, mine)
    _forget_cards(session, mine)
    self_pins.drop(session, mine)
    written = {"note": None, "blocked_why": None, "class_id": None}
    session.execute(update(Membership).where(Membership.id.in_(mine)).values(written))
    session.execute(
        update(Consent).where(Consent.person_id.in_(people)).values(person_id=None, given_by="", evidence="")
    )
    uids = select(Membership.uid).where(Membership.id.in_(mine))
    session.execute(delete(Look).where(Look.subject.in_(uids)))
    details.forget(session, people)
    blank = {
        "full_name": NOBODY, "name_sort": name_key(NOBODY), "name_folded": fold(NOBODY), "student_code": None,
        "born_on": None, "born_year_only": False, "sex": None,
    }  # fmt: skip
    session.execute(update(Person).where(Person.id.in_(people)).values(blank))
    session.expire_all()


def _with_their_other_rows(session: Session, people: Sequence[int]) -> list[int]:
    """And the rows that were found to be the same people."""
    known, latest = set(people), set(people)
    while latest:
        same = session.scalars(select(PersonMerge.gone_id).where(PersonMerge.kept_id.in_(latest)))
        latest = set(same) - known
        known |= latest
    return sorted(known)


def _forget_cards(session: Session, memberships: Sequence[int]) -> None:
    """A number printed elsewhere may be a telephone's or a pupil's: it goes too, and opens nothing."""
    cards = list(session.scalars(select(Card.code_id).where(Card.membership_id.in_(memberships))))
    nameless, now = literal("X") + cast(Code.id, String), clock.now()
    gone = {"folded": nameless, "printed": nameless, "valid_to": func.coalesce(Code.valid_to, now)}
    session.execute(update(Code).where(Code.id.in_(cards)).values(gone))
    session.execute(update(Card).where(Card.code_id.in_(cards), Card.ended_at.is_(None)).values(ended_at=now))


@forgets("readers-who-left")
def forget_leavers(session: Session, now: datetime) -> bool:
    """Everybody whose last membership anywhere ended long enough ago, by the rule of the library it was at."""
    more = False
    for whose, limit in _limits(session, now, "leavers"):
        people = list(session.scalars(_left(whose, clock.day_of(limit)).limit(50)))
        if people:
            forget_people(session, people)
        more |= len(people) == 50
    return more


def _left(whose: ColumnElement[bool], day: date) -> Select[int]:
    """Persons whose membership there ended by that day, who are at no other place since, and hold nothing."""
    later = aliased(Membership)
    others = exists().where(later.person_id == Membership.person_id, or_(later.to_on.is_(None), later.to_on > day))
    hers = aliased(Membership)
    holding = exists().where(hers.person_id == Membership.person_id, Loan.membership_id == hers.id, still_out())
    answering = exists().where(hers.person_id == Membership.person_id, GroupReader.responsible_id == hers.id)
    owing = losses_ageing.owes(select(hers.id).where(hers.person_id == Membership.person_id)).exists()
    named = exists().where(Person.id == Membership.person_id, Person.full_name != NOBODY)
    query = select(Membership.person_id).where(
        whose, Membership.to_on <= day, ~others, ~holding, ~owing, ~answering, named
    )
    return query.distinct()


@forgets("looks")
def forget_looks(session: Session, now: datetime) -> bool:
    old = select(Look.id).where(Look.at < now - LOOKS_KEPT).limit(SOME)
    return len(session.execute(delete(Look).where(Look.id.in_(old)).returning(Look.id)).all()) == SOME
