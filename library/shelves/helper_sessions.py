"""The shared hand-held: a teacher lends a browser to a pupil helper for some minutes, for one class and one shelf.

What the session may do is told by accounts (a CLASS_HELPER's part, while the teacher's own grant holds) and by the row
written here: that shelf, those readers, and nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from library import access
from library.access import Permission
from library.accounts import identity, keys, managing, second, sessions
from library.accounts.models import Account, AccountKey
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.core.fold import code_keys, fold
from library.organisations.models import Code
from library.patrons.models import Membership, SchoolClass
from library.shelves.models import HelperSession, Shelf, ShelfTenure
from library.shelves.scopes import standing, within

MINUTES = 20


class NoClass(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("no-class", N_("Tủ này không của riêng lớp nào nên chưa đưa máy cho em thủ thư được.")))


class ShelfClosed(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("shelf-closed", N_("Tủ này đã đóng.")))


class OutOfReach(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("out-of-reach", N_("Tủ này ngoài phần việc của thầy cô nên chưa đưa máy được.")))


class MoreIsOwed(Refused):
    def __init__(self) -> None:
        sentence = N_(
            "Tài khoản này cần đổi mật khẩu hoặc gõ mã trên điện thoại: vào trên máy của thầy cô, rồi đưa máy đó."
        )
        super().__init__(Reason("more-is-owed", sentence))


class WhichShelf(Refused):
    """422 with the classes to choose from."""

    status = 422

    def __init__(self, names: list[str]) -> None:
        one = N_("Chưa thấy tủ nào thầy cô đang giữ.")
        many = N_("Thầy cô giữ tủ của các lớp %(names)s. Ghi tên lớp vào ô Lớp.")
        super().__init__(Reason("which-shelf", many if names else one, {"names": ", ".join(names)}))


@dataclass(frozen=True)
class Lent:
    """A session that was lent. `token` is for the cookie alone."""

    token: str
    shelf_uid: UUID
    ends_at: datetime


def lend(
    session: Session, account: Account, shelf: Shelf, helper: int | None, device: str | None, address: str | None
) -> Lent:
    """A new session of this account for a helper at this shelf. Raises NoClass, ShelfClosed, OutOfReach.

    Whether the account keeps the shelf is for the caller to know.
    """
    of = session.scalar(select(ShelfTenure.class_id).where(ShelfTenure.shelf_id == shelf.id, standing()))
    if shelf.closed_on is not None:
        raise ShelfClosed
    if of is None:
        raise NoClass
    token = identity.open_session(session, account, 1, device, address)
    return _lent(session, account, shelf, of, helper, token)


def _lent(session: Session, account: Account, shelf: Shelf, class_id: int, helper: int | None, token: str) -> Lent:
    now = clock.now()
    ends_at = now + timedelta(minutes=MINUTES)
    uid = sessions.lend(session, token, class_id, ends_at)
    reads = select(Membership.id).where(Membership.id == helper, Membership.class_id == class_id)
    row = HelperSession(
        sign_in_uid=uid, shelf_id=shelf.id, class_id=class_id, account_id=account.id,
        membership_id=session.scalar(reads) if helper else None, began_at=now, ends_at=ends_at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _check_alive(token, shelf)
    return Lent(token, shelf.uid, ends_at)


def _check_alive(token: str, shelf: Shelf) -> None:
    """A session that opens nothing is not lent. Raises OutOfReach."""
    who = identity.load(token)
    if who is None or not identity.scope_of(who, Permission.CLASS_DESK).holds_library(shelf.library_id):
        raise OutOfReach


def by_card(session: Session, typed: str) -> tuple[Account, str] | None:
    """Whose card this is, with the hash of their PIN; None where nobody, or people of several libraries, have it."""
    query = (
        select(Account.library_id)
        .join(AccountKey, AccountKey.account_id == Account.id)
        .join(Code, Code.id == AccountKey.card_code_id)
        .where(Code.folded.in_(code_keys(typed)), Code.valid_to.is_(None), Account.disabled_at.is_(None))
    )
    found = set(session.scalars(query))
    return keys.by_card(session, typed, found.pop()) if len(found) == 1 else None


def by_login(session: Session, typed: str) -> tuple[Account, str] | None:
    """The account of a sign-in name, with the hash of its password: a PIN goes with the card alone."""
    account = managing.by_login(session, typed)
    return (account, account.password_hash) if account else None


def check_nothing_owed(session: Session, account: Account) -> None:
    """What sign-in asks for beside the password cannot be given at this door. Raises MoreIsOwed."""
    if account.must_change or second.is_on(session, account.id) or second.is_owed(session, account.id):
        raise MoreIsOwed


def kept_by(session: Session, account: Account, token: str) -> list[tuple[Shelf, str]]:
    """Shelves of classes this account may hand over, with the class's name. `token`: of a session of theirs."""
    who = identity.load(token)
    scope = identity.scope_of(who, Permission.CLASS_KEEP) if who else access.NOWHERE
    now = aliased(ShelfTenure)  # `within` asks the table itself
    query = (
        select(Shelf, SchoolClass.name)
        .join(now, and_(now.shelf_id == Shelf.id, now.to_on.is_(None), now.voided.is_(False)))
        .join(SchoolClass, SchoolClass.id == now.class_id)
        .where(Shelf.closed_on.is_(None), within(scope, account.id))
        .order_by(SchoolClass.name_sort)
    )
    return [(shelf, name) for shelf, name in session.execute(query)]


def chosen(kept: list[tuple[Shelf, str]], typed: str) -> Shelf:
    """The shelf of the class named ("5A", "Lớp 5a"), or the only one. Raises WhichShelf."""
    wanted = fold(typed).removeprefix("lop").strip()
    found = [shelf for shelf, name in kept if not wanted or fold(name) == wanted]
    if len(found) != 1:
        raise WhichShelf([name for _shelf, name in kept])
    return found[0]


def open_for(session: Session, account: Account, typed: str, device: str | None, address: str | None) -> Lent:
    """A helper's session at a machine others use too: at the shelf of the class typed. Raises WhichShelf."""
    token = identity.open_session(session, account, 1, device, address)  # their own, until it is lent below
    shelf = chosen(kept_by(session, account, token), typed)
    of = session.scalars(select(ShelfTenure.class_id).where(ShelfTenure.shelf_id == shelf.id, standing())).one()
    assert of is not None
    return _lent(session, account, shelf, of, None, token)


def shelf_of(session: Session, session_uid: UUID | None) -> UUID | None:
    """The shelf a helper's session was lent for."""
    query = select(Shelf.uid).join(HelperSession, HelperSession.shelf_id == Shelf.id)
    return session.scalar(query.where(HelperSession.sign_in_uid == session_uid))


def ends_at(session: Session, session_uid: UUID | None) -> datetime | None:
    """When a helper's session ends by itself."""
    return session.scalar(select(HelperSession.ends_at).where(HelperSession.sign_in_uid == session_uid))
