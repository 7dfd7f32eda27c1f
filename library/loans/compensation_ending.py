"""How a compensation ends: another copy, money, or grace. Above a library's limit a second person must agree.

Ended for a lost book, the reader has it no more: its loan ends as settled and the copy is nowhere known. It stays in the
register until these minutes write it off, which is ticked or not; found again, it stands there as before. A copy that
leaves the register is on loan to nobody, whatever was the matter with it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import accessions, ledger, places
from library.holdings.accessions import NewItem
from library.holdings.models import Basis, Item, Place, PlaceKind, Register, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import compensation, losses_settings, marks
from library.loans.models import Compensation, Harm, Loan, Settled, Settlement, still_out
from library.organisations.models import Organisation


class NotSo(Refused):
    """A compensation cannot end so, or not now."""


OVER = Reason("compensation-over", N_("Khoản đền bù này đã xong rồi."))
WAITS = Reason("settlement-waits", N_("Khoản đền bù này đang chờ người thứ hai đồng ý."))
SAME = Reason("same-person", N_("Người đề nghị không tự đồng ý được. Cần một người khác của thư viện."))
DECIDED = Reason("settlement-decided", N_("Đề nghị này đã có người xem rồi."))
NO_COPY = Reason("no-such-copy", N_("Cuốn đền phải là bản khác, đang có trong sổ của thư viện này."))
TWICE = Reason("copy-used", N_("Cuốn này đã đền cho một biên bản khác rồi."))
OUTSIDE = Reason("outside", N_("Bản này không có trong sổ đăng ký, nên không có gì để xuất sổ."))
NOT_FOUND = Reason("not-found-again", N_("Chưa thấy lại cuốn này. Quét cuốn sách đã tìm thấy trước."))
KEEPS = Reason("no-refunds", N_("Thư viện đã chọn không trả lại tiền khi tìm thấy sách."))
NOT_PAID = Reason("nothing-to-refund", N_("Không có tiền nào để trả lại."))


@dataclass(frozen=True)
class Ending:
    """`paid` in đồng; `replacement_id` another copy; `write_off`: the copy leaves the register by these minutes."""

    how: Settled
    paid: int | None = None
    replacement_id: int | None = None
    write_off: bool = False
    note: str | None = None


def settle(session: Session, doing: Doing, compensation_id: int, how: Ending) -> bool:
    """Whether it is over; else it waits for a second person. Raises NotSo."""
    one = _open(session, compensation_id)
    if waiting(session, one.id):
        raise NotSo(WAITS)
    _check(session, one, how)
    if losses_settings.needs_two(losses_settings.of(session, one.library_id), one.amount):
        _propose(session, doing, one, how)
        return False
    act = acts.write(session, doing, "settle-compensation", _moment(session, one, doing)), doing.uid
    _finish(session, act, one, how, _moment(session, one, doing))
    return True


def _open(session: Session, compensation_id: int) -> Compensation:
    """Copy before compensation. Raises NotSo for one that is over."""
    mine = select(Compensation.item_id).where(Compensation.id == compensation_id).scalar_subquery()
    session.execute(select(Item.id).where(Item.id == mine).with_for_update(key_share=True)).all()
    query = select(Compensation).where(Compensation.id == compensation_id).with_for_update()
    one = session.scalars(query.execution_options(populate_existing=True)).one()
    if one.settled_at is not None or one.voided:
        raise NotSo(OVER)
    return one


def waiting(session: Session, compensation_id: int) -> Settlement | None:
    """What is proposed and nobody has looked at."""
    query = select(Settlement).where(
        Settlement.compensation_id == compensation_id, Settlement.decided_by.is_(None), Settlement.voided.is_(False)
    )
    return session.scalar(query)


def _check(session: Session, one: Compensation, how: Ending) -> None:
    item = session.get_one(Item, one.item_id)
    if how.write_off and item.register_status is not Register.LISTED:
        raise NotSo(OUTSIDE)
    if how.how is not Settled.REPLACED:
        return
    other = session.get(Item, how.replacement_id) if how.replacement_id else None
    good = other and other.library_id == one.library_id and other.register_status is Register.LISTED
    if other is None or not good or other.id == one.item_id:
        raise NotSo(NO_COPY)
    twice = select(Compensation.id).where(Compensation.replacement_id == other.id, Compensation.voided.is_(False))
    if session.scalar(twice):
        raise NotSo(TWICE)


def _moment(session: Session, one: Compensation, doing: Doing) -> datetime:
    seen = session.scalars(select(Item.seen_at).where(Item.id == one.item_id)).one()
    return doing.at or timing.live(max(clock.now(), one.asked_at), seen)


def _finish(session: Session, act: tuple[int, UUID], one: Compensation, how: Ending, at: datetime) -> None:
    values = {
        "settled_at": at, "settled_by": act[0], "settled_how": how.how, "settled_note": how.note, "paid": how.paid,
        "replacement_id": how.replacement_id, "written_off_by": act[0] if how.write_off else None,
    }  # fmt: skip
    session.execute(update(Compensation).where(Compensation.id == one.id).values(values))
    if how.write_off:
        gone = update(Item).where(Item.id == one.item_id, Item.register_status == Register.LISTED)
        session.execute(gone.values(register_status=Register.WRITTEN_OFF))
    for loan_id in _over(session, one, how.write_off):
        _end_loan(session, act, loan_id, at)
    session.expire_all()


def _over(session: Session, one: Compensation, write_off: bool) -> set[int]:
    """Loans that end with it."""
    lost = {one.loan_id} if one.harm is Harm.LOST and one.loan_id is not None else set()
    out = select(Loan.id).where(Loan.item_id == one.item_id, still_out())
    return lost | set(session.scalars(out)) if write_off else lost


def _end_loan(session: Session, act: tuple[int, UUID], loan_id: int, at: datetime) -> None:
    """Nobody saw the book: it is asserted to be gone, and any scan says otherwise."""
    columns = (Loan.item_id, Item.uid, Loan.branch_id, Loan.ended_at)
    item_id, uid, branch, ended_at = session.execute(select(*columns).join(Loan.item).where(Loan.id == loan_id)).one()
    if ended_at is None:
        unknown = places.first_of(session, branch, PlaceKind.UNKNOWN)
        ledger.move(session, act, {item_id: uid}, (unknown.id, branch), Why.SETTLE, at, Basis.ASSERTION, rests_on=at)
        marks.recast(session, item_id)


# Two people


def _propose(session: Session, doing: Doing, one: Compensation, how: Ending) -> None:
    act_id = acts.write(session, doing, "propose-settlement", doing.at or clock.now())
    session.add(
        Settlement(
            uid=clock.uuid7(), act_id=act_id, compensation_id=one.id, how=how.how, paid=how.paid,
            replacement_id=how.replacement_id, write_off=how.write_off, note=how.note, voided=False,
        )
    )  # fmt: skip
    session.flush()


def proposer(session: Session, one: Settlement) -> UUID | None:
    """The account that proposed it."""
    return session.scalars(select(Act.actor).where(Act.id == one.act_id)).one()


def decide(session: Session, doing: Doing, settlement_id: int, agreed: bool) -> None:
    """Another person agrees, and the compensation is over; or does not, and it is as before. Raises NotSo."""
    wanted = session.get_one(Settlement, settlement_id)
    one = _open(session, wanted.compensation_id)
    session.refresh(wanted, with_for_update=True)
    if wanted.decided_by is not None or wanted.voided:
        raise NotSo(DECIDED)
    if agreed and doing.actor == proposer(session, wanted):
        raise NotSo(SAME)
    how = Ending(wanted.how, wanted.paid, wanted.replacement_id, wanted.write_off, wanted.note)
    at = _moment(session, one, doing)
    act = acts.write(session, doing, "settle-compensation" if agreed else "decline-settlement", at), doing.uid
    wanted.decided_by, wanted.agreed = act[0], agreed
    session.flush()
    if agreed:
        _check(session, one, how)
        _finish(session, act, one, how, at)


# A copy brought in


def bring_copy(session: Session, doing: Doing, compensation_id: int, source: str) -> int:
    """Enter a new copy of the same title, with the next number of the same series; its id. An act of its own."""
    one = session.get_one(Compensation, compensation_id)
    item = session.get_one(Item, one.item_id)
    library = session.get_one(Organisation, item.library_id)
    home = session.get_one(Place, item.home_id)
    own = replace(doing, uid=clock.uuid7())
    now = clock.now()
    receipt = accessions.receive(session, own, library, source, clock.day_of(now), now)
    series = (item.accession or "TN").rsplit(".", 1)[0]
    new = NewItem(item.record_id, home.id, series, price=item.price)
    return accessions.enter(session, receipt, library, item.branch_id, [new], now)[0]


# Found after all


def refund(session: Session, doing: Doing, compensation_id: int, amount: int) -> None:
    """What was paid goes back, for the book is here. Raises NotSo."""
    query = select(Compensation).where(Compensation.id == compensation_id).with_for_update()
    one = session.scalars(query.execution_options(populate_existing=True)).one()
    if one.settled_how is not Settled.PAID or one.refunded is not None or not 0 < amount <= (one.paid or 0):
        raise NotSo(NOT_PAID)
    if not losses_settings.of(session, one.library_id).refunds:
        raise NotSo(KEEPS)
    if compensation.found(session, one) is None:
        raise NotSo(NOT_FOUND)
    one.refunded, one.refunded_by = amount, acts.write(session, doing, "refund", doing.at or clock.now())
    session.flush()


def take_up(session: Session, doing: Doing, compensation_id: int, desk_branch_id: int) -> None:
    """A written-off copy is in the hand again: it stands in the register as before, and on the desk's table."""
    one = session.get_one(Compensation, compensation_id)
    item = session.get_one(Item, one.item_id, with_for_update=True)
    if one.written_off_by is None:
        raise NotSo(OUTSIDE)
    at = timing.live(clock.now(), item.seen_at)
    act = acts.write(session, doing, "take-up-again", at), doing.uid
    compensation.put_back(session, Compensation.id == one.id)
    table = places.first_of(session, desk_branch_id, PlaceKind.PROCESSING)
    ledger.move(session, act, {item.id: item.uid}, (table.id, desk_branch_id), Why.SHELVE, at)
    session.expire_all()
