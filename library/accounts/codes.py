"""Numbers on slips of paper that open one door once: an invitation, a new password, the second factor without its telephone.

Digits alone: no Vietnamese keyboard can spoil them, and they can be read out over a telephone. The database keeps a hash
keyed with the server's secret, so that who steals it has nothing to guess at.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from library.accounts.models import Account, CodeFor, OneTimeCode
from library.core import clock

DIGITS: Mapping[CodeFor, int] = {CodeFor.INVITE: 12, CodeFor.RECOVER: 12, CodeFor.PRINTED: 16, CodeFor.SECOND: 10}
DAYS_TO_RECOVER = 2
DAYS_INVITED = 7
MOST_DAYS = 30
SECOND_CODES = 8
TO_A_PASSWORD = (CodeFor.INVITE, CodeFor.RECOVER, CodeFor.PRINTED)


def keyed(words: bytes) -> bytes:
    """A hash nobody can make or check without the server's secret."""
    return hmac.new(str(current_app.config["SECRET_KEY"]).encode(), words, hashlib.sha256).digest()


def hash_of(code: str) -> str:
    return keyed(b"one-time " + code.encode()).hex()


def plain(typed: str) -> str:
    """What was meant: its digits, whatever stands between them."""
    return "".join(sign for sign in typed if sign in "0123456789")[:40]


def shown(code: str) -> str:
    """In groups of four, as on the slip."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def make(session: Session, account_id: int, kind: CodeFor, days: int | None = None) -> str:
    """A new code; it is told once and never again. Codes for the second factor live side by side, others replace."""
    if kind is not CodeFor.SECOND:
        strike(session, account_id, kind)
    code, now = "".join(secrets.choice("0123456789") for _ in range(DIGITS[kind])), clock.now()
    until = now + timedelta(days=days) if days else None
    session.add(OneTimeCode(account_id=account_id, kind=kind, code_hash=hash_of(code), made_at=now, expires_at=until))
    session.flush()
    return code


def strike(session: Session, account_id: int, *kinds: CodeFor) -> None:
    """Codes of these kinds that wait open nothing any more."""
    waiting = and_(OneTimeCode.account_id == account_id, OneTimeCode.used_at.is_(None))
    session.execute(update(OneTimeCode).where(waiting, OneTimeCode.kind.in_(kinds)).values(used_at=clock.now()))


def find(session: Session, typed: str) -> tuple[Account, CodeFor] | None:
    """Whose password it opens; None if it is unknown, used, too old, or the account is shut."""
    query = select(Account, OneTimeCode.kind).join(OneTimeCode, OneTimeCode.account_id == Account.id)
    mine = OneTimeCode.code_hash == hash_of(plain(typed))
    found = session.execute(
        query.where(mine, _waits(), OneTimeCode.kind.in_(TO_A_PASSWORD), Account.disabled_at.is_(None))
    )
    row = found.first()
    return (row[0], row[1]) if row else None


def use(session: Session, account_id: int, typed: str, *kinds: CodeFor) -> bool:
    """Take it, if it waits for this account: of two who bring it at once, one is let in."""
    mine = and_(OneTimeCode.account_id == account_id, OneTimeCode.code_hash == hash_of(plain(typed)))
    taken = update(OneTimeCode).where(mine, _waits(), OneTimeCode.kind.in_(kinds)).values(used_at=clock.now())
    return session.execute(taken.returning(OneTimeCode.id)).first() is not None


def waiting(session: Session, account_id: int) -> Mapping[CodeFor, list[OneTimeCode]]:
    """Codes that would still open something, by kind."""
    query = select(OneTimeCode).where(OneTimeCode.account_id == account_id, _waits()).order_by(OneTimeCode.id)
    found = list(session.scalars(query))
    return {kind: [one for one in found if one.kind is kind] for kind in CodeFor}


def _waits() -> ColumnElement[bool]:
    return and_(
        OneTimeCode.used_at.is_(None), or_(OneTimeCode.expires_at.is_(None), OneTimeCode.expires_at > clock.now())
    )
