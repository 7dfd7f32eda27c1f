"""Lines of the table of rules, for tests."""

from typing import Any

from sqlalchemy.orm import Session

from library.policies import writing
from library.policies.models import PolicyLine
from library.policies.values import Length, LengthKind


def lends(
    session: Session, library_id: int, category_id: int | None = None, *, days: int = 14, most: int = 3, **said: Any
) -> PolicyLine:
    """This library lends `most` books for `days`; whatever else `said` says, by the names of `Values`."""
    usual = {"length": Length(LengthKind.DAYS, days), "most": most, "renewals": 1, "holds": 5}
    return writing.say(session, library_id, {**usual, **said}, category_id)
