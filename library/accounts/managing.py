"""Opening accounts, giving roles, changing passwords."""

from datetime import date

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from library.accounts import passwords
from library.accounts.models import Account, Grant, RoleName, SignIn
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.core.fold import clean, fold
from library.organisations.models import Branch


class LoginTaken(Refused):
    def __init__(self, login: str) -> None:
        super().__init__(Reason("login-taken", N_("Đã có người dùng tên vào “%(login)s”."), {"login": login}))


class TooShort(Refused):
    status = 422

    def __init__(self) -> None:
        super().__init__(
            Reason("password-too-short", N_("Mật khẩu cần ít nhất %(least)s chữ."), {"least": passwords.SHORTEST})
        )


def login_of(text: str) -> str:
    """Names to sign in with are compared without marks, blanks and capitals: Hà.TH is ha.th."""
    return "".join(letter if letter in ".-_@" else fold(letter) for letter in clean(text))


def by_login(session: Session, login: str) -> Account | None:
    return session.scalar(select(Account).where(Account.login == login_of(login), Account.disabled_at.is_(None)))


def is_free(session: Session, login: str, for_account: int | None = None) -> bool:
    """Whether nobody else has this name, already folded."""
    return session.scalar(select(Account.id).where(Account.login == login, Account.id != (for_account or 0))) is None


def expected(session: Session, name: str, branch: Branch) -> Account:
    """An account that waits for its person, who brings a code and chooses how to sign in. Until then nothing opens it:
    its sign-in name begins with a sign that no typed name keeps."""
    uid = clock.uuid7()
    account = Account(
        uid=uid, login=f"?{uid.hex}", name=name, password_hash=passwords.NONE_YET,
        library_id=branch.organisation_id, branch_id=branch.id, made_at=clock.now(),
    )  # fmt: skip
    session.add(account)
    session.flush()
    return account


def is_expected(account: Account) -> bool:
    return account.login.startswith("?")


def take_place(session: Session, account: Account, login: str, password_hash: str) -> None:
    """The person has come: from here on this name and password open it, and nothing that was open stays so.

    Raises LoginTaken if somebody was quicker with the name.
    """
    account.login = login
    try:
        session.flush()
    except IntegrityError as error:
        raise LoginTaken(login) from error
    change_password(session, account.id, password_hash)
    session.expire(account)


def open_account(
    session: Session,
    login: str,
    name: str,
    password: str,
    branch: Branch,
    must_change: bool = False,
    locale: str = "vi",
) -> Account:
    """Raises LoginTaken, TooShort. Hash outside of a write transaction where somebody waits for it."""
    if len(password) < passwords.SHORTEST:
        raise TooShort
    folded = login_of(login)
    if session.scalar(select(Account.id).where(Account.login == folded)):
        raise LoginTaken(folded)
    account = Account(
        uid=clock.uuid7(), login=folded, name=name, password_hash=passwords.hashed(password), must_change=must_change,
        locale=locale, library_id=branch.organisation_id, branch_id=branch.id, made_at=clock.now(),
    )  # fmt: skip
    session.add(account)
    session.flush()
    return account


def grant(
    session: Session,
    account: Account,
    role: RoleName,
    library_id: int,
    class_id: int | None = None,
    until: date | None = None,
    branch_id: int | None = None,
) -> Grant:
    """`until`: good before this day; None without an end."""
    given = Grant(
        account_id=account.id, role=role, library_id=library_id, class_id=class_id, branch_id=branch_id,
        from_on=clock.today(), to_on=until,
    )  # fmt: skip
    session.add(given)
    session.flush()
    return given


def change_password(session: Session, account_id: int, password_hash: str, keep: str | None = None) -> None:
    """Every other session of the account ends; `keep` is the hash of the one that goes on."""
    session.execute(
        update(Account).where(Account.id == account_id).values(password_hash=password_hash, must_change=False)
    )
    others = update(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
    if keep:
        others = others.where(SignIn.token_hash != keep)
    session.execute(others.values(ended_at=clock.now()))
