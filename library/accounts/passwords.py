"""Passwords: argon2id, at most a few at once, and the same time for a name that does not exist."""

import hashlib
import threading
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session

from library.accounts.models import Attempt
from library.core import clock
from library.core.errors import N_, Reason, Refused

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's floor: 28 ms on an old PC. Thirty children signing in at once must not stop the desk."""
AT_ONCE = threading.BoundedSemaphore(2)
NOBODY = HASHER.hash("nobody has this password")

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
    """Takes as long for a login nobody has (None)."""
    with AT_ONCE:
        try:
            return HASHER.verify(password_hash or NOBODY, password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def login_hash(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()[:32]


def check_patience(session: Session, login: str, address: str) -> None:
    """Raises TooManyAttempts after too many failures for this login or from this address."""
    since = clock.now() - WINDOW
    mine, theirs = Attempt.login_hash == login_hash(login), Attempt.address == address
    query = select(func.count().filter(mine), func.count().filter(theirs)).where(Attempt.at > since, or_(mine, theirs))
    by_login, by_address = session.execute(query).one()
    if by_login >= PER_LOGIN or by_address >= PER_ADDRESS:
        raise TooManyAttempts


def note_failure(session: Session, login: str, address: str, now: datetime | None = None) -> None:
    now = now or clock.now()
    session.execute(insert(Attempt).values(login_hash=login_hash(login), address=address, at=now))
    session.execute(delete(Attempt).where(Attempt.at < now - 4 * WINDOW))
