"""Readers who have several common words in their names, in the order of names, without reading all who have one of them.

Each word has its readers in that order already (`ReaderWord`). One is asked for its first reader, the next for its first
at that spot or after, and so on around; when all say the same reader, it is one of those looked for. Who stands between is
leapt over, so that "nguyen tu" passes all Nguyễn up to the first Tú in one step, and half a million readers take no longer
than a school. (Leapfrog join: T. Veldhuizen, 2014.)
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

END, APART = "\U0010ffff", "\x01"
"""After all names; between a name and a number: before all letters."""
START = APART + "0" * 12
"""Before all readers. A spot is the sort key of a name, `APART` and the membership's id in twelve digits."""

_NAME = "substr(l.spot, 1, length(l.spot) - 13)"
_AGREED = "(CASE WHEN l.spot = l.before THEN l.agreed + 1 ELSE 1 END)"
"""How many words have said this spot one after the other."""


@dataclass(frozen=True)
class Word:
    """What was typed, `low` to `high`, and the words that begin so."""

    low: str
    high: str
    begun: Sequence[str]


@dataclass(frozen=True)
class Dialect:
    """What SQLite and PostgreSQL say differently."""

    number: str
    digits: str
    words: str
    order: str = ""


LITE = Dialect("integer", "printf('%012d', w.membership_id)", "json_each(:{0}) v")
POST = Dialect(
    "bigint", "lpad(w.membership_id::text, 12, '0')", "json_array_elements_text(CAST(:{0} AS json)) v(value)",
    ' COLLATE "C"',
)  # fmt: skip


def asked(typed: Sequence[Word], where: str, reader: str, lite: bool) -> tuple[str, Mapping[str, object]]:
    """(SQL, its values but `:most` and those of `where`): rows (sort key, membership id) in the order of names.

    `where` narrows the rows of `w`, ending in AND, or is empty; `reader` is a condition on `w.membership_id`.
    """
    own, around = LITE if lite else POST, sorted(typed, key=lambda word: len(word.begun))
    number = f"CAST(substr(l.spot, length(l.spot) - 11) AS {own.number})"
    met = f"{_AGREED} = {len(around)}"
    steps = [_step(turn, word, where, own, number, met) for turn, word in enumerate(around)]
    turns = " ".join(f"WHEN {turn} THEN {step}" for turn, step in enumerate(steps))
    sql = (
        f"WITH RECURSIVE leap(before, spot, turn, agreed) AS ("  # noqa: S608
        f"SELECT CAST(:end AS text){own.order}, CAST(:start AS text){own.order}, 0, 0 UNION ALL "
        f"SELECT l.spot, coalesce(CASE l.turn {turns} END, :end){own.order}, (l.turn + 1) % {len(around)}, {_AGREED} "
        f"FROM leap l WHERE l.spot < :end) "
        f"SELECT w.name_sort, w.membership_id FROM (SELECT {_NAME} AS name_sort, {number} AS membership_id FROM leap l "
        f"WHERE {met} AND l.spot < :end) w WHERE {reader} LIMIT :most"
    )
    return sql, {"start": START, "end": END, "apart": APART} | _values(around)


def _values(around: Sequence[Word]) -> dict[str, object]:
    values: dict[str, object] = {}
    for turn, word in enumerate(around):
        if len(word.begun) == 1:
            values[f"word{turn}"] = word.begun[0]
        else:
            values |= {f"words{turn}": json.dumps(list(word.begun)), f"low{turn}": word.low, f"high{turn}": word.high}
    return values


def _step(turn: int, word: Word, where: str, own: Dialect, number: str, met: str) -> str:
    """The first spot of this word from the one reached; after it, where all have met."""
    first = (
        f"(SELECT w.name_sort || :apart || {own.digits} FROM reader_word w WHERE {where}w.word = {{0}} "  # noqa: S608
        f"AND (w.name_sort, w.membership_id) >= ({_NAME}, {number} + (CASE WHEN {met} THEN 1 ELSE 0 END)) "
        "ORDER BY w.name_sort, w.membership_id LIMIT 1)"
    )
    if len(word.begun) == 1:
        return first.format(f":word{turn}")
    # Of many words the first spot is dear: whether the reader reached has one of them is asked before.
    has = f"SELECT 1 FROM reader_word o WHERE o.membership_id = {number} AND o.word >= :low{turn} AND o.word < :high{turn}"  # noqa: S608
    words = own.words.format(f"words{turn}")
    return f"CASE WHEN NOT {met} AND EXISTS ({has}) THEN l.spot ELSE (SELECT min({first.format('v.value')}) FROM {words}) END"  # noqa: S608
