"""Accounts of a library's people: who may give which role, where and for how long; whose account one may touch.

Nobody gives more than they have: a role is one's to give at a library if one holds every permission of it there, in all
its branches unless the grant is for one, everywhere below where the role reaches below, and not for longer. The same rule
says whose account one may touch: one that holds nothing which one could not have given it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from library.access import Permission, Scope
from library.accounts import codes, managing, passwords
from library.accounts.identity import Held
from library.accounts.models import Account, CodeFor, Grant, RoleName, SignIn
from library.accounts.roles import MAY, OVER_ALL_BELOW, WITH_THE_YEAR
from library.calendars.models import SchoolYear
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.organisations import tree

TELLS: Mapping[RoleName, tuple[str, str]] = {
    RoleName.LIBRARIAN: (
        N_("thủ thư"),
        N_("Làm mọi việc của thư viện: sách, bạn đọc, mượn trả, in nhãn, nạp danh sách, chính sách mượn, tài khoản."),
    ),
    RoleName.HELPER: (
        N_("giúp việc ở quầy"),
        N_("Cho mượn, nhận trả và in nhãn. Chỉ thấy tên gọi của bạn đọc, không thấy họ tên đầy đủ."),
    ),
    RoleName.TEACHER: (
        N_("giáo viên"),
        N_("Giữ tủ sách của lớp mình: cho mượn, nhận trả, kiểm và bàn giao tủ, ghi sổ đọc. Xem số liệu của trường."),
    ),
    RoleName.READER: (N_("bạn đọc"), N_("Chỉ tìm sách.")),
    RoleName.VAN_CREW: (N_("người đi xe"), N_("Tìm sách và xem số liệu khi đi cùng xe thư viện.")),
    RoleName.OFFICER: (
        N_("cán bộ xem số liệu"),
        N_("Xem số liệu và nhật ký của nơi này và mọi nơi trực thuộc. Không thấy tên bạn đọc."),
    ),
    RoleName.SCHEDULER: (
        N_("điều phối luân chuyển"),
        N_("Sửa sách, mượn trả, chính sách mượn ở nơi này và mọi nơi trực thuộc. Không xem danh sách bạn đọc."),
    ),
    RoleName.ADMINISTRATOR: (N_("quản trị"), N_("Làm mọi việc, ở nơi này và mọi nơi trực thuộc.")),
}
"""Each role's name and what it may do, in a sentence; those most often given first."""


class NotYours(Refused):
    """One's own account is not stopped or re-keyed here: somebody must stay who can open the door."""

    def __init__(self) -> None:
        super().__init__(
            Reason("own-account", N_("Đây là tài khoản của chính mình: đổi mật khẩu ở “Tài khoản của tôi”."))
        )


@dataclass(frozen=True)
class Reach:
    """Where a grant holds."""

    libraries: frozenset[int]
    branches: frozenset[int]


def reach(session: Session, role: RoleName, library_id: int, day: date, branch_id: int | None = None) -> Reach:
    """Where the role, given at this library or one branch of it, would hold on that day."""
    if role in OVER_ALL_BELOW:
        libraries = tree.below([library_id], tree.parentage_on(session, day))
        return Reach(libraries, tree.branches_of(session, libraries))
    branches = tree.branches_of(session, [library_id]) if branch_id is None else frozenset({branch_id})
    return Reach(frozenset({library_id}), branches)


def reach_of(session: Session, held: Grant | Held) -> Reach:
    return reach(session, held.role, held.library_id, clock.today(), held.branch_id)


ScopeOf = Callable[[Permission], Scope]


def may_give(role: RoleName, where: Reach, scope_of: ScopeOf) -> bool:
    """Whether somebody with these scopes holds all of the role, everywhere it would reach."""
    scopes = [scope_of(permission) for permission in (*MAY[role], Permission.ACCOUNTS)]
    return all(
        scope.classes is None
        and all(map(scope.holds_library, where.libraries))
        and all(map(scope.holds_branch, where.branches))
        for scope in scopes
    )


def own_end(session: Session, role: RoleName, where: Reach, mine: Iterable[Held]) -> date | None:
    """The day before which one holds all of the role there oneself; None without an end. Nobody gives for longer."""
    reaching = [(held, reach_of(session, held)) for held in mine if held.class_id is None]
    inside = [
        held for held, there in reaching if where.libraries <= there.libraries and where.branches <= there.branches
    ]
    ends = [_last_end(permission, inside) for permission in (*MAY[role], Permission.ACCOUNTS)]
    return min(ends) if min(ends) < date.max else None


def _last_end(permission: Permission, mine: Iterable[Held]) -> date:
    """When the last of the grants that give it ends; today if none alone reaches that far."""
    ends = [held.to_on or date.max for held in mine if permission in MAY[held.role]]
    return max(ends, default=clock.today())


