"""Loans and uses follow the ledger: a loan ends when its book is seen, a late fact changes what was thought before."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from library.catalogue.models import LocalRecord, Record
from library.core.db import straight, table_of
from library.holdings import ledger
from library.holdings.ledger import FOLLOWERS, Moved, Undone
from library.holdings.models import Item, Place, PlaceKind, Why
from library.inbox.models import Act
from library.loans import coming, history
from library.loans.history import End
from library.loans.models import EndWhy, Loan, Renewal, still_out
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import DocumentUse, UseKind

RECAST: list[Callable[[Session, int], None]] = []
"""Who must look again at a copy (session, item id) once its loans were sorted anew: suspensions, losses."""

_LOAN = table_of(Loan)
_ENDING = update(_LOAN).where(_LOAN.c.item_id.in_(bindparam("items", expanding=True)), still_out(_LOAN.c))


def follow(session: Session, moved: Moved) -> None:
    """End the loans of the copies that were seen (one statement), sort in the late ones."""
    why = history.end_of(moved.why)
    if moved.settled and (moved.why is Why.LEND or history.ends(moved.why, moved.basis)):
        values = {"ended_at": moved.at, "ended_by": moved.act_id, "ended_why": why, "ended_branch_id": moved.branch_id}
        straight(session).execute(_ENDING, {"items": list(moved.settled), **values})
    if moved.why is not Why.LEND:  # who lends adds the loan first, then sorts it in
        for item in moved.late:
            recast(session, item)


def undone(session: Session, what: Undone) -> None:
    """The voided act's loans are void, its renewals no more; what it had ended is open again."""
    session.execute(update(Loan).where(Loan.act_id == what.act_id).values(_closed(what.act_id)))
    for item in sorted({*what.items, *_undo_renewals(session, what.act_id)}):
        recast(session, item)
    coming.again(session, what.act_id)


def _closed(act_id: int) -> dict[str, object]:
    return {"voided": True, "ended_at": Loan.lent_at, "ended_by": act_id, "ended_why": EndWhy.RETURNED}


def _undo_renewals(session: Session, act_id: int) -> set[int]:
    """The copies they were of."""
    items = set()
    query = update(Renewal).where(Renewal.act_id == act_id, Renewal.voided.is_(False)).values(voided=True)
    columns = (Renewal.loan_id, Renewal.due_before, Renewal.unseen)
    for loan_id, due_before, unseen in session.execute(query.returning(*columns)).all():
        counts = {"renewals": Loan.renewals - 1, "unseen_renewals": Loan.unseen_renewals - int(unseen)}
        doubts, item = session.execute(select(Loan.doubts, Loan.item_id).where(Loan.id == loan_id)).one()
        items.add(item)
        left = [one for one in doubts or [] if one.get("act") != act_id] or None
        why = {"override": None} if _overruled(doubts) and not _overruled(left) else {}
        session.execute(update(Loan).where(Loan.id == loan_id).values(due_on=due_before, doubts=left, **counts, **why))
        if not unseen:
            _at_its_stop_again(session, loan_id)
    return items


def _at_its_stop_again(session: Session, loan_id: int) -> None:
    """Nobody showed the book anywhere else: the days of the stop that lent it hold again, of a desk the branch's."""
    shown = select(Renewal.id).where(Renewal.loan_id == loan_id, Renewal.voided.is_(False), Renewal.unseen.is_(False))
    lent = select(DocumentUse.place_id).join(Place, Place.id == DocumentUse.place_id).where(
        DocumentUse.act_id == Loan.act_id, Place.kind == PlaceKind.STOP
    )  # fmt: skip
    mine = update(Loan).where(Loan.id == loan_id, ~shown.exists())
    session.execute(mine.values(place_id=lent.limit(1).scalar_subquery()))


def _overruled(doubts: list[dict[str, Any]] | None) -> bool:
    return any(one.get("how") == "overruled" for one in doubts or ())


def recast(session: Session, item_id: int) -> None:
    """Work out anew when this copy's loans ended and what its uses are."""
    past = history.read(ledger.known(session, item_id), on_site(session, item_id))
    _recast_loans(session, item_id, past)
    _recast_uses(session, item_id, past)
    for more in RECAST:
        more(session, item_id)


def on_site(session: Session, item_id: int) -> frozenset[int]:
    """Acts that lent this copy to be read in the house."""
    return frozenset(session.scalars(select(Loan.act_id).where(Loan.item_id == item_id, Loan.on_site)))


