"""Slips that say somebody owes the library nothing, for one reader or a class, and the list of who still does."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.loans import clearance, compensation_papers
from library.organisations.models import Organisation
from library.patrons import queries
from library.patrons.models import Membership, SchoolClass

bp = Blueprint("clearance", __name__)


def _frame(library_id: int) -> dict[str, Any]:
    """What every paper has at its head and foot."""
    library = db.session.get_one(Organisation, library_id)
    return {
        "library": library, "above": compensation_papers.above(db.session(), library_id), "today": clock.today(),
        "town": compensation_papers.town(db.session(), library_id),
        "officer": current_user.name, "initials": compensation_papers.initials(library),
    }  # fmt: skip


@bp.get("/people/<uuid:uid>/clearance", endpoint="one")
@needs(Permission.SEE_PATRONS)
def show_one(uid: UUID) -> Any:
    """The slip, or what stands against it (409)."""
    session = db.session()
    found = session.scalar(select(Membership).where(Membership.uid == uid, queries.within(here())))
    if found is None:
        raise NotFound
    accounts = clearance.accounts(session, Membership.id == found.id)
    back = url_for("patrons.person", uid=uid)
    return _slips(found.library_id, accounts, accounts[0].name, back)


def _slips(library_id: int, accounts: list[clearance.Account], whose: str, back: str) -> Any:
    owing = [one for one in accounts if not one.is_clear]
    if owing:
        return render_template("losses/still_out.html", owing=owing, clear=[], whose=whose, back=back, each=""), 409
    return render_template("losses/clearance.html", accounts=accounts, back=back, **_frame(library_id))


@bp.get("/clearance/classes/<uuid:uid>", endpoint="of_class")
@needs(Permission.SEE_PATRONS)
def show_class(uid: UUID) -> Any:
    """One paper for the class; `each`: a slip for everybody who owes nothing. What is still out refuses the paper."""
    session = db.session()
    mine = select(SchoolClass).where(SchoolClass.uid == uid, here().of_libraries(SchoolClass.library_id))
    found = session.scalar(mine)
    if found is None:
        raise NotFound
    which = (Membership.class_id == found.id) & Membership.to_on.is_(None) & queries.within(here())
    accounts = clearance.accounts(session, which)
    clear, owing = [one for one in accounts if one.is_clear], [one for one in accounts if not one.is_clear]
    back = f"{url_for('clearance.owing')}?class={uid}"
    frame = {"accounts": clear, "back": back, **_frame(found.library_id)}
    if request.args.get("each"):
        return render_template("losses/clearance.html", **frame)
    if owing:
        each = url_for("clearance.of_class", uid=uid, each=1) if clear else ""
        page = render_template(
            "losses/still_out.html", owing=owing, clear=clear, whose=found.name, back=back, each=each
        )
        return page, 409
    return render_template("losses/clearance_class.html", group=found, **frame)


@bp.get("/owing", endpoint="owing")
@needs(Permission.SEE_PATRONS)
def show_owing() -> Any:
    """Who still owes, class by class: for the end of the year."""
    session = db.session()
    libraries = queries.libraries(session, here())
    library = queries.chosen(libraries, request.args.get("lib"), current_user.library_id)
    classes = clearance.owing_by_class(session, library.id)
    chosen = _chosen(library.id)
    which = (Membership.library_id == library.id) & queries.within(here())
    if chosen is not None:
        which = which & (Membership.class_id == chosen.id)
    rows = clearance.accounts(session, which, only_owing=True)
    return render_template(
        "losses/owing.html", rows=rows, classes=classes, chosen=chosen, library=library, today=clock.today(),
        lib=None if library.id == current_user.library_id else library.slug,
    )  # fmt: skip


def _chosen(library_id: int) -> SchoolClass | None:
    """The class asked for. Raises NotFound for one of another library."""
    asked = request.args.get("class")
    if not asked:
        return None
    try:
        uid = UUID(asked)
    except ValueError:
        raise NotFound from None
    found = db.session.scalar(select(SchoolClass).where(SchoolClass.uid == uid, SchoolClass.library_id == library_id))
    if found is None:
        raise NotFound
    return found
