"""What the sign-in page tells of the installation: its name, and the sign-ins if it is the demo."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, url_for
from sqlalchemy import select

from library.core.db import db
from library.organisations.models import Organisation, OrganisationKind, Parentage
from library.welcome import demo, seed
from library.welcome.demo import SignIn


@dataclass(frozen=True)
class Door:
    """`name` is empty where several libraries stand side by side; `sign_ins` are empty but for the demo."""

    name: str = ""
    is_school: bool = False
    is_empty: bool = False
    search: str = ""
    sign_ins: Sequence[SignIn] = ()
    password: str = ""


def door() -> Door:
    """Three small questions, asked by the sign-in page alone."""
    session = db.session()
    search = url_for("finding.anywhere") if "finding.anywhere" in current_app.view_functions else ""
    roots = select(Organisation.name, Organisation.kind).where(
        Organisation.to_on.is_(None),
        Organisation.id.not_in(select(Parentage.child_id).where(Parentage.to_on.is_(None))),
    )
    found = session.execute(roots.limit(2)).all()
    name, kind = found[0] if len(found) == 1 else ("", None)
    inside = (demo.PEOPLE, demo.PASSWORD) if demo.is_demo(session) else ((), "")
    return Door(name, kind is OrganisationKind.SCHOOL, not found and seed.is_empty(session), search, *inside)
