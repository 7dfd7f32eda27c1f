"""The code that hangs on a shelf, scanned."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from library.core.fold import code_keys
from library.labels.models import Sign
from library.organisations.models import Code, CodeKind
from library.shelves.models import Shelf
from library.shelves.scopes import mine


def named_by(session: Session, text: str, at: datetime, reach: ColumnElement[bool] | None = None) -> Shelf | None:
    """The shelf whose code this is, closed ones included, of those in `reach` (None: of this request). One statement, two
    for a keyboard that mangled it."""
    among, (plain, *mangled) = mine() if reach is None else reach, code_keys(text)
    return _named(session, [plain], at, among) or (_named(session, mangled, at, among) if mangled else None)


def _named(session: Session, keys: list[str], at: datetime, among: ColumnElement[bool]) -> Shelf | None:
    valid = (Code.valid_from <= at, or_(Code.valid_to.is_(None), Code.valid_to > at))
    query = (
        select(Shelf)
        .join(Sign, Sign.place_id == Shelf.place_id)
        .join(Code, Code.id == Sign.code_id)
        .where(Code.kind == CodeKind.SHELF, Code.folded.in_(keys), *valid, among)
    )
    return session.scalars(query.order_by(Shelf.id).limit(1)).first()


def printed(session: Session, shelf: Shelf) -> str:
    """What the code of the shelf holds: twelve digits; '' if it has none."""
    query = select(Code.printed).join(Sign, Sign.code_id == Code.id)
    return session.scalars(query.where(Sign.place_id == shelf.place_id, Code.valid_to.is_(None)).limit(1)).first() or ""
