"""What somebody must decide today, batch by batch: overdue, asked for, missing, waiting. The most pressing first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.access import Scope
from library.core.errors import N_, Reason
from library.rotation.board_lanes import Board, Stood
from library.rotation.board_state import Look, Span
from library.rotation.models import Batch, BatchState, Extension, Leg, LegLine, LegOutcome, Site

NEAR = 3
"""Days before the end from which a batch is looked after; days on the road after which somebody asks."""


@dataclass(frozen=True)
class Deed:
    """A button: to `what` of the batch or of the leg, with words."""

    what: str
    words: str
    main: bool = False


@dataclass(frozen=True)
class Card:
    """`head`, `said`: sentences with their facts. `leg`: whose extension or shortage it is. `order`: pressing first."""

    outcome: str
    batch: Stood
    head: Reason
    said: Reason
    deeds: tuple[Deed, ...] = ()
    leg: UUID | None = None
    extension: UUID | None = None
    order: tuple[int, int] = (9, 0)


@dataclass(frozen=True)
class Known:
    """What the board does not have: legs by id, extensions asked for, when shortages were found, who made proposals."""

    legs: Mapping[int, Any] = field(default_factory=dict)
    asked: Mapping[int, Any] = field(default_factory=dict)
    short: Mapping[int, Any] = field(default_factory=dict)
    sites: Mapping[int, Any] = field(default_factory=dict)


def of(session: Session, board: Board, today: date, approves: Scope) -> list[Card]:
    """Of the batches on the board that are not over (three statements). Of those that have left one's sites, only what is
    missing on a leg from or to one of them."""
    open_ = [one for one in board.batches if one.look is not Look.DONE]
    known = _known(session, open_, board.sites)
    proposals = {one.id for one in open_ if one.state is BatchState.PROPOSED}
    mine = _approvable(session, proposals, approves)
    cards = [card for one in board.mine for card in _cards(one, known, today, mine)]
    counted = {one.id for one in board.mine}
    left = [one for one in open_ if one.id not in counted]
    cards += [
        card for one in left for leg in one.short if _touches(known, leg) and (card := _missing(one, leg, known, today))
    ]
    return sorted(cards, key=lambda card: (card.order, card.batch.code))


def _touches(known: Known, leg_id: int) -> bool:
    leg = known.legs.get(leg_id)
    return leg is not None and (leg.from_site_id in known.sites or leg.to_site_id in known.sites)


def _known(session: Session, open_: Sequence[Stood], sites: Mapping[int, Any]) -> Known:
    ids = [now.leg.id for one in open_ if (now := one.now)]
    missing = sorted({leg for one in open_ for leg in one.short})
    asked = session.execute(
        select(Extension.leg_id, Extension.uid, Extension.until_on, Extension.before_on, Extension.asked_name)
        .where(Extension.leg_id.in_(ids), Extension.decided_at.is_(None), Extension.voided.is_(False))
    )  # fmt: skip
    wanted = sorted({*ids, *missing})
    legs = session.execute(
        select(Leg.id, Leg.uid, Leg.longest_on, Leg.contest_until, Leg.taken_name, Leg.from_site_id, Leg.to_site_id)
        .where(Leg.id.in_(wanted))
    )  # fmt: skip
    return Known(
        {row.id: row for row in legs} if wanted else {}, {row.leg_id: row for row in asked} if ids else {},
        _answers(session, missing), sites,
    )  # fmt: skip


def _answers(session: Session, legs: Sequence[int]) -> dict[int, Any]:
    """Who answers for what is missing on these legs, the first by name."""
    if not legs:
        return {}
    query = (
        select(LegLine.leg_id, func.min(LegLine.answers_name).label("name"), func.min(Site.name).label("site"))
        .outerjoin(Site, Site.id == LegLine.answers_site_id)
        .where(LegLine.leg_id.in_(legs), LegLine.outcome == LegOutcome.SHORT, LegLine.found_at.is_(None))
        .group_by(LegLine.leg_id)
    )
    return {row.leg_id: row for row in session.execute(query)}


def _approvable(session: Session, proposals: set[int], approves: Scope) -> set[int]:
    if not proposals or not approves:
        return set()
    query = select(Batch.id).where(Batch.id.in_(proposals), approves.of_libraries(Batch.library_id))
    return set(session.scalars(query))


def _cards(one: Stood, known: Known, today: date, mine: set[int]) -> list[Card]:
    found = [_of_now(one, one.now, known, today) if one.now else _of_start(one, today, mine)]
    found += [_missing(one, leg, known, today) for leg in one.short]
    return [card for card in found if card]


def _of_now(one: Stood, now: Span, known: Known, today: date) -> Card | None:
    asked, leg = known.asked.get(now.leg.id), known.legs.get(now.leg.id)
    if one.look is Look.OVERDUE or asked is not None:
        return _overdue(one, now, known, today) if asked is None else _asked(one, now, asked, leg, known, today)
    if one.look is Look.SOON and (now.last - today).days <= NEAR:
        return _ending(one, now, leg, known, today)
    if one.look is Look.MOVING and now.first < today - timedelta(days=NEAR):
        return _on_the_road(one, now, leg, known, today)
    return _home(one, leg) if one.look is Look.BACK else None


def _site(known: Known, now: Span) -> tuple[str, str]:
    row = known.sites.get(now.leg.to_site or 0)
    return (row.name, row.keeper_name or "") if row else ("", "")


def _late(one: Stood, now: Span, today: date) -> tuple[str, Reason]:
    days = (today - now.last).days
    if days > 0:
        return "khong", Reason("overdue", N_("%(code)s · quá hạn %(days)s ngày"), {"code": one.code, "days": days})
    return "hoi", Reason("asked", N_("%(code)s · xin gia hạn"), {"code": one.code})


def _overdue(one: Stood, now: Span, known: Known, today: date) -> Card:
    outcome, head = _late(one, now, today)
    site, keeper = _site(known, now)
    facts = {"site": site, "copies": one.at(now), "keeper": keeper}
    call = N_("%(site)s chưa giao lại %(copies)s bản. Gọi %(keeper)s.")
    plain = N_("%(site)s chưa giao lại %(copies)s bản.")
    leg = known.legs.get(now.leg.id)
    return Card(
        outcome, one, head, Reason("call", call if keeper else plain, facts),
        (Deed("fetch", N_("Đưa về kho")), Deed("extend", N_("Gia hạn"))),
        leg.uid if leg else None, order=(0, now.last.toordinal()),
    )  # fmt: skip


def _asked(one: Stood, now: Span, asked: Any, leg: Any, known: Known, today: date) -> Card:
    outcome, head = _late(one, now, today)
    within = leg is None or leg.longest_on is None or asked.until_on <= leg.longest_on
    facts = {"site": _site(known, now)[0], "until": f"{asked.until_on:%d/%m}"}
    said = N_("%(site)s xin gia hạn đến %(until)s. Vẫn trong mức được ở lại.")
    beyond = N_("%(site)s xin gia hạn đến %(until)s, quá mức được ở lại.")
    return Card(
        outcome, one, head, Reason("extension", said if within else beyond, facts),
        (Deed("grant", N_("Cho gia hạn"), within), Deed("deny", N_("Không"))),
        leg.uid if leg else None, asked.uid, (1, now.last.toordinal()),
    )  # fmt: skip


def _ending(one: Stood, now: Span, leg: Any, known: Known, today: date) -> Card:
    days = (now.last - today).days
    heads = {0: N_("%(code)s · hạn hôm nay"), 1: N_("%(code)s · hạn ngày mai")}
    head = Reason("ending", heads.get(days, N_("%(code)s · còn %(days)s ngày")), {"code": one.code, "days": days})
    then = next((span for span in one.spans if span.leg.number > now.leg.number), None)
    site = _site(known, now)[0]
    where = _site(known, then)[0] if then and then.leg.to_site else ""
    facts = {"site": site, "copies": one.at(now), "next": where}
    said = N_("%(site)s giao lại %(copies)s bản, rồi chuyển đến %(next)s.")
    home = N_("%(site)s giao lại %(copies)s bản để về kho.")
    deeds = (Deed("forward", N_("Chuyển tiếp"), True),) if where else (Deed("fetch", N_("Đưa về kho"), True),)
    return Card("hoi", one, head, Reason("going", said if where else home, facts),
                (*deeds, Deed("extend", N_("Gia hạn"))), leg.uid if leg else None, order=(5, now.last.toordinal()))  # fmt: skip


def _on_the_road(one: Stood, now: Span, leg: Any, known: Known, today: date) -> Card:
    days, site = (today - now.first).days, _site(known, now)[0]
    head = Reason("road", N_("%(code)s · đi đã %(days)s ngày"), {"code": one.code, "days": days})
    there = N_("%(site)s chưa ký nhận %(copies)s bản.") if site else N_("Kho chưa ký nhận %(copies)s bản về.")
    said = Reason("unsigned", there, {"site": site, "copies": one.at(now)})
    return Card("luu", one, head, said, (Deed("receive", N_("Ký nhận")),), leg.uid if leg else None, order=(3, -days))


def _home(one: Stood, leg: Any) -> Card:
    head = Reason("home", N_("%(code)s · đã về kho"), {"code": one.code})
    said = Reason("reconcile", N_("Còn bản chưa rõ kết cục. Đối chiếu rồi đóng đợt."))
    return Card("luu", one, head, said, (Deed("close", N_("Đối chiếu")),), leg.uid if leg else None, order=(7, 0))


def _missing(one: Stood, leg_id: int, known: Known, today: date) -> Card:
    leg, answer, count = known.legs.get(leg_id), known.short.get(leg_id), one.short[leg_id]
    head = Reason("short", N_("%(code)s · thiếu %(count)s bản"), {"code": one.code, "count": count})
    who = (answer.site or answer.name or "") if answer else ""
    left = (leg.contest_until - today).days if leg and leg.contest_until else -1
    facts = {"who": who, "days": left}
    if left >= 0:
        said = (
            N_("%(who)s giữ trách nhiệm. Còn %(days)s ngày để trả lời.") if who else N_("Còn %(days)s ngày để trả lời.")
        )
    else:
        said = N_("%(who)s giữ trách nhiệm. Đã hết ngày trả lời.") if who else N_("Chưa rõ ai ký nhận sau cùng.")
    deed = Deed("short", N_("Xem các bản thiếu"))
    return Card("hoi", one, head, Reason("answers", said, facts), (deed,), leg.uid if leg else None, order=(2, left))


def _of_start(one: Stood, today: date, mine: set[int]) -> Card | None:
    first = one.spans[0].leg.planned_on if one.spans else None
    if one.state is BatchState.PROPOSED and one.id in mine:
        head = Reason("proposed", N_("%(code)s · chờ duyệt"), {"code": one.code})
        said = Reason("approve", N_("%(theme)s, %(copies)s bản."), {"theme": one.theme, "copies": one.listed})
        return Card("luu", one, head, said, (Deed("approve", N_("Xem để duyệt"), True),), order=(4, 0))
    if first is None or first > today or one.state is BatchState.PROPOSED:
        return None
    days = (today - first).days
    head = Reason("start", N_("%(code)s · đến ngày đi"), {"code": one.code})
    late = Reason("late", N_("Lẽ ra đi %(day)s, nay chưa giao."), {"day": f"{first:%d/%m}"})
    now = Reason("now", N_("Hôm nay đi mà chưa giao."))
    return Card("hoi", one, head, late if days else now, (Deed("go", N_("Mở đợt")),), order=(6, -days))
