"""What changes of a reader: the name, the class, the card, whether they still read here."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.core.fold import fold, name_key
from library.organisations.models import Code, Organisation
from library.patrons.enrolling import NewPatron, enrol, give_cards
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
    """The card is lost: no code that opened this reader opens anything from now on. The number of the new card."""
    session.execute(select(Membership.id).where(Membership.id == membership.id).with_for_update(key_share=True))
    now, opening = clock.now(), _opening(session, membership)
    mine = select(Card.code_id).where(Card.membership_id == membership.id, Card.ended_at.is_(None))
    old = list(session.scalars(mine))
    session.execute(update(Card).where(Card.code_id.in_(opening)).values(lost=True))
    session.execute(update(Card).where(Card.code_id.in_(old)).values(ended_at=now, lost=True))
    session.execute(update(Code).where(Code.id.in_([*opening, *old]), Code.valid_to.is_(None)).values(valid_to=now))
    return give_cards(session, membership.library, [membership.id])[0]


def _opening(session: Session, membership: Membership) -> list[int]:
    """Every code that opens this reader at this desk: the card in use; a second one left from a merge of two people; the
    card of a membership that ended here, or at a library whose place this one took."""
    from_here = or_(Organisation.id == membership.library_id, Organisation.successor_id == membership.library_id)
    ended = (Membership.person_id == membership.person_id, Membership.to_on.is_not(None), from_here)
    query = (
        select(Code.id)
        .join(Card, Card.code_id == Code.id)
        .join(Membership, Membership.id == Card.membership_id)
        .join(Organisation, Organisation.id == Membership.library_id)
        .where(Code.valid_to.is_(None), or_(Membership.id == membership.id, and_(*ended)))
    )
    return list(session.scalars(query.order_by(Code.id)))


@dataclass(frozen=True)
class Arriving:
    """How somebody reads at the library they move to. `card` is the number of a card they hold, else they get one."""

    library: Organisation
    category_id: int
    class_id: int | None = None
    expires_on: date | None = None
    card: str = ""


def move(session: Session, membership: Membership, to: Arriving) -> tuple[int, str]:
    """Another school from today on: (membership there, card number). What they hold stays with the membership that ends,
    and the old school takes it back as ever. Raises ReadsHereAlready."""
    person = session.get_one(Person, membership.person_id, with_for_update={"key_share": True})
    there = (Membership.person_id == person.id, Membership.library_id == to.library.id, Membership.to_on.is_(None))
    if session.scalar(select(Membership.id).where(*there)):
        raise ReadsHereAlready
    if membership.to_on is None:
        end(session, membership)
    new = NewPatron(person.full_name, class_id=to.class_id, expires_on=to.expires_on, card=to.card, person_id=person.id)
    (made,) = enrol(session, to.library, to.category_id, [new])
    return made
