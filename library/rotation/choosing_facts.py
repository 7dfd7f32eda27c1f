"""What the proposal must know: the stock that stands free, and what the sites have, had and wish for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from library.catalogue.models import LocalRecord, Record
from library.core import clock
from library.core.fold import fold
from library.duplicates import merging
from library.holdings.models import Condition, Item, ItemClass, Place, PlaceKind, Register, Stay, Transfer
from library.loans import holds_queue, holds_shelves
from library.loans.models import Hold, Loan
from library.organisations.models import Branch
from library.rotation import batches_read, floating, wishes
from library.rotation.choosing import Copy, Facts, Title, Wanted, Wished, wanted_of
from library.rotation.lifecycle import ENDED
from library.rotation.models import Batch, BatchLine, Leg, LegLine, Site, Wish, WishKind
from library.rotation.stock import in_stock

RARE_BEFORE = 1954
"""Printed before: kept where it is."""
RARE_WORDS = ("quy hiem", "rare")
WISHED_SINCE = timedelta(days=365)
"""Older wishes are taken as served or forgotten."""


def of(session: Session, batch: Batch) -> Facts:
    """For a batch with the sites of its legs and what it asks for; its own lines are no free copies."""
    return facts(
        session, batch.library_id, batches_read.sites_of(session, batch.id), wanted_of(batch.wanted), clock.today()
    )


def facts(session: Session, library_id: int, sites: Sequence[Site], wanted: Wanted, today: date) -> Facts:
    """For one batch that goes to these sites, one after another (nine statements)."""
    known = Network.read(session, library_id, sites, wanted.years_apart, today)
    return known.facts([site.id for site in sites])


class Network:
    """The stock read once, and what each of many sites has, had and wishes for: for planning a whole round."""

    def __init__(self, titles: Sequence[Title], waited_for: Collection[int]) -> None:
        self.titles, self.waited_for = titles, waited_for
        self.owned: Mapping[int, Collection[int]] = {}
        self.had: Mapping[int, Collection[int]] = {}
        self.wishes: Mapping[int, Sequence[Wished]] = {}

    @classmethod
    def read(cls, session: Session, library_id: int, sites: Sequence[Site], years: int, today: date) -> "Network":
        made = cls(titles(session, library_id, today), waited_for(session, library_id, today))
        made.owned = owned_by(session, library_id, sites)
        made.had = had(session, [site.id for site in sites], years_before(today, years))
        made.wishes = wished(session, [site.id for site in sites], today - WISHED_SINCE)
        return made

    def facts(self, site_ids: Sequence[int], used: Collection[int] = frozenset()) -> Facts:
        """Of a batch that goes to these; `used`: copies that another batch of the round has taken. What a site has no room
        for does not come back to it."""
        owned, before = (_union(which, site_ids) for which in (self.owned, self.had))
        told = [one for site in site_ids for one in self.wishes.get(site, ())]
        to = set(site_ids)
        too_many = {copy.item_id for one in self.titles for copy in one.copies if copy.surplus_at & to}
        return Facts(_without(self.titles, {*used, *too_many}), owned, before, self.waited_for, told)


def _union(which: Mapping[int, Collection[int]], site_ids: Iterable[int]) -> frozenset[int]:
    return frozenset(record for site in site_ids for record in which.get(site, ()))


def _without(known: Sequence[Title], used: Collection[int]) -> list[Title]:
    if not used:
        return list(known)
    left = [replace(one, copies=[copy for copy in one.copies if copy.item_id not in used]) for one in known]
    return [one for one in left if one.copies]


def years_before(day: date, years: int) -> date:
    return day - timedelta(days=round(365.25 * years))


# The stock


def titles(session: Session, library_id: int, today: date) -> list[Title]:
    """Titles of the stock with the copies that stand free: in no open batch, staying nowhere, not aboard; and those that a site has no
    room for, which are asked home (four statements, two more where there are such)."""
    copies: dict[int, list[Copy]] = defaultdict(list)
    told: dict[int, Any] = {}
    surplus = floating.surplus(session, library_id, today)
    for row in session.execute(_free(library_id, surplus)):
        copies[row.record_id].append(Copy(row.id, row.seen_at, order_of(row), surplus.get(row.id, frozenset())))
        told.setdefault(row.record_id, row)
    owned, loans = _owned(session, library_id), _loans(session, library_id, today)
    return [
        _title(told[record], sorted(found, key=_longest_untouched), owned.get(record, 0), loans.get(record, 0))
        for record, found in copies.items()
    ]


def _longest_untouched(copy: Copy) -> tuple[bool, datetime, int]:
    return not copy.surplus_at, copy.seen_at, copy.item_id


def _free(library_id: int, surplus: Collection[int]) -> Any:
    going = exists().where(BatchLine.item_id == Item.id, BatchLine.closed_at.is_(None))
    return (
        select(
            Item.id, Item.record_id, Item.seen_at, *ORDER, LocalRecord.reading_level, Record.language, Record.audience,
            Record.kind, Record.search_text, Record.title, Record.part_number, Record.year, ItemClass.code, ItemClass.name,
        )
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == Item.library_id))
        .outerjoin(ItemClass, ItemClass.id == Item.item_class_id)
        .where(Item.library_id == library_id, in_stock(library_id), ~going)
        .where(Place.kind != PlaceKind.VEHICLE_SHELF, Item.register_status == Register.LISTED)
        .where(or_(and_(holds_shelves.is_free(), ~holds_shelves.stays()), _asked_home(surplus)))
    )  # fmt: skip


def _asked_home(surplus: Collection[int]) -> ColumnElement[bool]:
    """Of what no site has room for: whole, kept for nobody, asked to no other place than its home, staying nowhere else."""
    elsewhere = exists().where(
        Transfer.item_id == Item.id, Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None),
        Transfer.to_id != Item.home_id,
    ).correlate(Item)  # fmt: skip
    held = exists().where(Hold.item_id == Item.id, Hold.ended_at.is_(None)).correlate(Item)
    whole = (Item.not_for_loan.is_(False), Item.condition != Condition.DAMAGED)
    return and_(Item.id.in_(surplus), *whole, ~elsewhere, ~held, ~holds_shelves.stays())


MARK: ColumnElement[str] = func.coalesce(Record.class_mark, Record.ddc, "")
ORDER = (
    Place.name.label("stands"), MARK.label("mark"), Record.title_sort.label("title_sort"),
    func.coalesce(Item.accession, "").label("accession"),
)  # fmt: skip
"""As copies stand: the place, the class mark, the title, the number."""


def order_of(row: Any) -> tuple[str, ...]:
    return row.stands, row.mark, row.title_sort, row.accession


def _title(row: Any, copies: list[Copy], owned: int, loans: int) -> Title:
    work = fold(row.title) if row.part_number else ""
    return Title(
        row.record_id, copies, row.search_text, work, row.reading_level, row.language, row.audience, row.kind, owned,
        is_rare(row.year, f"{row.code or ''} {row.name or ''}"), loans,
    )  # fmt: skip


def is_rare(year: int | None, sort: str) -> bool:
    """Old, or of a sort of copies that is called rare."""
    return (year is not None and 0 < year < RARE_BEFORE) or any(one in fold(sort) for one in RARE_WORDS)


def _owned(session: Session, library_id: int) -> dict[int, int]:
    mine = (Item.library_id == library_id, Item.register_status == Register.LISTED)
    return dict(session.execute(select(Item.record_id, func.count()).where(*mine).group_by(Item.record_id)).all())


def _loans(session: Session, library_id: int, today: date) -> dict[int, int]:
    """In the last year, wherever it was lent."""
    since = clock.now() - timedelta(days=365)
    query = select(Item.record_id, func.count()).join(Loan, Loan.item_id == Item.id)
    query = query.where(Item.library_id == library_id, Loan.lent_at >= since, Loan.voided.is_(False))
    return dict(session.execute(query.group_by(Item.record_id)).all())


def waited_for(session: Session, library_id: int, today: date) -> frozenset[int]:
    """Titles somebody waits for at one of the library's branches."""
    branches = select(Branch.id).where(Branch.organisation_id == library_id)
    query = select(Hold.record_id).where(holds_queue.still_wanted(Hold, today), Hold.branch_id.in_(branches))
    return frozenset(session.scalars(query.distinct()))


