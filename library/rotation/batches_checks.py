"""What must be known of copies before they go on a list, and of a list before it is proposed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason
from library.holdings.models import Item, ItemClass, Place, Register
from library.rotation import agreements, batches_read, choosing_facts, exchanging, settings, sites
from library.rotation.batches_rules import Candidate
from library.rotation.lifecycle import Deed
from library.rotation.models import Agreement, Batch, BatchLine, BatchStep, Leg, Site
from library.rotation.stock import in_stock

_LINE = table_of(BatchLine)
_NUMBERING = update(_LINE).where(_LINE.c.batch_id == bindparam("batch"), _LINE.c.item_id == bindparam("item"))


@dataclass(frozen=True)
class Found:
    item_id: int
    facts: Candidate


def candidates(session: Session, batch: Batch, item_ids: Iterable[int], lock: bool = True) -> dict[int, Found]:
    """The copies as the rules see them, locked in order of their ids; unknown ids are left out (ten statements)."""
    rows = _copies(session, batch, item_ids, lock)
    records = {row.record_id for row in rows}
    way = batches_read.sites_of(session, batch.id)
    going = _going(session, [row.id for row in rows])
    owned = _owned(session, batch.library_id, records)
    has = _named(way, choosing_facts.owned_by(session, batch.library_id, way), records)
    had = _named(way, _had_but_here(session, batch, way), records)
    waited = choosing_facts.waited_for(session, batch.library_id, clock.today())
    least, years = settings.of(session, batch.library_id).least_copies, _years(session, batch)
    return {
        row.id: Found(row.id, Candidate(
            ours=row.library_id == batch.library_id, register=row.register_status, going=going.get(row.id, (None, 0))[0],
            listed=going.get(row.id, (None, 0))[1] == batch.id, stocked=row.stocked, owned=owned.get(row.record_id, 0),
            least=least, rare=choosing_facts.is_rare(row.year, f"{row.code or ''} {row.name or ''}"),
            has=has.get(row.record_id), had=had.get(row.record_id), years=years, condition=row.condition,
            waited_for=row.record_id in waited,
        )) for row in rows
    }  # fmt: skip


def _years(session: Session, batch: Batch) -> int:
    """0 says that no title is too recent, which is another thing than saying nothing."""
    asked = batch.wanted.get("years_apart")
    return int(settings.of(session, batch.library_id).years_apart if asked is None else asked)


def _copies(session: Session, batch: Batch, item_ids: Iterable[int], lock: bool) -> Any:
    query = (
        select(
            Item.id, Item.record_id, Item.library_id, Item.register_status, Item.condition, Record.year, ItemClass.code,
            ItemClass.name, in_stock(batch.library_id).label("stocked"),
        )
        .join(Record, Record.id == Item.record_id)
        .outerjoin(ItemClass, ItemClass.id == Item.item_class_id)
        .where(Item.id.in_(sorted(set(item_ids))))
        .order_by(Item.id)
    )  # fmt: skip
    return session.execute(query.with_for_update(of=Item, key_share=True) if lock else query).all()


def _going(session: Session, item_ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Code and id of the open batch each is in."""
    query = select(BatchLine.item_id, Batch.code, Batch.id).join(Batch, Batch.id == BatchLine.batch_id)
    query = query.where(BatchLine.item_id.in_(item_ids), BatchLine.closed_at.is_(None))
    return {item: (code, batch) for item, code, batch in session.execute(query)}


def _owned(session: Session, library_id: int, records: Collection[int]) -> dict[int, int]:
    mine = (Item.library_id == library_id, Item.register_status == Register.LISTED, Item.record_id.in_(records))
    return dict(session.execute(select(Item.record_id, func.count()).where(*mine).group_by(Item.record_id)).all())


def _had_but_here(session: Session, batch: Batch, way: Collection[Site]) -> Mapping[int, Collection[int]]:
    """What the sites had; that this very batch will bring a title is no reason against a second copy of it."""
    since = choosing_facts.years_before(clock.today(), _years(session, batch))
    return choosing_facts.had(session, [site.id for site in way], since, but=batch.id)


