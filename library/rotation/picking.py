"""Picking: one scan is fetching, checking and packing at once. What a reader has or waits for is left to them: it follows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.errors import N_
from library.holdings import ledger
from library.holdings.models import Item, Place, RegisterLine, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.loans import facts
from library.loans.facts import CopyFacts, Desk
from library.organisations.models import CodeKind, Organisation
from library.rotation import crates, lifecycle, picking_facts, picking_rules, steps, undoing
from library.rotation.crates import NotPacked
from library.rotation.lifecycle import Deed, NotNow
from library.rotation.models import Batch, BatchLine, BatchState, BatchStep, Crate, Leg, LineOutcome
from library.rotation.picking_rules import WRITES, Facts, Outcome

KIND = "pick-copy"
NOT_FOUND = "not-found"
OPEN = (BatchState.APPROVED, BatchState.PICKING, BatchState.PACKED)


@dataclass(frozen=True)
class Picked:
    """What came of a scan. `crate`: where the copy is now, or was already; `into`: the crate that is open; `other`: the
    batch it belongs to; `instead`: the accession of the copy that is on the list."""

    outcome: Outcome
    at: datetime
    text: str = ""
    copy: CopyFacts | None = None
    act: UUID | None = None
    act_id: int | None = None
    crate: Crate | None = None
    into: Crate | None = None
    other: str = ""
    among: Sequence[CopyFacts] = ()


@dataclass(frozen=True)
class Scanned:
    """What the page says. `crate`: the one that is open; `sealed`: the one sealed just before, whose seal's number may come
    next; `asked`: the copy the page was asked about just now; `item`: "item-7", which of two was meant."""

    text: str
    crate: Crate | None = None
    sealed: Crate | None = None
    asked: UUID | None = None
    item: str | None = None


def desk_of(session: Session, batch: Batch) -> Desk:
    """Where somebody scans who stands in the depot."""
    network = session.scalars(select(Organisation.network_id).where(Organisation.id == batch.library_id)).one()
    branch = session.scalars(select(Place.branch_id).where(Place.id == batch.depot_id)).one()
    return Desk(batch.library_id, network or 0, branch)


# Any scan


def scan_in(session: Session, doing: Doing, batch: Batch, one: Scanned) -> Picked:
    """Whatever is scanned while the batch is picked: a book, a crate's label, a seal. Raises NotNow, NotPacked."""
    at = doing.at or clock.now()
    desk = desk_of(session, batch)
    crate = crates.named_by(session, one.text, at, batch.library_id)
    if crate is not None:
        return _crate(session, doing, batch, crate, one)
    found = facts.resolve(session, one.text, desk, at)
    meant = facts.the_one(found, one.item)
    if not found:
        return _unknown(session, doing, batch, one)
    if meant is None:
        day = clock.day_of(at)
        among = [facts.copy(session, f.id, desk, day) for f in found[:4] if f.kind is CodeKind.ITEM]
        return Picked(Outcome.AMBIGUOUS, at, one.text, into=one.crate, among=among)
    if meant.kind is CodeKind.CARD:
        return Picked(Outcome.CARD, at, one.text, into=one.crate)
    return replace(pick(session, doing, batch, meant.id, crate=one.crate, asked=one.asked), text=one.text)


def _unknown(session: Session, doing: Doing, batch: Batch, one: Scanned) -> Picked:
    """After a crate was sealed, a code that nothing has is the number on its seal; the first only, and none that looks like
    an accession number."""
    at = doing.at or clock.now()
    if one.sealed is not None and one.sealed.seal is None and picking_rules.is_seal(one.text, _series(session, batch)):
        crates.tell_seal(session, doing, one.sealed, one.text)
        return Picked(Outcome.SEAL_NUMBER, at, one.text, crate=one.sealed, into=one.crate)
    return Picked(Outcome.UNKNOWN, at, one.text, into=one.crate)


def _series(session: Session, batch: Batch) -> list[str]:
    """Prefixes of accession numbers of the library: TN."""
    query = select(RegisterLine.series).where(RegisterLine.library_id == batch.library_id)
    return list(session.scalars(query.distinct()))


def _crate(session: Session, doing: Doing, batch: Batch, crate: Crate, one: Scanned) -> Picked:
    """Its label once: books go into it. Once more: it is sealed."""
    at = doing.at or clock.now()
    if crate.batch_id != batch.id:
        other = session.get_one(Batch, crate.batch_id)
        return Picked(Outcome.OTHERS_CRATE, at, one.text, crate=crate, into=one.crate, other=other.code)
    if crates.is_sealed(crate):
        return Picked(Outcome.SEALED_BEFORE, at, one.text, crate=crate, into=one.crate)
    if one.crate is None or one.crate.id != crate.id:
        return Picked(Outcome.CRATE, at, one.text, crate=crate, into=crate)
    if not crates.contents(session, crate.id):
        return Picked(Outcome.EMPTY, at, one.text, crate=crate, into=crate)
    crates.seal(session, doing, crate)
    return Picked(Outcome.SEALED, at, one.text, act=doing.uid, act_id=crate.sealed_by, crate=crate)


