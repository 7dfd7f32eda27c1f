"""Which copies a batch takes: what the site wished for, its grades and languages, nothing it has or had lately. Pure.

What another site has too much of goes first, as far as it fits; then wishes, then a share for the site's own languages, then
the levels of its grades in turn, each by how many grades read it. Within a level one title that is read much and one that
stood long are taken in turn; a title gives its second copy when every title has given its first. Volumes of one work go
together. The list comes out in the order of the shelves.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any

from library.catalogue.levels import OF_GRADE
from library.rotation.choosing_words import No as No
from library.rotation.choosing_words import Why as Why

LANGUAGE_SHARE = 5
"""One of so many copies is kept for the languages of the site, as far as there are books."""
LONGEST_SET = 12
"""A work with more volumes is no set any more: a batch would be nothing else."""
USUAL_MOST, EACH = 200, 2


@dataclass(frozen=True)
class Copy:
    """A copy of the stock that stands free. `order`: sorts copies as they stand. `surplus_at`: the sites (ids)
    that have no room for it."""

    item_id: int
    seen_at: datetime
    order: tuple[str, ...] = ()
    surplus_at: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Title:
    """A title of the stock with its free copies. `words`: folded, all that it is searched by; `work`: the same for volumes
    of one work, '' for one alone; `owned`: copies in the register; `loans`: in the last year."""

    record_id: int
    copies: Sequence[Copy]
    words: str = ""
    work: str = ""
    level: int | None = None
    language: str = "vie"
    audience: str | None = None
    kind: str | None = None
    owned: int = 3
    rare: bool = False
    loans: int = 0


@dataclass(frozen=True)
class Wished:
    """One wish of a site. `words`: folded text of a subject or of somebody's own words."""

    quantity: int
    record_id: int | None = None
    words: str = ""
    level: int | None = None
    language: str = ""

    def means(self, title: Title) -> bool:
        if self.record_id is not None:
            return title.record_id == self.record_id
        if self.level is not None:
            return title.level == self.level
        if self.language:
            return title.language == self.language
        has = title.words.split()
        return bool(self.words) and all(word in has for word in self.words.split())

    @property
    def rank(self) -> int:
        """A title, somebody's words, a language, a level: what is said most exactly is served first."""
        return 0 if self.record_id is not None else 1 if self.words else 2 if self.language else 3


@dataclass(frozen=True)
class Facts:
    """What there is, and what is known of the sites: record ids they own, had lately, that somebody waits for."""

    titles: Sequence[Title] = ()
    owned_there: Collection[int] = frozenset()
    had: Collection[int] = frozenset()
    waited_for: Collection[int] = frozenset()
    wishes: Sequence[Wished] = ()


