"""Rows that came as MARC entries: one title each, its copies in groups, its source kept whole.

An entry is spread into rows as a list would have had them, one for copies alike, which go the road of the lists; what
becomes of them is told of the entry as one. An entry without copies is a title only. Rows of lists pass as they are.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from library.catalogue import source_updates
from library.catalogue.source_updates import Update
from library.core.errors import N_
from library.holdings import entry_undoing, list_entries, list_rows
from library.holdings.list_rows import KIND, Plan, fingerprint, new_record, plans_for, times_of
from library.staging.importers import Done, Judged, Staged, Stale, Task, note_of
from library.staging.loading import times_loaded, whole_entry
from library.staging.verdicts import Note, Verdict

COPIES_BEFORE = N_("Các bản của biểu ghi này đã nạp lần trước.")
HERE_ALREADY = N_("Số %(labels)s đã có trong sổ.")
SAME_ENTRY = N_("Biểu ghi này, với các bản của nó, đã có ở biểu ghi %(row)s của tệp.")
_OWN = ("label", "code")
"""What no two copies have in common."""
_LEFT_OUT = (Verdict.REFUSED, Verdict.DUPLICATE)
_ORDER = (Verdict.REFUSED, Verdict.DUPLICATE, Verdict.NEW, Verdict.CHANGED, Verdict.UNCHANGED)
"""What is said of an entry whose groups fare differently: nothing is half written, nothing new is hidden."""


@dataclass(frozen=True)
class Spread:
    """Rows as a list would have them, and for each which of the rows brought it belongs to."""

    rows: Sequence[Staged]
    owners: Sequence[int]


def spread(session: Session, task: Task, rows: Sequence[Staged], sources: bool = False) -> Spread:
    """With `sources` each carries the bytes it came as."""
    before = _loaded_before(session, task, rows)
    made: list[tuple[int, Staged]] = []
    for at, row in enumerate(rows):
        for values in _groups(task, row, print_of(row.values) in before):
            if sources and "full" in values:
                values = {**values, "marc": _source(task, row)}
            made.append((at, replace(row, values=values)))
    return Spread([row for _, row in made], [at for at, _ in made])


def _source(task: Task, row: Staged) -> str:
    return (whole_entry(task, row.values["entry"]) or b"").decode("latin-1")


def _loaded_before(session: Session, task: Task, rows: Sequence[Staged]) -> set[int]:
    """Prints of entries whose copies have no numbers, and were loaded."""
    prints = [print_ for row in rows if (print_ := print_of(row.values))]
    return set(times_loaded(session, task.library_id, KIND, prints)) if prints else set()


def print_of(values: Mapping[str, Any]) -> int:
    """What an entry is known by when it comes again with copies that have no numbers; 0 where it needs nothing."""
    if "full" not in values or all(one.get("label") for one in values["copies"]):
        return 0
    told = [values.get("code") or new_record(values).asked.key, list(map(_as_ever, values["copies"]))]
    return fingerprint({"told": json.dumps(told, sort_keys=True)})


def _as_ever(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """A code stood in the copy's note once: an entry of that time is known again when it comes now."""
    if "code" not in one:
        return one
    note = "; ".join(filter(None, (one.get("note", ""), list_entries.OLD_CODE.format(one["code"]))))
    return {**{name: said for name, said in one.items() if name != "code"}, "note": note}


def _groups(task: Task, row: Staged, loaded: bool) -> Iterator[Mapping[str, Any]]:
    """What the copies of an entry have in common, and their numbers."""
    values = row.values
    if "full" not in values:
        yield values
        return
    base = {"full": values["full"], "title": values["full"]["title"], "kind": values["full"].get("kind", "")}
    groups: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {}
    for one in values["copies"] or _for_none(task):
        label, shared = one.get("label", ""), {name: said for name, said in one.items() if name not in _OWN}
        if label or not loaded:
            group = groups.setdefault(f"{bool(label)}{sorted(shared.items())}", (shared, [], []))
            group[1].append(label)
            group[2].append(one.get("code", ""))
    local = {"call_number": values["call_number"]} if values.get("call_number") else {}
    for shared, labels, codes in groups.values():
        told: dict[str, Any] = {"accessions": labels} if labels[0] else {"quantity": len(labels)}
        told |= {"codes": codes} if any(codes) else {}
        yield {**base, **local, **shared, **told}
    if not groups:
        yield {**base, **local, "bare": 1}


def _for_none(task: Task) -> list[dict[str, Any]]:
    """An entry without copies: titles only, unless somebody said that each stands for a copy."""
    return [{}] if task.answers.get("bare") == "one" else []


# Judging


def judge(session: Session, task: Task, rows: Sequence[Staged], seen: dict[str, Any]) -> list[Judged]:
    parts = spread(session, task, rows)
    plans = plans_for(session, task, parts.rows, seen, times_of(session, task, parts.rows))
    wanted = _updates(session, task, rows, _by_owner(plans, parts.owners, len(rows)))
    prints: dict[int, int] = seen.setdefault("entries", {})
    return [
        _judged(row, mine, wanted.get(at), prints) if "full" in row.values else mine[0].judged
        for at, (row, mine) in enumerate(zip(rows, _by_owner(plans, parts.owners, len(rows)), strict=True))
    ]


def _by_owner(plans: Sequence[Plan], owners: Sequence[int], count: int) -> list[list[Plan]]:
    found: list[list[Plan]] = [[] for _ in range(count)]
    for plan, owner in zip(plans, owners, strict=True):
        found[owner].append(plan)
    return found


