"""Which row of a list is its header, and what each column holds, by what people call it.

A vocabulary maps a column's key to the names it goes by. Names are compared as written, then folded and without spaces,
so that “Họ và tên”, `ho_va_ten` and `HoVaTen` are one while “Kho” and “Khổ” stay two. Headers of two lines are read
together: “Cha” over “Họ tên” is the father's name.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice

from library.core.fold import clean, fold
from library.staging.tables import Row

Vocabulary = Mapping[str, Collection[str]]

LOOKED_AT = 20  # rows a header is looked for in
_SAMPLE = 30  # rows below it that show which unnamed columns are filled
_EXACT, _BEGINS = 1.0, 0.6
_LONGEST_NAME = 90


@dataclass(frozen=True)
class Header:
    """`row_number` is the header's last line: entries follow it. `spans` are columns to be read with the one before.

    `unknown` are named columns nothing is known of; `texts` the folded header cells; confidence is 0 to 1. `profile` is
    the program that wrote the list, where it is known: whoever reads the rows knows its ways. Row 0: there is no header.
    """

    row_number: int
    mapping: Mapping[str, int]
    unknown: tuple[tuple[int, str], ...] = ()
    spans: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)
    confidence: float = 1.0
    profile: str = ""

    def cell(self, cells: Sequence[str], key: str) -> str:
        """The text of a column in one row, '' when the list has no such column or the row ends before it."""
        if key not in self.mapping:
            return ""
        places = (self.mapping[key], *self.spans.get(key, ()))
        return " ".join(cells[place] for place in places if place < len(cells) and cells[place])

    def row(self, cells: Sequence[str]) -> dict[str, str]:
        """The texts of all columns in one row; those the list does not have, or where the row ends before, are missing."""
        width = len(cells)
        texts = {key: cells[place] for key, place in self._alone if place < width}
        for key in self.spans:
            texts[key] = self.cell(cells, key)
        return texts

    @cached_property
    def _alone(self) -> list[tuple[str, int]]:
        return [(key, place) for key, place in self.mapping.items() if key not in self.spans]

    def columns(self, key: str) -> tuple[int, ...]:
        return (self.mapping[key], *self.spans.get(key, ())) if key in self.mapping else ()


def vocabulary(words: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """{key: 'Tên sách | Nhan đề'} as {key: names in small letters}."""
    return {key: tuple(clean(name).lower() for name in names.split("|")) for key, names in words.items()}


def kept(cells: Sequence[str], header: Header, keys: Collection[str]) -> list[str]:
    """The cells of the columns named in `keys`, all others blanked: what may be stored of a row."""
    places = {place for key in keys for place in header.columns(key)}
    return [cell if place in places else "" for place, cell in enumerate(cells)]


def find_header(rows: Iterable[Row], words: Vocabulary, swallowing: Collection[str] = ()) -> Header | None:
    """The best header in the first 20 rows, or None. Reads no more than the first 50 rows.

    What stands under a name of the `swallowing` keys in a header of two lines belongs to it, whatever it is called.
    """
    looked = list(islice(rows, LOOKED_AT + _SAMPLE))
    finder = _Finder(words, swallowing)
    found = [header for at in range(min(LOOKED_AT, len(looked))) for header in finder.headers(looked, at)]
    return max(found, key=lambda header: header[0])[1] if found else None


@dataclass(frozen=True)
class _Match:
    key: str
    quality: float


class _Finder:
    def __init__(self, words: Vocabulary, swallowing: Collection[str]) -> None:
        named = [(name, key) for key, names in words.items() for name in names]
        self.written = dict(named)
        self.keys: dict[str, str] = {}
        for name, key in sorted(named, key=lambda one: one[0] != fold(one[0])):  # of two that fold alike, “kho”
            self.keys.setdefault(_squash(fold(name)), key)
        beginnings = [(fold(name), key) for name, key in named if " " in fold(name)]
        self.longest_first = sorted(beginnings, key=lambda one: -len(one[0]))
        self.heads = tuple(f"{name} " for name, _ in beginnings)
        self.swallowing = swallowing

    def headers(self, rows: Sequence[Row], at: int) -> Iterator[tuple[tuple[float, int, int], Header]]:
        """The header that row `at` would make alone, and together with the row below, with their worth."""
        one = self._judge(rows, at, 1, [self.match(cell) for cell in rows[at].cells])
        two = self._two_lines(rows, at) if at + 1 < len(rows) else None
        yield from (header for header in (one, two) if header)

    def _two_lines(self, rows: Sequence[Row], at: int) -> tuple[tuple[float, int, int], Header] | None:
        above, below = rows[at].cells, rows[at + 1].cells
        alone = {match.key for cell in above if (match := self.match(cell))}
        names = [cell for cell in below if cell]
        apart = at + 2 > LOOKED_AT or rows[at + 1].number != rows[at].number + 1
        if apart or not alone or any(len(name) > 40 or name.isdigit() for name in names):
            return None
        matches = [self.match_under(top, own, low) for top, own, low in _stacked(above, below)]
        gained = {match.key for match in matches if match} - alone
        known = [low for low in names if self.match(low, exactly=True)]
        is_header = (gained and 2 * len(known) >= len(names)) or len(known) == len(names) > 1
        return self._judge(rows, at, 2, matches) if is_header else None

    def match_under(self, group: str, own: str, low: str) -> _Match | None:
        """The column under `group` (a name that may reach over several columns); `own` is the text straight above."""
        top = self.match(group)
        if not low:
            return self.match(own)
        if top and top.key in self.swallowing:
            return top
        return self.match(f"{group} {low}", exactly=True) or self.match(low) or (top if own else None)

    def match(self, text: str, exactly: bool = False) -> _Match | None:
        if not text or len(text) > _LONGEST_NAME:
            return None
        bare = clean(re.sub(r"[(\[].*?[)\]]", " ", text))
        written = (self.written.get(each.lower().strip(" :*.")) for each in (text, bare))
        folded = (self.keys.get(_squash(each)) for each in (fold(text), fold(bare), re.sub(r"^\d+ ", "", fold(text))))
        if key := next(filter(None, chain(written, folded)), None):
            return _Match(key, _EXACT)
        return None if exactly else self._beginning(fold(text))

    def _beginning(self, folded: str) -> _Match | None:
        if folded.startswith(self.heads):  # asked of every cell of twenty rows: one question for all names
            return next(_Match(key, _BEGINS) for name, key in self.longest_first if folded.startswith(f"{name} "))
        return None

    def _judge(
        self, rows: Sequence[Row], at: int, lines: int, matches: Sequence[_Match | None]
    ) -> tuple[tuple[float, int, int], Header] | None:
        texts = _texts(rows[at : at + lines], len(matches))
        chosen = _chosen(matches)
        if not chosen or (len(chosen) == 1 and (len(texts) > 1 or _quality(matches, chosen) < _EXACT)):
            return None
        header = self._header(rows, at, lines, matches, texts, chosen)
        return (_quality(matches, chosen), lines, -at), header

    def _header(
        self,
        rows: Sequence[Row],
        at: int,
        lines: int,
        matches: Sequence[_Match | None],
        texts: Mapping[int, str],
        chosen: Mapping[str, int],
    ) -> Header:
        below = rows[at + lines : at + lines + _SAMPLE]
        spans = _spans(chosen, texts, below) | _swallowed(matches, chosen, self.swallowing)
        taken = set(chosen.values()) | {place for places in spans.values() for place in places}
        unknown = tuple((place, text) for place, text in texts.items() if place not in taken)
        folded = {place: fold(rows[at].cells[place]) for place in texts if place < len(rows[at].cells)}
        known = len([place for place in texts if place in taken])
        confidence = known / max(1, len(texts)) * _quality(matches, chosen) / max(1, len(chosen))
        return Header(rows[at + lines - 1].number, chosen, unknown, spans, folded, round(confidence, 2))


def _squash(folded: str) -> str:
    return folded.replace(" ", "")


def _stacked(above: Sequence[str], below: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Each column of two header lines: (the group it stands under, the text straight above, the text below)."""
    group = ""
    for place in range(max(len(above), len(below))):
        own = above[place] if place < len(above) else ""
        group = own or group
        yield group, own, below[place] if place < len(below) else ""


