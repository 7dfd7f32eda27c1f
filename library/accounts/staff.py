"""Accounts of a library's people: who may give which role, inviting, stopping, a new password.

Nobody gives more than they have: a role is one's to give at a library if one holds every permission of it there, and
everywhere below where the role reaches below. The same rule says whose account one may touch.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from library.access import Permission, Scope
from library.accounts import managing
from library.accounts.managing import LoginTaken
from library.accounts.models import Account, Grant, RoleName, SignIn
from library.accounts.roles import MAY, OVER_ALL_BELOW
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.organisations import tree
from library.organisations.models import Branch

TELLS: Mapping[RoleName, tuple[str, str]] = {
    RoleName.LIBRARIAN: (
        N_("thủ thư"),
        N_("Làm mọi việc của thư viện: sách, bạn đọc, mượn trả, in nhãn, nạp danh sách, chính sách mượn, tài khoản."),
    ),
    RoleName.HELPER: (
        N_("giúp việc ở quầy"),
        N_("Cho mượn, nhận trả và in nhãn. Chỉ thấy tên gọi của bạn đọc, không thấy họ tên đầy đủ."),
    ),
    RoleName.TEACHER: (N_("giáo viên"), N_("Tìm sách và xem số liệu của trường. Không sửa gì.")),
    RoleName.READER: (N_("bạn đọc"), N_("Chỉ tìm sách.")),
    RoleName.VAN_CREW: (N_("người đi xe"), N_("Tìm sách và xem số liệu khi đi cùng xe thư viện.")),
    RoleName.OFFICER: (
        N_("cán bộ xem số liệu"),
        N_("Xem số liệu của nơi này và mọi nơi trực thuộc. Không thấy tên bạn đọc."),
    ),
    RoleName.SCHEDULER: (
        N_("điều phối luân chuyển"),
        N_("Sửa sách, mượn trả, chính sách mượn ở nơi này và mọi nơi trực thuộc. Không xem danh sách bạn đọc."),
    ),
    RoleName.ADMINISTRATOR: (N_("quản trị"), N_("Làm mọi việc, ở nơi này và mọi nơi trực thuộc.")),
}
"""Each role's name and what it may do, in a sentence; those most often given first."""
DIGITS = 10


class NotYours(Refused):
    """One's own account is not stopped or re-keyed here: somebody must stay who can open the door."""

    def __init__(self) -> None:
        super().__init__(
            Reason("own-account", N_("Đây là tài khoản của chính mình: đổi mật khẩu ở “Tài khoản của tôi”."))
        )


def first_password() -> str:
    """Digits alone: no Vietnamese keyboard can spoil them, and they can be read out over a telephone."""
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


def reach(session: Session, role: RoleName, library_id: int, day: date) -> frozenset[int]:
    """The libraries in which the role, given at this one, would hold on that day."""
    if role not in OVER_ALL_BELOW:
        return frozenset({library_id})
    return tree.below([library_id], tree.parentage_on(session, day))


def may_give(role: RoleName, where: Iterable[int], scope_of: Callable[[Permission], Scope]) -> bool:
    """Whether somebody with these scopes holds all of the role, everywhere it would reach."""
    places = list(where)
    scopes = [scope_of(permission) for permission in (*MAY[role], Permission.ACCOUNTS)]
    return all(scope.classes is None and all(map(scope.holds_library, places)) for scope in scopes)


def givable(session: Session, library_id: int, scope_of: Callable[[Permission], Scope]) -> list[RoleName]:
    """The roles one may give at a library (one statement)."""
    below = tree.below([library_id], tree.parentage_on(session, clock.today()))
    where = {role: below if role in OVER_ALL_BELOW else {library_id} for role in TELLS}
    return [role for role in TELLS if may_give(role, where[role], scope_of)]


def is_above(session: Session, account: Account, scope_of: Callable[[Permission], Scope]) -> bool:
    """Whether the account holds anything that one could not have given it."""
    pairs = tree.parentage_on(session, clock.today())
    return any(
        not may_give(
            held.role,
            tree.below([held.library_id], pairs) if held.role in OVER_ALL_BELOW else [held.library_id],
            scope_of,
        )
        for held in held_now(account)
    )


def held_now(account: Account) -> list[Grant]:
    today = clock.today()
    return [one for one in account.grants if one.from_on <= today and (one.to_on is None or one.to_on > today)]


def of_library(library_id: int) -> Select[Account]:
    """Accounts with their grants, by login."""
    query = select(Account).where(Account.library_id == library_id).options(selectinload(Account.grants))
    return query.order_by(Account.disabled_at.is_not(None), Account.login)


def by_uid(session: Session, uid: object, scope: Scope, lock: bool = False) -> Account | None:
    """None also for an account of another library."""
    query = select(Account).where(Account.uid == uid, scope.of_libraries(Account.library_id))
    query = query.options(selectinload(Account.grants), joinedload(Account.library), joinedload(Account.branch))
    return session.scalar(query.with_for_update(of=Account) if lock else query)


def invite(session: Session, branch: Branch, login: str, name: str, password_hash: str) -> Account:
    """A new account that must change its password. Raises LoginTaken."""
    folded = managing.login_of(login)
    if session.scalar(select(Account.id).where(Account.login == folded)):
        raise LoginTaken(folded)
    account = Account(
        uid=clock.uuid7(), login=folded, name=name, password_hash=password_hash, must_change=True,
        library_id=branch.organisation_id, branch_id=branch.id, made_at=clock.now(),
    )  # fmt: skip
    session.add(account)
    session.flush()
    return account


def give(session: Session, account: Account, role: RoleName, class_id: int | None = None) -> None:
    """This role at the account's library, in place of what it held there."""
    today = clock.today()
    mine = and_(Grant.account_id == account.id, Grant.library_id == account.library_id)
    still = or_(Grant.to_on.is_(None), Grant.to_on > today)
    session.execute(update(Grant).where(mine, still).values(to_on=today))
    managing.grant(session, account, role, account.library_id, class_id)


def new_password(session: Session, account: Account, password_hash: str) -> None:
    """Whoever is signed in with the old one is out; the new one must be changed at once."""
    managing.change_password(session, account.id, password_hash)
    session.execute(update(Account).where(Account.id == account.id).values(must_change=True))


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
