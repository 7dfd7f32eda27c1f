"""A batch is planned: made, listed, proposed, answered by its site, approved by somebody else, or cancelled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.holdings.models import Place
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations import codes
from library.organisations.models import Organisation
from library.rotation import (
    agreements,
    batches_checks,
    batches_read,
    batches_room,
    batches_rules,
    batches_way,
    exchanging,
    lifecycle,
    settings,
    steps,
)
from library.rotation.batches_way import Stop
from library.rotation.lifecycle import Deed, NotNow
from library.rotation.models import Batch, BatchKind, BatchLine, BatchState, Leg, LineOutcome, Site

PLAN, APPROVE = "plan-batch", "approve-batch"
MISTAKEN = N_("Lập nhầm")
"""Why a batch is no more whose making was taken back. Kept in these words, translated where it is shown."""


@dataclass(frozen=True)
class NewBatch:
    """What is said of a batch. `sites` in the order it visits them; `wanted`: as `choosing.Wanted.plain` writes it."""

    theme: str
    depot: Place
    sites: Sequence[Site]
    planned_from: date
    planned_to: date
    kind: BatchKind = BatchKind.ROTATION
    wanted: Mapping[str, Any] = field(default_factory=dict)
    decision: str | None = None
    replaces: Batch | None = None
    note: str | None = None


@dataclass(frozen=True)
class Added:
    """Item ids that are on the list now; those that are not, each with its first reason."""

    added: tuple[int, ...]
    refused: list[tuple[int, Reason]]


class NotPlanned(Refused):
    """Why it is not so; nothing was written."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


class SameHands(Refused):
    """Who made a batch does not approve it."""

    def __init__(self) -> None:
        sentence = N_("Người lập đợt không tự duyệt đợt của mình. Nhờ một người khác duyệt.")
        super().__init__(Reason("same-hands", sentence))


# Making