@dataclass(frozen=True)
class Wanted:
    """What is asked of a proposal. Empty levels, languages, audiences, kinds, subjects: any. `grades` say how much of each
    level; `own_languages` get their share first. `years_apart` is looked after by whoever reads `Facts.had`."""

    most: int = USUAL_MOST
    each: int = EACH
    levels: frozenset[int] = frozenset()
    grades: tuple[int, ...] = ()
    languages: frozenset[str] = frozenset()
    own_languages: tuple[str, ...] = ()
    audiences: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    subjects: tuple[str, ...] = ()
    years_apart: int = 3
    least_copies: int = 3

    def plain(self) -> dict[str, Any]:
        """For `Batch.wanted`."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else sorted(value) if isinstance(value, frozenset) else list(value)


_SETS = ("levels", "languages", "audiences", "kinds")
_ROWS = ("grades", "own_languages", "subjects")


def wanted_of(plain: Mapping[str, Any]) -> Wanted:
    """From `Batch.wanted`; what is not said there is as usual."""
    known = {name: plain[name] for name in Wanted.__dataclass_fields__ if plain.get(name) is not None}
    sets = {name: frozenset(known[name]) for name in _SETS if name in known}
    rows = {name: tuple(known[name]) for name in _ROWS if name in known}
    return replace(Wanted(), **{**known, **sets, **rows})


@dataclass(frozen=True)
class Choice:
    item_id: int
    record_id: int
    why: Why


@dataclass(frozen=True)
class Proposal:
    """Copies in the order of the shelves; how many titles were left out, by why; how many copies each wish got."""

    choices: Sequence[Choice]
    left_out: Mapping[No, int] = field(default_factory=dict)
    granted: Sequence[int] = ()


def choose(facts: Facts, wanted: Wanted) -> list[Choice]:
    """At most `wanted.most` copies in the order of the shelves; fewer where there are no more."""
    return list(propose(facts, wanted).choices)


def propose(facts: Facts, wanted: Wanted) -> Proposal:
    left_out = Counter[No]()
    fit, by_wish = [], []
    for title in sorted(facts.titles, key=lambda one: one.record_id):
        may = why_never(title, facts, wanted)
        fits = may or why_not_asked(title, wanted)
        if may is None and any(one.means(title) for one in facts.wishes):
            by_wish.append(title)
        if fits is None:
            fit.append(title)
        elif title not in by_wish[-1:]:
            left_out[fits] += 1
    basket = _Basket(wanted)
    basket.surplus(fit)
    granted = [basket.grant(one, by_wish) for one in sorted(facts.wishes, key=lambda one: one.rank)]
    basket.languages(fit)
    basket.levels(fit)
    spare = sum(title.record_id not in basket.given for title in fit)
    if spare:
        left_out[No.NOT_NEEDED] = spare
    return Proposal(basket.in_order(), dict(left_out), granted)


def why_never(title: Title, facts: Facts, wanted: Wanted) -> No | None:
    """Rules a wish does not bend; a person may, with a reason."""
    if title.owned < wanted.least_copies:
        return No.TOO_FEW
    if title.rare:
        return No.RARE
    if title.record_id in facts.owned_there:
        return No.OWNED
    if title.record_id in facts.had:
        return No.HAD
    return No.WAITED_FOR if title.record_id in facts.waited_for else None


def why_not_asked(title: Title, wanted: Wanted) -> No | None:
    """What was asked for does not fit. A title that tells nobody's audience is for everybody."""
    if wanted.levels and title.level not in wanted.levels:
        return No.LEVEL
    if wanted.languages and title.language not in wanted.languages:
        return No.LANGUAGE
    if wanted.audiences and title.audience is not None and title.audience not in wanted.audiences:
        return No.AUDIENCE
    if wanted.kinds and title.kind not in wanted.kinds:
        return No.KIND
    if wanted.subjects and not any(f" {one} " in f" {title.words} " for one in wanted.subjects):
        return No.SUBJECT
    return None


