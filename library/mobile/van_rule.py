"""What is lent at a stop is due when the vehicle comes next: said once, when the library's first vehicle is founded."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.policies import rulebook, writing
from library.policies.models import PolicyLine
from library.policies.values import Channel, Length, LengthKind

NEXT_VISIT = {"length": Length(LengthKind.NEXT_OPENING)}


def add(session: Session, library_id: int) -> bool:
    """A rule for the channel, if neither the library nor anybody above it has one. Whether it was added."""
    owners = rulebook.above(session, library_id)
    said = select(PolicyLine.id).where(PolicyLine.owner_id.in_(owners), PolicyLine.channel == Channel.VAN).limit(1)
    if session.execute(said).first() is not None:
        return False
    writing.say(session, library_id, NEXT_VISIT, channel=Channel.VAN)
    return True