def make(session: Session, doing: Doing, library: Organisation, new: NewBatch) -> Batch:
    """A draft with its legs: depot, each site in order, depot. Raises NotPlanned, TooLong."""
    _check(library, new)
    at = doing.at or clock.now()
    code = next_code(session, library.id, clock.day_of(at).year)  # the counter is locked before all else
    _check_place(session, new)
    act_id = acts.write(session, doing, PLAN, at)
    batch = Batch(
        uid=clock.uuid7(), library_id=library.id, code=code, kind=new.kind, theme=new.theme, decision=new.decision,
        depot_id=new.depot.id, planned_from=new.planned_from, planned_to=new.planned_to, wanted=dict(new.wanted),
        replaces_id=new.replaces.id if new.replaces else None, state=BatchState.DRAFT, made_by=doing.actor,
        act_id=act_id, note=new.note,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    steps.begin(session, batch, act_id, at)
    _plan_way(session, batch, new.sites)
    return batch


def _check(library: Organisation, new: NewBatch) -> None:
    if not new.sites:
        raise NotPlanned("no-site", N_("Chọn ít nhất một điểm luân chuyển."))
    if new.planned_to <= new.planned_from:
        raise NotPlanned("days", N_("Ngày về kho phải sau ngày đi."))
    for site in new.sites:
        if site.library_id != library.id:
            raise NotPlanned("another-library", N_("%(name)s không phải điểm của thư viện này."), name=site.name)
        if site.closed_on is not None:
            raise NotPlanned("closed", N_("%(name)s đã đóng. Chọn điểm khác."), name=site.name)
    if any(one.id == other.id for one, other in zip(new.sites, new.sites[1:], strict=False)):
        raise NotPlanned("twice", N_("Một điểm không đứng hai lần liền nhau."))


def _check_place(session: Session, new: NewBatch) -> None:
    """One for one: for a batch, which is held until commit, and for one that nothing else comes for."""
    if new.kind is BatchKind.EXCHANGE and new.replaces is None:
        raise NotPlanned("exchange", N_("Đổi sách là đổi cho một đợt: mở đợt đang ở điểm rồi bấm Đổi một lấy một."))
    if new.replaces is None or new.kind not in exchanging.COUNTS:
        return
    check_alone(session, steps.lock(session, new.replaces.id))


def check_alone(session: Session, replaced: Batch) -> None:
    other = exchanging.in_its_place(session, replaced)
    if other is not None:
        sentence = N_("Đợt %(batch)s đã có đợt %(other)s đến đổi.")
        raise NotPlanned("exchanged", sentence, batch=replaced.code, other=other.code)


def next_code(session: Session, library_id: int, year: int) -> str:
    """LC26-014; the counter goes on with every year's own series (one statement, and one more where it was met before)."""
    while True:
        (number,) = codes.take(session, library_id, f"batch {year % 100:02}")
        code = f"LC{year % 100:02}-{number:03}"
        if session.execute(select(Batch.id).where(Batch.library_id == library_id, Batch.code == code)).first() is None:
            return code


def _plan_way(session: Session, batch: Batch, sites: Sequence[Site]) -> None:
    usual = settings.of(session, batch.library_id).longest_months
    agreed = agreements.current_of(session, [site.id for site in sites], batch.planned_from)
    stops = [Stop(one.id, one.name, agreed[one.id].months if one.id in agreed else usual) for one in sites]
    for_good = batch.kind is BatchKind.DEPOSIT
    planned = batches_way.way(stops, batch.planned_from, batch.planned_to, for_good)
    session.add_all([
        Leg(
            uid=clock.uuid7(), batch_id=batch.id, number=number, from_site_id=one.from_site, to_site_id=one.to_site,
            planned_on=one.planned_on, due_on=one.due_on, longest_on=one.longest_on,
        ) for number, one in enumerate(planned, 1)
    ])  # fmt: skip
    session.flush()


# The list


def add(session: Session, doing: Doing, batch: Batch, items: Mapping[int, str], override: str | None = None) -> Added:
    """Copies (id to why, a word of `choosing.Why`) go on the list, in the order given. With `override`, the reason somebody
    gave, also those that a rule would keep back; of an approved list, no more than were approved. Raises NotNow once the
    list is settled. At most twelve statements."""
    batch = steps.lock(session, batch.id)
    check_open(batch)
    found = batches_checks.candidates(session, batch, items)
    verdicts = {item: batches_rules.judge(found[item].facts) for item in items if item in found}
    fit = [item for item, one in verdicts.items() if not one.never and (override or not one.unless)]
    good = fit[: batches_room.room(session, batch)]
    over = {item for item in good if verdicts[item].unless}
    _put(session, batch, {item: items[item] for item in good}, dict.fromkeys(over, override))
    gone = [(item, Reason("unknown", N_("Không thấy cuốn này."))) for item in items if item not in verdicts]
    full = dict.fromkeys(fit[len(good) :], batches_room.FULL)
    refused = [(item, full.get(item) or one.reasons[0]) for item, one in verdicts.items() if item not in good]
    return Added(tuple(good), refused + gone)


def check_open(batch: Batch, *states: BatchState) -> None:
    """Raises NotNow for a list that is settled: proposed to others, approved, on its way."""
    if batch.state not in (states or OPEN):
        raise NotNow(batch.state, Deed.PROPOSE)


OPEN = (BatchState.DRAFT, BatchState.APPROVED, BatchState.PICKING)
"""A draft changes as one likes; once it is approved, only what was left out is made up for (`batches_room`)."""


def _put(session: Session, batch: Batch, items: Mapping[int, str], over: Mapping[int, str | None]) -> None:
    """Lines are made, or opened again if they were taken out."""
    if not items:
        return
    closed = set(
        session.scalars(select(BatchLine.item_id).where(BatchLine.batch_id == batch.id, BatchLine.item_id.in_(items)))
    )
    first = 1 + (session.scalar(select(func.max(BatchLine.number)).where(BatchLine.batch_id == batch.id)) or 0)
    again = {"outcome": None, "closed_at": None, "closed_by": None, "refused_why": None}
    for number, (item, why) in enumerate(items.items(), first):
        if item in closed:
            mine = update(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.item_id == item)
            session.execute(mine.values(**again, number=number, why=why, override=over.get(item)))
    rows = [
        {"batch_id": batch.id, "item_id": item, "number": number, "why": why, "override": over.get(item)}
        for number, (item, why) in enumerate(items.items(), first) if item not in closed
    ]  # fmt: skip
    if rows:
        straight(session).execute(insert(table_of(BatchLine)), rows)
    session.expire_all()


def take_out(session: Session, doing: Doing, batch: Batch, item_ids: Collection[int]) -> int:
    """Off the list; nothing was picked yet. The act's id."""
    batch = steps.lock(session, batch.id)
    check_open(batch)
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, PLAN, at)
    close(session, act_id, at, BatchLine.batch_id == batch.id, BatchLine.item_id.in_(list(item_ids)))
    return act_id


def close(session: Session, act_id: int, at: datetime, *which: Any) -> int:
    """Lines that never set out; how many."""
    mine = update(BatchLine).where(*which, BatchLine.closed_at.is_(None), BatchLine.picked_at.is_(None))
    values = {"outcome": LineOutcome.LEFT_OUT, "closed_at": at, "closed_by": act_id}
    done = session.execute(mine.values(**values).returning(BatchLine.item_id)).all()
    session.expire_all()
    return len(done)


# Deciding


def propose(session: Session, doing: Doing, batch: Batch) -> int:
    """The list is put before the site and who approves; in the order of the shelves from now on. The act's id."""
    batch = steps.lock(session, batch.id)
    if not session.execute(_open_lines(batch.id).limit(1)).first():
        raise NotPlanned("empty", N_("Danh sách chưa có cuốn nào. Thêm sách rồi gửi duyệt."))
    _check_sites(session, batch)
    _check_exchange(session, batch)
    act_id = _step(session, doing, batch, Deed.PROPOSE, PLAN)
    batches_checks.number(session, batch.id)
    return act_id


