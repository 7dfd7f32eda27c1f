"""Passwords: argon2id, at most a few at once, and the same time for a name that does not exist."""

import hashlib
import secrets
import threading
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session

from library.accounts.models import Attempt
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.core.forms import Reader

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's floor: 28 ms on an old PC. Thirty children signing in at once must not stop the desk."""
AT_ONCE = threading.BoundedSemaphore(2)
NOBODY = HASHER.hash(secrets.token_urlsafe())
NONE_YET = ""
"""The password of an account that waits for its code: nothing opens it, and trying takes as long as elsewhere."""

SHORTEST = 8
WINDOW = timedelta(minutes=15)
PER_LOGIN, PER_ADDRESS = 8, 60


class TooManyAttempts(Refused):
    status = 429

    def __init__(self) -> None:
        super().__init__(Reason("too-many-attempts", N_("Thử sai nhiều lần quá. Chờ 15 phút rồi thử lại.")))


def hashed(password: str) -> str:
    with AT_ONCE:
        return HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Takes as long for a login nobody has (None), and for one without a password yet."""
    with AT_ONCE:
        try:
            return HASHER.verify(password_hash or NOBODY, password) and bool(password_hash)
        except (VerificationError, InvalidHashError):
            return False


EASY = frozenset(
    "12345678 123456789 1234567890 123123123 87654321 password password1 matkhau1 matkhau123 thuvien1 thuvien123 qwertyui"
    " 1q2w3e4r abcd1234 iloveyou anhyeuem emyeuanh".split()
)
"""Tried first by everybody who guesses."""


def judge(reader: Reader, name: str, password: str, login: str) -> None:
    """Complains of a new password that is too short, or that a guesser tries first. No rules of signs and capitals."""
    if len(password) < SHORTEST:
        reader.complain(name, "too-short", N_("Mật khẩu cần ít nhất %(least)s chữ."), least=SHORTEST)
    elif password.casefold() in EASY | {login, login * 2} or len(set(password)) < 3:
        reader.complain(name, "too-easy", N_("Mật khẩu này ai cũng đoán được. Chọn mật khẩu khác."))


def login_hash(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()[:32]


def check_patience(session: Session, login: str, address: str) -> None:
    """Raises TooManyAttempts after too many failures for this login or from this address.

    `login` may be another word for what is tried at; empty where only the address can be told.
    """
    since = clock.now() - WINDOW
    mine, theirs = Attempt.login_hash == login_hash(login), Attempt.address == address
    query = select(func.count().filter(mine), func.count().filter(theirs)).where(Attempt.at > since, or_(mine, theirs))
    by_login, by_address = session.execute(query).one()
    if (login and by_login >= PER_LOGIN) or by_address >= PER_ADDRESS:
        raise TooManyAttempts


def note_failure(session: Session, login: str, address: str, now: datetime | None = None) -> None:
    now = now or clock.now()
    session.execute(insert(Attempt).values(login_hash=login_hash(login), address=address, at=now))
    session.execute(delete(Attempt).where(Attempt.at < now - 4 * WINDOW))
