"""A batch is called back, each copy gets its outcome, the two sums are looked at, and it is closed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Record
from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.holdings import stays, transfers
from library.holdings.models import Condition, Item, Place, PlaceKind
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import homeward
from library.loans.models import Loan, still_out
from library.rotation import closing_rules, legs, proof, receiving, steps, sums
from library.rotation.closing_rules import NOWHERE, Standing
from library.rotation.lifecycle import Deed, NotNow
from library.rotation.models import Batch, BatchLine, BatchState, BatchStep, Leg, LegLine, LegOutcome, LineOutcome
from library.rotation.undoing import ALSO, BEFORE

KIND = "close-batch"
KEPT = "kept"
"""Why a copy stays at a site for good."""
_LINE = table_of(BatchLine)


class NotClosed(Refused):
    """Why the batch is not closed; nothing was written."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


@dataclass(frozen=True)
class Copy:
    """A line of the batch as it stands at the end. `site_place`: the
    depot of a site where it stands, else where its last leg to a site ended; `outcome`: told already.
    `answers`: who signed for it last, and where."""

    line_id: int
    item_id: int
    item_uid: UUID
    title: str
    code: str
    place_name: str
    standing: Standing
    site_place: int | None
    site_name: str
    answers: str
    outcome: LineOutcome | None

    @property
    def allowed(self) -> tuple[LineOutcome, ...]:
        return closing_rules.allowed(self.standing)

    @property
    def is_evident(self) -> bool:
        return closing_rules.is_evident(self.standing)


# Called back


def recall(session: Session, doing: Doing, batch: Batch, by_on: date, note: str = "") -> Leg:
    """The site is to send it home by that day; the leg home. Raises NotNow, NotClosed."""
    batch = steps.lock(session, batch.id)
    at = doing.at or clock.now()
    if by_on < clock.day_of(at):
        raise NotClosed("past", N_("Ngày này đã qua. Chọn từ hôm nay trở đi."))
    act_id = acts.write(session, doing, KIND, at)
    steps.take(session, batch, Deed.RECALL, act_id, at, note or None)
    return legs.homeward(session, (doing.uid, at), batch, by_on)


# How every copy stands