# A book


def pick(
    session: Session, doing: Doing, batch: Batch, item_id: int, at: datetime | None = None, crate: Crate | None = None,
    asked: UUID | None = None,
) -> Picked:  # fmt: skip
    """This copy, that somebody has in the hand in the depot. It goes into `crate`, else the one that is open, else a new
    one. Raises NotNow where the batch is not picked, NotPacked where the crate is sealed."""
    batch = steps.lock(session, batch.id)
    if batch.state not in OPEN:
        raise NotNow(batch.state, Deed.PICK)
    moment = at or doing.at
    into = _into(session, doing, batch, (item_id, asked is not None), crate)
    facts.lock(session, None, item_id)
    copy = facts.copy(session, item_id, desk_of(session, batch), clock.day_of(moment or clock.now()))
    line = _line(session, batch.id, item_id)
    twin = _twin(session, batch.id, copy) if line is None else None
    outcome, other = _verdict(session, batch, copy, line, into, (twin is not None, asked == copy.uid))
    when = moment or timing.live(clock.now(), copy.seen_at)
    told = Picked(outcome, when, "", copy, into=into, crate=_crate_of(session, line), other=other or _name(twin))
    if outcome not in WRITES:
        return told
    act = acts.write(session, doing, KIND, when), doing.uid
    row = line or _instead(session, batch, copy, twin, act[0], when)
    return replace(told, act=act[1], act_id=act[0], crate=_packed(session, act, batch, row, told))


def _into(session: Session, doing: Doing, batch: Batch, copy: tuple[int, bool], crate: Crate | None) -> Crate | None:
    """Where it would go; a crate is made before any copy is locked: numbers of codes are locked first, everywhere.
    `copy`: its id, and whether the page had asked about one."""
    if crate is not None and crate.batch_id != batch.id:
        raise NotPacked("another-batch", N_("Thùng này của đợt khác."))
    if crate is not None:
        session.refresh(crate)
    if crate is not None and not crates.is_sealed(crate):
        return crate
    wanted = copy[1] or _line(session, batch.id, copy[0]) is not None
    return crates.open_one(session, batch.id) or (crates.new(session, doing, batch) if wanted else None)


def _line(session: Session, batch_id: int, item_id: int) -> BatchLine | None:
    mine = (BatchLine.batch_id == batch_id, BatchLine.item_id == item_id, BatchLine.closed_at.is_(None))
    return session.scalar(select(BatchLine).where(*mine))


def _twin(session: Session, batch_id: int, copy: CopyFacts) -> BatchLine | None:
    """Another copy of the title that the list still asks for."""
    query = select(BatchLine).join(Item, Item.id == BatchLine.item_id)
    mine = (BatchLine.batch_id == batch_id, BatchLine.closed_at.is_(None), BatchLine.refused_why.is_(None))
    same = (Item.record_id == copy.record_id, BatchLine.picked_at.is_(None))
    return session.scalars(query.where(*mine, *same).order_by(BatchLine.number).limit(1)).first()


def _name(twin: BatchLine | None) -> str:
    return (twin.item.accession or "") if twin else ""


def _verdict(
    session: Session, batch: Batch, copy: CopyFacts, line: BatchLine | None, into: Crate | None, said: tuple[bool, bool]
) -> tuple[Outcome, str]:
    """The outcome, and the code of the other batch it is in. `said`: (a twin is listed, scanned once more)."""
    other = _other_batch(session, batch.id, copy.id) if line is None else None
    sits = session.get(Crate, line.crate_id) if line and line.crate_id else None
    picked_at = line.picked_at if line else None
    known = Facts(
        listed=line is not None, refused=line is not None and line.refused_why is not None,
        picked=picked_at is not None, same_crate=into is None or sits is None or sits.id == into.id,
        sealed=sits is not None and crates.is_sealed(sits),
        seen_since=picked_at is not None and copy.seen_at > picked_at, twin=said[0], other_batch=other is not None,
        register=copy.register, ours=copy.library_id == batch.library_id, lent=copy.loan_id is not None,
        kept=copy.kept_for is not None,
    )  # fmt: skip
    return picking_rules.verdict(known, said[1]), other or ""


