"""One's reader or staff card and a PIN: enough to unlock the desk one is at, nowhere else."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from library.accounts import second
from library.accounts.models import Account, AccountKey
from library.core.errors import N_
from library.core.fold import code_keys
from library.core.forms import Reader
from library.organisations.models import Code, CodeKind

SHORTEST_PIN, LONGEST_PIN = 4, 6
"""Shorter than any password, so that the two are never taken for each other."""


@dataclass(frozen=True)
class Told:
    """Which keys an account has; never what they are."""

    card: str = ""
    second_since: object = None


def told(session: Session, account_id: int) -> Told:
    query = select(Code.printed, AccountKey.second_at).outerjoin_from(
        AccountKey, Code, Code.id == AccountKey.card_code_id
    )
    found = session.execute(query.where(AccountKey.account_id == account_id)).first()
    return Told(found[0] or "", found[1]) if found else Told()


def read_pin(reader: Reader, name: str) -> str:
    """Four to six digits; not all alike, and no run like 1234."""
    pin = reader.text(name, longest=LONGEST_PIN)
    if pin and not (pin.isascii() and pin.isdigit() and len(pin) >= SHORTEST_PIN):
        reader.complain(name, "pin", N_("PIN gồm %(least)s đến %(most)s chữ số."), least=SHORTEST_PIN, most=LONGEST_PIN)
    elif pin and (len(set(pin)) == 1 or pin in "0123456789" or pin in "9876543210"):
        reader.complain(name, "too-easy", N_("PIN này ai cũng đoán được. Chọn số khác."))
    return pin


def card_of(session: Session, typed: str, library_id: int) -> int | None:
    """The code in use that was typed or scanned, of a reader's or a staff card of this library."""
    cards = Code.kind.in_((CodeKind.CARD, CodeKind.STAFF))
    query = select(Code.id).where(Code.issuer_id == library_id, cards, Code.valid_to.is_(None))
    return session.scalar(query.where(Code.folded.in_(code_keys(typed))).limit(1))


def set_card(session: Session, account_id: int, code_id: int, pin_hash: str) -> bool:
    """False if the card belongs to another account."""
    if session.scalar(select(AccountKey.account_id).where(AccountKey.card_code_id == code_id)) not in (
        None,
        account_id,
    ):
        return False
    key = second.key_of(session, account_id)
    key.card_code_id, key.pin_hash = code_id, pin_hash
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        return False
    return True


def remove_card(session: Session, account_id: int) -> None:
    key = second.key_of(session, account_id)
    key.card_code_id = key.pin_hash = None
    session.flush()


def by_card(session: Session, typed: str, library_id: int) -> tuple[Account, str] | None:
    """Whose card it is, with the hash of their PIN. A card that was lost and ended opens nothing."""
    query = (
        select(Account, AccountKey.pin_hash)
        .join(AccountKey, AccountKey.account_id == Account.id)
        .join(Code, Code.id == AccountKey.card_code_id)
        .where(Code.issuer_id == library_id, Code.valid_to.is_(None), Code.folded.in_(code_keys(typed)))
        .where(Account.library_id == library_id, Account.disabled_at.is_(None))
    )
    found = session.execute(query).first()
    return (found[0], found[1] or "") if found else None