# The sites


def owned_by(session: Session, library_id: int, sites: Sequence[Site]) -> dict[int, set[int]]:
    """Titles that stand in the register of the site's own branch; a point of the sender's has none (one statement)."""
    branches = {site.branch_id: site.id for site in sites}
    query = select(Item.branch_id, Item.record_id).where(Item.branch_id.in_(branches), Item.library_id != library_id)
    found: dict[int, set[int]] = defaultdict(set)
    for branch, record in session.execute(query.where(Item.register_status == Register.LISTED).distinct()):
        found[branches[branch]].add(record)
    return found


def had(session: Session, site_ids: Collection[int], since: date, but: int = 0) -> dict[int, set[int]]:
    """Titles that came there by a leg since, that stay there, or that an open batch will bring, other than the batch
    `but` (three statements)."""
    found: dict[int, set[int]] = defaultdict(set)
    for query in (_came(site_ids, since), _will_come(site_ids, but), _stays(site_ids)):
        for site, record in session.execute(query.distinct()):
            found[site].add(record)
    return found


def _came(site_ids: Collection[int], since: date) -> Any:
    query = select(Leg.to_site_id, Item.record_id).join(LegLine, LegLine.leg_id == Leg.id)
    query = query.join(Item, Item.id == LegLine.item_id).where(Leg.to_site_id.in_(site_ids))
    return query.where(or_(Leg.sent_at >= midnight(since), Leg.received_at >= midnight(since)))


