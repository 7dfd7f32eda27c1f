"""The list of a leg as the page shows it, and what a scanned code means on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.core.fold import code_keys
from library.holdings.models import Item, ItemCode, Place, PlaceKind
from library.loans import facts
from library.loans.facts import Desk
from library.organisations.models import Branch, Code, CodeKind, Organisation
from library.rotation import closing_rules, crates, legs
from library.rotation.models import Crate, Leg, LegLine, LegOutcome
from library.rotation.proof import FOLLOWED


@dataclass(frozen=True)
class Entry:
    """A copy on the list. `keys`: what its label may say, folded. `follows`: it was sent after the others, and has not come."""

    item_id: int
    uid: UUID
    title: str
    code: str
    crate_id: int | None
    outcome: LegOutcome | None
    asserted: bool
    proved: bool
    found: bool
    stands: PlaceKind
    keys: tuple[str, ...] = ()
    follows: bool = False

    @property
    def is_short(self) -> bool:
        return self.outcome is LegOutcome.SHORT and not self.found

    @property
    def with_reader(self) -> bool:
        return self.stands is PlaceKind.WITH_PATRONS

    @property
    def nowhere(self) -> bool:
        return self.stands in closing_rules.NOWHERE


@dataclass(frozen=True)
class Box:
    """A crate of the list. `opened`: its seal says nothing of this leg."""

    id: int
    uid: UUID
    number: int
    code: str
    seal: str | None
    opened: bool
    count: int
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    entries: Sequence[Entry]
    boxes: Sequence[Box]

    @property
    def expected(self) -> list[Entry]:
        """Less what was not there when it set out, and what follows."""
        return [one for one in self.entries if not (one.is_short or one.follows)]

    @property
    def loose(self) -> int:
        """Copies that travel in no crate."""
        return sum(one.crate_id is None and not one.follows for one in self.entries)


@dataclass
class Read:
    """What codes mean: item and crate ids, and the codes nobody knows."""

    items: set[int] = field(default_factory=set)
    crates: set[int] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)


def of(session: Session, leg: Leg) -> Manifest:
    """In the order of crates and accessions (three statements)."""
    keys = _keys(session, leg.id)
    query = (
        select(Item.id, Item.uid, Record.title, Item.accession, Item.accession_folded, LegLine, Place.kind)
        .join(Item, Item.id == LegLine.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .where(LegLine.leg_id == leg.id)
        .order_by(LegLine.crate_id, Item.accession_folded, Item.id)
    )
    entries = [
        Entry(item, uid, title, code or "", line.crate_id, line.outcome, line.asserted_at is not None,
              line.proved_at is not None, line.found_at is not None, kind,
              (*((folded,) if folded else ()), *keys.get(item, ())), line.note == FOLLOWED and line.outcome is None)
        for item, uid, title, code, folded, line, kind in session.execute(query)
    ]  # fmt: skip
    return Manifest(entries, _boxes(session, leg, entries))


def _keys(session: Session, leg_id: int) -> dict[int, list[str]]:
    query = select(ItemCode.item_id, Code.folded).join(Code, Code.id == ItemCode.code_id)
    query = query.join(LegLine, LegLine.item_id == ItemCode.item_id).where(LegLine.leg_id == leg_id)
    found: dict[int, list[str]] = {}
    for item, folded in session.execute(query):
        found.setdefault(item, []).append(folded)
    return found


def _boxes(session: Session, leg: Leg, entries: Sequence[Entry]) -> list[Box]:
    inside: dict[int, int] = {}
    for one in entries:
        if one.crate_id is not None and not one.is_short:
            inside[one.crate_id] = inside.get(one.crate_id, 0) + 1
    query = select(Crate, Code, crates.opened(leg)).join(Code, Code.id == Crate.code_id).where(Crate.id.in_(inside))
    return [
        Box(crate.id, crate.uid, crate.number, code.printed, crate.seal, bool(opened), inside[crate.id], (code.folded,))
        for crate, code, opened in session.execute(query.order_by(Crate.number))
    ]  # fmt: skip


def read(session: Session, leg: Leg, known: Manifest, codes: Sequence[str]) -> Read:
    """What was scanned, one code a line: crates and copies of the list, else any copy that is known where the leg ends."""
    items = _index({one.item_id: one.keys for one in known.entries})
    crates = _index({one.id: one.keys for one in known.boxes})
    told, desk = Read(), None
    for text in codes:
        keys = code_keys(text)
        if (crate := _first(crates, keys)) is not None:
            told.crates.add(crate)
        elif (item := _first(items, keys)) is not None:
            told.items.add(item)
        else:
            desk = desk or _desk(session, leg)
            _read_elsewhere(session, desk, text, told)
    return told


def _index(keys: Mapping[int, Sequence[str]]) -> dict[str, int]:
    return {key: one for one, some in keys.items() for key in some}


def _first(index: Mapping[str, int], keys: Sequence[str]) -> int | None:
    return next((index[key] for key in keys if key in index), None)


def _desk(session: Session, leg: Leg) -> Desk:
    """Where somebody stands who receives it."""
    _, (_, branch) = legs.ends(session, leg)
    query = select(Organisation.id, Organisation.network_id).join(Branch, Branch.organisation_id == Organisation.id)
    library, network = session.execute(query.where(Branch.id == branch)).one()
    return Desk(library, network or 0, branch)


def _read_elsewhere(session: Session, desk: Desk, text: str, told: Read) -> None:
    found = [one for one in facts.resolve(session, text, desk, clock.now()) if one.kind is CodeKind.ITEM]
    one = facts.the_one(found) if found else None
    if one is None:
        told.unknown.append(text)
    else:
        told.items.add(one.id)
