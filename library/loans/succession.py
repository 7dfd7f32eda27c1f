"""Loans and holds follow their readers."""

from collections import defaultdict

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.loans import losses_succession, self_pins
from library.loans.models import DueShift, Hold, Loan
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, changed, hand_over
from library.patrons.succession import merged
from library.policies.succession import same_item_classes


def take_over(session: Session, what: Succession) -> Told:
    followed = 0
    for ended, kept in merged(session, what).items():
        _end_double_holds(session, ended, kept)
        loans = update(Loan).where(Loan.membership_id == ended).values(membership_id=kept)
        holds = update(Hold).where(Hold.membership_id == ended).values(membership_id=kept)
        followed += changed(session, loans) + changed(session, holds)
        followed += losses_succession.follow(session, ended, kept)
        self_pins.follow(session, ended, kept)
    _classes(session, what)
    return [
        ("lượt mượn và giữ chỗ theo thẻ đã nhập", followed),
        ("biên bản đền bù", losses_succession.take_over(session, what)),
        ("lần dời hạn trả", hand_over(session, what, DueShift)),
    ]


def _end_double_holds(session: Session, ended: int, kept: int) -> None:
    """Who waited for a title at both waits once: where a copy is kept for them, else where they asked first."""
    query = select(Hold).where(Hold.membership_id.in_((ended, kept)), Hold.ended_at.is_(None))
    of_title = defaultdict(list)
    for hold in session.scalars(query.order_by(Hold.item_id.is_(None), Hold.placed_at, Hold.id)):
        of_title[hold.record_id].append(hold)
    for _, *later in of_title.values():
        for hold in later:
            hold.ended_at, hold.ended_why = max(clock.now(), hold.placed_at), "merged"
    session.flush()


def _classes(session: Session, what: Succession) -> None:
    for here, there in same_item_classes(session, what).items():
        changed(session, update(Loan).where(Loan.item_class_id == here).values(item_class_id=there))


SUCCESSION["loans"] = Part(
    take_over, moves=losses_succession.MOVES | {"due_shift.library_id"}, leaves=losses_succession.LEAVES
)