def _will_come(site_ids: Collection[int], but: int) -> Any:
    query = select(Leg.to_site_id, Item.record_id).join(BatchLine, BatchLine.batch_id == Leg.batch_id)
    query = query.join(Item, Item.id == BatchLine.item_id).join(Batch, Batch.id == Leg.batch_id)
    planned = (Leg.sent_at.is_(None), Leg.cancelled_at.is_(None), BatchLine.closed_at.is_(None))
    return query.where(Leg.to_site_id.in_(site_ids), *planned, Batch.state.not_in(ENDED), Batch.id != but)


def _stays(site_ids: Collection[int]) -> Any:
    query = select(Site.id, Item.record_id).join(Stay, Stay.place_id == Site.place_id)
    still = (Stay.ended_at.is_(None), Stay.voided.is_(False))
    return query.join(Item, Item.id == Stay.item_id).where(Site.id.in_(site_ids), *still)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.HERE)


def wished(session: Session, site_ids: Collection[int], since: date) -> dict[int, list[Wished]]:
    """By site, what is said most exactly first (one statement). Of two surveys the later one counts."""
    found: dict[int, list[Wished]] = defaultdict(list)
    last: dict[int, int] = {}
    said = wishes.of_sites(session, site_ids, since)
    kept = merging.kept_of(session, {one.record_id for one in said if one.record_id is not None})
    for one in said:
        if one.survey_id is not None and last.setdefault(one.site_id, one.survey_id) != one.survey_id:
            continue
        if (meant := as_wished(one, kept)) is not None:
            found[one.site_id].append(meant)
    return found


def as_wished(one: Wish, kept: Mapping[int, int]) -> Wished | None:
    """What it means for choosing, a merged title as the one `kept` for it; None for one that nobody can read."""
    if one.record_id is not None:
        return Wished(one.quantity, record_id=kept.get(one.record_id, one.record_id))
    if one.kind is WishKind.LEVEL:
        return Wished(one.quantity, level=int(one.text)) if one.text.isdigit() else None
    if one.kind is WishKind.LANGUAGE:
        return Wished(one.quantity, language=one.text)
    return Wished(one.quantity, words=fold(one.text)) if fold(one.text) else None
