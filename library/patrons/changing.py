"""What changes of a reader: the name, the class, the card, whether they still read here."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.core.fold import fold, name_key
from library.organisations.models import Code
from library.patrons.enrolling import give_cards
from library.patrons.models import Card, Membership, Person


class ReadsHereAlready(Refused):
    """A person has one open membership at a library, and this would be the second."""

    def __init__(self) -> None:
        super().__init__(
            Reason("reads-here-already", N_("Người này đang có thẻ khác ở thư viện, không mở lại thẻ cũ."))
        )


@dataclass(frozen=True)
class Change:
    """How a reader shall be from now on."""

    full_name: str
    category_id: int
    class_id: int | None
    expires_on: date | None
    blocked_until: date | None


def change(session: Session, membership: Membership, to: Change) -> list[str]:
    """The names of the columns that are other than before, in order."""
    changed = [
        name for name in ("category_id", "class_id", "expires_on", "blocked_until") if _set(membership, name, to)
    ]
    if _set(membership.person, "full_name", to):
        membership.person.name_sort, membership.person.name_folded = name_key(to.full_name), fold(to.full_name)
        changed.insert(0, "full_name")
    session.flush()
    return changed


def _set(row: Membership | Person, name: str, to: Change) -> bool:
    """Whether it was another value."""
    old, new = getattr(row, name), getattr(to, name)
    setattr(row, name, new)
    return bool(old != new)


def end(session: Session, membership: Membership) -> None:
    """From today on they read here no more; what they hold stays theirs until it comes back."""
    membership.to_on = max(clock.today(), membership.from_on)
    session.flush()


def reopen(session: Session, membership: Membership) -> None:
    """Raises ReadsHereAlready."""
    other = select(Membership.id).where(
        Membership.person_id == membership.person_id, Membership.library_id == membership.library_id,
        Membership.to_on.is_(None), Membership.id != membership.id,
    )  # fmt: skip
    if session.scalar(other):
        raise ReadsHereAlready
    membership.to_on = None
    session.flush()


def replace_card(session: Session, membership: Membership) -> str:
    """The card is lost: its code opens nothing from now on. The number of the new card."""
    session.execute(select(Membership.id).where(Membership.id == membership.id).with_for_update(key_share=True))
    now = clock.now()
    mine = select(Card.code_id).where(Card.membership_id == membership.id, Card.ended_at.is_(None))
    old = list(session.scalars(mine))
    session.execute(update(Card).where(Card.code_id.in_(old)).values(ended_at=now, lost=True))
    session.execute(update(Code).where(Code.id.in_(old)).values(valid_to=now))
    return give_cards(session, membership.library, [membership.id])[0]