def _other_batch(session: Session, batch_id: int, item_id: int) -> str | None:
    query = select(Batch.code).join(BatchLine, BatchLine.batch_id == Batch.id)
    mine = (BatchLine.item_id == item_id, BatchLine.closed_at.is_(None), Batch.id != batch_id)
    return session.scalar(query.where(*mine))


def _crate_of(session: Session, line: BatchLine | None) -> Crate | None:
    return session.get(Crate, line.crate_id) if line and line.crate_id else None


def _instead(
    session: Session, batch: Batch, copy: CopyFacts, twin: BatchLine | None, act_id: int, at: datetime
) -> BatchLine:
    """This copy takes the listed one's place, which stays at home. One that had been taken off the list keeps by which act:
    undoing takes it off again."""
    assert twin is not None
    twin.outcome, twin.closed_at, twin.closed_by = LineOutcome.LEFT_OUT, at, act_id
    session.flush()
    was = session.scalar(select(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.item_id == copy.id))
    row = was or BatchLine(batch_id=batch.id, item_id=copy.id, number=twin.number)
    row.number, row.why, row.override = twin.number, twin.why, twin.override
    row.outcome = row.closed_at = row.refused_why = None
    session.add(row)
    session.flush()
    return row


def _packed(session: Session, act: tuple[int, UUID], batch: Batch, line: BatchLine, told: Picked) -> Crate:
    """The copy stands in the depot, in the crate. A sealed one it strayed from was opened by somebody, and is open."""
    assert told.copy is not None
    assert told.into is not None
    if batch.state is not BatchState.PICKING:
        deed = Deed.UNSEAL if batch.state is BatchState.PACKED else Deed.PICK
        steps.take(session, batch, deed, act[0], told.at)
    left = _crate_of(session, line)
    if left is not None and left.id != told.into.id and crates.is_sealed(left):
        left.opened_at, left.opened_by = max(told.at, left.sealed_at or told.at), act[0]
    line.picked_at, line.picked_by, line.crate_id, line.follows = told.at, act[0], told.into.id, None
    session.flush()
    depot = session.get_one(Place, batch.depot_id)
    ledger.move(session, act, {told.copy.id: told.copy.uid}, (depot.id, depot.branch_id), Why.SHELVE, told.at)
    return told.into


# Many at once


@dataclass(frozen=True)
class Many:
    """Item ids: picked now, and left where they are."""

    act_id: int
    picked: tuple[int, ...]
    left: tuple[int, ...]


def pick_many(session: Session, doing: Doing, batch: Batch, item_ids: Collection[int], crate: Crate) -> Many:
    """Scanned by a device that keeps its scans and hands them over at once. Lines that are free only; a copy a reader has or
    waits for is left. Raises NotNow, NotPacked."""
    batch = steps.lock(session, batch.id)
    if batch.state not in OPEN:
        raise NotNow(batch.state, Deed.PICK)
    session.refresh(crate)
    crates.check_open(crate)
    at = doing.at or clock.now()
    act = acts.write(session, doing, KIND, at), doing.uid
    free = _free(session, batch.id, item_ids)
    if free and batch.state is not BatchState.PICKING:
        deed = Deed.UNSEAL if batch.state is BatchState.PACKED else Deed.PICK
        steps.take(session, batch, deed, act[0], at)
    done = update(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.item_id.in_(list(free)))
    values = {"picked_at": at, "picked_by": act[0], "crate_id": crate.id, "follows": None}
    session.execute(done.values(values), execution_options={"synchronize_session": False})
    depot = session.get_one(Place, batch.depot_id)
    ledger.move(session, act, free, (depot.id, depot.branch_id), Why.SHELVE, at)
    session.expire_all()
    return Many(act[0], tuple(free), tuple(item for item in item_ids if item not in free))


def _free(session: Session, batch_id: int, item_ids: Collection[int]) -> dict[int, UUID]:
    """Lines not picked yet whose copies nobody has or waits for, locked in order."""
    query = (
        select(Item.id, Item.uid)
        .join(BatchLine, BatchLine.item_id == Item.id)
        .where(BatchLine.batch_id == batch_id, BatchLine.closed_at.is_(None), BatchLine.refused_why.is_(None))
        .where(BatchLine.picked_at.is_(None), Item.id.in_(list(item_ids)), ~picking_facts.lent(), ~picking_facts.kept())
        .order_by(Item.id)
    )
    return {row[0]: row[1] for row in session.execute(query.with_for_update(of=Item, key_share=True))}


# Not there, not wanted


