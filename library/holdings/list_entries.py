"""Rows of a book list become titles, copies and receipts; an undoing strikes the copies out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from library.catalogue import matching, writing
from library.catalogue.models import LocalRecord, Record
from library.catalogue.writing import NewRecord
from library.core import clock
from library.core.bulk import add_rows
from library.core.db import straight, table_of
from library.core.errors import N_
from library.core.fold import fold
from library.holdings import accessions, list_codes, places
from library.holdings.accessions import NewItem
from library.holdings.list_rows import COUNTED, UNDONE, Key, Number, Plan, Slot, plans_for, series_of, slices
from library.holdings.models import Item, ItemCode, Movement, Place, PlaceKind, Receipt, RegisterLine, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations import codes
from library.organisations.models import Branch, Organisation
from library.staging.importers import Done, Staged, Stale, Task, note_of
from library.staging.undoing import named_elsewhere
from library.staging.verdicts import Note

HOMES = (PlaceKind.STACKS, PlaceKind.CLASS_SHELF, PlaceKind.DEPOT, PlaceKind.VEHICLE_SHELF)
OLD_CODE = "Mã trong tệp: {}"
LIVED_ON = N_("Giữ lại %(labels)s: đã có lượt mượn, đã chuyển chỗ, có người đặt hoặc đã in nhãn.")

_ORGANISATION, _LOCAL = table_of(Organisation), table_of(LocalRecord)
_NEWEST = select(func.max(table_of(Record).c.id))
_LIBRARY = select(_ORGANISATION.c.number, _ORGANISATION.c.network_id).where(_ORGANISATION.c.id == bindparam("library"))
_TOLD_LOCALLY = select(_LOCAL.c.record_id).where(
    _LOCAL.c.library_id == bindparam("library"), _LOCAL.c.record_id.in_(bindparam("records", expanding=True))
)

_ITEM, _MOVEMENT = table_of(Item), table_of(Movement)
_THESE: BindParameter[int] = bindparam("items", expanding=True)
_MOVED = select(_MOVEMENT.c.item_id).where(_MOVEMENT.c.item_id.in_(_THESE), _MOVEMENT.c.why != Why.ACCESSION)
_LABELS = select(_ITEM.c.id, _ITEM.c.accession, _ITEM.c.label_printed_at).where(_ITEM.c.id.in_(_THESE))
_OWN = (ItemCode.__tablename__, RegisterLine.__tablename__, Movement.__tablename__)
"""What a copy has from the day it comes in."""


def begin(session: Session, task: Task, at: datetime) -> int:
    """The act of the whole list, with its own uid. Numbers of the list are behind the counters from here on."""
    places.furnish(session, session.get_one(Branch, task.branch_id))
    for series, number in sorted(task.choices.get("found", {}).get("highest", {}).items()):
        codes.at_least(session, task.library_id, f"{COUNTED}{series}", number)
    return acts.write(session, Doing(task.uid, task.account, task.branch_id), "import", at)


@dataclass(frozen=True)
class Ground:
    """What does not change while a list is written; `receipts` grow with it. `highest` numbers the counters know."""

    library: "Numbered"
    network_id: int
    shelf: "_Shelf"
    receipts: dict[Key, int]
    general: dict[str, int]
    highest: Mapping[str, int]


@dataclass(frozen=True)
class Numbered:
    """A library as its codes name it."""

    id: int
    number: int


@dataclass(frozen=True)
class Prepared:
    """Plans, and the newest title when they were made: of those that came later none has been compared."""

    plans: Sequence[Plan]
    newest: int
    ground: Ground

    def part(self, start: int, stop: int) -> "Prepared":
        return Prepared(self.plans[start:stop], self.newest, self.ground)


def prepare(session: Session, task: Task, rows: Sequence[Staged]) -> Prepared:
    """Rows are judged anew: much may have happened since they were shown."""
    newest = straight(session).execute(_NEWEST).scalar() or 0
    plans = plans_for(session, task, rows, {}, {})
    writes = [plan for plan in plans if plan.new]
    list_codes.settle(session, task, writes)
    for plan in writes:
        plan.receipt = receipt_key(task, plan.row.values)
        if plan.record_id is None:
            _ = _of(plan).columns  # what takes longest: search words, sort keys
    return Prepared(plans, newest, _ground(session, task, {plan.receipt for plan in writes}))


def _ground(session: Session, task: Task, receipts: Collection[Key]) -> Ground:
    number, network_id = straight(session).execute(_LIBRARY, {"library": task.library_id}).one()
    known, numbered = _known_receipts(session, task, receipts)
    highest = task.choices.get("found", {}).get("highest", {})
    library = Numbered(task.library_id, number)
    return Ground(library, network_id or 0, _Shelf(session, task), known, numbered, highest)


def apply(session: Session, task: Task, prepared: Prepared, at: datetime) -> list[Done]:
    """Titles first, then copies, in about fifteen statements. Raises Stale."""
    writes = [plan for plan in prepared.plans if plan.new]
    made = _make_records(session, prepared, writes)
    entered = _enter(session, task, writes, prepared.ground, at)
    _say_locally(session, task.library_id, writes)
    return [_done(plan, id(plan) in made, entered.get(id(plan), [])) for plan in prepared.plans]


def _done(plan: Plan, made: bool, items: list[int]) -> Done:
    if plan.new is None:
        return Done(None, plan.judged.verdict, plan.judged.notes)
    return Done([plan.record_id, int(made), *items], tally={"titles": int(made), "copies": len(items)})


def _make_records(session: Session, prepared: Prepared, plans: Sequence[Plan]) -> set[int]:
    """Give every plan its title; the plans that made one. Rows of one list may be the same book: each round makes the
    first of every key, and asks again for the others, as for keys that have come into the catalogue meanwhile."""
    network_id = prepared.ground.network_id
    made: set[int] = set()
    left = [plan for plan in plans if plan.record_id is None]
    came = matching.keys_since(session, network_id, [_of(plan).asked.key for plan in left], prepared.newest)
    _find(session, network_id, [plan for plan in left if _of(plan).asked.key in came])
    while left := [plan for plan in left if plan.record_id is None]:
        firsts = {_of(plan).asked.key: plan for plan in reversed(left)}
        new = [plan for plan in left if firsts[_of(plan).asked.key] is plan]
        ids = writing.insert_many(session, network_id, [_of(plan) for plan in new])
        for plan, record in zip(new, ids, strict=True):
            plan.record_id = record
            made.add(id(plan))
        _find(session, network_id, [plan for plan in left if plan.record_id is None])
    return made


def _find(session: Session, network_id: int, plans: Sequence[Plan]) -> None:
    """The title of each, where the catalogue has it by now."""
    matches = writing.find_matches(session, network_id, [_of(plan).asked for plan in plans]) if plans else {}
    for plan in plans:
        plan.record_id = matches.get(_of(plan).asked)


def _of(plan: Plan) -> NewRecord:
    assert plan.new
    return plan.new


def _enter(session: Session, task: Task, plans: Sequence[Plan], ground: Ground, at: datetime) -> dict[int, list[int]]:
    """Enter the copies of each plan; item ids by plan, in the order of its numbers."""
    plans = [plan for plan in plans if plan.enter or plan.copies or plan.again]
    if not plans:
        return {}
    list_codes.pass_over(session, ground.library.id, ground.library.number, plans)
    receipts, shelf = _receipts(session, task, plans, ground), ground.shelf
    new = [(plan, one) for plan in plans for one in shelf.copies(plan, receipts, plan.enter)]
    receipt = (_act(task), task.uid, next(iter(receipts.values())))
    copies = [one for _, one in new]
    made = accessions.enter(session, receipt, ground.library, task.branch_id, copies, at, counted=ground.highest)
    entered: dict[int, list[int]] = {}
    for (plan, _), item in zip(new, made, strict=True):
        entered.setdefault(id(plan), []).append(item)
    again = {
        item: one
        for plan in plans if plan.again
        for item, one in zip(plan.again, shelf.copies(plan, receipts, tuple(plan.again.values())), strict=True)
    }  # fmt: skip
    if not accessions.take_up_again(session, (_act(task), task.uid), task.branch_id, again, at):
        raise Stale
    for plan in plans:
        entered.setdefault(id(plan), []).extend(plan.again)
    list_codes.stick(session, ground.library.id, plans, entered, at)
    return entered


def _act(task: Task) -> int:
    assert task.act_id
    return task.act_id


def homes_of(session: Session, branch_id: int) -> tuple[tuple[str, str], ...]:
    query = select(Place.id, Place.name).where(Place.branch_id == branch_id, Place.closed_on.is_(None))
    return tuple(
        (str(place), name) for place, name in session.execute(query.where(Place.kind.in_(HOMES)).order_by(Place.id))
    )


class _Shelf:
    """Copies as a row describes them, each with its home."""

    def __init__(self, session: Session, task: Task) -> None:
        homes = homes_of(session, task.branch_id)
        self.task, self.named = task, {fold(name): int(place) for place, name in homes}
        chosen = task.answers.get("home", "")
        self.home = int(chosen if chosen in dict(homes) else homes[0][0])

    def copies(self, plan: Plan, receipts: Mapping[Key, int], numbers: Sequence[Number]) -> list[NewItem]:
        """A copy for each number; without any, as many as the plan counts."""
        told = self._told(plan, receipts)
        if numbers:
            made = [
                NewItem(series=one.series, number=one.number, digits=one.digits, label=one.label, **told)
                for one in numbers
            ]
        else:
            made = [NewItem(series=series_of(self.task, plan.row.values), **told)] * plan.copies
        if not plan.words:
            return made
        slots: Sequence[Slot] = numbers or range(plan.copies)
        return [_with_words(one, plan.words.get(slot, "")) for one, slot in zip(made, slots, strict=True)]

    def _told(self, plan: Plan, receipts: Mapping[Key, int]) -> dict[str, Any]:
        """What a row says of all its copies."""
        values = plan.row.values
        key = plan.receipt
        shelf = values.get("shelf", "")
        home = self.named.get(fold(shelf)) if shelf else self.home
        return {
            "record_id": plan.record_id, "home_id": home or self.home, "price": values.get("price"),
            "accessioned_on": key[3], "receipt_id": receipts[key],
            "note": "; ".join(filter(None, (values.get("note", ""), "" if home else shelf))) or None,
        }  # fmt: skip


def _with_words(one: NewItem, code: str) -> NewItem:
    return replace(one, note="; ".join(filter(None, (one.note, OLD_CODE.format(code))))) if code else one


def receipt_key(task: Task, values: Mapping[str, Any]) -> Key:
    answers = task.answers
    day = values.get("accessioned_on") or answers.get("received_on") or clock.today().isoformat()
    source = values.get("source") or answers.get("source") or DEFAULT_SOURCE
    return source, values.get("voucher", ""), values.get("general_no", ""), date.fromisoformat(day)


DEFAULT_SOURCE = "Sách có trước khi dùng máy"


def _receipts(session: Session, task: Task, plans: Sequence[Plan], ground: Ground) -> dict[Key, int]:
    """A receipt for each source, voucher and day; a number of the general register stands for one receipt, always."""
    wanted = list(dict.fromkeys(plan.receipt for plan in plans))
    for key in wanted:
        if key not in ground.receipts:
            ground.receipts[key] = ground.general.get(key[2]) or _receipt(session, task, key)
            ground.general.update({key[2]: ground.receipts[key]} if key[2] else {})
    return {key: ground.receipts[key] for key in wanted}


def _receipt(session: Session, task: Task, key: Key) -> int:
    source, voucher, general_no, day = key
    more = {"voucher": voucher or None, "general_no": general_no or None}
    late = task.answers.get("retrospective") == "yes"
    return accessions.add_receipt(session, _act(task), task.library_id, source, day, retrospective=late, **more)


def _known_receipts(session: Session, task: Task, wanted: Collection[Key]) -> tuple[dict[Key, int], dict[str, int]]:
    """Those of this list so far, and those with a number of the general register."""
    general = {key[2] for key in wanted if key[2]}
    mine = and_(Receipt.act_id == task.act_id, Receipt.received_on.in_({key[3] for key in wanted}))
    query = select(Receipt.id, Receipt.source, Receipt.voucher, Receipt.general_no, Receipt.received_on)
    rows = session.execute(
        query.where(Receipt.library_id == task.library_id, or_(mine, Receipt.general_no.in_(general)))
    ).all()
    known = {(source, voucher or "", number or "", day): receipt for receipt, source, voucher, number, day in rows}
    return known, {row.general_no: row.id for row in rows if row.general_no}


def _say_locally(session: Session, library_id: int, plans: Sequence[Plan]) -> None:
    """Call numbers of titles of which this library has said nothing yet."""
    said = {plan.record_id: plan.row.values["call_number"] for plan in plans if plan.row.values.get("call_number")}
    if not said:
        return
    asked = {"library": library_id, "records": list(said)}
    there = set(straight(session).execute(_TOLD_LOCALLY, asked).scalars())
    rows = [
        {"library_id": library_id, "record_id": record, "call_number": mark}
        for record, mark in said.items()
        if record not in there
    ]
    add_rows(session, _LOCAL, rows)


# Undoing


def undo(session: Session, task: Task, rows: Sequence[Staged]) -> list[tuple[Note, ...]]:
    """Strike out the copies that have no life of their own; for each row, what stays."""
    items = [item for row in rows for item in row.subjects[2:]]
    stays: dict[int, str] = {}
    for some in slices(items):
        stays |= _lived_on(session, some)
        struck = [item for item in some if item not in stays]
        accessions.strike_out(session, struck, f"{UNDONE} ngày {clock.today():%d/%m/%Y}")
        list_codes.end(session, rows, struck)
    return [_kept([stays[item] for item in row.subjects[2:] if item in stays]) for row in rows]


def _kept(labels: Sequence[str]) -> tuple[Note, ...]:
    return (note_of(LIVED_ON, labels=", ".join(labels)),) if labels else ()


def _lived_on(session: Session, items: Sequence[int]) -> dict[int, str]:
    """The copies among `items` that something happened to, with their accession numbers."""
    if not items:
        return {}
    asked = {"items": list(items)}
    moved = set(straight(session).execute(_MOVED, asked).scalars())
    lived = moved | named_elsewhere(session, Item, items, besides=_OWN)
    rows = straight(session).execute(_LABELS, asked)
    return {item: label or "" for item, label, printed in rows if item in lived or printed is not None}
