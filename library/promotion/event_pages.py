"""What the pages of promotion share: whose things, the frame, forms that are posted once and stand again when wrong."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, or_not_found
from library.calendars import year
from library.core import clock, numbers
from library.core.db import db
from library.core.errors import Invalid, Reason
from library.core.forms import Reader
from library.inbox.acts import Doing
from library.loans import posting
from library.loans.deeds import RestsOnIt
from library.loans.forms import Posted, uuid_or_none
from library.organisations.models import Branch, Organisation
from library.patrons import asked
from library.promotion import event_steps, event_types
from library.promotion.event_models import Recorded
from library.promotion.event_steps import Manner, NotSo
from library.promotion.event_types import TypeTaken
from library.promotion.event_words import AUDIENCES, DEEDS, STATES, total

Thing = TypeVar("Thing", bound=Recorded)
Complaints = Mapping[str, Reason]
Again = Callable[[Complaints, Sequence[Reason]], str]


def page(template: str, **more: Any) -> str:
    """Every page: its words, addresses there are, a fresh uid for each form."""
    library = more.pop("library", None) or asked.library()
    return render_template(
        template, known=current_app.view_functions, fresh_uid=clock.uuid7, library=library, lib=asked.slug_of(library),
        libraries=asked.libraries()[0], audiences=AUDIENCES, states=STATES, deeds=DEEDS, total=total,
        written=numbers.written, local=lambda moment: moment.astimezone(clock.HERE), now_day=clock.today(), **more,
    )  # fmt: skip


def branches(library: Organisation) -> list[Branch]:
    """Where something may be recorded: open ones in scope."""
    return [one for one in library.branches if one.closed_on is None and here().holds_branch(one.id)]


def branch_of(reader: Reader, library: Organisation) -> int | None:
    """The one the form names, else the account's own, else the first."""
    among = {str(one.uid): one.id for one in branches(library)}
    named = reader.choice("branch", among, required=False)
    own = current_user.branch_id if current_user.branch_id in among.values() else next(iter(among.values()), None)
    return named or own


def thing_here(session: Session, model: type[Thing], uid: UUID, gone: bool = False) -> Thing:
    """Within reach, and not taken back unless `gone` may be too. Raises NotFound."""
    query = select(model).where(model.uid == uid, here().of_branches(model.branch_id))
    return or_not_found(session.scalar(query if gone else query.where(model.gone.is_(False))))


def library_of(thing: Recorded) -> Organisation:
    return db.session.get_one(Branch, thing.branch_id).organisation


def named(session: Session, library_id: int, of: str, every: bool = True) -> dict[str, str]:
    """Types or subjects by code, in the reader's language; only those offered where not `every`."""
    found = event_types.names(session, library_id, of) if every else event_types.offered(session, library_id, of)
    shipped = set(event_types.SHIPPED[of].values())
    return {code: str(gettext(name)) if name in shipped else name for code, name in found.items()}


def span() -> tuple[date, date, int]:
    """The school year the address names (its first calendar year), else the one that runs: first, last, its name."""
    text = request.args.get("year", "")
    if text.isascii() and text.isdigit() and len(text) < 5 and 2000 <= int(text) <= 2199:
        return year_of(date(int(text), year.FIRST_MONTH, 1))
    return year_of(clock.today())


def year_of(day: date) -> tuple[date, date, int]:
    """The school year of a day: first, last, its name."""
    first = year.beginning(day)
    return first, date.fromordinal(first.replace(year=first.year + 1).toordinal() - 1), first.year


# Forms


def told_or_page(reader: Reader, work: Callable[[], Any], again: Again) -> Any:
    """The answer of `work`; what cannot be done stands on the page (`again`), with all that was typed."""
    try:
        reader.done()
        return work()
    except (Invalid, NotSo, TypeTaken, RestsOnIt) as stopped:
        if request.is_json:
            raise
        db.session.rollback()
        fields = stopped.fields if isinstance(stopped, Invalid) else {}
        return again(fields, () if fields else stopped.reasons), stopped.status


def posted_of(told: posting.Source, reader: Reader) -> Posted | None:
    return posting.posted_of(told, reader)


def doing(posted: Posted, branch_id: int) -> Doing:
    """Recorded now, whatever day it is about."""
    return posting.doing_now(posted, branch_id)


def note(deed: str, manner: Manner, thing: Recorded) -> None:
    audit.note(current_user.uid, f"{deed}-activity", manner.kind, thing.uid, library_of(thing).id)


Deed = Callable[[Session, Doing, Any], Any]
"""Does it to the thing, and says so."""


def change(
    manner: Manner, uid: UUID, content: dict[str, Any], deed: str, work: Deed, again: Again | None, to: str
) -> Any:
    """One deed on a thing within reach, locked; then on to `to`."""
    told = posting.source()
    thing_here(db.session(), manner.model, uid)
    reader = Reader(told)
    posted = posting.posted_of(told, reader)

    def write() -> dict[str, Any]:
        assert posted
        session = db.session()
        thing = event_steps.locked(session, manner.model, thing_here(session, manner.model, uid).id)
        said = work(session, doing(posted, thing.branch_id), thing)
        note(deed, manner, thing)
        return {"uid": str(uid), "do": said, "outcome": "ok"}

    def send() -> Any:
        assert posted
        return posting.answer_aloud(posted, {deed: str(uid), **content}, write, lambda done: to)

    return told_or_page(reader, send, again) if again else _straight(reader, send)


def _straight(reader: Reader, send: Callable[[], Any]) -> Any:
    reader.done()
    return send()


def undo(manner: Manner, uid: UUID, here_: str, gone: str) -> Any:
    """Takes back the act named by `act`; on to the thing, or to the list where it is gone by that."""
    told = posting.source()
    thing_here(db.session(), manner.model, uid)
    reader = Reader(told)
    posted, act = posting.posted_of(told, reader), uuid_or_none(told.get("act"))
    reader.done()
    assert posted

    def write() -> dict[str, Any]:
        session = db.session()
        thing = event_steps.locked(session, manner.model, thing_here(session, manner.model, uid).id)
        event_steps.undo(session, doing(posted, thing.branch_id), manner, thing, or_not_found(act))
        note("undo", manner, thing)
        return {"gone": thing.gone, "do": gettext("Đã hoàn tác."), "outcome": "ok"}

    try:
        return posting.answer_aloud(posted, {"undo": str(act)}, write, lambda done: gone if done["gone"] else here_)
    except (NotSo, RestsOnIt) as stopped:
        if request.is_json:
            raise
        db.session.rollback()
        flash(gettext(stopped.reasons[0].sentence) % dict(stopped.reasons[0].facts), "error")
        return redirect(here_, 303)


def may_here() -> bool:
    return bool(access.scope(Permission.PROMOTE))
