"""Where a kind of MARC keeps what we want to know: tables of tags that anybody can change (data/marc_profiles.tsv)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from itertools import islice
from typing import Protocol

from library.staging.marc import Broken, Field, MarcEntry

_PLACE = re.compile(r"(?P<tag>\w{3})(?:/(?P<first>\d+)-(?P<last>\d+)|(?P<codes>(?:\$\w)+))?")


class Fields(Protocol):
    """What is asked of an entry: its fields of some tags, in its order."""

    def all(self, *tags: str) -> Iterable[Field]: ...


class ByTag:
    """The fields of one entry, looked up: an entry is asked for fifty places."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        self._found: dict[str, list[Field]] = {}
        for one in fields:
            self._found.setdefault(one.tag, []).append(one)

    def all(self, *tags: str) -> Iterable[Field]:
        if len(tags) == 1:
            return self._found.get(tags[0], ())
        there = [tag for tag in tags if tag in self._found]
        if len(there) == 1:
            return self._found[there[0]]
        return [one for one in self._fields if one.tag in there] if there else ()


@dataclass(frozen=True)
class Place:
    """`codes` are subfields joined, '_' for the text before the first; `span` is characters of a control field."""

    tag: str
    codes: str = ""
    span: tuple[int, int] | None = None

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises ValueError for what is no place."""
        found = _PLACE.fullmatch(text)
        if not found:
            raise ValueError(text)
        span = (int(found["first"]), int(found["last"])) if found["first"] else None
        return cls(found["tag"], (found["codes"] or "").replace("$", ""), span)

    def of(self, one: Field) -> list[str]:
        if self.span or one.is_control:
            texts = [one.data[slice(*self.span)] if self.span else one.data]
        elif len(self.codes) > 1:
            texts = [" ".join(text for code, text in one.subfields if code and code in self.codes)]
        else:
            wanted = "" if self.codes == "_" else self.codes
            texts = [text for code, text in one.subfields if code == wanted]
        return [bare for text in texts if (bare := text.strip())]


@dataclass(frozen=True)
class Profile:
    """{field: places in order}; fields of `repeated` take all of them, the others the first that says something."""

    name: str
    places: Mapping[str, tuple[Place, ...]]
    repeated: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def parse(cls, name: str, rows: Mapping[str, str]) -> "Profile":
        """{field: '264$a 260$a'}. Raises ValueError naming the place that is none."""
        places = {key: tuple(map(Place.parse, where.removeprefix("all ").split())) for key, where in rows.items()}
        return cls(name, places, frozenset(key for key, where in rows.items() if where.startswith("all ")))

    @cached_property
    def _inside(self) -> Mapping[tuple[str, str], list[Place]]:
        """Places of a key by their tag."""
        found: dict[tuple[str, str], list[Place]] = {}
        for key, places in self.places.items():
            for place in places:
                found.setdefault((key, place.tag), []).append(place)
        return found

    @cached_property
    def is_isis(self) -> bool:
        """Several values stand in one field, parted by %."""
        return self.name.startswith("isis")

    def all(self, entry: Fields, key: str) -> list[str]:
        texts: list[str] = []
        for place in self.places.get(key, ()):
            for one in entry.all(place.tag):
                texts += place.of(one)
        return list(_parted(texts)) if self.is_isis else texts

    def text(self, entry: Fields, key: str) -> str:
        return next(iter(self.all(entry, key)), "")

    def fields(self, entry: Fields, key: str) -> Iterable[Field]:
        """The fields of these tags, in the entry's order."""
        return entry.all(*(place.tag for place in self.places.get(key, ())))

    def within(self, one: Field, key: str) -> list[str]:
        """What one field says: for its copies, each with its own field."""
        for place in self._inside.get((key, one.tag), ()):
            if texts := place.of(one):
                return list(_parted(texts)) if self.is_isis else texts
        return []


def _parted(texts: Iterator[str] | Sequence[str]) -> Iterator[str]:
    return (part.strip() for text in texts for part in text.split("%") if part.strip())


@cache
def profiles() -> Mapping[str, Profile]:
    """The profiles that come with the library, by name."""
    table = files("library.catalogue").joinpath("data", "marc_profiles.tsv").read_text(encoding="utf-8")
    rows: dict[str, dict[str, str]] = {}
    for line in table.splitlines()[1:]:
        if not line.startswith("#"):
            name, key, where = line.split("\t")
            rows.setdefault(name, {})[key] = where
    return {name: Profile.parse(name, fields) for name, fields in rows.items()}


def guess(entries: Iterator[MarcEntry | Broken], most: int = 200) -> Profile:
    """The profile that finds most in the first entries: titles, then people, publishers and years."""
    looked = [one for one in islice(entries, most) if isinstance(one, MarcEntry)]
    is_isis = sum(not one.indicators for entry in looked for one in entry.fields if not one.is_control)
    known = [one for one in profiles().values() if one.is_isis == (is_isis > 0)]
    return max(known, key=lambda one: sum(_found(one, entry) for entry in looked))


def _found(profile: Profile, entry: MarcEntry) -> int:
    worth = {"title": 4, "publisher": 2, "year": 2, "extent": 1, "isbn": 1, "subjects": 1, "keywords": 1}
    found = sum(weight for key, weight in worth.items() if profile.text(entry, key))
    return found + 2 * any(True for _ in profile.fields(entry, "people"))
