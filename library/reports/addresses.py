"""A figure as an address: every number on a page opens the rows behind it, and the same address asks the same again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from library.access import Scope
from library.core import clock
from library.core.errors import NotFound
from library.organisations.models import Organisation
from library.patrons.models import PatronGroup
from library.reports import asking, tree
from library.reports.asking import Ask
from library.reports.measures import DIMS, MEASURES, TIME
from library.reports.tree import Tree

WHOLE = ("grade", "level", "branch", "place", "owner", "below")
"""Dimensions whose values are numbers."""
NONE = "-"
"""Stands for "not told"."""
YEARS = range(1990, 2201)


def of(ask: Ask, **more: Any) -> str:
    """Where the rows behind a figure are told. Needs a request; `more` goes into the address as it is."""
    return url_for("report_figures.show", **values(ask), **more)


def values(ask: Ask) -> dict[str, Any]:
    """What the address says, in plain text."""
    found: dict[str, Any] = {
        "measure": ask.measure, "unit": sorted(ask.units), "first": ask.first.isoformat(), "last": ask.last.isoformat(),
    }  # fmt: skip
    for name, value in ask.only.items():
        found[name] = [_text(one) for one in _several(value)]
    if ask.known_at is not None:
        found["known"] = ask.known_at.astimezone(UTC).isoformat()
    if ask.groups is not None:
        found["groups"] = [f"{code}:{group}" for code, group in sorted(ask.groups.items()) if code != group]
    return found if ask.renewals else found | {"renewals": "0"}


def _several(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple | set | frozenset) else [value]


def _text(value: Any) -> str:
    return NONE if value is None else str(value)


def read(session: Session, source: MultiDict[str, str], scope: Scope, usual: int) -> Ask:
    """The question of an address, cut to what may be seen: raises NotFound for a unit that may not. What cannot be read
    is the usual: `usual`'s uses of this month."""
    measure = source.get("measure", "uses")
    today = clock.today()
    last = _day(source.get("last"), today)
    first = min(_day(source.get("first"), last.replace(day=1)), last)
    wanted = frozenset(int(one) for one in source.getlist("unit") if one.isascii() and one.isdigit() and len(one) < 19)
    units, only = seen(session, scope, wanted or frozenset({usual})), _only(measure, source)
    asked = Ask(
        measure if measure in MEASURES else "uses", units, first, last, _moment(source.get("known")), only,
        source.get("renewals") != "0", within(asking.tree_of(session), scope, units), _groups(source),
    )  # fmt: skip
    _check_places(session, asked, scope)
    return asked


def within(known: Tree, scope: Scope, units: frozenset[int]) -> frozenset[int] | None:
    """The branches somebody may see, if they may not see all that are the units' today; None: all."""
    today = clock.today()
    theirs = tree.segments(known, units, today, today)[0].stands
    return None if all(scope.holds_branch(one) for one in theirs) else scope.branches


def _check_places(session: Session, ask: Ask, scope: Scope) -> None:
    """Raises NotFound for a place that is neither in reach nor was the units' in the span: its name is not told."""
    named = {name: set(_several(ask.only[name])) for name in ("branch", "owner", "below") if name in ask.only}
    if not named:
        return
    plain = replace(ask, only={})
    stands = [pair for one in asking.places(asking.tree_of(session), plain) for pair in one.stands.items()]
    known = {"branch": {branch for branch, _stand in stands}, "owner": {stand.owner for _branch, stand in stands},
             "below": {stand.below for _branch, stand in stands}}  # fmt: skip
    for name, wanted in named.items():
        holds = scope.holds_branch if name == "branch" else scope.holds_library
        if not all(one in known[name] or holds(one) for one in wanted):
            raise NotFound


def seen(session: Session, scope: Scope, units: Iterable[int]) -> frozenset[int]:
    """The same units. A unit that ended is seen by whoever sees the one that took its place. Raises NotFound."""
    rows = session.execute(select(Organisation.id, Organisation.successor_id))
    heirs: dict[int, int | None] = {row.id: row.successor_id for row in rows}
    return frozenset(_seen(scope, one, heirs) for one in units)


def _seen(scope: Scope, unit: int, heirs: Mapping[int, int | None]) -> int:
    node: int | None = unit if unit in heirs else None
    passed: set[int] = set()
    while node is not None and node not in passed:
        if scope.holds_library(node):
            return unit
        passed.add(node)
        node = heirs.get(node)
    raise NotFound


def _day(text: str | None, otherwise: date) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return day if day.year in YEARS else otherwise


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment.tzinfo and moment.year in YEARS else None


def _only(measure: str, source: MultiDict[str, str]) -> dict[str, Any]:
    known = DIMS[MEASURES[measure].ledger] if measure in MEASURES else frozenset()
    names = sorted((known | ({"owner"} if "unit" in known else set())) - TIME - {"unit"})
    read = {name: [one for one in map(_reader(name), source.getlist(name)) if one != ""] for name in names}
    return {name: values for name, values in read.items() if values}


def _groups(source: MultiDict[str, str]) -> dict[str, str] | None:
    """What categories counted as, where the address says so; a group counts as itself."""
    known = {one.value: one.value for one in PatronGroup}
    told = [one.partition(":") for one in source.getlist("groups")]
    return known | {code: group for code, _colon, group in told if group in known} if told else None


def _reader(name: str) -> Callable[[str], Any]:
    return lambda text: _value(name, text)


def _value(name: str, text: str) -> Any:
    """None for "not told"; '' for what says nothing: a grade that is no number."""
    if text == NONE:
        return None
    number = text.isascii() and text.isdigit() and len(text) < 9
    if name in WHOLE:
        return int(text) if number else ""
    return int(text) if name == "group" and number else text
