"""Why a copy deliberately stays somewhere, in the words of the packages above that keep it there: said at the desk when it
comes in. Asked only of copies with an open stay."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from library.core.errors import Reason

ASK: list[Callable[[Session, int], Reason | None]] = []
"""Filled by packages above: what is said of the copy with this id, None: nothing (one statement at most)."""


def of(session: Session, item_id: int) -> tuple[Reason, ...]:
    return tuple(told for ask in ASK if (told := ask(session, item_id)) is not None)
