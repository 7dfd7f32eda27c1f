"""The machine fills the list of a batch: what it is asked for by default, one batch at a time or a whole round."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.holdings.models import Item
from library.rotation import agreements, choosing, choosing_facts, choosing_usual, exchanging, settings, sites_told
from library.rotation.choosing import Proposal, Wanted
from library.rotation.models import Batch, BatchLine, Site


def usual(
    session: Session, library_id: int, sites: Sequence[Site], on: date, replaced: Batch | None = None
) -> Wanted:  # fmt: skip
    """For a batch that goes to these sites: as much as the smallest of them takes, for all their grades and languages; in
    place of another, as much as that one gives back."""
    numbers = settings.of(session, library_id)
    grades = tuple(sorted({grade for site in sites for grade in site.grades}))
    spoken = tuple(dict.fromkeys(code for site in sites for code in site.languages))
    for_all = any(not site.grades for site in sites)
    most = (
        exchanging.gives_back(session, replaced)
        if replaced
        else min(rooms(session, sites, on).values(), default=choosing.USUAL_MOST)
    )
    return Wanted(
        most=most, grades=grades, own_languages=spoken,
        audiences=frozenset() if for_all else choosing_usual.audiences_of(grades), years_apart=numbers.years_apart,
        least_copies=numbers.least_copies,
    )  # fmt: skip


def rooms(session: Session, sites: Sequence[Site], on: date) -> dict[int, int]:
    """How many copies each site should get by default (two statements)."""
    agreed = agreements.current_of(session, [site.id for site in sites], on)
    there = sites_told.staying(session, [site.place_id for site in sites])
    return {
        site.id: choosing_usual.room_for(
            agreed[site.id].quota if site.id in agreed else None, there.get(site.place_id, 0), site.readers
        ) for site in sites
    }  # fmt: skip


def think(session: Session, library_id: int, sites: Sequence[Site], wanted: Wanted, today: date) -> Proposal:
    """What the list would be; nothing is written (some ten statements)."""
    return choosing.propose(choosing_facts.facts(session, library_id, sites, wanted, today), wanted)


def told(wanted: Wanted, proposal: Proposal | None) -> dict[str, Any]:
    """For `Batch.wanted`: what was asked, and why titles were left out."""
    found = {why.value: count for why, count in proposal.left_out.items()} if proposal else {}
    return {**wanted.plain(), "left_out": found}


def as_lines(proposal: Proposal) -> dict[int, str]:
    """For `batches.add`."""
    return {one.item_id: one.why.value for one in proposal.choices}


# A whole round


@dataclass(frozen=True)
class Part:
    """One batch of a round: its site, what it asks for, what it gets."""

    site: Site
    wanted: Wanted
    proposal: Proposal


@dataclass(frozen=True)
class Round:
    """`mosts`: copies for a site, where somebody said a number; others get what they have room for."""

    base: Wanted
    mosts: Mapping[int, int] = field(default_factory=dict)


def think_round(session: Session, library_id: int, sites: Sequence[Site], asked: Round, on: date) -> list[Part]:
    """One batch for each site, no copy twice. Where there are fewer copies than all have room for, each gets its share: who
    comes first does not empty the depot. The stock is read once (some ten statements)."""
    known = choosing_facts.Network.read(session, library_id, sites, asked.base.years_apart, on)
    usual_rooms = rooms(session, sites, on)
    sizes = {site.id: asked.mosts.get(site.id, usual_rooms[site.id]) for site in sites}
    used: set[int] = set()
    parts = []
    for place, site in enumerate(sites):
        wanted = _for_site(asked.base, site, _share(known, used, [sizes[one.id] for one in sites[place:]]))
        found = choosing.propose(known.facts([site.id], used), wanted)
        used |= {one.item_id for one in found.choices}
        parts.append(Part(site, wanted, found))
    return parts


def _share(known: choosing_facts.Network, used: Collection[int], sizes: Sequence[int]) -> int:
    """Of what is left, for the first of those that wait."""
    left = sum(len(title.copies) for title in known.titles) - len(used)
    return min(sizes[0], -(-left * sizes[0] // max(sum(sizes), 1)))


def _for_site(base: Wanted, site: Site, most: int) -> Wanted:
    audiences = base.audiences or choosing_usual.audiences_of(site.grades)
    return replace(
        base, most=most, grades=tuple(site.grades), own_languages=tuple(site.languages),
        audiences=audiences if site.grades else base.audiences,
    )  # fmt: skip


def more(session: Session, batch: Batch) -> dict[int, str]:
    """Further copies, as many as the list lacks of what was asked for; titles it has, or lost again, come no more."""
    wanted = choosing.wanted_of(batch.wanted)
    lines = session.execute(_known(batch.id)).all()
    lacks = wanted.most - sum(closed is None for _record, closed in lines)
    if lacks <= 0:
        return {}
    facts = choosing_facts.of(session, batch)
    known = {record for record, _closed in lines}
    left = replace(facts, titles=[one for one in facts.titles if one.record_id not in known])
    return as_lines(choosing.propose(left, replace(wanted, most=lacks)))


def _known(batch_id: int) -> Any:
    query = select(Item.record_id, BatchLine.closed_at).join(BatchLine, BatchLine.item_id == Item.id)
    return query.where(BatchLine.batch_id == batch_id)
