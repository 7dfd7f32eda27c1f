"""The desk adds a reader without leaving its page."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import Invalid, NotFound, Reason
from library.inbox import once
from library.inbox.models import Entry
from library.organisations.models import Organisation
from library.patrons import queries, quick
from library.patrons.models import Membership
from library.patrons.quick import Quick

bp = Blueprint("quick", __name__)


@bp.post("/desk/new-reader", endpoint="add")
@needs(Permission.EDIT_PATRON)
def add() -> Any:
    """{reader, name, group, card}; or {namesakes: [{code, name, group, born}]} where a reader of that name is here; 422
    with complaints by field. The same form twice adds one reader."""
    session, scope = db.session(), here()
    library = session.get(Organisation, scope.library(current_user.library_id))
    if library is None:
        raise NotFound
    source = request.get_json(silent=True)
    try:
        new = Quick.read(
            source if isinstance(source, dict) else {}, queries.groups(session, library, clock.today(), scope)
        )
        if _is_new(session, new):
            _check_card(session, library, new)
    except Invalid as told:
        return jsonify(complaints={name: _said(reason) for name, reason in told.fields.items()}), 422
    if not new.anyway and _is_new(session, new) and (same := quick.namesakes(session, library.id, new.name)):
        return jsonify(namesakes=[_known(one) for one in same])
    answer = _once(session, library, new)
    session.commit()
    return jsonify(answer)


def _said(reason: Reason) -> str:
    return str(_(reason.sentence)) % reason.facts


def _is_new(session: Session, new: Quick) -> bool:
    return session.scalar(select(Entry.uid).where(Entry.uid == new.message)) is None


def _check_card(session: Session, library: Organisation, new: Quick) -> None:
    if new.card and (trouble := quick.card_trouble(session, library, new.card)):
        raise Invalid({"card": Reason("card", trouble)})


def _known(one: Membership) -> dict[str, str]:
    born = one.person.born_on
    group = one.school_class.name if one.school_class else ""
    return {"code": str(one.uid), "name": one.person.full_name, "group": group, "born": f"{born:%Y}" if born else ""}


def _once(session: Session, library: Organisation, new: Quick) -> dict[str, Any]:
    content = new.content()
    answer = once.arrive(session, new.message, current_user.uid, content)
    if answer is None:
        made, _card = quick.add(session, library, new)
        answer = {"membership": str(made.uid)}
        once.keep_answer(session, new.message, answer)
        audit.note(current_user.uid, "add-reader", "membership", made.uid, library.id)
    made = session.scalars(select(Membership).where(Membership.uid == UUID(answer["membership"]))).one()
    card = quick.card_of(session, made.id)
    return {"reader": answer["membership"], "name": made.person.full_name, "group": new.group.label, "card": card}