def is_within(until: date | None, end: date | None) -> bool:
    """Whether a grant until then is no longer than one's own."""
    return end is None or (until is not None and until <= end)


def year_end(session: Session, library_id: int, today: date) -> date:
    """The day after the school year that runs, or comes next; where none is known, the end of May, as everywhere here."""
    query = select(SchoolYear.to_on).where(SchoolYear.organisation_id == library_id, SchoolYear.to_on >= today)
    last = session.scalar(query.order_by(SchoolYear.to_on).limit(1))
    may = date(today.year + (today > date(today.year, 5, 31)), 5, 31)
    return (last or may) + timedelta(days=1)


def usual_end(session: Session, role: RoleName, library_id: int, end: date | None) -> date | None:
    """When a grant ends if nobody says otherwise: with the school year for those who come with it, never after one's own."""
    usual = year_end(session, library_id, clock.today()) if role in WITH_THE_YEAR else None
    return usual if is_within(usual, end) else end


def givable(session: Session, library_id: int, scope_of: ScopeOf) -> list[RoleName]:
    """The roles one may give at a library, or at one branch of it."""
    today, branches = clock.today(), tree.branches_of(session, [library_id])
    below = reach(session, RoleName.ADMINISTRATOR, library_id, today)
    whole = Reach(frozenset({library_id}), branches)
    parts = [whole, *(Reach(whole.libraries, frozenset({one})) for one in branches)]
    return [
        role
        for role in TELLS
        if any(may_give(role, where, scope_of) for where in ([below] if role in OVER_ALL_BELOW else parts))
    ]


def is_above(session: Session, account: Account, scope_of: ScopeOf, mine: Iterable[Held]) -> bool:
    """Whether the account holds, or will hold, anything that one could not have given it: more, elsewhere, or for longer."""
    mine = list(mine)
    return any(_is_above(session, held, scope_of, mine) for held in not_over(account))


def _is_above(session: Session, held: Grant, scope_of: ScopeOf, mine: Iterable[Held]) -> bool:
    where = reach_of(session, held)
    return not may_give(held.role, where, scope_of) or not is_within(
        held.to_on, own_end(session, held.role, where, mine)
    )


def held_now(account: Account) -> list[Grant]:
    today = clock.today()
    return [one for one in not_over(account) if one.from_on <= today]


def not_over(account: Account) -> list[Grant]:
    """Grants that hold today or will."""
    return [one for one in account.grants if one.to_on is None or one.to_on > clock.today()]


def of_library(library_id: int) -> Select[Account]:
    """Accounts with their grants, by login."""
    query = select(Account).where(Account.library_id == library_id).options(selectinload(Account.grants))
    return query.order_by(Account.disabled_at.is_not(None), Account.login)


def by_uid(session: Session, uid: object, scope: Scope, lock: bool = False) -> Account | None:
    """None also for an account of another library."""
    query = select(Account).where(Account.uid == uid, scope.of_libraries(Account.library_id))
    query = query.options(selectinload(Account.grants), joinedload(Account.library), joinedload(Account.branch))
    return session.scalar(query.with_for_update(of=Account) if lock else query)


@dataclass(frozen=True)
class Giving:
    """A role as it was asked for. `until`: good before this day."""

    role: RoleName
    class_id: int | None = None
    branch_id: int | None = None
    until: date | None = None


def give(session: Session, account: Account, what: Giving, beside: bool = False) -> None:
    """At the account's library, in place of what it held there; `beside` what it holds, where one does two jobs."""
    today = clock.today()
    mine = and_(Grant.account_id == account.id, Grant.library_id == account.library_id)
    same = and_(Grant.role == what.role, Grant.class_id.is_not_distinct_from(what.class_id))
    still = or_(Grant.to_on.is_(None), Grant.to_on > today)
    ended = update(Grant).where(mine, still, same) if beside else update(Grant).where(mine, still)
    session.execute(ended.values(to_on=today))
    managing.grant(session, account, what.role, account.library_id, what.class_id, what.until, what.branch_id)


def end_grant(session: Session, grant: Grant) -> None:
    """From today on it gives nothing; the row stays."""
    grant.to_on = max(grant.from_on, clock.today())
    session.flush()


def shut_out(session: Session, account: Account) -> None:
    """The password opens nothing any more, and whoever is in is out: only a code lets in again."""
    managing.change_password(session, account.id, passwords.NONE_YET)
    codes.strike(session, account.id, CodeFor.PRINTED)


def disable(session: Session, account: Account) -> None:
    """Nobody signs in with it, and whoever is in is out. What was done with it stays."""
    now = clock.now()
    account.disabled_at = account.disabled_at or now
    session.execute(
        update(SignIn).where(SignIn.account_id == account.id, SignIn.ended_at.is_(None)).values(ended_at=now)
    )
    session.flush()


def enable(session: Session, account: Account) -> None:
    account.disabled_at = None
    session.flush()
