"""How each sheet of a list is to be read: found by the machine, mended by a person, kept as plain JSON in `Load.choices`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from library.core.fold import fold
from library.staging.headers import LOOKED_AT, Header
from library.staging.importers import Importer
from library.staging.sources import Row, Table

_AHEAD = 30  # rows below a header that show which columns are filled


@dataclass(frozen=True)
class Plan:
    """One sheet. `names` are the columns as the list calls them; `hint` is what the whole sheet says of its rows."""

    name: str
    size: int
    read: bool
    header: Header | None = None
    names: tuple[tuple[int, str], ...] = ()
    hint: Any = None

    def to_json(self) -> dict[str, Any]:
        head = self.header
        told = head and {
            "row": head.row_number, "mapping": dict(head.mapping), "confidence": head.confidence,
            "spans": {key: list(places) for key, places in head.spans.items()},
            "texts": {str(place): text for place, text in head.texts.items()},
        }  # fmt: skip
        names = [list(pair) for pair in self.names]
        return {
            "name": self.name,
            "size": self.size,
            "read": self.read,
            "header": told,
            "names": names,
            "hint": self.hint,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Plan":
        names = tuple((int(place), str(text)) for place, text in told["names"])
        return cls(told["name"], told["size"], told["read"], _header(told["header"], names), names, told["hint"])

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
    return Header(told["row"], dict(told["mapping"]), unknown, spans, texts, told["confidence"])


def look(table: Table, importer: Importer) -> list[Plan]:
    """A plan for each sheet. Those with a column the importer cannot do without are read."""
    return [_look_at(table, importer, name) for name in table.sheets]


def look_again(table: Table, importer: Importer, name: str, header_row: int) -> Plan:
    """The plan for a sheet whose header a person has pointed at."""
    rows = list(islice(_from(table, name, header_row), 2 + _AHEAD))
    found = importer.find_header(rows)
    if found is None or found.row_number > header_row + 1:
        texts = {place: fold(text) for place, text in enumerate(rows[0].cells if rows else ()) if text}
        found = Header(header_row, {}, (), {}, texts, 0.0)
    above = list(islice(table.rows(name), LOOKED_AT))
    return _plan(table, importer, name, found, above + rows)


def first_rows(table: Table, name: str, how_many: int = 12) -> list[Row]:
    """For pointing at the header."""
    return list(islice(table.rows(name), how_many))


def _from(table: Table, name: str, number: int) -> Iterator[Row]:
    return (row for row in table.rows(name) if row.number >= number)


def _look_at(table: Table, importer: Importer, name: str) -> Plan:
    rows = list(islice(table.rows(name), LOOKED_AT + _AHEAD))
    header = importer.find_header(rows)
    return _plan(table, importer, name, header, rows) if header else Plan(name, table.size(name), False)


def _plan(table: Table, importer: Importer, name: str, header: Header, rows: Sequence[Row]) -> Plan:
    above = [row for row in rows if row.number < header.row_number]
    read = any(key in header.mapping for key in importer.essential)
    return Plan(name, table.size(name), read, header, _names(header, rows), importer.hint(name, above))


def _names(header: Header, rows: Sequence[Row]) -> tuple[tuple[int, str], ...]:
    """What stands over each column: the header's last line, else the line above it."""
    lines = {row.number: row.cells for row in rows}
    last, before = lines.get(header.row_number, ()), lines.get(header.row_number - 1, ())
    used = {place for key in header.mapping for place in header.columns(key)} | {place for place, _ in header.unknown}
    told = dict(header.unknown)
    places = sorted(used | set(header.texts))
    named = ((place, told.get(place) or _at(last, place) or _at(before, place)) for place in places)
    return tuple((place, text or f"({place + 1})") for place, text in named)


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""
