"""A copy that came back to another library than its own: it is taken in, always, and asked to go on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import versions
from library.core.db import straight
from library.holdings import ledger, places, transfers
from library.holdings.models import Movement, Place, PlaceKind, Stay, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations.models import Branch, Organisation
from library.policies import rulebook
from library.policies.values import ReturnsGo

HOME, SENDER, STAY = "home", "sender", "stay"
"""Reasons of the transfers asked here: to where it belongs, to who sent it, to where it deliberately stays."""
SHELVES = (PlaceKind.STACKS, PlaceKind.CLASS_SHELF, PlaceKind.VEHICLE_SHELF, PlaceKind.DEPOT)


@dataclass(frozen=True)
class Going:
    """Where a copy is asked to go."""

    place_name: str
    library_name: str
    place_id: int = 0
    branch_id: int = 0
    reason: str = HOME


def after_return(
    session: Session,
    act: tuple[int, UUID],
    item_id: int,
    item_uid: UUID,
    home: tuple[int, int],
    here_branch_id: int,
    goes: ReturnsGo,
    at: datetime,
) -> Going | None:
    """The copy was taken in at `here_branch_id`; `home` is its (place, branch). What it is asked to do now, or was
    asked before and still must; None: it may stay."""
    if was := transfers.open_one(session, item_id):
        return going(session, was.to_id, was.reason)
    wanted = _wanted(session, act, item_id, home, here_branch_id, goes)
    if wanted is None:
        return None
    transfers.add(session, act, item_id, *wanted, at)
    return going(session, *wanted)


def rule_for(session: Session, library_id: int, sort: tuple[int | None, str | None, str | None]) -> ReturnsGo:
    """What the library that answers for a copy wants done with it elsewhere. `sort`: the copy's own class, its title's
    kind and format."""
    book = rulebook.of(session, library_id, versions.of(session, rulebook.RULES))
    return book.resolve(None, book.sort_of(*sort)).values.returns_go


def _wanted(
    session: Session, act: tuple[int, UUID], item_id: int, home: tuple[int, int], here_branch_id: int, goes: ReturnsGo
) -> tuple[int, str] | None:
    """(place, reason); None where it may stay: at home, where it stays, where the policy says so, where it was sent."""
    if (stay := _stay(session, item_id)) is not None:
        return (stay[0], STAY) if stay[1] != here_branch_id else None
    if home[1] == here_branch_id or goes is ReturnsGo.STAY or transfers.brought(session, act[0], item_id):
        return None
    sender = _sender(session, item_id, here_branch_id) if goes is ReturnsGo.SENDER else None
    return (sender, SENDER) if sender is not None and sender != home[0] else (home[0], HOME)


def _stay(session: Session, item_id: int) -> tuple[int, int] | None:
    """(place, branch) where the copy deliberately stays."""
    query = select(Stay.place_id, Place.branch_id).join(Place, Place.id == Stay.place_id)
    still = (Stay.item_id == item_id, Stay.ended_at.is_(None), Stay.voided.is_(False))
    row = straight(session).execute(query.where(*still)).one_or_none()
    return (row[0], row[1]) if row and row[0] else None


def _sender(session: Session, item_id: int, here_branch_id: int) -> int | None:
    """The shelf where it last stood in another library."""
    query = (
        select(Movement.place_id)
        .join(Place, Place.id == Movement.place_id)
        .join(Act, Act.id == Movement.act_id)
        .where(Movement.item_id == item_id, Act.voided_by.is_(None))
        .where(Place.branch_id != here_branch_id, Place.kind.in_(SHELVES))
        .order_by(Movement.occurred_at.desc(), Movement.id.desc())
    )
    return session.scalars(query.limit(1)).first()


def going(session: Session, place_id: int, reason: str) -> Going:
    """The names of where it goes (one statement)."""
    query = (
        select(Place.name, Organisation.name, Place.id, Place.branch_id)
        .join(Branch, Branch.id == Place.branch_id)
        .join(Organisation, Organisation.id == Branch.organisation_id)
    )
    return Going(*straight(session).execute(query.where(Place.id == place_id)).one(), reason=reason)


def asked_on(session: Session, item_id: int, here_branch_id: int) -> Going | None:
    """Where the copy in the hand is asked to go, if that is not here."""
    was = transfers.open_one(session, item_id)
    return going(session, was.to_id, was.reason) if was and was.to_branch_id != here_branch_id else None


def send(session: Session, doing: Doing, item: tuple[int, UUID], here_branch_id: int, at: datetime) -> int:
    """The copy leaves this branch for where it was asked: it is on its way. The act's id."""
    act = acts.write(session, doing, "send", at), doing.uid
    on_its_way = places.first_of(session, here_branch_id, PlaceKind.IN_TRANSIT)
    ledger.move(session, act, dict([item]), (on_its_way.id, here_branch_id), Why.SEND, at)
    return act[0]
