"""Slips to print: of one reader (80 mm or A4), of a whole class, one to lay into each book; PINs of a class."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access, audit
from library.access import Permission, here, needs, reads_first
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import NotFound
from library.loans import self_pins, slips, wording
from library.loans.self_pins import Owner
from library.loans.slips import Slip
from library.loans.views import is_brief, my_desk
from library.organisations.models import Organisation
from library.patrons import queries as patrons
from library.patrons.models import Membership, SchoolClass

bp = Blueprint("slips", __name__)
KINDS = ("held", "today", "books")
PAPERS = ("80", "a4")


def _asked(name: str, among: tuple[str, ...]) -> str:
    """What the address says; the first of the possible ones where it says nothing of use."""
    text = request.args.get(name, "")
    return text if text in among else among[0]


def _for_these_eyes(slip: Slip) -> Slip:
    return replace(slip, name=wording.shown_name(slip.name, is_brief()))


@bp.get("/people/<uuid:uid>/slip")
@needs(Permission.CIRCULATE)
def reader(uid: UUID) -> Any:
    """What they have, or took today, or a slip a book; with as=part {html} for the desk, which prints it itself."""
    member = patrons.by_uid(db.session(), uid, here())
    slip = _for_these_eyes(slips.of_reader(db.session(), member.id))
    what = _asked("what", KINDS)
    slip = slip.of_today() if what == "today" else slip
    values = _values([slip], what, member.library.name)
    if request.args.get("as") == "part":
        return jsonify(html=render_template("loans/_slips.html", **values), books=len(slip.lines))
    return render_template("loans/slip.html", uid=uid, title=_("Phiếu mượn của %(name)s", name=slip.name), **values)


def _values(found: list[Slip], what: str, library: str) -> dict[str, Any]:
    """For the page and for the part of it that is printed."""
    return {
        "slips": found, "what": what, "paper": _asked("paper", PAPERS), "library": library, "now": clock.now().astimezone(clock.HERE),
        "words": wording, "local": clock.HERE,
    }  # fmt: skip


@bp.get("/classes/<uuid:class_uid>/slips")
@needs(Permission.CIRCULATE)
def of_class(class_uid: UUID) -> Any:
    """One page of slips, or a list to sign (what=list), of everybody in the class who has a book."""
    found = slips.of_class(db.session(), my_desk().library_id, class_uid)
    if found is None:
        raise NotFound
    name, all_slips = found
    what = _asked("what", ("held", "today", "list"))
    mine = [_for_these_eyes(slip.of_today() if what == "today" else slip) for slip in all_slips]
    values = _values([slip for slip in mine if slip.lines], what, current_user.library_name)
    pins = _pins_of(class_uid) if access.scope(Permission.EDIT_PATRON) else []
    return render_template(
        "loans/slips_class.html", name=name, class_uid=class_uid, pins=pins, **values | {"paper": "a4"}
    )


# Numbers for "Sách của em"


def _pins_of(class_uid: UUID) -> list[Owner]:
    """Of the class, those whom this account may change."""
    scope = access.scope(Permission.EDIT_PATRON)
    which = select(SchoolClass.id).where(SchoolClass.uid == class_uid).scalar_subquery()
    return self_pins.owners(db.session(), (Membership.class_id == which) & patrons.within(scope))


@bp.post("/classes/<uuid:class_uid>/pins", endpoint="give_pins")
@needs(Permission.EDIT_PATRON)
@reads_first
def give_pins(class_uid: UUID) -> Any:
    """A number each for who has none, or with `again` for everybody, on one paper that is the answer: the numbers are
    written nowhere else, so that this page cannot be shown twice. Hashed before anything is written."""
    group = db.session.scalar(
        select(SchoolClass).where(SchoolClass.uid == class_uid, here().of_libraries(SchoolClass.library_id))
    )
    if group is None:
        raise NotFound
    name, library = group.name, db.session.get_one(Organisation, group.library_id)
    slug, given = library.slug, _given(class_uid, library.id, "again" in request.form)
    left = _pins_of(class_uid)
    db.session.commit()
    return render_template(
        "loans/pins_class.html", name=name, class_uid=class_uid, library=slug, today=clock.today(), given=given,
        cardless=[one for one in left if not one.card], waiting=len(self_pins.to_give(left, False)),
    )  # fmt: skip


def _given(class_uid: UUID, library_id: int, again: bool) -> list[tuple[Owner, str]]:
    """Who got a number now, and which. Thought of twice: while it was hashed another may have given some."""
    made = {one.id: self_pins.made() for one in self_pins.to_give(_pins_of(class_uid), again)}
    for_writing()
    self_pins.lock(db.session(), made)
    given = [one for one in self_pins.to_give(_pins_of(class_uid), again) if one.id in made]
    self_pins.give_all(db.session(), {one.id: made[one.id][1] for one in given})
    for one in given:
        audit.note(current_user.uid, "give-pin", "membership", one.uid, library_id)
    return [(one, made[one.id][0]) for one in given]