class _Basket:
    """What is in the list so far: `given` copies by title."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.given: Counter[int] = Counter()
        self.taken: list[tuple[Copy, int, Why]] = []

    @property
    def room(self) -> int:
        return self.wanted.most - len(self.taken)

    def take(self, title: Title, why: Why) -> bool:
        """The next copy of the title, if there is one and room for it."""
        count = self.given[title.record_id]
        if not self.room or count >= min(len(title.copies), self.wanted.each):
            return False
        self.taken.append((title.copies[count], title.record_id, why))
        self.given[title.record_id] += 1
        return True

    def surplus(self, fit: Sequence[Title]) -> None:
        """What stands elsewhere without room: these copies come first in their titles."""
        for title in fit:
            for _one in filter(lambda copy: copy.surplus_at, title.copies):
                self.take(title, Why.SURPLUS)

    def grant(self, wish: Wished, titles: Iterable[Title]) -> int:
        """How many copies it got."""
        meant = [title for title in titles if wish.means(title)]
        return self.deal([_mixed(meant)], min(wish.quantity, self.room), Why.WISH, whole=False)

    def languages(self, fit: Sequence[Title]) -> None:
        """The site's own languages in turn, as far as their share goes; wishes served already count."""
        own = [_mixed([one for one in fit if one.language == code]) for code in self.wanted.own_languages]
        there = {title.record_id for title in chain(*own)}
        has = sum(record in there for _copy, record, _why in self.taken)
        share = -(-self.wanted.most // LANGUAGE_SHARE) - has
        self.deal(own, min(share, self.room), Why.LANGUAGE)

    def levels(self, fit: Sequence[Title]) -> None:
        """Every level its part, then whatever there is more of."""
        of_level: dict[int | None, list[Title]] = defaultdict(list)
        for title in fit:
            of_level[title.level].append(title)
        for level, part in parts(self.room, weights(self.wanted, of_level)).items():
            self.deal([_mixed(of_level[level])], part, Why.LEVEL)
        rest = [_mixed(of_level[level]) for level in sorted(of_level, key=_none_last)]
        self.deal(rest, self.room, Why.FILL)

    def deal(self, queues: Sequence[Sequence[Title]], most: int, why: Why, whole: bool = True) -> int:
        """From the queues in turn, first copies of all before second ones; a work whole or not begun, unless a part of it
        will do. How many there were."""
        before = len(self.taken)
        for _turn in range(self.wanted.each):
            for work in _in_turn([_works(queue) for queue in queues]):
                left = most - (len(self.taken) - before)
                if left <= 0:
                    return len(self.taken) - before
                if len(work) <= left or not whole:
                    for title in work[:left]:
                        self.take(title, why)
        return len(self.taken) - before

    def in_order(self) -> list[Choice]:
        told = sorted(self.taken, key=lambda one: (one[0].order, one[0].item_id))
        return [Choice(copy.item_id, record, why) for copy, record, why in told]


def _none_last(level: int | None) -> tuple[bool, int]:
    return level is None, level or 0


def weights(wanted: Wanted, there: Collection[int | None]) -> dict[int, int]:
    """How much of each level there should be, of those there are books of: by the grades that read it."""
    reads = Counter(level for grade in wanted.grades for level in OF_GRADE.get(grade, ()))
    asked = wanted.levels or frozenset(reads)
    return {level: reads[level] or 1 for level in sorted(asked) if level in there}


def parts(total: int, shares: Mapping[int, int]) -> dict[int, int]:
    """`total` shared out by weight, whole numbers, nothing lost: the largest rests get one more."""
    if not shares:
        return {}
    whole = sum(shares.values())
    found = {key: total * weight // whole for key, weight in shares.items()}
    by_rest = sorted(shares, key=lambda key: (-(total * shares[key] % whole), key))
    for key in by_rest[: total - sum(found.values())]:
        found[key] += 1
    return found


def _mixed(titles: Sequence[Title]) -> list[Title]:
    """One that is read much, one that stood long, in turn."""
    read = sorted(titles, key=lambda one: (-one.loans, one.record_id))
    stood = sorted(titles, key=lambda one: (min(copy.seen_at for copy in one.copies), one.record_id))
    found = {one.record_id: one for pair in zip(read, stood, strict=True) for one in pair}
    return list(found.values())


def _works(titles: Iterable[Title]) -> list[list[Title]]:
    """Volumes of one work together, where its first was."""
    found: dict[str, list[Title]] = {}
    for title in titles:
        found.setdefault(title.work or f"#{title.record_id}", []).append(title)
    return [part for work in found.values() for part in _split(work)]


def _split(work: list[Title]) -> list[list[Title]]:
    """Volumes in their own order; too long a work is no set."""
    inside = sorted(work, key=lambda one: one.record_id)
    return [inside] if len(inside) <= LONGEST_SET else [[one] for one in inside]


def _in_turn(queues: Sequence[Sequence[list[Title]]]) -> Iterator[list[Title]]:
    return (work for row in zip_longest(*queues) for work in row if work is not None)
