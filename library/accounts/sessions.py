"""Where one is signed in: seen now and then, locked while nobody is there, ended one by one or all at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from library.accounts.identity import Identity, hash_of
from library.accounts.models import SignIn
from library.core import clock

SEEN_EVERY = timedelta(minutes=10)
"""A write at most so often: what is done at the desk is written anyway, that somebody is there is not worth one each."""


def note_seen(session: Session, who: Identity) -> None:
    """Written with whatever this request writes, and only if the last time is long ago."""
    if clock.now() - who.seen_at >= SEEN_EVERY:
        session.execute(update(SignIn).where(SignIn.token_hash == hash_of(who.token)).values(seen_at=clock.now()))


def going_on(session: Session, account_id: int) -> Sequence[SignIn]:
    """Sessions that would still open something, the last seen first."""
    mine = and_(SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
    return session.scalars(
        select(SignIn).where(mine).order_by(func.coalesce(SignIn.seen_at, SignIn.began_at).desc())
    ).all()


def end(session: Session, account_id: int, uid: UUID) -> bool:
    """One session of this account; False if there is none such."""
    mine = and_(SignIn.account_id == account_id, SignIn.uid == uid, SignIn.ended_at.is_(None))
    return (
        session.execute(update(SignIn).where(mine).values(ended_at=clock.now()).returning(SignIn.uid)).first()
        is not None
    )


def end_all(session: Session, account_id: int, keep: str | None = None) -> int:
    """All of this account, but the one behind the token `keep`. How many."""
    mine = and_(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
    query = update(SignIn).where(mine if keep is None else and_(mine, SignIn.token_hash != hash_of(keep)))
    return len(session.execute(query.values(ended_at=clock.now()).returning(SignIn.token_hash)).all())


def lock(session: Session, token: str) -> None:
    mine = and_(SignIn.token_hash == hash_of(token), SignIn.locked_at.is_(None))
    session.execute(update(SignIn).where(mine).values(locked_at=clock.now()))


def unlock(session: Session, token: str) -> None:
    mine = SignIn.token_hash == hash_of(token)
    session.execute(update(SignIn).where(mine).values(locked_at=None, seen_at=clock.now()))


def second_is_set(session: Session, account_id: int) -> None:
    """Whoever was held up until the second factor was set may go on, on every machine."""
    session.execute(update(SignIn).where(SignIn.account_id == account_id).values(owes_second=False))


def lend(session: Session, token: str, class_id: int, until: datetime) -> UUID:
    """From here on this session is a pupil helper's of that class, and ends at `until`; its uid."""
    lent = update(SignIn).where(SignIn.token_hash == hash_of(token))
    changed = lent.values(helps_class_id=class_id, expires_at=until).returning(SignIn.uid)
    uid: UUID | None = session.scalar(changed)
    assert uid is not None
    return uid
