"""A kiosk: a browser at the door in which nobody is signed in. What it may do is told by the row written here: one branch,
one visit at a time, names of its own library only."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.access import Permission, Scope
from library.accounts import identity
from library.accounts.models import Account
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import coming, facts
from library.loans.facts import Desk
from library.organisations.models import Branch, CodeKind, Organisation
from library.patrons.models import Category, Membership, Person, SchoolClass
from library.promotion import gates, visits_day
from library.promotion.visit_models import Kiosk
from library.uses import counting, desk_visits, settings
from library.uses.counting import Frozen
from library.uses.models import Visit, VisitKind
from library.uses.settings import Counts

KIND = "kiosk"
LONGEST = timedelta(hours=16)
"""Opened in the morning, over by itself in the night."""
MAY_TAKE_BACK = timedelta(minutes=2)


class NoCard(Refused):
    """422: nobody of this library has such a card."""

    status = 422

    def __init__(self) -> None:
        super().__init__(Reason("no-card", N_("Máy chưa biết thẻ này. Bạn gõ tên, hoặc hỏi thủ thư nhé.")))


class TooLate(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("too-late", N_("Lượt này đã qua rồi. Bạn báo thủ thư sửa giúp.")))


@dataclass(frozen=True)
class Stand:
    """The kiosk of this request."""

    token_hash: str
    branch_id: int
    library_id: int
    network_id: int | None
    library_name: str
    account_id: int
    account: UUID
    device: UUID
    ends_at: datetime

    @property
    def desk(self) -> Desk:
        assert self.network_id is not None
        return Desk(self.library_id, self.network_id, self.branch_id)


@dataclass(frozen=True)
class Came:
    """What a reader or a guest is told. `new`: a visit was written; else they were counted a while ago."""

    new: bool
    act: UUID | None


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_(session: Session, account: Account, branch_id: int) -> str:
    """The token for the cookie."""
    token, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        Kiosk(token_hash=hash_of(token), branch_id=branch_id, account_id=account.id, device=clock.uuid7(), began_at=now,
              ends_at=now + LONGEST, ended_at=None)
    )  # fmt: skip
    session.flush()
    return token


def close(session: Session, stand: Stand) -> None:
    mine = update(Kiosk).where(Kiosk.token_hash == stand.token_hash, Kiosk.ended_at.is_(None))
    session.execute(mine.values(ended_at=clock.now()))


@dataclass(frozen=True)
class Open:
    """A kiosk that stands open, as its library sees it. `device` names it: the token is known to its browser only."""

    device: UUID
    branch: Branch
    library: str
    who: str
    began_at: datetime
    ends_at: datetime


def standing(session: Session, scope: Scope) -> list[Open]:
    """Of branches in scope, the newest first (one statement)."""
    query = (
        select(Kiosk.device, Branch, Organisation.name, Account.name, Kiosk.began_at, Kiosk.ends_at)
        .join(Branch, Branch.id == Kiosk.branch_id)
        .join(Organisation, Organisation.id == Branch.organisation_id)
        .join(Account, Account.id == Kiosk.account_id)
        .where(Kiosk.ended_at.is_(None), Kiosk.ends_at > clock.now(), scope.of_branches(Kiosk.branch_id))
    )
    return [Open(*row) for row in session.execute(query.order_by(Kiosk.began_at.desc()))]


def shut(session: Session, one: Open) -> None:
    """From afar: its browser was lost, or left somewhere. What was told at it stays."""
    mine = update(Kiosk).where(Kiosk.device == one.device, Kiosk.ended_at.is_(None))
    session.execute(mine.values(ended_at=clock.now()))


def found(session: Session, token: str) -> Stand | None:
    """The kiosk of this token while it lasts, and while whoever opened it may count visits there."""
    query = (
        select(
            Kiosk.token_hash, Kiosk.branch_id, Branch.organisation_id, Organisation.network_id, Organisation.name,
            Kiosk.account_id, Account.uid, Kiosk.device, Kiosk.ends_at,
        )
        .join(Branch, Branch.id == Kiosk.branch_id)
        .join(Organisation, Organisation.id == Branch.organisation_id)
        .join(Account, Account.id == Kiosk.account_id)
        .where(Kiosk.token_hash == hash_of(token), Kiosk.ended_at.is_(None), Kiosk.ends_at > clock.now())
        .where(Account.disabled_at.is_(None))
    )  # fmt: skip
    row = session.execute(query).one_or_none()
    return Stand(*row) if row and identity.holds_at(session, row.account_id, Permission.VISITS, row.branch_id) else None


def by_card(session: Session, stand: Stand, text: str) -> int:
    """The reader whose card this is, here or through their membership here. Raises NoCard."""
    cards = [one.id for one in facts.resolve(session, text, stand.desk, clock.now()) if one.kind is CodeKind.CARD]
    here = [facts.membership_here(session, one, stand.library_id) for one in cards[:4]]
    known = {one for one in here if one is not None}
    if len(known) != 1:
        raise NoCard
    return known.pop()


def by_uid(session: Session, stand: Stand, uid: UUID) -> int:
    """A reader of this library, tapped in a list. Raises NoCard."""
    query = select(Membership.id).where(
        Membership.uid == uid, Membership.library_id == stand.library_id, Membership.to_on.is_(None)
    )
    one = session.scalar(query)
    if one is None:
        raise NoCard
    return one


def reader(session: Session, stand: Stand, doing: Doing, membership_id: int, counts: Counts) -> Came:
    """This reader came in: a visit, unless one was told here within the window, of them or of their class by its heads."""
    at = doing.at or clock.now()
    session.execute(select(Membership.id).where(Membership.id == membership_id).with_for_update(key_share=True)).all()
    day = clock.day_of(at)
    standing = desk_visits.standing(session, membership_id, stand.branch_id, day)
    window = timedelta(minutes=counts.repeat_minutes)
    frozen = _frozen(session, stand, membership_id)
    told = [one.occurred_at for one in standing if one.kind is VisitKind.KIOSK]
    if frozen.class_name:
        told += desk_visits.counted_at(session, stand.branch_id, day, frozen.class_name)
    if any(abs(at - one) < window for one in told):
        return Came(False, None)
    act = acts.write(session, doing, KIND, at), doing.uid
    made = _write(session, act, at, frozen)
    desk_visits.note(session, made, membership_id, stand.branch_id, day)
    coming.settle(session, membership_id, stand.branch_id, day)
    return Came(True, doing.uid)


def guest(session: Session, stand: Stand, doing: Doing, category: str) -> Came:
    """Somebody without a card; `category`: pupil, teacher, citizen."""
    at = doing.at or clock.now()
    act = acts.write(session, doing, KIND, at), doing.uid
    counting.visits(session, act, VisitKind.GUEST, 1, at, Frozen(stand.branch_id, category=category, channel="kiosk"))
    return Came(True, doing.uid)


def _frozen(session: Session, stand: Stand, membership_id: int) -> Frozen:
    query = (
        select(SchoolClass.name, SchoolClass.grade, Category.code, Person.sex)
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .join(Category, Category.id == Membership.category_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Membership.id == membership_id)
    )
    name, grade, category, sex = session.execute(query).one()
    return Frozen(stand.branch_id, name, grade, category, channel="kiosk", sex=desk_visits.SEX.get(sex))


def _write(session: Session, act: tuple[int, UUID], at: datetime, frozen: Frozen) -> int:
    counting.visits(session, act, VisitKind.KIOSK, 1, at, frozen)
    return session.scalars(select(Visit.id).where(Visit.act_id == act[0])).one()


def take_back(session: Session, stand: Stand, doing: Doing, uid: UUID) -> None:
    """ "Không phải tôi": the last visit of this kiosk, right after. Raises TooLate, AlreadyUndone."""
    act = acts.by_uid(session, uid)
    if act is None or act.device != stand.device or clock.now() - act.recorded_at > MAY_TAKE_BACK:
        raise TooLate
    undo(session, doing, act, counts=settings.read(session, stand.library_id))


def undo(session: Session, doing: Doing, act: Act, counts: Counts) -> None:
    """A visit told at a kiosk does not count; a loan of that reader that day does then. Raises AlreadyUndone."""
    visit = session.scalars(select(Visit).where(Visit.act_id == act.id, Visit.quantity > 0)).one()
    whose = desk_visits.whose(session, visit.id)
    if whose is not None:
        session.execute(select(Membership.id).where(Membership.id == whose).with_for_update(key_share=True)).all()
    voiding = acts.void(session, replace(doing, at=None), act.id)
    counting.undo(session, act.id)
    if whose is not None:
        coming.settle(session, whose, visit.branch_id, visit.visited_on, counts.loan_is_visit)
    gates.again(session, (voiding, doing.uid), visit.branch_id, visit.visited_on)


def today(session: Session, stand: Stand) -> int:
    """Visits of the branch today, however told."""
    return visits_day.day(session, stand.branch_id, clock.today()).total
