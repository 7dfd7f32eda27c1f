"""Which library a page is asked about: the one its address names, else one's own."""

from collections.abc import Sequence

from flask import request
from flask_login import current_user

from library.access import here
from library.core.db import db
from library.organisations.models import Organisation
from library.patrons import queries


def libraries() -> tuple[Sequence[Organisation], Organisation]:
    """Those one may choose among, and the chosen one. Raises NotFound for a name that is not among them."""
    among = queries.libraries(db.session(), here())
    return among, queries.chosen(among, request.values.get("lib"), current_user.library_id)


def library() -> Organisation:
    return libraries()[1]


def slug_of(library: Organisation) -> str | None:
    """How addresses name it; nothing for one's own."""
    return None if library.id == current_user.library_id else library.slug
