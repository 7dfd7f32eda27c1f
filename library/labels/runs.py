"""The log of printing: who, when, which copies, on what, why; and what becomes of copies whose labels were printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from library.access import Scope
from library.accounts.models import Account
from library.core import clock
from library.core.bulk import add_rows
from library.core.db import table_of
from library.core.errors import N_
from library.core.fold import fold_code
from library.holdings.models import Item, ItemCode
from library.labels.models import LabelRun, LabelRunItem, Why
from library.organisations import codes
from library.organisations.models import Code, CodeKind

WHY_WORDS: Mapping[Why, str] = {
    Why.TORN: N_("Nhãn rách, bẩn, bong"),
    Why.MISPRINT: N_("Kẹt giấy, in hỏng"),
    Why.MARK: N_("Đổi ký hiệu, mức đọc"),
    Why.LAYOUT: N_("Đổi mẫu nhãn"),
    Why.OTHER: N_("Lý do khác"),
    Why.NEW: N_("In lần đầu"),
}


@dataclass(frozen=True)
class Printed:
    """Labels that came out of the printer together; `first` to `last` are the accession numbers, `who` a name."""

    uid: UUID
    at: datetime
    why: Why
    who: str | None
    template: str
    count: int
    first: str | None
    last: str | None

    @property
    def when(self) -> datetime:
        """By the clock on the wall."""
        return self.at.astimezone(clock.HERE)


def printed(session: Session, scope: Scope, most: int = 8, before: datetime | None = None) -> list[Printed]:
    """The latest first (one statement)."""
    mine = select(LabelRun).where(scope.of_libraries(LabelRun.library_id))
    if before:
        mine = mine.where(LabelRun.printed_at < before)
    latest = mine.order_by(LabelRun.printed_at.desc(), LabelRun.id.desc()).limit(most).subquery()
    query = (
        select(
            latest.c.uid, latest.c.printed_at, latest.c.why, Account.name, latest.c.template,
            func.count(LabelRunItem.item_id), func.min(Item.accession), func.max(Item.accession),
        )
        .outerjoin(LabelRunItem, LabelRunItem.run_id == latest.c.id)
        .outerjoin(Item, Item.id == LabelRunItem.item_id)
        .outerjoin(Account, Account.uid == latest.c.account)
        .group_by(latest.c.id, latest.c.uid, latest.c.printed_at, latest.c.why, Account.name, latest.c.template)
        .order_by(latest.c.printed_at.desc(), latest.c.id.desc())
    )  # fmt: skip
    return [Printed(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class Doing:
    """Who prints what on what."""

    account: UUID | None
    library_id: int
    why: Why
    paper: str
    template: str
    labels: int


def why(session: Session, items: Sequence[int], said: Why) -> Why:
    """Copies that all stand in the queue are printed for the first time, or because something about them changed;
    for others what somebody `said`."""
    waiting = select(func.count()).where(Item.id.in_(items), Item.label_printed_at.is_(None))
    if session.scalar(waiting) != len(items):
        return said
    had = select(func.count(LabelRunItem.item_id.distinct())).where(LabelRunItem.item_id.in_(items))
    return Why.MARK if session.scalar(had) == len(items) else Why.NEW


def write(session: Session, doing: Doing, items: Sequence[int], at: datetime) -> None:
    """The row of the log, its copies, and the moment each copy got its first label."""
    made = insert(LabelRun).values(
        uid=clock.uuid7(), library_id=doing.library_id, account=doing.account, printed_at=at, why=doing.why,
        paper=doing.paper, template=doing.template, labels=doing.labels,
    )  # fmt: skip
    run_id = session.execute(made.returning(LabelRun.id)).scalar_one()
    add_rows(session, table_of(LabelRunItem), [{"run_id": run_id, "item_id": item} for item in items])
    fresh = update(Item).where(Item.id.in_(items), Item.label_printed_at.is_(None))
    session.execute(fresh.values(label_printed_at=at))


def stick(session: Session, on_paper: Mapping[int, str], at: datetime) -> None:
    """Codes that now stand on these copies beside the ones they had: the desk must know them. Item id → payload."""
    texts = {item: fold_code(text) for item, text in on_paper.items()}
    have = select(ItemCode.item_id, Code.folded).join(Code, Code.id == ItemCode.code_id)
    known = set(session.execute(have.where(ItemCode.item_id.in_(texts), Code.valid_to.is_(None))).all())
    owner: dict[int, int] = dict(session.execute(select(Item.id, Item.library_id).where(Item.id.in_(texts))).all())
    missing = [(item, text) for item, text in texts.items() if (item, text) not in known]
    for library_id in sorted(set(owner.values())):
        some = [(item, text) for item, text in missing if owner[item] == library_id]
        ids = (
            codes.register(session, CodeKind.ITEM, library_id, *(([text for _, text in some],) * 2), at) if some else []
        )
        rows = [{"code_id": code, "item_id": item} for code, (item, _) in zip(ids, some, strict=True)]
        add_rows(session, table_of(ItemCode), rows)


def taken(session: Session, wanted: Mapping[int, str]) -> set[int]:
    """Of items and the codes they are to get, those whose code means another thing of their library already."""
    other = (
        select(Item.id, Code.folded, ItemCode.item_id)
        .join(Code, Code.issuer_id == Item.library_id)
        .outerjoin(ItemCode, ItemCode.code_id == Code.id)
        .where(Item.id.in_(wanted), Code.folded.in_(set(wanted.values())), Code.valid_to.is_(None))
    )
    return {item for item, text, its in session.execute(other) if wanted[item] == text and its != item}
