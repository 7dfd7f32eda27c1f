"""Floating: what readers bring back here may stay here, as far as the site's agreement lets it. The rest is asked home, and
stands first in the next proposals (`choosing`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Record
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import stays, transfers
from library.holdings.models import Item, Place, PlaceKind, Stay
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans.models import Loan, still_out
from library.rotation import agreements
from library.rotation.models import Agreement, Site

KIND = "settle-line"
STAY = "floating"
"""Why a copy stays at a site it was not sent to."""
RESTS = (PlaceKind.DEPOT, PlaceKind.STACKS)


class NotFloating(Refused):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(Reason(code, sentence))


@dataclass(frozen=True)
class Guest:
    """A copy of the rotation stock that stands in the site's house and was not sent there."""

    item_id: int
    uid: UUID
    title: str
    code: str
    seen_at: object


@dataclass(frozen=True)
class Floating:
    """`room`: how many more may stay by floating; None: the agreement says no number. `guests` stand here and do not stay
    here yet; `surplus`: of them, those for which there is no room. `staying`: by floating already."""

    floats: bool
    room: int | None
    staying: int
    guests: tuple[Guest, ...]

    @property
    def may_stay(self) -> tuple[Guest, ...]:
        if not self.floats:
            return ()
        return self.guests if self.room is None else self.guests[: self.room]

    @property
    def surplus(self) -> tuple[Guest, ...]:
        return self.guests[len(self.may_stay) :]


def of(session: Session, site: Site, on: date | None = None) -> Floating:
    """Some three statements."""
    agreed = agreements.current(session, site.id, on or clock.today())
    staying = _staying(session, Stay.place_id == site.place_id).get(site.place_id, 0)
    guests = [one for _site, one in _guests(session, Site.id == site.id)]
    return _told(agreed, staying, guests)


def _told(agreed: Agreement | None, staying: int, guests: Sequence[Guest]) -> Floating:
    floats = agreed is not None and agreed.floats
    room = None if agreed is None or agreed.float_cap is None else max(agreed.float_cap - staying, 0)
    return Floating(floats, room, staying, tuple(guests))


def surplus(session: Session, library_id: int, on: date) -> dict[int, frozenset[int]]:
    """Copies of the library that stay nowhere, beyond what may float where they were brought back: by the copy, the sites
    that have no room for it, all of one branch (one statement where there are none, else four)."""
    guests: dict[int, list[Guest]] = defaultdict(list)
    for site, one in _guests(session, Site.library_id == library_id, Site.closed_on.is_(None), ~_stays_anywhere()):
        guests[site].append(one)
    if not guests:
        return {}
    agreed = agreements.current_of(session, guests, on)
    query = select(Site.id, Site.place_id, Place.branch_id).join(Place, Place.id == Site.place_id)
    sites = session.execute(query.where(Site.id.in_(guests)).order_by(Site.id)).all()
    staying = _staying(session, Stay.place_id.in_([row.place_id for row in sites]))
    branches: dict[int, dict[int, Floating]] = defaultdict(dict)
    for row in sites:
        branches[row.branch_id][row.id] = _told(agreed.get(row.id), staying.get(row.place_id, 0), guests[row.id])
    return {item: at for told in branches.values() for item, at in _beyond(told).items()}


def _beyond(told: Mapping[int, Floating]) -> dict[int, frozenset[int]]:
    """Of sites in one branch (by id), which have the same guests: those that find room at none of them."""
    floating = {site: one for site, one in told.items() if one.floats}
    rooms = [one.room for one in floating.values()]
    known = [room for room in rooms if room is not None]
    if not floating or len(known) < len(rooms):
        return {}
    guests = next(iter(floating.values())).guests
    return dict.fromkeys((one.item_id for one in guests[sum(known) :]), frozenset(floating))


def _staying(session: Session, where: ColumnElement[bool]) -> dict[int | None, int]:
    """By floating, by place."""
    query = select(Stay.place_id, func.count(Stay.id)).where(where, Stay.why == STAY, Stay.ended_at.is_(None))
    return dict(session.execute(query.where(Stay.voided.is_(False)).group_by(Stay.place_id)).all())


def _stays_anywhere() -> ColumnElement[bool]:
    return exists().where(Stay.item_id == Item.id, Stay.ended_at.is_(None), Stay.voided.is_(False)).correlate(Item)


def _guests(session: Session, *which: ColumnElement[bool]) -> list[tuple[int, Guest]]:
    """Copies whose home is a depot of the library that runs the site, on a shelf of the site's branch, staying elsewhere or
    nowhere, each with the site's id; who came first stands first. What stays at another site of the branch is no guest."""
    home, stands, own = select(Place.id).where(Place.kind == PlaceKind.DEPOT), aliased(Place), aliased(Place)
    there = aliased(Place)
    here = (
        select(Stay.id)
        .join(there, there.id == Stay.place_id)
        .where(Stay.item_id == Item.id, Stay.ended_at.is_(None), Stay.voided.is_(False))
        .where(there.branch_id == own.branch_id)
    )
    out = select(Loan.id).where(Loan.item_id == Item.id, still_out())
    query = (
        select(Site.id, Item.id, Item.uid, Record.title, Item.accession, Item.seen_at)
        .join(own, own.id == Site.place_id)
        .join(stands, stands.branch_id == own.branch_id)
        .join(Item, Item.place_id == stands.id)
        .join(Record, Record.id == Item.record_id)
        .where(*which, Item.library_id == Site.library_id, Item.home_id.in_(home), Item.home_id != Item.place_id)
        .where(stands.kind.in_(RESTS), ~here.exists(), ~out.exists())
        .order_by(Item.seen_at, Item.id, Site.id)
    )
    return [(row[0], Guest(*row[1:4], row[4] or "", row[5])) for row in session.execute(query)]


def keep(session: Session, doing: Doing, site: Site) -> tuple[int, ...]:
    """Guests stay here from now on, who came first first, as far as there is room; what asked them away is withdrawn
    (`transfers` asks again when that is undone). Item ids. Raises NotFloating."""
    session.execute(select(Site.id).where(Site.id == site.id).with_for_update())
    found = of(session, site, clock.day_of(doing.at or clock.now()))
    if not found.floats:
        raise NotFloating("no-agreement", N_("Thỏa thuận của điểm này không cho sách trả ở đây thì ở lại."))
    if not found.may_stay:
        raise NotFloating(
            "full", N_("Không có cuốn nào ở lại được: hết chỗ theo thỏa thuận, hoặc không có sách khách.")
        )
    at = doing.at or clock.now()
    act = acts.write(session, doing, KIND, at), doing.uid
    items = {one.item_id: one.uid for one in found.may_stay}
    for item in items:
        transfers.cancel(session, act[0], item, at, "replaced")
    stays.begin_many(session, act, items, site.place_id, STAY, at)
    return tuple(items)
