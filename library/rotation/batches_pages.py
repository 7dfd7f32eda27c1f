"""What the pages share on which batches are planned: their blueprint, who acts where, where one goes back to."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.holdings.models import Item
from library.inbox.acts import Doing
from library.loans import posting
from library.loans.forms import Posted
from library.rotation.models import Batch

bp = Blueprint("rotation_batches", __name__)


def doing(batch: Batch, posted: Posted) -> Doing:
    return posting.doing_at(posted, batch.depot.branch_id)


def ids(session: Session, uids: Sequence[UUID]) -> list[int]:
    return list(session.scalars(select(Item.id).where(Item.uid.in_(uids)).order_by(Item.id)))


def back(uid: UUID, done: dict[str, Any]) -> str:
    return url_for(
        "rotation_batches.show",
        uid=uid,
        act=done.get("act"),
        copy=done.get("copy"),
        _anchor="add" if done.get("copy") else None,
    )
