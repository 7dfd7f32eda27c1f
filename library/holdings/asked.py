"""Which copy a page is asked about: one of a library in scope, or none at all."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from library.access import here
from library.core.db import db
from library.core.errors import NotFound
from library.holdings.models import Item


def copy_of(uid: UUID) -> Item:
    """With its title (one statement). Raises NotFound for another library's too."""
    query = select(Item).where(Item.uid == uid, here().of_libraries(Item.library_id)).options(joinedload(Item.record))
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found