def _named(way: Collection[Site], by_site: Mapping[int, Collection[int]], records: Collection[int]) -> dict[int, str]:
    """The first site on the way that knows the title, by record."""
    return {
        record: site.name for site in reversed(list(way)) for record in by_site.get(site.id, ()) if record in records
    }


# The whole list


def number(session: Session, batch_id: int) -> None:
    """Lines count on in the order in which copies stand (two statements)."""
    rows = session.execute(_standing(batch_id)).all()
    ordered = sorted(rows, key=lambda row: (choosing_facts.order_of(row), row.item_id))
    if ordered:
        straight(session).execute(
            _NUMBERING.values(number=bindparam("place")),
            [{"batch": batch_id, "item": row.item_id, "place": place} for place, row in enumerate(ordered, 1)],
        )
        session.expire_all()


def _standing(batch_id: int) -> Any:
    query = select(BatchLine.item_id, *choosing_facts.ORDER).join(Item, Item.id == BatchLine.item_id)
    query = query.join(Record, Record.id == Item.record_id).join(Place, Place.id == Item.place_id)
    return query.where(BatchLine.batch_id == batch_id, BatchLine.closed_at.is_(None))


def cancelled_by(session: Session, act_id: int) -> list[int]:
    mine = (BatchStep.act_id == act_id, BatchStep.deed == Deed.CANCEL)
    return list(session.scalars(select(BatchStep.batch_id).where(*mine)))


def remarks(session: Session, batch: Batch, count: int) -> list[Reason]:
    """What whoever plans and approves should know of a list of so many copies: quotas, agreements, days. None stops it."""
    way = batches_read.sites_of(session, batch.id)
    agreed = agreements.current_of(session, [site.id for site in way], batch.planned_from)
    swapped = exchanging.replaced(session, batch)
    one_for_one = exchanging.remark(swapped, count) if swapped else None
    told: list[Reason] = [one_for_one] if one_for_one else []
    for site in way:
        told += _of_site(session, batch, site, agreed.get(site.id), count, swapped.other if swapped else None)
    if batch.planned_from < clock.today():
        told.append(Reason("past", N_("Ngày đi %(day)s đã qua."), {"day": f"{batch.planned_from:%d/%m/%Y}"}))
    return told


def _of_site(
    session: Session, batch: Batch, site: Site, agreed: Agreement | None, count: int, replaced: Batch | None
) -> list[Reason]:  # fmt: skip
    """`replaced`: the batch that goes home for this one; only what stays at the site of it makes room there."""
    if agreed is None:
        sentence = N_("%(site)s chưa có thỏa thuận còn hạn vào ngày nhận.")
        return [Reason("no-agreement", sentence, {"site": site.name})]
    told = []
    stays = set(sites.staying(session, site))
    there = len(stays - _going_home(session, replaced) if replaced else stays)
    if there + count > agreed.quota:
        sentence = N_("%(site)s nhận nhiều nhất %(quota)s cuốn một lúc: đang có %(there)s, đợt này thêm %(count)s.")
        told.append(
            Reason("over-quota", sentence, {"site": site.name, "quota": agreed.quota, "there": there, "count": count})
        )
    leaves = session.scalar(select(func.max(Leg.due_on)).where(Leg.batch_id == batch.id, Leg.to_site_id == site.id))
    if leaves and leaves > agreed.to_on:
        sentence = N_("Thỏa thuận với %(site)s hết hạn ngày %(day)s, trước khi đợt rời điểm.")
        told.append(Reason("agreement-ends", sentence, {"site": site.name, "day": f"{agreed.to_on:%d/%m/%Y}"}))
    return told


def _going_home(session: Session, batch: Batch) -> set[int]:
    """Ids of its copies, wherever they stay, that are still to be given back: those left to the site by agreement are not."""
    open_ = select(BatchLine.item_id).where(BatchLine.batch_id == batch.id, BatchLine.closed_at.is_(None))
    return set(session.scalars(open_))
