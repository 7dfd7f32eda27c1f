"""Addresses of calendars. The timetable of a stop is public; a vehicle's, a site's and the province's are known to whoever was
given the address, until the library changes its key: then all those addresses end."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.errors import NotFound
from library.mobile import settings
from library.mobile.models import MobileSetting

WHOLE = "tinh"
"""The name of the province's own calendar."""


def key_of(session: Session, library_id: int) -> str | None:
    return session.scalar(select(MobileSetting.calendar_key).where(MobileSetting.library_id == library_id))


def keys_of(session: Session, library_ids: Iterable[int]) -> dict[int, str]:
    """Of those that have one (one statement)."""
    query = select(MobileSetting.library_id, MobileSetting.calendar_key)
    rows = session.execute(query.where(MobileSetting.library_id.in_(set(library_ids))))
    return {library: key for library, key in rows if key}


def renew(session: Session, library_id: int) -> None:
    """A new key: every address given out before leads nowhere. The library's other numbers stay."""
    own = settings.of(session, library_id)
    own.calendar_key = secrets.token_urlsafe(24)
    session.add(own)
    session.flush()


def sign(key: str, kind: str, uid: UUID | None) -> str:
    """What stands in the address of one calendar: nobody works out another's from it."""
    said = f"{kind} {uid.hex if uid else WHOLE}"
    return hmac.new(key.encode(), said.encode(), hashlib.sha256).hexdigest()[:32]


def check(session: Session, library_id: int, kind: str, uid: UUID | None, signed: str) -> None:
    """Raises NotFound for an address that was never given out, or no longer holds."""
    key = key_of(session, library_id)
    if not key or not hmac.compare_digest(sign(key, kind, uid).encode(), signed.encode()):
        raise NotFound