def _texts(lines: Sequence[Row], width: int) -> dict[int, str]:
    """What is written over each column, its header lines joined."""
    stacks = {place: [line.cells[place] for line in lines if place < len(line.cells)] for place in range(width)}
    return {place: " ".join(filter(None, stack)) for place, stack in stacks.items() if any(stack)}


def _chosen(matches: Sequence[_Match | None]) -> dict[str, int]:
    """One column for each key: the best named, the leftmost among equals."""
    best: dict[str, int] = {}
    for place, match in enumerate(matches):
        if match and (match.key not in best or match.quality > _at(matches, best[match.key])):
            best[match.key] = place
    return best


def _at(matches: Sequence[_Match | None], place: int) -> float:
    match = matches[place]
    return match.quality if match else 0.0


def _quality(matches: Sequence[_Match | None], chosen: Mapping[str, int]) -> float:
    return sum(_at(matches, place) for place in chosen.values())


def _spans(chosen: Mapping[str, int], texts: Mapping[int, str], below: Sequence[Row]) -> dict[str, tuple[int, ...]]:
    """Columns without a name, right of a named one, that are filled: a name merged over two columns (họ đệm, tên)."""
    spans: dict[str, tuple[int, ...]] = {}
    for key, place in chosen.items():
        after = place + 1
        while after not in texts and _mostly_words(after, below):
            spans[key] = (*spans.get(key, ()), after)
            after += 1
    return spans


def _mostly_words(place: int, below: Sequence[Row]) -> bool:
    filled = [row.cells[place] for row in below if place < len(row.cells) and row.cells[place]]
    worded = [cell for cell in filled if any(map(str.isalpha, cell))]
    return 0 < len(below) <= 2 * len(worded)


def _swallowed(
    matches: Sequence[_Match | None], chosen: Mapping[str, int], swallowing: Collection[str]
) -> dict[str, tuple[int, ...]]:
    """Every further column of a swallowing key."""
    further: dict[str, tuple[int, ...]] = {}
    for place, match in enumerate(matches):
        if match and match.key in swallowing and chosen[match.key] != place:
            further[match.key] = (*further.get(match.key, ()), place)
    return further
