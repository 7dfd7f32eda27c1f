"""A club, a challenge, a link and an Internet place of a library, for the test of every route."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.inbox.acts import Doing
from library.organisations.models import Branch, Organisation
from library.patrons.models import SchoolClass
from library.promotion import challenges, clubs, digital
from library.promotion.challenge_models import Challenge, MarkOf, Reach, Unit
from library.promotion.challenges import NewChallenge, NewMark
from library.promotion.club_models import Club, ClubMeeting
from library.promotion.clubs import Met, NewClub
from library.promotion.digital import NewLink
from library.promotion.digital_models import DigitalLink, LinkKind
from library.shelves.models import Shelf, ShelfTenure


def add(library: Organisation, record: Record) -> None:
    session, branch, today = db.session(), library.branches[0], clock.today()
    doing = lambda: Doing.now(branch_id=branch.id)  # noqa: E731
    club = clubs.found(session, doing(), branch.id, NewClub("Bạn của sách", today))
    clubs.meet(session, doing(), club, Met(today, 12))
    marks = [NewMark(MarkOf.READER, 5, "Mầm đọc")]
    for reach in (Reach.SCHOOL, Reach.LIBRARY):
        new = NewChallenge("Hè đọc sách", reach, Unit.BOOKS, today, today + timedelta(days=30), marks)
        challenges.set_up(session, doing(), branch.id, new)
    digital.put(session, doing(), record, branch.id, NewLink("Nghe", "https://sachnoi.example.vn/1", LinkKind.AUDIO))


def club_of(library: Organisation) -> UUID:
    return _of(Club, Club.branch_id, library)


def meeting_of(library: Organisation) -> UUID:
    query = select(ClubMeeting.uid).join(Club, Club.id == ClubMeeting.club_id).join(Branch, Branch.id == Club.branch_id)
    return db.session.scalar(query.where(Branch.organisation_id == library.id)) or uuid4()


def challenge_of(library: Organisation, reach: Reach = Reach.SCHOOL) -> UUID:
    query = select(Challenge.uid).join(Branch, Branch.id == Challenge.branch_id).where(Challenge.reach == reach)
    return db.session.scalar(query.where(Branch.organisation_id == library.id)) or uuid4()


def class_of(library: Organisation) -> UUID:
    """One whose shelf somebody keeps."""
    query = select(SchoolClass.uid).join(ShelfTenure, ShelfTenure.class_id == SchoolClass.id)
    query = query.join(Shelf, Shelf.id == ShelfTenure.shelf_id).where(ShelfTenure.to_on.is_(None))
    return db.session.scalar(query.where(Shelf.library_id == library.id)) or uuid4()


def link_of(library: Organisation) -> UUID:
    return _of(DigitalLink, DigitalLink.branch_id, library)


def _of(model: Any, column: Any, library: Organisation) -> UUID:
    query = select(model.uid).join(Branch, Branch.id == column).where(Branch.organisation_id == library.id)
    return db.session.scalar(query) or uuid4()