def miss(session: Session, doing: Doing, batch: Batch, item_id: int, missing: bool = True) -> None:
    """It is not where it should be: it may follow later. `missing` False: it is to be fetched after all. Raises NotNow."""
    batch = _picking(session, batch)
    line = _line(session, batch.id, item_id)
    if line is None or line.picked_at is not None:
        return
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, KIND, at)
    line.follows = NOT_FOUND if missing else None
    session.flush()
    if missing:
        crates.packed(session, batch, act_id, at)
    elif lifecycle.may(batch.state, Deed.UNSEAL):
        steps.take(session, batch, Deed.UNSEAL, act_id, at)


def drop(session: Session, doing: Doing, batch: Batch, item_id: int) -> None:
    """It does not go with this batch, and may go with another. One that is packed leaves its crate. Raises NotNow,
    NotPacked."""
    batch = _picking(session, batch)
    line = _line(session, batch.id, item_id)
    if line is None:
        return
    if line.crate_id is not None:
        crates.check_open(session.get_one(Crate, line.crate_id))
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, KIND, at)
    line.outcome, line.closed_at, line.closed_by, line.crate_id = LineOutcome.LEFT_OUT, at, act_id, None
    session.flush()
    crates.packed(session, batch, act_id, at)


def _picking(session: Session, batch: Batch) -> Batch:
    batch = steps.lock(session, batch.id)
    if batch.state not in OPEN:
        raise NotNow(batch.state, Deed.PICK)
    return batch


# Taking back


def before_undoing(session: Session, act_id: int) -> None:
    """Raises NotPacked where the crate was sealed since, or the batch has left."""
    _check_seal(session, act_id)
    query = (
        select(Batch.state, Crate)
        .select_from(BatchLine)
        .join(Batch, Batch.id == BatchLine.batch_id)
        .outerjoin(Crate, Crate.id == BatchLine.crate_id)
        .where(BatchLine.picked_by == act_id)
    )
    for state, crate in session.execute(query):
        if state not in OPEN:
            raise NotPacked("left", N_("Đợt đã rời kho. Hoàn tác lần giao trước rồi mới bỏ được cuốn này."))
        if crate is not None and crates.is_sealed(crate):
            crates.check_open(crate)


def _check_seal(session: Session, act_id: int) -> None:
    """A seal that set out is what it was when it set out."""
    mine = or_(Crate.sealed_by == act_id, Crate.opened_by == act_id)
    left = select(Crate.id).join(Leg, Leg.batch_id == Crate.batch_id).where(mine, Leg.send_act > act_id)
    if session.scalar(left.limit(1)) is not None:
        raise NotPacked(
            "left", N_("Thùng này đã giao đi cùng đợt. Hoàn tác lần giao trước rồi mới đổi niêm phong được.")
        )


def undone(session: Session, act_id: int) -> None:
    """The act was voided: what it picked is to be fetched again, and what took another's place is off the list. What it
    left out is put on the list again by `batches_undoing.undo`, and the batch's step taken back by `steps.undo`, both later."""
    _pass_on(session, act_id)
    _take_off(session, act_id)
    nobody = {"picked_at": None, "picked_by": None, "crate_id": None}
    session.execute(update(BatchLine).where(BatchLine.picked_by == act_id).values(nobody))
    session.expire_all()


def _pass_on(session: Session, act_id: int) -> None:
    """A batch of which other copies are picked is picked still: the step that began it is theirs now."""
    mine = (BatchStep.act_id == act_id, BatchStep.voided.is_(False), BatchStep.deed.in_((Deed.PICK, Deed.UNSEAL)))
    for step in session.scalars(select(BatchStep).where(*mine)).all():
        others = select(func.min(BatchLine.picked_by)).where(BatchLine.batch_id == step.batch_id)
        others = others.where(BatchLine.picked_by != act_id, BatchLine.closed_at.is_(None))
        if step.deed == Deed.UNSEAL:  # what was picked before it was packed then
            others = others.where(BatchLine.picked_by > act_id)
        step.act_id = session.scalar(others) or act_id
    session.flush()


def _take_off(session: Session, act_id: int) -> None:
    """Copies that took a listed one's place: see `_instead`."""
    listed = aliased(BatchLine)
    same = and_(listed.batch_id == BatchLine.batch_id, listed.number == BatchLine.number, listed.id != BatchLine.id)
    query = select(BatchLine).join(listed, same).where(BatchLine.picked_by == act_id, listed.closed_by == act_id)
    for line in session.scalars(query).all():
        if line.closed_by is None:
            session.delete(line)
        else:
            line.outcome, line.closed_at = LineOutcome.LEFT_OUT, clock.now()
    session.flush()


undoing.BEFORE += [before_undoing, crates.check_undo]
undoing.ALSO.insert(0, undone)
undoing.ALSO.append(crates.undone)