def _open_lines(batch_id: int) -> Any:
    return select(BatchLine.id).where(BatchLine.batch_id == batch_id, BatchLine.closed_at.is_(None))


def _check_sites(session: Session, batch: Batch) -> None:
    """A site may have closed since the batch was made."""
    for site in batches_read.sites_of(session, batch.id):
        if site.closed_on is not None:
            raise NotPlanned("closed", N_("%(name)s đã đóng. Chọn điểm khác."), name=site.name)


def _check_exchange(session: Session, batch: Batch) -> None:
    """One for one: no more copies than go home for them."""
    told = exchanging.replaced(session, batch)
    no = exchanging.too_many(told, len(session.execute(_open_lines(batch.id)).all())) if told else None
    if no:
        raise NotPlanned(no.code, no.sentence, **no.facts)


def _step(
    session: Session, doing: Doing, batch: Batch, deed: Deed, kind: str, note: str | None = None,
    at: datetime | None = None,
) -> int:  # fmt: skip
    at = at or doing.at or clock.now()
    act_id = acts.write(session, doing, kind, at)
    steps.take(session, batch, deed, act_id, at, note)
    return act_id


REFUSED = "refused"
"""In `Batch.wanted`: copies (ids) that a site does not want, by the site's id."""


def answer(
    session: Session, doing: Doing, batch: Batch, refused: Mapping[int, str], note: str | None = None,
    sites: Collection[int] = (),
) -> int:  # fmt: skip
    """Sites on the way (ids; none named: all of them) say which copies they do not want (id to why); what they refused
    before and not now is wanted after all. What another site refused stays refused. The act's id."""
    batch = steps.lock(session, batch.id)
    act_id = _step(session, doing, batch, Deed.ANSWER, PLAN, note)
    others = _refused_by_others(batch, sites)
    kept = {item for items in others.values() for item in items}
    named = {str(min(sites)): sorted(refused)} if sites else {}
    batch.wanted = {**batch.wanted, REFUSED: others | named}
    mine = (BatchLine.batch_id == batch.id, BatchLine.closed_at.is_(None), BatchLine.item_id.not_in(kept))
    session.execute(update(BatchLine).where(*mine).values(refused_why=None))
    for item, why in refused.items():
        session.execute(update(BatchLine).where(*mine, BatchLine.item_id == item).values(refused_why=why))
    session.expire_all()
    return act_id


def _refused_by_others(batch: Batch, sites: Collection[int]) -> dict[str, list[int]]:
    said: Mapping[str, list[int]] = batch.wanted.get(REFUSED) or {}
    return {site: items for site, items in said.items() if sites and int(site) not in sites}


def approve(session: Session, doing: Doing, batch: Batch, name: str) -> int:
    """By somebody other than who made it; what the site refused stays at home. The act's id. Raises SameHands."""
    batch = steps.lock(session, batch.id)
    if batch.made_by is not None and doing.actor == batch.made_by:
        raise SameHands
    _check_sites(session, batch)
    act_id = _step(session, doing, batch, Deed.APPROVE, APPROVE)
    at = doing.at or clock.now()
    close(session, act_id, at, BatchLine.batch_id == batch.id, BatchLine.refused_why.is_not(None))
    if not session.execute(_open_lines(batch.id).limit(1)).first():
        raise NotPlanned("empty", N_("Điểm không nhận cuốn nào trong danh sách. Trả lại để sửa."))
    _check_exchange(session, batch)
    batch.approved_name = name
    batches_room.write(session, batch)
    return act_id


def send_back(session: Session, doing: Doing, batch: Batch, note: str | None = None) -> int:
    """To be changed: it is a draft again. The act's id."""
    return _step(session, doing, steps.lock(session, batch.id), Deed.SEND_BACK, PLAN, note)


def cancel(session: Session, doing: Doing, batch: Batch, why: str) -> int:
    """It does not go; its copies are free again, wherever they stand. The act's id."""
    batch = steps.lock(session, batch.id)
    lifecycle.after(batch.state, Deed.CANCEL)
    at = doing.at or clock.now()
    batch.ended_on, batch.ended_why = clock.day_of(at), why
    act_id = _step(session, doing, batch, Deed.CANCEL, PLAN, why, at)
    values = {"outcome": LineOutcome.LEFT_OUT, "closed_at": at, "closed_by": act_id}
    mine = update(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.closed_at.is_(None))
    session.execute(mine.values(**values))
    to_come = update(Leg).where(Leg.batch_id == batch.id, Leg.sent_at.is_(None), Leg.cancelled_at.is_(None))
    session.execute(to_come.values(cancelled_at=at))
    session.expire_all()
    return act_id
