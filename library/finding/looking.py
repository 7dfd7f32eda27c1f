"""Answering the address of a search page: which titles, how many each way, and what they could be narrowed by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from library.access import Scope
from library.catalogue import search
from library.catalogue.models import Record
from library.catalogue.search import Hits
from library.core.paging import Page
from library.finding import availability, copies, facets, online, orders
from library.finding.asking import Asked
from library.finding.copies import Presence
from library.finding.facets import Choice
from library.holdings.models import Item, Place

WAYS = ("day", "ngay", "moi-noi")


@dataclass(frozen=True)
class Count:
    """How many; with `more` at least so many."""

    number: int = 0
    more: bool = False

    def __bool__(self) -> bool:
        return self.number > 0


@dataclass(frozen=True)
class Seen:
    """One page, how many there are each way, which way was gone, and the groups of conditions."""

    page: Page[int]
    way: str
    totals: dict[str, Count]
    groups: dict[str, list[Choice]] = field(default_factory=dict)

    @property
    def total(self) -> Count:
        return self.totals[self.way]


@dataclass(frozen=True)
class _Ways:
    """What was found, by way: ids, and whether there are more."""

    hits: dict[str, Hits]
    places: Mapping[int, Sequence[int]]

    def narrowed(self, to: set[int]) -> "_Ways":
        hits = {way: Hits([one for one in hits.ids if one in to], hits.more) for way, hits in self.hits.items()}
        return _Ways(hits, self.places)

    def counts(self) -> dict[str, Count]:
        return {way: Count(len(hits), hits.more) for way, hits in self.hits.items()}

    @property
    def everything(self) -> list[int]:
        return list(dict.fromkeys(one for hits in self.hits.values() for one in hits.ids))


def look(session: Session, asked: Asked, library_id: int, scope: Scope, first: Sequence[int], size: int) -> Seen:
    """For readers of one library: titles of its network that can be had, those at hand when nothing else is asked for."""
    found = _ways(session, asked.text, library_id, scope, first)
    wanted = facets.conditions(asked, library_id)
    narrow = set(search.narrowed(session, Hits(found.everything), *wanted).ids) if wanted else None
    fitting = found if narrow is None else found.narrowed(narrow)
    way = _way(asked, fitting)
    branches = facets.branches(session, fitting.hits[way].ids, found.places, asked, library_id)
    if asked.branch:
        there = facets.at_branch(session, found.places, asked.branch)
        found, fitting = found.narrowed(there), fitting.narrowed(there)
    groups = facets.choices(facets.combinations(session, found.hits[way].ids, library_id), asked)
    groups = ({"branch": branches} if len(branches) > 1 or asked.branch else {}) | groups
    only = and_(_condition(way, library_id), *wanted, *_at_branch(asked.branch))
    ids = orders.page(session, fitting.hits[way], asked, scope, only, first, size)
    page = Page(ids, asked.page, size, len(fitting.hits[way]))
    return Seen(page, way, fitting.counts(), groups)


def _ways(session: Session, text: str, library_id: int, scope: Scope, first: Sequence[int]) -> _Ways:
    hits = search.gather(session, text, scope, first=first)
    told = copies.presence(session, hits.ids, library_id)
    all_of = Hits(told.anywhere, hits.more)
    if hits.more and copies.is_small(session, [library_id]):
        # A word that very many titles of the network have, few of them here: these are all looked at.
        mine = search.gather(session, text, scope, first=first, inside=copies.own(session, library_id))
        own = copies.presence(session, mine.ids, library_id)
        return _by_way(own, all_of, False, {**told.places, **own.places})
    return _by_way(told, all_of, hits.more, told.places)


def _by_way(own: Presence, all_of: Hits, more: bool, places: Mapping[int, Sequence[int]]) -> _Ways:
    here = Hits([one for one in own.anywhere if one in own.here], more)
    free = Hits([one for one in own.anywhere if one in own.free], more)
    return _Ways({"day": here, "ngay": free, "moi-noi": all_of}, places)


def _way(asked: Asked, found: _Ways) -> str:
    """As asked; else what is here, or what is elsewhere when nothing is here."""
    if asked.way in WAYS:
        return asked.way
    return "moi-noi" if found.hits["moi-noi"].ids and not found.hits["day"].ids else "day"


def _condition(way: str, library_id: int) -> ColumnElement[bool]:
    """The same as a condition of one title, for orders that walk through very many."""
    if way == "ngay":
        return availability.there_is_one_free([library_id])
    return online.or_a_copy(library_id, [library_id] if way == "day" else None)


def _at_branch(branch: str) -> list[ColumnElement[bool]]:
    if not branch:
        return []
    number = int(branch) if branch.isdigit() and len(branch) < 10 else -1
    places = select(Place.id).where(Place.branch_id == number)
    return [Record.id.in_(select(Item.record_id).where(Item.place_id.in_(places)))]
