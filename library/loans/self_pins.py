"""The number that opens a reader's own books: made by chance, said once, kept as a hash."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from library.accounts import passwords
from library.core import clock
from library.core.fold import code_keys
from library.loans.models import ReaderPin, ReaderSignIn
from library.organisations.models import Code, CodeKind
from library.patrons.models import Card, Membership, Person

DIGITS = 6
MOST = 60
"""Numbers made at once: two seconds of hashing. A larger class presses again."""


def made() -> tuple[str, str]:
    """(a new number, its hash). Slow on purpose: call it before writing."""
    pin = "".join(secrets.choice("0123456789") for _digit in range(DIGITS))
    return pin, passwords.hashed(pin)


def give(session: Session, membership_id: int, pin_hash: str) -> None:
    give_all(session, {membership_id: pin_hash})


def give_all(session: Session, hashes: Mapping[int, str]) -> None:
    """By membership. The numbers before open nothing any more, and whoever is in is out (three statements)."""
    if not hashes:
        return
    drop(session, hashes)
    now = clock.now()
    rows = [{"membership_id": one, "pin_hash": pin_hash, "given_at": now} for one, pin_hash in hashes.items()]
    session.execute(insert(ReaderPin), rows)


def drop(session: Session, memberships: Collection[int]) -> None:
    for what in (ReaderSignIn, ReaderPin):
        session.execute(delete(what).where(what.membership_id.in_(memberships)))


def lock(session: Session, memberships: Collection[int]) -> None:
    """Two papers for one class at once: the second waits, and finds who has a number by then."""
    mine = select(Membership.id).where(Membership.id.in_(memberships)).order_by(Membership.id)
    session.execute(mine.with_for_update(key_share=True)).all()


@dataclass(frozen=True)
class Owner:
    """Somebody of a class. `card` is the printed number, without which a PIN opens nothing."""

    id: int
    uid: UUID
    name: str
    card: str | None
    has_pin: bool


def owners(session: Session, which: ColumnElement[bool]) -> list[Owner]:
    """In the Vietnamese order of names (one statement)."""
    query = (
        select(Membership.id, Membership.uid, Person.full_name, Code.printed, ReaderPin.given_at.is_not(None))
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Card, (Card.membership_id == Membership.id) & Card.ended_at.is_(None))
        .outerjoin(Code, Code.id == Card.code_id)
        .outerjoin(ReaderPin, ReaderPin.membership_id == Membership.id)
        .where(which, Membership.to_on.is_(None))
        .order_by(Person.name_sort, Membership.id)
    )
    return [Owner(*row) for row in session.execute(query)]


def to_give(class_: Sequence[Owner], again: bool) -> list[Owner]:
    """Who gets a number on the next paper: who has a card and no number yet, or with `again` everybody with a card."""
    return [one for one in class_ if one.card and (again or not one.has_pin)][:MOST]


def has_one(session: Session, membership_id: int) -> bool:
    return session.scalar(select(ReaderPin.given_at).where(ReaderPin.membership_id == membership_id)) is not None


def by_card(session: Session, library_id: int, typed: str) -> tuple[int, str] | None:
    """(membership, hash of its number) of the card in use at this library; None for a card nobody has, or without one."""
    query = (
        select(Membership.id, ReaderPin.pin_hash)
        .join(Card, Card.membership_id == Membership.id)
        .join(Code, Code.id == Card.code_id)
        .join(ReaderPin, ReaderPin.membership_id == Membership.id)
        .where(Code.kind == CodeKind.CARD, Code.folded.in_(code_keys(typed)), Code.valid_to.is_(None))
        .where(Membership.library_id == library_id, Membership.to_on.is_(None))
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def follow(session: Session, ended: int, kept: int) -> None:
    """Two memberships of one person became one: the number goes along where the other has none."""
    theirs = select(ReaderPin.membership_id).where(ReaderPin.membership_id == kept)
    mine = update(ReaderPin).where(ReaderPin.membership_id == ended, ~exists(theirs))
    session.execute(mine.values(membership_id=kept))
    drop(session, [ended])
