"""A drive with a gift, a fund and an act on them, for the test of every route."""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import select

from library.core.db import db
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations.models import Organisation
from library.promotion import donors, drives, gift_funds, gift_papers, gifts
from library.promotion.drive_models import Drive
from library.promotion.gift_models import Donor, DonorKind, Fund, Gift, GiftSort, GivingChange, Worn


def add(library: Organisation) -> None:
    session, branch, day = db.session(), library.branches[0], date(2026, 10, 1)
    donor = donors.named(session, library.id, DonorKind.COLLECTIVE, "Lớp 5A")
    fund = gift_funds.open_fund(session, library.id, gift_funds.FIRST_NAME)
    called = drives.Called("Góp sách", library.name, day, day, collectives=(donor.id,))
    drive = drives.open_drive(session, Doing.now(branch_id=branch.id), called)
    lines = (gifts.Line(GiftSort.BOOK, Worn.GOOD, 3),)
    given = gifts.Given(day, donor.id, drive.id, lines, 50_000, fund.id)
    gift_papers.thank(session, gifts.give(session, Doing.now(branch_id=branch.id), given), library.id, day)
    gifts.give(session, Doing.now(branch_id=branch.id), given)  # the one whose act is taken back


def drive_of(library: Organisation) -> UUID:
    return db.session.scalar(select(Drive.uid).where(Drive.branch_id == library.branches[0].id)) or uuid4()


def gift_of(library: Organisation) -> UUID:
    mine = select(Gift.uid).where(Gift.branch_id == library.branches[0].id)
    return db.session.scalar(mine.order_by(Gift.cancelled, Gift.id)) or uuid4()


def fund_of(library: Organisation) -> UUID:
    return db.session.scalar(select(Fund.uid).where(Fund.library_id == library.id)) or uuid4()


def donor_of(library: Organisation) -> UUID:
    return db.session.scalar(select(Donor.uid).where(Donor.library_id == library.id)) or uuid4()


def act_of(library: Organisation) -> UUID:
    """Of the last gift."""
    made = select(Act.uid).join(GivingChange, GivingChange.act_id == Act.id).join(Gift, Gift.id == GivingChange.gift_id)
    return db.session.scalar(made.where(Gift.branch_id == library.branches[0].id).order_by(Gift.id.desc())) or uuid4()
