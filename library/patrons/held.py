"""What packages above know a reader to hold. They register here; nobody here asks who they are."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Held:
    """A thing a reader has and is to bring back."""

    name: str
    label: str
    due_on: date


Ask = Callable[[Session, Collection[int]], dict[int, list[Held]]]
"""(session, memberships) -> what each of them holds, the earliest due first; those who hold nothing are missing."""

HELD: dict[str, Ask] = {}


def of(session: Session, memberships: Collection[int]) -> dict[int, list[Held]]:
    """One statement a package, however many readers."""
    found: dict[int, list[Held]] = {}
    for name in sorted(HELD) if memberships else ():
        for membership, things in HELD[name](session, memberships).items():
            found.setdefault(membership, []).extend(things)
    return found
