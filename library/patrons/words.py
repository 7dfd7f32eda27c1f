"""Readers by the words of their names: accents optional, any order, the beginning of a word is enough; "NVA" finds
Nguyễn Văn An.

`ReaderWord` holds every word of every reader's name in the order of names. A rare word is read to its end and sorted, the
others are looked up reader by reader in plain subqueries that no planner turns around; common ones (Nguyễn, Thị) leap to
where they meet (`leaping`), so that half a million readers take no longer than a school.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from library.core.fold import fold_words, loose
from library.patrons import leaping
from library.patrons.leaping import Word

FEW = 1_000
MOST_WORDS, LAST, NEXT = 6, "\U0010ffff", " "
LIBRARIES_APART = 12
"""So many libraries are asked one by one; more of them in one go, past the readers of others."""

Hit = tuple[str, int]
"""(sort key of the name, membership id)"""


@dataclass(frozen=True)
class Among:
    """Whose readers: of these libraries (None: of all), reading still or no more, of these classes if said."""

    libraries: frozenset[int] | None
    ended: bool = False
    classes: frozenset[int] | None = None


@dataclass(frozen=True)
class Found:
    """Membership ids in the order of names; `more` of them exist."""

    ids: Sequence[int]
    more: bool = False


def find(session: Session, typed: str, among: Among, most: int = 500) -> Found:
    """Readers in whose names every typed word begins a word; if there are none, by another spelling of i and y, then by
    the first letters."""
    words = list(dict.fromkeys(fold_words(typed)))[:MOST_WORDS]
    for wanted in _chances(typed, words):
        hits = _all(session, wanted, among, most + 1)
        if hits:
            return Found([one for _, one in hits[:most]], len(hits) > most)
    return Found(())


def _chances(typed: str, words: Sequence[str]) -> Iterator[Sequence[str]]:
    if not words:
        return
    initials = [f"={words[0]}"] if len(words) == 1 and words[0].isalpha() and 2 <= len(words[0]) <= 6 else []
    capitals = initials and typed.strip().isupper()
    if capitals:
        yield initials
    yield words
    for other in (loose(typed).split()[:MOST_WORDS], [_with_y(word) for word in words]):
        if other != words:
            yield other
    if initials and not capitals:
        yield initials


def _with_y(word: str) -> str:
    """ki → ky: where i is the only vowel letter."""
    return word.replace("i", "y") if [letter for letter in word if letter in "aeiouy"] == ["i"] else word


# One question


def _all(session: Session, words: Sequence[str], among: Among, most: int) -> Sequence[Hit]:
    libraries = among.libraries
    if libraries is None or len(libraries) > LIBRARIES_APART:
        return _in(session, _Area(None, among), words, most)
    each = [_in(session, _Area(one, among), words, most) for one in sorted(libraries)]
    return list(islice(merge(*each), most))


@dataclass(frozen=True)
class _Area:
    """Readers of one library, or of all that `among` allows."""

    library: int | None
    among: Among

    def where(self, alias: str = "") -> str:
        return f"{alias}library_id = :library AND " if self.library is not None else ""

    def reader(self) -> str:
        """The condition on a reader of the row `w`."""
        said = ["m.id = w.membership_id", f"m.to_on IS {'NOT ' if self.among.ended else ''}NULL"]
        if self.library is None and self.among.libraries is not None:
            said.append(f"m.library_id IN ({_listed(self.among.libraries)})")
        if self.among.classes is not None:
            said.append(f"m.class_id IN ({_listed(self.among.classes)})")
        return f"(SELECT 1 FROM membership m WHERE {' AND '.join(said)}) IS NOT NULL"  # noqa: S608


def _listed(ids: frozenset[int]) -> str:
    """Our own ids, written out: the same statement for the same scope is planned once. NULL for none of them."""
    return ", ".join(map(str, sorted(map(int, ids)))) or "NULL"


def _in(session: Session, area: _Area, words: Sequence[str], most: int) -> Sequence[Hit]:
    counted = [(_count(session, area, word, FEW + 1), word) for word in words]
    count, rarest = min(counted)
    if count == 0:
        return ()
    if count <= FEW:
        return _sorted(session, area, rarest, _but(words, rarest), most)
    return _leapt(session, area, words, most)


def _but(words: Sequence[str], one: str) -> list[str]:
    return [word for word in words if word != one]


def _leapt(session: Session, area: _Area, words: Sequence[str], most: int) -> Sequence[Hit]:
    """Common words together, in the order of names until enough are found."""
    typed = [Word(**_range(word), begun=_beginning(session, area, word)) for word in words]
    lite = session.get_bind().dialect.name == "sqlite"
    sql, values = leaping.asked(typed, area.where("w."), area.reader(), lite)
    return [(name, reader) for name, reader in _run(session, area, sql, {**values, "most": most})]


def _count(session: Session, area: _Area, word: str, most: int) -> int:
    """How many begin so, counted up to `most`."""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM reader_word WHERE {area.where()}word >= :low AND word < :high LIMIT :most) x"  # noqa: S608
    return int(_run(session, area, sql, {**_range(word), "most": most}).scalar_one())


def _range(word: str, number: int | str = "") -> dict[str, str]:
    """A word and all that begin so; first letters are all the letters, not some."""
    return {f"low{number}": word, f"high{number}": word + (NEXT if word.startswith("=") else LAST)}


def _run(session: Session, area: _Area, sql: str, values: Mapping[str, Any]) -> Any:
    said = {"library": area.library, **values}
    return session.connection().execute(text(sql), {name: said[name] for name in said if f":{name}" in sql})


def _others(others: Sequence[str]) -> tuple[str, dict[str, str]]:
    """That the reader of the row `w` has these words too."""
    one = (
        "(SELECT 1 FROM reader_word o WHERE o.membership_id = w.membership_id AND o.word >= :low{0} AND o.word < :high{0} "
        "LIMIT 1) IS NOT NULL AND "
    )
    values: dict[str, str] = {}
    for number, word in enumerate(others):
        values |= _range(word, number)
    return "".join(one.format(number) for number in range(len(others))), values


def _sorted(session: Session, area: _Area, word: str, others: Sequence[str], most: int) -> Sequence[Hit]:
    """All that begin so, then put in order."""
    also, values = _others(others)
    sql = (
        f"SELECT DISTINCT w.name_sort, w.membership_id FROM reader_word w WHERE {area.where('w.')}w.word >= :low "  # noqa: S608
        f"AND w.word < :high AND {also}{area.reader()} ORDER BY w.name_sort, w.membership_id LIMIT :most"
    )
    rows = _run(session, area, sql, {**_range(word), **values, "most": most})
    return [(name, reader) for name, reader in rows]


def _beginning(session: Session, area: _Area, word: str) -> Sequence[str]:
    """The different words that begin so, leaping from one to the next."""
    sql = (
        f"WITH RECURSIVE d(word) AS (SELECT min(word) FROM reader_word WHERE {area.where()}word >= :low AND word < :high "  # noqa: S608
        f"UNION ALL SELECT (SELECT min(r.word) FROM reader_word r WHERE {area.where('r.')}r.word > d.word AND r.word < :high) "
        "FROM d WHERE d.word IS NOT NULL) SELECT word FROM d WHERE word IS NOT NULL"
    )
    return list(_run(session, area, sql, _range(word)).scalars())
