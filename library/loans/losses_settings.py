"""What a library has decided of losses: from which sum on a second person must agree, and whether money goes back."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from library.loans.models import LossSetting


@dataclass(frozen=True)
class Decided:
    """`approve_above`: đồng; above it a second person must agree. None: nobody need."""

    approve_above: int | None = 500_000
    refunds: bool = True


USUAL = Decided()
"""A school book seldom costs as much: what does is worth a second look, and so is a slip of the finger."""


def of(session: Session, library_id: int) -> Decided:
    found = session.get(LossSetting, library_id)
    return Decided(found.approve_above, found.refunds) if found else USUAL


def save(session: Session, library_id: int, wanted: Decided) -> bool:
    """Whether anything changed."""
    if of(session, library_id) == wanted:
        return False
    found = session.get(LossSetting, library_id) or LossSetting(library_id=library_id)
    found.approve_above, found.refunds = wanted.approve_above, wanted.refunds
    session.add(found)
    session.flush()
    return True


def needs_two(decided: Decided, amount: int) -> bool:
    return decided.approve_above is not None and amount > decided.approve_above
