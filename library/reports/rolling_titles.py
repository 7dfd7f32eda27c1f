"""How often titles were used, in whole months: the sums and what came since. A merged title counts for the one that was kept."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, null, select, true, union_all
from sqlalchemy.orm import Session

from library.core.among import among
from library.duplicates.models import TitleMerge
from library.holdings.models import Item
from library.reports.measures import Ledger
from library.reports.rolling import Mark, steady
from library.reports.rolling_models import RolledTitle
from library.uses.models import DocumentUse

Months = tuple[date, date]
"""The first of a month, the last day of one."""


def most_read(session: Session, branches: Iterable[int], first: date, last: date, most: int) -> list[tuple[int, int]]:
    """(title, uses) of those used most, the most first. Where merged titles come in between, as many more are looked at: then
    none that belongs among the first is missed. Four statements at most."""
    where, months, kept = sorted(branches), (first.replace(day=1), last), _kept(session)
    merged = {*kept, *kept.values()}

    def read(mark: Mark | None) -> dict[int, int]:
        first_ones = dict(_sums(session, where, months, mark, at_most=most + len(merged)))
        return first_ones | (dict(_sums(session, where, months, mark, only=merged)) if merged else {})

    told = _as_kept(steady(session, Ledger.USE, read), kept)
    return sorted(((one, many) for one, many in told.items() if many > 0), key=lambda it: (-it[1], it[0]))[:most]


def _sums(
    session: Session, branches: list[int], months: Months, mark: Mark | None, only: Iterable[int] | None = None,
    at_most: int | None = None,
) -> Iterable[tuple[int, int]]:  # fmt: skip
    """(title, uses) as the rows tell it: of these titles only, or of those with the most."""
    parts = [_live(branches, months, mark), *([_rolled(branches, months)] if mark else [])]
    each = union_all(*parts).subquery()
    many = func.sum(each.c.quantity)
    wanted = true() if only is None else among(each.c.title, only)
    query = select(each.c.title, many).where(wanted).group_by(each.c.title)
    if at_most is not None:
        query = query.order_by(many.desc(), each.c.title).limit(at_most)
    return ((int(one), int(count)) for one, count in session.execute(query))


def _rolled(branches: list[int], months: Months) -> Any:
    title, quantity = RolledTitle.record_id.label("title"), func.sum(RolledTitle.quantity).label("quantity")
    span = (RolledTitle.since >= months[0], RolledTitle.since <= months[1])
    return select(title, quantity).where(among(RolledTitle.branch_id, branches), *span).group_by(title)


def _live(branches: list[int], months: Months, mark: Mark | None) -> Any:
    """Rows above the mark, found by their ids as in `asking`; without one all of them."""
    title = func.coalesce(Item.record_id, DocumentUse.record_id)
    live = select(title.label("title"), func.sum(DocumentUse.quantity).label("quantity"))
    live = live.outerjoin(Item, Item.id == DocumentUse.item_id)
    branch: Any = DocumentUse.branch_id + 0 if mark else DocumentUse.branch_id
    day: Any = func.coalesce(DocumentUse.used_on, null()) if mark else DocumentUse.used_on
    live = live.where(DocumentUse.id > mark.last_id) if mark else live
    live = live.where(among(branch, branches), DocumentUse.kind != "renewal", title.is_not(None))
    return live.where(day >= months[0], day <= months[1]).group_by(title)


def _kept(session: Session) -> dict[int, int]:
    """{title that went: the one that was kept}. Merges are few: all that stand are read."""
    merges = select(TitleMerge.gone_id, TitleMerge.kept_id).where(TitleMerge.undone_by.is_(None))
    return {row.gone_id: row.kept_id for row in session.execute(merges)}


def _as_kept(told: Mapping[int, int], kept: Mapping[int, int]) -> dict[int, int]:
    """Each followed to the title that is left."""
    found: dict[int, int] = {}
    for one, count in told.items():
        title = one
        while title in kept:
            title = kept[title]
        found[title] = found.get(title, 0) + count
    return found
