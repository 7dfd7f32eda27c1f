"""What changes of a reader: the name, the class, the card, whether they still read here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.core.fold import fold, name_key
from library.organisations.models import Code
from library.patrons.enrolling import give_cards
from library.patrons.models import Card, Membership


class ReadsHereAlready(Refused):
    """A person has one open membership at a library, and this would be the second."""

    def __init__(self) -> None:
        super().__init__(Reason("reads-here-already", N_("Người này đang có thẻ khác ở thư viện, không mở lại thẻ cũ.")))


@dataclass(frozen=True)
class Change:
    """How a reader shall be from now on."""

    full_name: str
    category_id: int
    class_id: int | None
    expires_on: date | None
    blocked_until: date | None


def change(session: Session, membership: Membership, to: Change) -> Sequence[str]:
    """The names of what is other than before, in order."""
    before = [getattr(membership, name) for name in ("category_id", "class_id", "expires_on", "blocked_until")]
    person = membership.person
    renamed = person.full_name != to.full_name
    if renamed:
        person.full_name, person.name_sort, person.name_folded = to.full_name, name_key(to.full_name), fold(to.full_name)
    membership.category_id, membership.class_id = to.category_id, to.class_id
    membership.expires_on, membership.blocked_until = to.expires_on, to.blocked_until
    session.flush()
    names, now = ("category", "class", "expiry", "block"), (to.category_id, to.class_id, to.expires_on, to.blocked_until)
    changed = [name for name, old, new in zip(names, before, now, strict=True) if old != new]
    return ["name", *changed] if renamed else changed


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
    old = list(session.scalars(select(Card.code_id).where(Card.membership_id == membership.id, Card.ended_at.is_(None))))
    session.execute(update(Card).where(Card.code_id.in_(old)).values(ended_at=now, lost=True))
    session.execute(update(Code).where(Code.id.in_(old)).values(valid_to=now))
    return give_cards(session, membership.library, [membership.id])[0]
