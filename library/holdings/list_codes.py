"""Codes that stand on the books already (labels of another program) and are no accession numbers: the desk knows them.

A code stands for one copy of a library. One that is taken, doubled in the list, or printed by a publisher on every copy of
a title, is told in the copy's note instead, so that nothing of the list is lost.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.bulk import add_rows
from library.core.db import straight, table_of
from library.core.fold import fold_code
from library.holdings.list_rows import Plan, Slot, numbers_of
from library.holdings.models import ItemCode
from library.organisations import codes
from library.organisations.models import Code, CodeKind, Counter
from library.staging.importers import Staged, Stale, Task

LONGEST = 40
FARTHEST = 50_000
"""How far a code of our own may be ahead of the last one printed here: its number is passed over from then on."""

_CODE, _LINK = table_of(Code), table_of(ItemCode)
_PUBLISHERS = re.compile(r"(?:97[89]|893)\d{10}")


def slots(plan: Plan) -> list[Slot]:
    """The copies a plan makes, in the order they are made."""
    return [*plan.enter, *plan.again.values()] or list(range(plan.copies))


def told(task: Task, plan: Plan) -> dict[Slot, str]:
    """What the row says is printed on which of its copies."""
    said = plan.row.values.get("codes", ())
    places: Sequence[Slot] = numbers_of(task, plan.row.values) or range(len(said))
    return {place: code for place, code in zip(places, said, strict=False) if code}


def settle(session: Session, task: Task, plans: Sequence[Plan]) -> None:
    """Give each plan the codes its copies can have, and the others as words."""
    wanted = {id(plan): told(task, plan) for plan in plans if plan.row.values.get("codes")}
    if not wanted:
        return
    taken = _taken(session, task.library_id, [code for each in wanted.values() for code in each.values()])
    for plan in plans:
        for slot in slots(plan) if id(plan) in wanted else ():
            if code := wanted[id(plan)].get(slot, ""):
                (plan.words if fold_code(code) in taken else plan.codes)[slot] = code
                taken.add(fold_code(code))


def _taken(session: Session, library_id: int, wanted: Sequence[str]) -> set[str]:
    """Keys that cannot stand for a copy of this library."""
    keys = set(map(fold_code, wanted))
    highest = _last(session, library_id) + FARTHEST
    odd = {key for key in keys if not key or len(key) > LONGEST or _PUBLISHERS.fullmatch(key)}
    odd |= {key for key in keys if codes.is_ours(key) and int(key[5:11]) > highest}
    return odd | set(codes.in_use(session, library_id, sorted(keys)))


def _last(session: Session, library_id: int) -> int:
    query = select(Counter.last).where(Counter.library_id == library_id, Counter.series == CodeKind.ITEM)
    return session.scalar(query) or 0


def pass_over(session: Session, library_id: int, number: int, plans: Sequence[Plan]) -> None:
    """Before copies get codes of our own: those the list brings are never given again. Raises Stale."""
    keys = [fold_code(code) for plan in plans for code in plan.codes.values()]
    if not keys:
        return
    if codes.in_use(session, library_id, keys):
        raise Stale
    begins = f"{codes.DIGIT_OF[CodeKind.ITEM]}{number:04}"
    ours = [int(key[5:11]) for key in keys if codes.is_ours(key) and key.startswith(begins)]
    if ours:
        codes.at_least(session, library_id, CodeKind.ITEM, max(ours))


def stick(
    session: Session, library_id: int, plans: Sequence[Plan], made: Mapping[int, list[int]], at: datetime
) -> None:
    """`made`: items by plan, in the order of its slots."""
    found = [
        (item, plan.codes[slot])
        for plan in plans
        if plan.codes
        for slot, item in zip(slots(plan), made[id(plan)], strict=True)
        if slot in plan.codes
    ]
    if not found:
        return
    printed = [code for _, code in found]
    ids = codes.register(session, CodeKind.ITEM, library_id, list(map(fold_code, printed)), printed, at)
    add_rows(session, _LINK, [{"code_id": code, "item_id": item} for code, (item, _) in zip(ids, found, strict=True)])


def end(session: Session, rows: Sequence[Staged], items: Sequence[int]) -> None:
    """The codes these rows stuck on these copies are no longer theirs. The one a copy was born with stays: whoever scans
    a struck-out copy is told so."""
    keys = {fold_code(code) for row in rows for code in _said(row.values)}
    if not keys or not items:
        return
    mine = select(_LINK.c.code_id).where(_LINK.c.item_id.in_(items))
    these = update(_CODE).where(_CODE.c.id.in_(mine), _CODE.c.folded.in_(keys), _CODE.c.valid_to.is_(None))
    straight(session).execute(these.values(valid_to=clock.now()))


def _said(values: Mapping[str, Any]) -> Sequence[str]:
    """Of a row of a list, or of an entry with its copies."""
    return [*values.get("codes", ()), *(one["code"] for one in values.get("copies", ()) if one.get("code"))]