def _judged(row: Staged, plans: Sequence[Plan], update: Update | None, prints: dict[int, int]) -> Judged:
    """One verdict for the entry."""
    print_ = print_of(row.values)
    if print_ and prints.setdefault(print_, row.number) != row.number:
        return Judged(Verdict.DUPLICATE, (note_of(SAME_ENTRY, row=prints[print_]),))
    verdict = min((plan.judged.verdict for plan in plans), key=_ORDER.index)
    if verdict in _LEFT_OUT:
        return Judged(verdict, _notes(row, plans, verdict))
    told = _notes(row, plans) + _said(row, plans)
    if update and verdict is not Verdict.NEW:
        verdict, told = Verdict.CHANGED, (*told, *map(note_of, update.sentences))
    updated = {"updated": 1} if update else {}
    return Judged(verdict, told, {**_tally([plan.judged.tally for plan in plans]), **updated}, print_ or None)


def _notes(row: Staged, plans: Sequence[Plan], verdict: Verdict | None = None) -> tuple[Note, ...]:
    """Each once; that a group is of the same book as another of its own entry is nothing to tell."""
    told = [note for plan in plans if verdict in (None, plan.judged.verdict) for note in plan.judged.notes]
    mine = [note for note in told if not (note.sentence == list_rows.SAME_AS_ROW and note.facts["row"] == row.number)]
    return tuple(note for at, note in enumerate(mine) if note not in mine[:at])


def _said(row: Staged, plans: Sequence[Plan]) -> tuple[Note, ...]:
    """Which copies are there already."""
    labels = [label for plan in plans if plan.judged.verdict is Verdict.UNCHANGED
              for label in plan.row.values.get("accessions", ())]  # fmt: skip
    if labels:
        return (note_of(HERE_ALREADY, labels=", ".join(labels[:5]) + (" …" if len(labels) > 5 else "")),)
    bare = len(plans) == 1 and plans[0].row.values.get("bare") and row.values["copies"]
    return (note_of(COPIES_BEFORE),) if bare else ()


def _tally(told: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(one.get(name, 0) for one in told) for name in ("titles", "copies")}


def _updates(
    session: Session, task: Task, rows: Sequence[Staged], plans: Sequence[Sequence[Plan]]
) -> dict[int, Update]:
    """{row: what its source changes of a title that is there}. Of two rows about one title the first is heard."""
    owners: dict[int, int] = {}
    for at, (row, mine) in enumerate(zip(rows, plans, strict=True)):
        known = next((plan.record_id for plan in mine if plan.record_id), None)
        if known and "full" in row.values and not any(plan.judged.verdict in _LEFT_OUT for plan in mine):
            owners.setdefault(known, at)
    sources = {
        known: replace(new_record(rows[at].values), marc=_source(task, rows[at]).encode("latin-1") or None)
        for known, at in owners.items()
    }
    return {owners[known]: one for known, one in source_updates.updates(session, sources).items()}


# Writing


@dataclass(frozen=True)
class Ready:
    """Plans of the groups, whose rows they are, and what changes of titles that are there. Divisible by rows."""

    inner: list_entries.Prepared
    owners: Sequence[int]
    updates: Mapping[int, Update]
    start: int
    stop: int

    def part(self, start: int, stop: int) -> "Ready":
        first, last = (bisect_left(self.owners, at) for at in (start, stop))
        mine = {at: one for at, one in self.updates.items() if start <= at < stop}
        return Ready(self.inner.part(first, last), self.owners[first:last], mine, start, stop)


def prepare(session: Session, task: Task, rows: Sequence[Staged]) -> Ready:
    parts = spread(session, task, rows, sources=True)
    inner = list_entries.prepare(session, task, parts.rows)
    by_row = _by_owner(inner.plans, parts.owners, len(rows))
    for row, mine in zip(rows, by_row, strict=True):
        if "full" in row.values:
            _all_or_none(mine)
    updates = _updates(session, task, rows, by_row)
    return Ready(inner, parts.owners, updates, 0, len(rows))


def _all_or_none(plans: Sequence[Plan]) -> None:
    """When one group of an entry cannot be written any more, none is."""
    bad = next((plan for plan in plans if plan.judged.verdict in _LEFT_OUT), None)
    for plan in plans if bad else ():
        plan.new, plan.judged = None, bad.judged if bad else plan.judged


def apply(session: Session, task: Task, ready: Ready, at: datetime) -> list[Done]:
    if not source_updates.unchanged_since(session, list(ready.updates.values())):
        raise Stale
    done = list_entries.apply(session, task, ready.inner, at)
    source_updates.write(session, list(ready.updates.values()))
    groups: list[list[Done]] = [[] for _ in range(ready.stop - ready.start)]
    for one, owner in zip(done, ready.owners, strict=True):
        groups[owner - ready.start].append(one)
    return [_done(mine, ready.updates.get(ready.start + place)) for place, mine in enumerate(groups)]


def _done(groups: Sequence[Done], update: Update | None) -> Done:
    """What became of an entry: its title, whether it was made, its copies, and what its title was before."""
    if len(groups) == 1 and update is None:
        return groups[0]
    written = [one.subjects for one in groups if one.subjects]
    if update and not written:
        written = [[update.record_id, 0]]
    if not written:
        return groups[0]
    subjects = [written[0][0], max(each[1] for each in written), *(item for each in written for item in each[2:])]
    told = entry_undoing.told_of(update) if update else []
    tally = _tally([one.tally for one in groups])
    return Done([*subjects, *told], tally={**tally, **({"updated": 1} if update else {})})
