"""Rows of a book list become titles, copies and receipts; an undoing strikes the copies out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.orm import Session

from library.catalogue import writing
from library.catalogue.models import LocalRecord, Record
from library.catalogue.writing import NewRecord
from library.core import clock
from library.core.errors import N_
from library.core.fold import fold
from library.holdings import accessions, places
from library.holdings.accessions import NewItem
from library.holdings.list_rows import COUNTED, UNDONE, Number, Plan, network_of, plans_for, series_of, slices
from library.holdings.models import Item, ItemCode, Movement, Place, PlaceKind, Receipt, RegisterLine, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations import codes
from library.organisations.models import Branch, Organisation
from library.staging.importers import Done, Staged, Stale, Task, note_of
from library.staging.undoing import named_elsewhere
from library.staging.verdicts import Note

HOMES = (PlaceKind.STACKS, PlaceKind.CLASS_SHELF, PlaceKind.DEPOT, PlaceKind.VEHICLE_SHELF)
LIVED_ON = N_("Giữ lại %(labels)s: đã có lượt mượn, đã chuyển chỗ, có người đặt hoặc đã in nhãn.")


def begin(session: Session, task: Task, at: datetime) -> int:
    """The act of the whole list, with its own uid. Numbers of the list are behind the counters from here on."""
    places.furnish(session, session.get_one(Branch, task.branch_id))
    for series, number in sorted(task.choices.get("found", {}).get("highest", {}).items()):
        codes.at_least(session, task.library_id, f"{COUNTED}{series}", number)
    return acts.write(session, Doing(task.uid, task.account, task.branch_id), "import", at)


@dataclass(frozen=True)
class Prepared:
    """Plans, and the newest title when they were made: while it is the newest, no title has come that they missed."""

    plans: Sequence[Plan]
    newest: int
    network_id: int
    shelf: "_Shelf"


def prepare(session: Session, task: Task, rows: Sequence[Staged]) -> Prepared:
    """Rows are judged anew: much may have happened since they were shown."""
    newest = _newest(session)
    plans = plans_for(session, task, rows, {}, {})
    for plan in plans:
        if plan.new and plan.record_id is None:
            _ = plan.new.columns  # what takes longest: search words, sort keys
    return Prepared(plans, newest, network_of(session, task.library_id), _Shelf(session, task))


def _newest(session: Session) -> int:
    return session.scalar(select(func.max(Record.id))) or 0


def apply(session: Session, task: Task, prepared: Prepared, at: datetime) -> list[Done]:
    """Titles first, then copies, in about twenty statements."""
    if _newest(session) != prepared.newest:
        raise Stale
    plans = prepared.plans
    writes = [plan for plan in plans if plan.new]
    made = _make_records(session, prepared.network_id, writes)
    entered = _enter(session, task, writes, prepared.shelf, at)
    _say_locally(session, task.library_id, writes)
    return [_done(plan, id(plan) in made, entered.get(id(plan), [])) for plan in plans]


def _done(plan: Plan, made: bool, items: list[int]) -> Done:
    if plan.new is None:
        return Done(None, plan.judged.verdict, plan.judged.notes)
    return Done([plan.record_id, int(made), *items], tally={"titles": int(made), "copies": len(items)})


def _make_records(session: Session, network_id: int, plans: Sequence[Plan]) -> set[int]:
    """Give every plan its title; the plans that made one. Rows of one chunk may be the same book: each round makes the
    first of every key, and asks again for the others."""
    made: set[int] = set()
    left = [plan for plan in plans if plan.record_id is None]
    while left:
        firsts = {plan.new.asked.key: plan for plan in reversed(left) if plan.new}
        new = [plan for plan in left if plan.new and firsts[plan.new.asked.key] is plan]
        for plan, record in zip(
            new, writing.insert_many(session, network_id, [_of(plan) for plan in new]), strict=True
        ):
            plan.record_id = record
            made.add(id(plan))
        left = [plan for plan in left if plan.record_id is None]
        matches = writing.find_matches(session, network_id, [_of(plan).asked for plan in left]) if left else {}
        for plan in left:
            plan.record_id = matches.get(_of(plan).asked)
        left = [plan for plan in left if plan.record_id is None]
    return made


def _of(plan: Plan) -> NewRecord:
    assert plan.new
    return plan.new


def _enter(session: Session, task: Task, plans: Sequence[Plan], shelf: "_Shelf", at: datetime) -> dict[int, list[int]]:
    """Enter the copies of each plan; item ids by plan, in the order of its numbers."""
    if not plans:
        return {}
    library = session.get_one(Organisation, task.library_id)
    receipts = _receipts(session, task, plans)
    new = [(plan, one) for plan in plans for one in shelf.copies(plan, receipts, plan.enter)]
    receipt = (_act(task), task.uid, next(iter(receipts.values())))
    made = accessions.enter(session, receipt, library, task.branch_id, [one for _, one in new], at)
    entered: dict[int, list[int]] = {}
    for (plan, _), item in zip(new, made, strict=True):
        entered.setdefault(id(plan), []).append(item)
    again = {
        item: one
        for plan in plans if plan.again
        for item, one in zip(plan.again, shelf.copies(plan, receipts, tuple(plan.again.values())), strict=True)
    }  # fmt: skip
    accessions.take_up_again(session, (_act(task), task.uid), task.branch_id, again, at)
    for plan in plans:
        entered.setdefault(id(plan), []).extend(plan.again)
    return entered


def _act(task: Task) -> int:
    assert task.act_id
    return task.act_id


def homes_of(session: Session, branch_id: int) -> tuple[tuple[str, str], ...]:
    query = select(Place.id, Place.name).where(Place.branch_id == branch_id, Place.closed_on.is_(None))
    return tuple(
        (str(place), name) for place, name in session.execute(query.where(Place.kind.in_(HOMES)).order_by(Place.id))
    )


Key = tuple[str, str, str, date]
"""What tells receipts apart: source, voucher, number in the general register, day."""


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
        if not numbers:
            return [NewItem(series=series_of(self.task, plan.row.values), **told)] * plan.copies
        return [
            NewItem(series=one.series, number=one.number, digits=one.digits, label=one.label, **told) for one in numbers
        ]

    def _told(self, plan: Plan, receipts: Mapping[Key, int]) -> dict[str, Any]:
        """What a row says of all its copies."""
        values = plan.row.values
        key = receipt_key(self.task, values)
        shelf = values.get("shelf", "")
        home = self.named.get(fold(shelf)) if shelf else self.home
        return {
            "record_id": plan.record_id, "home_id": home or self.home, "price": values.get("price"),
            "accessioned_on": key[3], "receipt_id": receipts[key],
            "note": "; ".join(filter(None, (values.get("note", ""), "" if home else shelf))) or None,
        }  # fmt: skip


def receipt_key(task: Task, values: Mapping[str, Any]) -> Key:
    answers = task.answers
    day = values.get("accessioned_on") or answers.get("received_on") or clock.today().isoformat()
    source = values.get("source") or answers.get("source") or DEFAULT_SOURCE
    return source, values.get("voucher", ""), values.get("general_no", ""), date.fromisoformat(day)


DEFAULT_SOURCE = "Sách có trước khi dùng máy"


def _receipts(session: Session, task: Task, plans: Sequence[Plan]) -> dict[Key, int]:
    """A receipt for each source, voucher and day; a number of the general register stands for one receipt, always."""
    wanted = list(dict.fromkeys(receipt_key(task, plan.row.values) for plan in plans))
    known, numbered = _known_receipts(session, task, wanted)
    for key in wanted:
        source, voucher, general_no, day = key
        if key not in known:
            known[key] = numbered.get(general_no) or accessions.add_receipt(
                session,
                _act(task),
                task.library_id,
                source,
                day,
                voucher=voucher or None,
                general_no=general_no or None,
            )
            numbered |= {general_no: known[key]} if general_no else {}
    return {key: known[key] for key in wanted}


def _known_receipts(session: Session, task: Task, wanted: Sequence[Key]) -> tuple[dict[Key, int], dict[str, int]]:
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
    mine = select(LocalRecord.record_id).where(LocalRecord.library_id == library_id, LocalRecord.record_id.in_(said))
    there = set(session.scalars(mine))
    rows = [
        {"library_id": library_id, "record_id": record, "call_number": mark}
        for record, mark in said.items()
        if record not in there
    ]
    if rows:
        session.execute(insert(LocalRecord), rows)


# Undoing


def undo(session: Session, task: Task, rows: Sequence[Staged]) -> list[tuple[Note, ...]]:
    """Strike out the copies that have no life of their own; for each row, what stays."""
    items = [item for row in rows for item in row.subjects[2:]]
    stays: dict[int, str] = {}
    for some in slices(items):
        stays |= _lived_on(session, some)
        struck = [item for item in some if item not in stays]
        accessions.strike_out(session, struck, f"{UNDONE} ngày {clock.today():%d/%m/%Y}")
    return [_kept([stays[item] for item in row.subjects[2:] if item in stays]) for row in rows]


def _kept(labels: Sequence[str]) -> tuple[Note, ...]:
    return (note_of(LIVED_ON, labels=", ".join(labels)),) if labels else ()


def _lived_on(session: Session, items: Sequence[int]) -> dict[int, str]:
    """The copies among `items` that something happened to, with their accession numbers."""
    moved = select(Movement.item_id).where(Movement.item_id.in_(items), Movement.why != Why.ACCESSION)
    named = named_elsewhere(
        session, Item, items, besides=(ItemCode.__tablename__, RegisterLine.__tablename__, "movement")
    )
    labelled = select(Item.id).where(Item.id.in_(items), Item.label_printed_at.is_not(None))
    lived = {*session.scalars(moved), *named, *session.scalars(labelled)}
    query = select(Item.id, Item.accession).where(Item.id.in_(lived))
    return {item: label or "" for item, label in session.execute(query)} if lived else {}
