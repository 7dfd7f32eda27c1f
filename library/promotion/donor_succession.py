"""Donors and funds go on under the successor; one of a name that it has already keeps the old library's beside it."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from library.core.fold import fold
from library.organisations.inheriting import Succession, hand_over
from library.promotion.gift_models import Donor, Fund


def take_over(session: Session, what: Succession) -> tuple[int, int]:
    """(donors, funds) that went over."""
    _tell_donors_apart(session, what)
    _tell_funds_apart(session, what)
    session.flush()
    return hand_over(session, what, Donor), hand_over(session, what, Fund)


def _tell_donors_apart(session: Session, what: Succession) -> None:
    """Their class 5A is not ours."""
    ours = aliased(Donor)
    alike = (ours.kind == Donor.kind, ours.folded == Donor.folded, ours.about == Donor.about)
    taken = exists().where(ours.library_id == what.new.id, *alike)
    for donor in session.scalars(select(Donor).where(Donor.library_id == what.old.id, taken)):
        donor.about = f"{donor.about}, {what.old.name}" if donor.about else what.old.name


def _tell_funds_apart(session: Session, what: Succession) -> None:
    names = {fold(name) for name in session.scalars(select(Fund.name).where(Fund.library_id == what.new.id))}
    for fund in session.scalars(select(Fund).where(Fund.library_id == what.old.id)):
        fund.name = f"{fund.name} – {what.old.name}" if fold(fund.name) in names else fund.name