def _recast_loans(session: Session, item_id: int, past: history.Past) -> None:
    columns = (Loan.id, Loan.act_id, Loan.ended_at, Loan.ended_by, Loan.ended_why, Loan.ended_branch_id)
    rows = session.execute(select(*columns).where(Loan.item_id == item_id, Loan.voided.is_(False))).all()
    wanted = {row.id: past.loans.get(row.act_id) for row in rows}
    was = {row.id: End(*row[2:]) if row.ended_at else None for row in rows}  # type: ignore[arg-type]
    changed = [loan for loan in wanted if wanted[loan] != was[loan]]
    for loan in sorted(changed, key=lambda one: wanted[one] is None):  # first close, then open
        end = wanted[loan]
        session.execute(
            update(Loan)
            .where(Loan.id == loan)
            .values(
                ended_at=end and end.at,
                ended_by=end and end.act_id,
                ended_why=end and end.why,
                ended_branch_id=end and end.branch_id,
            )
        )


def _recast_uses(session: Session, item_id: int, past: history.Past) -> None:
    standing, wanted = counting.standing(session, item_id), past.uses | _renewed(session, item_id)
    for act_id, use in standing.items():
        if wanted.get(act_id) is not use.kind:
            counting.take_back(session, use)
    missing = [act for act, kind in wanted.items() if act not in standing or standing[act].kind is not kind]
    for act_id in missing:
        _count_again(session, item_id, act_id, wanted[act_id])


def _renewed(session: Session, item_id: int) -> dict[int, UseKind]:
    """Renewals of this copy that were counted as uses, of a reader who had it still. Asked after its loans were sorted."""
    counted = exists().where(DocumentUse.act_id == Renewal.act_id, DocumentUse.kind == UseKind.RENEWAL)
    query = (
        select(Renewal.act_id)
        .join(Loan, Loan.id == Renewal.loan_id)
        .where(Loan.item_id == item_id, Loan.voided.is_(False), Renewal.voided.is_(False), counted)
        .where(or_(Loan.ended_at.is_(None), Loan.ended_at > Renewal.occurred_at))
    )
    return dict.fromkeys(session.scalars(query), UseKind.RENEWAL)


def _count_again(session: Session, item_id: int, act_id: int, kind: UseKind) -> None:
    """A use that was thought away, or never thought of, counts after all; with the facts of that day if we had them."""
    act = session.execute(select(Act.uid, Act.branch_id, Act.occurred_at).where(Act.id == act_id)).one()
    query = select(DocumentUse).where(DocumentUse.act_id == act_id, DocumentUse.item_id == item_id)
    before = session.scalars(query.order_by(DocumentUse.id)).first()
    names = counting.FROZEN
    frozen = (
        Frozen(**{name: getattr(before, name) for name in names})
        if before
        else of_copy(session, item_id, act.branch_id)
    )
    turn = counting.turns(session, act_id, item_id)
    counting.record(session, (act_id, act.uid), item_id, kind, act.occurred_at, frozen, turn)


def of_copy(session: Session, item_id: int, branch_id: int) -> Frozen:
    """The facts of a use in the house: of the copy alone, nobody asks who read it."""
    query = (
        select(Record.ddc, Record.class_mark, LocalRecord.reading_level)
        .join(Item, Item.record_id == Record.id)
        .outerjoin(LocalRecord, (LocalRecord.record_id == Record.id) & (LocalRecord.library_id == Item.library_id))
        .where(Item.id == item_id)
    )
    ddc, class_mark, level = session.execute(query).one()
    return Frozen(branch_id, reading_level=level, class_mark=class_mark or ddc)


def astray(session: Session, item_ids: list[int]) -> list[int]:
    """Copies whose loans are not what their history says."""
    wrong = []
    for item in item_ids:
        past = history.read(ledger.known(session, item), on_site(session, item))
        rows = session.execute(
            select(Loan.act_id, Loan.ended_at).where(Loan.item_id == item, Loan.voided.is_(False))
        ).all()
        said = {act: end.at if end else None for act, end in past.loans.items()}
        if said != {row.act_id: row.ended_at for row in rows}:
            wrong.append(item)
    return wrong


FOLLOWERS.moved["loans"] = follow
FOLLOWERS.undone["loans"] = undone