def copies(session: Session, batch: Batch) -> list[Copy]:
    """In the order of the list (three statements)."""
    went, unseen = _went(session, batch.id), _unseen(session, batch.id)
    depot, owner = aliased(Place), batch.depot
    lent = exists().where(Loan.item_id == Item.id, still_out())
    query = (
        select(BatchLine.id, Item.id, Item.uid, Record.title, Item.accession, depot, Item.condition, Item.seen_at, lent,
               BatchLine.outcome)
        .join(Item, Item.id == BatchLine.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(depot, depot.id == Item.place_id)
        .where(BatchLine.batch_id == batch.id)
        .order_by(BatchLine.number, BatchLine.id)
    )  # fmt: skip
    found = []
    for line, item, uid, title, code, place, condition, seen_at, is_lent, outcome in session.execute(query):
        mine = went.get(item, [])
        standing = _standing(mine, place, owner.branch_id, condition, seen_at, is_lent)
        site, answers = _last_site([one for one in mine if one[0] not in unseen], batch)
        stays_at = place.id if standing.at_site and place.kind is PlaceKind.DEPOT else site and site[0]
        found.append(
            Copy(line, item, uid, title, code or "", place.name, standing, stays_at, site[1] if site else "",
                 answers, outcome)
        )  # fmt: skip
    return found


def _went(session: Session, batch_id: int) -> dict[int, list[tuple[LegLine, Leg]]]:
    """By copy, the legs it went, in order."""
    query = select(LegLine, Leg).join(Leg, Leg.id == LegLine.leg_id).where(Leg.batch_id == batch_id)
    went: dict[int, list[tuple[LegLine, Leg]]] = {}
    for line, leg in session.execute(query.order_by(Leg.number)):
        went.setdefault(line.item_id, []).append((line, leg))
    return went


def _unseen(session: Session, batch_id: int) -> list[LegLine]:
    """What was sent after the others and scanned by nobody since: it has not come yet."""
    query = select(LegLine).join(Leg, Leg.id == LegLine.leg_id).where(Leg.batch_id == batch_id)
    query = query.where(LegLine.note == proof.FOLLOWED, LegLine.outcome.is_(None), ~proof.proved())
    return list(session.scalars(query))


def _standing(
    went: Sequence[tuple[LegLine, Leg]], place: Place, owner_branch: int, condition: Condition, seen_at: datetime,
    lent: bool,
) -> Standing:  # fmt: skip
    if not went:
        return Standing(sent=False, stands=place.kind)
    line, leg = went[-1]
    # What was short and stands on a shelf has been scanned since: it is found, whether anybody said so or not.
    short = line.outcome is LegOutcome.SHORT and line.found_at is None and place.kind in NOWHERE
    at_depot = legs.is_home(leg) and leg.received_at is not None and line.outcome is LegOutcome.ARRIVED
    set_out = went[0][1].sent_at
    seen = place.branch_id == owner_branch and place.kind not in NOWHERE and bool(set_out and seen_at > set_out)
    brought = leg.to_site is not None and place.id == leg.to_site.place_id
    home = at_depot or (seen and not brought)
    at_site = not home and not short and place.kind not in NOWHERE
    # Damaged on the way or at a site: what set out damaged is nobody's fault there.
    harmed = condition is Condition.DAMAGED and went[0][0].condition_sent is not Condition.DAMAGED
    return Standing(True, home, harmed, lent, at_site, short, place.kind)


def _last_site(went: Sequence[tuple[LegLine, Leg]], batch: Batch) -> tuple[tuple[int, str] | None, str]:
    """((place, name) of the last site it came to, who signed for it last)."""
    came = [
        leg for line, leg in went
        if leg.to_site and leg.received_at and (line.outcome is not LegOutcome.SHORT or line.found_at)
    ]  # fmt: skip
    if not came:
        return None, batch.library.name
    last = came[-1]
    assert last.to_site
    return (last.to_site.place_id, last.to_site.name), f"{last.taken_name}, {last.to_site.name}"


# Outcomes


def reconcile(session: Session, doing: Doing, batch: Batch, outcomes: Mapping[int, LineOutcome]) -> int:
    """Every line has an outcome: what is evident by itself, the others as told (by item id). The act's id.

    Raises NotNow, NotClosed.
    """
    return _end(session, doing, batch, outcomes, and_close=False)


def close(session: Session, doing: Doing, batch: Batch, outcomes: Mapping[int, LineOutcome] | None = None) -> int:
    """As `reconcile` where that is still to do, and then closed: both sums come out. Raises NotNow, NotClosed."""
    return _end(session, doing, batch, outcomes or {}, and_close=True)


def _end(session: Session, doing: Doing, batch: Batch, outcomes: Mapping[int, LineOutcome], and_close: bool) -> int:
    batch = steps.lock(session, batch.id)
    at = doing.at or clock.now()
    if batch.state not in (BatchState.RETURNING, BatchState.RECONCILED):
        raise NotNow(batch.state, Deed.RECONCILE)
    act = acts.write(session, doing, KIND, at), doing.uid
    if batch.state is BatchState.RETURNING:
        _reconcile(session, act, batch, outcomes, at)
    elif not and_close:
        raise NotNow(batch.state, Deed.RECONCILE)
    if and_close:
        _close(session, batch, act[0], at)
    return act[0]


def _reconcile(
    session: Session, act: tuple[int, UUID], batch: Batch, outcomes: Mapping[int, LineOutcome], at: datetime
) -> None:
    _check_arrived(session, batch)
    all_ = [one for one in copies(session, batch) if one.outcome is None]
    told = _told(all_, outcomes)
    rows = [{"line": one.line_id, "what": told[one.item_id]} for one in all_]
    if rows:
        ending = update(_LINE).where(_LINE.c.id == bindparam("line"))
        values = {"outcome": bindparam("what"), "closed_at": at, "closed_by": act[0]}
        blank = dict.fromkeys(("settled_at", "settled_how", "settled_by"))
        straight(session).execute(ending.values(**values, **blank), rows)
    _end_stays(session, act, all_, told, at)
    _ask_home(session, act, [item for item, what in told.items() if what is LineOutcome.FOLLOWS], at)
    _never_came(session, batch, [item for item, what in told.items() if what is LineOutcome.LOST])
    steps.take(session, batch, Deed.RECONCILE, act[0], at)


def _check_arrived(session: Session, batch: Batch) -> None:
    on_the_way = next((leg for leg in legs.of(session, batch.id) if leg.sent_at and leg.received_at is None), None)
    if on_the_way is not None:
        raise NotClosed(
            "on-the-way", N_("Chặng %(number)s chưa ai nhận. Nhận xong rồi mới chốt được."), number=on_the_way.number
        )


def _told(all_: Sequence[Copy], outcomes: Mapping[int, LineOutcome]) -> dict[int, LineOutcome]:
    told = {one.item_id: outcomes.get(one.item_id) or _evident(one) for one in all_}
    if open_ := sum(what is None for what in told.values()):
        raise NotClosed("open", N_("Còn %(count)s cuốn chưa ghi về đâu."), count=open_)
    wrong = [one for one in all_ if told[one.item_id] not in one.allowed]
    if wrong:
        sentence = N_("“%(title)s” (%(accession)s) không thể ghi như vậy: sách đang ở %(place)s.")
        raise NotClosed("wrong", sentence, title=wrong[0].title, accession=wrong[0].code, place=wrong[0].place_name)
    return {item: what for item, what in told.items() if what}


def _evident(one: Copy) -> LineOutcome | None:
    return one.allowed[0] if one.is_evident else None


_OVER = (LineOutcome.WITH_READER, LineOutcome.FOLLOWS, LineOutcome.LOST, LineOutcome.RETURNED, LineOutcome.DAMAGED)


def _end_stays(
    session: Session, act: tuple[int, UUID], all_: Sequence[Copy], told: Mapping[int, LineOutcome], at: datetime
) -> None:
    """What is kept stays for good; every other stay is over: a copy that a reader has goes home when it is brought back, one
    that was left at a site is asked home."""
    over = {one.item_id: one.item_uid for one in all_ if told[one.item_id] in _OVER}
    stays.end_many(session, act, over, receiving.STAY, at)
    for place in {one.site_place for one in all_ if one.site_place}:
        kept = {
            one.item_id: one.item_uid for one in all_
            if one.site_place == place and told[one.item_id] is LineOutcome.KEPT
        }  # fmt: skip
        stays.begin_many(session, act, kept, place, KEPT, at)


def _ask_home(session: Session, act: tuple[int, UUID], items: Collection[int], at: datetime) -> None:
    """One by one: they are few."""
    query = select(Item.id, Item.home_id).where(Item.id.in_(items)).order_by(Item.id)
    for item, place in session.execute(query.with_for_update(of=Item, key_share=True)).all():
        transfers.replace(session, act, item, place, homeward.HOME, at)


def _never_came(session: Session, batch: Batch, lost: Collection[int]) -> None:
    """What was sent after the others and is lost before anybody saw it: it is short, and the owner answers."""
    for line in _unseen(session, batch.id):
        if line.item_id not in lost:
            continue
        line.outcome, line.answers_name = LegOutcome.SHORT, batch.library.name
    session.flush()


def _close(session: Session, batch: Batch, act_id: int, at: datetime) -> None:
    session.flush()
    told = sums.of(session, batch.id)
    if not told.agree or told.out or told.under_way:
        raise NotClosed("sums", N_("Hai phép cộng chưa khớp nên chưa đóng được. Xem lại từng dòng."))
    steps.take(session, batch, Deed.CLOSE, act_id, at)
    batch.ended_on = clock.day_of(at)
    session.flush()


def counts(all_: Sequence[Copy]) -> Counter[LineOutcome]:
    """How many there would be of each outcome, as the machine proposes."""
    return Counter(one.outcome or one.allowed[0] for one in all_)


# Undone


def check_undo(session: Session, act_id: int) -> None:
    """Raises NotClosed where a copy is in another batch by now."""
    mine = select(BatchLine.item_id).where(BatchLine.closed_by == act_id)
    again = select(BatchLine.id).where(BatchLine.item_id.in_(mine), BatchLine.closed_at.is_(None))
    settled = select(BatchLine.id).where(BatchLine.closed_by == act_id, BatchLine.settled_at.is_not(None))
    if session.scalar(again.limit(1)) or session.scalar(settled.limit(1)):
        raise NotClosed("later", N_("Có cuốn đã vào đợt khác hoặc đã giải quyết xong. Hoàn tác việc ấy trước."))


def undone(session: Session, act_id: int) -> None:
    """The act was voided: the lines it ended are open, and the batch has not ended."""
    _on_the_way_again(session, act_id)
    session.execute(
        update(BatchLine).where(BatchLine.closed_by == act_id).values(outcome=None, closed_at=None, closed_by=None),
        execution_options={"synchronize_session": False},
    )
    closed = select(BatchStep.batch_id).where(BatchStep.act_id == act_id, BatchStep.deed == Deed.CLOSE)
    session.execute(
        update(Batch).where(Batch.id.in_(closed)).values(ended_on=None),
        execution_options={"synchronize_session": False},
    )


def _on_the_way_again(session: Session, act_id: int) -> None:
    """What never came is under way, as it was before anybody called it lost."""
    lost = (BatchLine.closed_by == act_id, BatchLine.outcome == LineOutcome.LOST)
    query = select(LegLine).join(Leg, Leg.id == LegLine.leg_id)
    query = query.join(BatchLine, (BatchLine.batch_id == Leg.batch_id) & (BatchLine.item_id == LegLine.item_id))
    query = query.where(*lost, LegLine.note == proof.FOLLOWED, LegLine.outcome == LegOutcome.SHORT)
    for line in session.scalars(query).all():
        line.outcome = line.answers_name = None
    session.flush()


BEFORE.append(check_undo)
ALSO.append(undone)
