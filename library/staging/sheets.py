"""How each sheet of a list is to be read: found by the machine, mended by a person, kept as plain JSON in `Load.choices`."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from library.core.fold import fold
from library.staging import mending
from library.staging.headers import LOOKED_AT, Header
from library.staging.importers import REST, Importer
from library.staging.mending import Encodings, Mended
from library.staging.tables import Row, Table, UnreadableFile

_AHEAD = 30  # rows below a header that show which columns are filled


@dataclass(frozen=True)
class Plan:
    """One sheet. `names` are the columns as the list calls them; `hint` is what the whole sheet says of its rows.

    `encodings` tell which columns are mended and how, `marked` which have anything to mend. `source` is what
    the sheet is known by when it comes again, '' for one that cannot be. `entries`: a file of MARC, not of rows.
    """

    name: str
    size: int
    read: bool
    header: Header | None = None
    names: tuple[tuple[int, str], ...] = ()
    hint: Any = None
    encodings: Encodings = field(default_factory=dict)
    marked: tuple[int, ...] = ()
    source: str = ""
    entries: bool = False

    def to_json(self) -> dict[str, Any]:
        head = self.header
        told = head and {
            "row": head.row_number, "mapping": dict(head.mapping), "confidence": head.confidence,
            "spans": {key: list(places) for key, places in head.spans.items()},
            "texts": {str(place): text for place, text in head.texts.items()}, "profile": head.profile,
        }  # fmt: skip
        return {
            "name": self.name, "size": self.size, "read": self.read, "header": told,
            "names": [list(pair) for pair in self.names], "hint": self.hint,
            "encodings": {str(place): one for place, one in self.encodings.items()},
            "marked": list(self.marked),
            "source": self.source, "entries": self.entries,
        }  # fmt: skip

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Plan":
        names = tuple((int(place), str(text)) for place, text in told["names"])
        return cls(
            told["name"], told["size"], told["read"], _header(told["header"], names), names, told["hint"],
            {int(place): one for place, one in told.get("encodings", {}).items()},
            tuple(told.get("marked", ())),
            told.get("source", ""), told.get("entries", False),
        )  # fmt: skip

    def role(self, place: int) -> str:
        """The key of the column at `place`, '' where it is not used."""
        header = self.header
        return next((key for key in header.mapping if place in header.columns(key)), "") if header else ""

    def mapped(self, roles: Mapping[int, str], essential: Collection[str]) -> "Plan":
        """The same sheet with its columns meaning what a person says; spans stay with the columns that kept their key."""
        if self.header is None:
            return self
        chosen: dict[str, int] = {}
        for place, key in sorted(roles.items()):
            if key:
                chosen.setdefault(key, place)
        kept = {key: more for key, more in self.header.spans.items() if chosen.get(key) == self.header.mapping.get(key)}
        taken = set(chosen.values()) | {place for more in kept.values() for place in more}
        unknown = tuple((place, text) for place, text in self.names if place not in taken)
        return replace(
            self,
            header=replace(self.header, mapping=chosen, spans=kept, unknown=unknown),
            read=any(key in chosen for key in essential),
        )


def _header(told: Mapping[str, Any] | None, names: Sequence[tuple[int, str]]) -> Header | None:
    if told is None:
        return None
    spans = {key: tuple(places) for key, places in told["spans"].items()}
    used = {*told["mapping"].values(), *(place for places in spans.values() for place in places)}
    texts = {int(place): text for place, text in told["texts"].items()}
    unknown = tuple((place, text) for place, text in names if place not in used)
    return Header(
        told["row"], dict(told["mapping"]), unknown, spans, texts, told["confidence"], told.get("profile", "")
    )


def plan_of_rest(importer: Importer) -> Plan:
    """How the cells of rows lie that stand in no sheet."""
    header = Header(0, {key: place for place, key in enumerate(importer.shown)})
    names = tuple((place, importer.label(key)) for place, key in enumerate(importer.shown))
    return Plan(REST, 0, False, header, names)


def look(table: Mended, importer: Importer) -> list[Plan]:
    """A plan for each sheet. Those with a column the importer cannot do without are read."""
    return [_look_at(table, importer, name) for name in table.sheets]


def look_again(table: Mended, importer: Importer, plan: Plan, header_row: int) -> Plan:
    """The plan for a sheet whose header a person has pointed at."""
    table.encodings[plan.name] = plan.encodings
    rows = list(islice(_from(table, plan.name, header_row), 2 + _AHEAD))
    found = importer.find_header(rows)
    if found is None or found.row_number > header_row + 1:
        texts = {place: fold(text) for place, text in enumerate(rows[0].cells if rows else ()) if text}
        found = Header(header_row, {}, (), {}, texts, 0.0)
    above = list(islice(table.rows(plan.name), LOOKED_AT))
    return _planned(table, importer, plan, found, above + rows)


def look_mended(table: Mended, importer: Importer, plan: Plan, encodings: Encodings) -> Plan:
    """The same sheet with other encodings of its columns; what its columns mean stays where it was."""
    changed = replace(plan, encodings={place: one for place, one in encodings.items() if one})
    table.encodings[plan.name] = changed.encodings
    rows = list(islice(table.rows(plan.name), LOOKED_AT + _AHEAD))
    header = importer.find_header(rows) if plan.header is None or not plan.header.mapping else plan.header
    return _planned(table, importer, changed, header, rows) if header else changed


def look_as(table: Mended, importer: Importer, plan: Plan, program: str) -> Plan:
    """The sheet as a list of this program; '' for one that people wrote."""
    rows = list(islice(table.rows(plan.name), LOOKED_AT + _AHEAD))
    header = importer.as_program(rows, program) if importer.as_program else None
    return _planned(table, importer, plan, header, rows) if header else replace(plan, header=None, read=False)


Samples = Mapping[int, Sequence[tuple[str, str]]]
"""{place: cells (before, after)}"""


def samples(table: Mended, importer: Importer, plan: Plan) -> Samples:
    """Of the columns that are mended and may be shown. Read each time: cells are not kept beside the rows, which age."""
    may = [place for place in plan.encodings if _may_show(importer, plan, place)]
    raw = _raw(table, plan.name) if may else []
    return {place: mending.samples(raw, place, plan.encodings[place]) for place in may}


def _may_show(importer: Importer, plan: Plan, place: int) -> bool:
    role = plan.role(place)
    return role in importer.stored if importer.stored is not None else role not in importer.private


def first_rows(table: Table, name: str, how_many: int = 12) -> list[Row]:
    """For pointing at the header; a file of MARC has none."""
    return list(islice(table.rows(name), how_many))


def _from(table: Table, name: str, number: int) -> Iterator[Row]:
    return (row for row in table.rows(name) if row.number >= number)


def _look_at(table: Mended, importer: Importer, name: str) -> Plan:
    raw = _raw(table, name)
    found = mending.find(raw)
    table.encodings[name] = found
    rows = list(islice(table.rows(name), LOOKED_AT + _AHEAD))
    header = importer.find_header(rows)
    plan = Plan(
        name,
        table.size(name),
        False,
        encodings=found,
        marked=tuple(mending.marked_columns(raw)),
        source=_source(raw, header),
    )
    return _planned(table, importer, plan, header, rows) if header else plan


def _raw(table: Mended, name: str) -> list[Row]:
    """The first rows as they were seen; a file that breaks among them is told when its rows are read."""
    rows: list[Row] = []
    with suppress(UnreadableFile):
        for row in islice(table.raw(name), mending.LOOKED_AT):
            rows.append(row)
    return rows


def _planned(table: Table, importer: Importer, plan: Plan, header: Header, rows: Sequence[Row]) -> Plan:
    above = [row for row in rows if row.number < header.row_number]
    read = any(key in header.mapping for key in importer.essential)
    hint = importer.hint(plan.name, above)
    return replace(plan, read=read, header=header, names=_names(header, rows), hint=hint)


def _source(raw: Sequence[Row], header: Header | None) -> str:
    """What the sheet is known by when it comes again: its header as it was written, or else its first row."""
    wanted = header.row_number if header else raw[0].number if raw else 0
    told = [row.cells for row in raw if row.number == wanted]
    return hashlib.blake2b("\0".join(told[0]).encode(errors="replace"), digest_size=8).hexdigest() if told else ""


def _names(header: Header, rows: Sequence[Row]) -> tuple[tuple[int, str], ...]:
    """What stands over each column: the header's last line, else the line above it."""
    lines = {row.number: row.cells for row in rows}
    last, before = lines.get(header.row_number, ()), lines.get(header.row_number - 1, ())
    used = {place for key in header.mapping for place in header.columns(key)} | {place for place, _ in header.unknown}
    told = dict(header.unknown)
    last = last if header.row_number else ()
    places = sorted(used | set(header.texts))
    named = ((place, told.get(place) or _at(last, place) or _at(before, place)) for place in places)
    return tuple((place, text or f"({place + 1})") for place, text in named)


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""
