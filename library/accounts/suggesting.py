"""A name to sign in with, made of a person's name: Lường Thị Hà → ha.lt, and ha.lt2 if there is one already."""

from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.accounts.models import Account
from library.core.fold import fold_words


def login_of_name(name: str) -> str:
    """tên, then the first letters of họ and đệm; empty for a name without letters."""
    words = fold_words(name)
    if not words:
        return ""
    return words[-1] + ("." + "".join(word[0] for word in words[:-1]) if words[:-1] else "")


def login_for(session: Session, name: str) -> str:
    """One that is free now."""
    stem = login_of_name(name)
    taken = set(session.scalars(select(Account.login).where(Account.login.startswith(stem, autoescape=True))))
    return next(one for number in count(1) if (one := stem if number == 1 else f"{stem}{number}") not in taken)
