"""What packages above know of a reader, shown on the reader's page. They register here; nobody here asks who they are."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from library.patrons.models import Membership

Panel = tuple[str, Mapping[str, Any]]
"""A template to include, and what it asks for under the name `panel`."""

PANELS: dict[str, Callable[[Session, Membership], Panel]] = {}


def of(session: Session, membership: Membership) -> list[Panel]:
    """In the order of their names."""
    return [PANELS[name](session, membership) for name in sorted(PANELS)]
