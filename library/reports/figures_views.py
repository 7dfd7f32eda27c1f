"""The page behind every number: what it is, how it falls into parts, and the rows it was added up from."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.numbers import change, written
from library.core.paging import page_number
from library.organisations.models import Organisation
from library.promotion import kinds
from library.reports import addresses, asking, records, words
from library.reports.asking import Ask, Row
from library.reports.ledgers import Key
from library.reports.measures import Ledger, Measured
from library.reports.records import Behind
from library.reports.tree import Tree

bp = Blueprint("report_figures", __name__)
MOST_PARTS = 60
NO_PARTS = ("place", "class-mark")
PARTS = (
    "below", "unit", "branch", "month", "day", "group", "mode", "kind", "book-class", "level", "sort", "audience",
    "library-kind", "sex", "access-need", "channel", "class",
)  # fmt: skip
"""What the page offers to break a figure down by, the usual first."""


@dataclass(frozen=True)
class Part:
    """A line of the breakdown; `href` asks for it alone, None where it cannot be asked for."""

    name: str
    quantity: int
    href: str | None


@bp.get("/reports/figures")
@needs(Permission.STATISTICS)
def show() -> Any:
    session = db.session()
    ask = addresses.read(session, request.args, here(), current_user.library_id)
    known, later = asking.tree_of(session), "later" in request.args and "known" in request.args
    dims = _dims(ask, _several(ask, known))
    page = records.records(session, ask, page_number(request.args.get("page")), later, known)
    return render_template(
        "reports/figures.html", ask=ask, measured=ask.measured, total=asking.total(session, ask, known), page=page,
        now=_now(session, ask, known), later=later, units=_units(session, ask), only=_only(session, ask), by=_dim(dims),
        dims=dims, parts=_parts(session, ask, known, _dim(dims)),
        plain=lambda: addresses.values(ask), paged=lambda number: addresses.of(ask, **_kept(), page=number),
        parted=lambda dim: addresses.of(ask, **{**_kept(), "by": dim}), here_zone=clock.HERE,
        link=_link, facts=_facts, kind_words=words.kind_words, written=written, change=change,
        capped=page.total > records.MOST_COUNTED, most=records.MOST_COUNTED, people=ask.measured.ledger is Ledger.PEOPLE,
    )  # fmt: skip


def _kept() -> dict[str, Any]:
    """What stays in the address beside the question."""
    return {name: request.args[name] for name in ("by", "later") if name in request.args}


def _now(session: Session, ask: Ask, known: Tree) -> int | None:
    """What the same question comes to today, where the page tells what was known at some moment."""
    return asking.total(session, replace(ask, known_at=None), known) if ask.known_at else None


def _units(session: Session, ask: Ask) -> Sequence[Organisation]:
    query = select(Organisation).where(Organisation.id.in_(ask.units)).order_by(Organisation.name)
    return session.scalars(query).all()


def _only(session: Session, ask: Ask) -> list[tuple[str, str]]:
    """(dimension, its values) in words."""
    found = []
    for name, value in ask.only.items():
        several = value if isinstance(value, list) else [value]
        told = words.names(session, name, several)
        found.append((_(words.DIM_WORDS[name]), ", ".join(told[one] for one in several)))
    return found


def _dims(ask: Ask, several: Collection[str]) -> list[tuple[str, str]]:
    """(dimension, its word) to choose from: of places only where there are several."""
    return [(name, _(words.DIM_WORDS[name])) for name in PARTS if name in ask.measured.dims and name in several]


def _several(ask: Ask, known: Tree) -> set[str]:
    """Dimensions that part anything: those of places where more than one place counts."""
    stands = {
        (branch, *vars(stand).values()) for one in asking.places(known, ask) for branch, stand in one.stands.items()
    }
    names = ("branch", "unit", "below", "library-kind")
    if not stands:
        return set(PARTS) - set(names)
    alike = {name for name, values in zip(names, zip(*stands, strict=True), strict=True) if len(set(values)) < 2}
    return set(PARTS) - alike - ({"day"} if ask.first == ask.last else set())


def _dim(dims: Iterable[tuple[str, str]]) -> str:
    wanted = request.args.get("by", "")
    return wanted if wanted in [name for name, _words in dims] else ""


def _parts(session: Session, ask: Ask, known: Tree, dim: str) -> list[Part]:
    if not dim:
        return []
    rows = asking.by(session, ask, dim, known=known)
    shown = _largest(rows) if len(rows) > MOST_PARTS else rows
    told = words.names(session, dim, [row.keys[0] for row in shown])
    found = [Part(told[row.keys[0]], row.quantity, _narrowed(ask, dim, row.keys[0])) for row in shown]
    rest = sum(row.quantity for row in rows) - sum(row.quantity for row in shown)
    return [*found, Part(_("Phần còn lại"), rest, None)] if rest else found


def _largest(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: -row.quantity)[:MOST_PARTS]


def _narrowed(ask: Ask, dim: str, key: Key) -> str | None:
    if isinstance(key, date):
        return addresses.of(_within(ask, dim, key))
    if dim in ("unit", "below") and isinstance(key, int):
        return addresses.of(replace(ask, only={**ask.only, {"unit": "owner"}.get(dim, dim): [key]}))
    if not ask.measured.adds_up:
        return None
    return addresses.of(replace(ask, only={**ask.only, dim: [key]}))


def _within(ask: Ask, dim: str, first: date) -> Ask:
    last = {
        "day": first, "month": (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1),
    }[dim]  # fmt: skip
    return replace(ask, first=max(first, ask.first), last=min(last, ask.last))


# A row


def _link(one: Behind) -> str | None:
    """The page that tells more of it."""
    if one.source:
        return kinds.address(*one.source)
    if one.shelf and not one.title:
        return url_for("shelf_board.show", uid=one.shelf)
    return url_for("finding.title", uid=one.title) if one.title else None


def _facts(measured: Measured, one: Behind) -> str:
    """What was frozen that day, in a few words. A class says its grade and who they are."""
    facts = dict(one.facts or {})
    if facts.get("class_name"):
        facts = {name: value for name, value in facts.items() if name not in ("grade", "category")}
    return " · ".join(filter(None, (_fact(name, value) for name, value in facts.items())))


def _fact(name: str, value: Any) -> str:
    dim = {"class_name": "class", "reading_level": "level", "access_need": "access-need", "class_mark": "class-mark"}
    if name == "class_name":
        return str(_("lớp %(name)s", name=value))
    return words.names(db.session(), dim.get(name, name), [value])[value] if name != "channel" else ""
