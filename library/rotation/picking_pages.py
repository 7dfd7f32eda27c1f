"""What the pages of picking, crates and dispatch share: their blueprint, the batch they are about, who acts there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import here
from library.core.errors import NotFound
from library.core.forms import Reader
from library.holdings.models import Place
from library.inbox.acts import Doing
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.rotation import legs, scopes
from library.rotation.models import Batch, BatchState, Crate

bp = Blueprint("rotation_pick", __name__)


def doing_there(session: Session, posted: Posted, batch: Batch) -> Doing:
    """In the depot, wherever the account is at home."""
    branch = session.scalars(select(Place.branch_id).where(Place.id == batch.depot_id)).one()
    return posting.doing_at(posted, branch)


def crate_in_hand(session: Session, uid: UUID) -> tuple[Crate, Batch]:
    """A crate whose batch is packed by the library of this person, or serves where they work. Raises NotFound."""
    crate = scopes.crate_here(session, uid)
    batch = session.get_one(Batch, crate.batch_id)
    now = legs.current(legs.of(session, batch.id)) if batch.state is BatchState.SERVING else None
    there = now is not None and now.to_site is not None and here().holds_branch(now.to_site.branch_id)
    if not there:
        scopes.own_batch_here(session, batch.uid)
    return crate, batch


def crate_named(session: Session, batch: Batch, text: Any) -> Crate | None:
    """The crate a page says is open; None for none, NotFound for another batch's."""
    uid = uuid_or_none(text)
    crate = session.scalar(select(Crate).where(Crate.uid == uid)) if uid else None
    if crate is not None and crate.batch_id != batch.id:
        raise NotFound
    return crate


@dataclass(frozen=True)
class Small:
    """A small form of a page: who sent it, and its fields."""

    posted: Posted
    told: posting.Source

    @classmethod
    def read(cls) -> "Small":
        """Raises Invalid."""
        told = posting.source()
        reader = Reader(told)
        posted = posting.posted_of(told, reader)
        reader.done()
        assert posted is not None
        return cls(posted, told)
