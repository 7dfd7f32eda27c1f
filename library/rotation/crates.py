"""Crates of a batch: made with a code of their own, filled, sealed, opened again. What was in one when it was sealed stays
written, whatever becomes of it later."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from library.catalogue.models import Format, Record
from library.core import clock
from library.core.bulk import add_rows
from library.core.db import table_of
from library.core.errors import N_, Reason, Refused
from library.core.fold import code_keys
from library.holdings.models import Item
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations import codes
from library.organisations.models import Code, CodeKind, Organisation
from library.rotation import crate_weights, picking_facts, settings, steps
from library.rotation.lifecycle import Deed, may
from library.rotation.models import Batch, BatchLine, BatchState, Crate, CratePacking, Leg, Site

PACK, SEAL = "pack-crate", "seal-crate"
SEALS = (BatchState.PICKING, BatchState.PACKED, BatchState.SERVING)
MOST = 60
"""Crates of one batch."""


class NotPacked(Refused):
    """A crate cannot be changed like that; the sentence says why."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


def is_sealed(crate: Crate) -> bool:
    return crate.sealed_at is not None and crate.opened_at is None


def sealed() -> ColumnElement[bool]:
    """The WHERE for a crate that is closed now."""
    return and_(Crate.sealed_at.is_not(None), Crate.opened_at.is_(None))


def opened(leg: Leg) -> ColumnElement[bool]:
    """The WHERE for a crate whose seal says nothing of what `leg` brings: opened since, or put on before the books served
    where the leg begins."""
    broken = Crate.opened_at.is_not(None)
    if leg.from_site_id is None:
        return broken
    came = select(func.max(Leg.received_at)).where(Leg.batch_id == leg.batch_id, Leg.number < leg.number)
    return or_(broken, Crate.sealed_at.is_(None), Crate.sealed_at <= came.scalar_subquery())


# Making


def new(session: Session, doing: Doing, batch: Batch) -> Crate:
    """The next crate of the batch, with a fresh code. Raises NotPacked."""
    return new_many(session, doing, batch, 1)[0]


def new_many(session: Session, doing: Doing, batch: Batch, how_many: int) -> list[Crate]:
    """So many more (their labels are printed before anything is in them). Raises NotPacked."""
    have = session.scalar(select(func.max(Crate.number)).where(Crate.batch_id == batch.id)) or 0
    if have + how_many > MOST:
        raise NotPacked("too-many-crates", N_("Một đợt nhiều nhất %(most)s thùng."), most=MOST)
    library, at = session.get_one(Organisation, batch.library_id), doing.at or clock.now()
    limit = settings.of(session, batch.library_id).crate_grams
    made = [
        Crate(uid=clock.uuid7(), batch_id=batch.id, number=number, code_id=code, limit_grams=limit)
        for number, (code, _) in enumerate(
            codes.issue(session, CodeKind.CRATE, library.id, library.number, how_many, at), have + 1
        )
    ]
    session.add_all(made)
    session.flush()
    return made


def named_by(session: Session, text: str, at: datetime, library_id: int) -> Crate | None:
    """The crate whose label was scanned (one statement)."""
    found = (Code.folded.in_(list(code_keys(text))), Code.kind == CodeKind.CRATE, Code.valid_from <= at)
    good = or_(Code.valid_to.is_(None), Code.valid_to > at)
    query = select(Crate).join(Code, Code.id == Crate.code_id).join(Batch, Batch.id == Crate.batch_id)
    mine = query.where(*found, good).order_by(Batch.library_id != library_id, Crate.id.desc())
    return session.scalars(mine.limit(1)).first()


def open_one(session: Session, batch_id: int) -> Crate | None:
    """Where the next book goes when nobody says: the unsealed crate with the lowest number, one that has books first."""
    filled = select(BatchLine.id).where(BatchLine.crate_id == Crate.id).exists()
    query = select(Crate).where(Crate.batch_id == batch_id, ~sealed())
    return session.scalars(query.order_by(filled.desc(), Crate.number).limit(1)).first()


def of_batch(session: Session, batch_id: int) -> list[Crate]:
    return list(session.scalars(select(Crate).where(Crate.batch_id == batch_id).order_by(Crate.number)))


# Filling


def pack(session: Session, doing: Doing, crate: Crate, item_ids: Collection[int]) -> int:
    """These picked copies are in this crate now, wherever they were packed before; how many. Raises NotPacked where it is
    sealed, or one of the crates they come from is."""
    lock(session, crate)
    lines = session.scalars(
        select(BatchLine).where(
            BatchLine.batch_id == crate.batch_id, BatchLine.item_id.in_(list(item_ids)),
            BatchLine.closed_at.is_(None), BatchLine.picked_at.is_not(None),
        )
    ).all()  # fmt: skip
    check_open(crate)
    for other in {line.crate_id for line in lines} - {None, crate.id}:
        check_open(session.get_one(Crate, other))
    acts.write(session, doing, PACK, doing.at or clock.now())
    for line in lines:
        line.crate_id = crate.id
    session.flush()
    return len(lines)


def lock(session: Session, crate: Crate) -> Batch:
    """The crate's batch, held until commit; the crate as it is now."""
    batch = steps.lock(session, crate.batch_id)
    session.refresh(crate)
    return batch


def check_open(crate: Crate) -> None:
    if is_sealed(crate):
        sentence = N_("Thùng %(number)s đã niêm phong. Mở niêm phong trước rồi mới xếp thêm hay bớt.")
        raise NotPacked("sealed", sentence, number=crate.number)


# Sealing


def seal(session: Session, doing: Doing, crate: Crate, number: str | None = None, grams: int | None = None) -> int:
    """Closed with what is in it, which is frozen; how many copies. `number`: of the seal; `grams`: on scales. A site closes
    crates before it gives them on. What somebody scanned since it was picked is not in it: to be fetched again.

    Raises NotPacked: sealed already, empty, or the batch is past packing.
    """
    batch = lock(session, crate)
    if batch.state not in SEALS:
        raise NotPacked("past-packing", N_("Đợt này không còn ở bước đóng thùng."))
    check_open(crate)
    strayed = _strayed(session, crate) if batch.state is not BatchState.SERVING else {}
    inside = contents(session, crate.id) if batch.state is not BatchState.SERVING else _there(session, crate)
    inside = [item for item in inside if item not in strayed]
    if not inside:
        raise NotPacked("empty", N_("Thùng %(number)s chưa có cuốn nào."), number=crate.number)
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, SEAL, at)
    crate.sealed_at, crate.sealed_by, crate.seal, crate.weighed_grams = at, act_id, number, grams
    crate.opened_at = crate.opened_by = None
    _take_out(session, crate, strayed)
    session.flush()
    rows = [{"crate_id": crate.id, "sealed_by": act_id, "item_id": item} for item in inside]
    add_rows(session, table_of(CratePacking), rows)
    packed(session, batch, act_id, at)
    return len(inside)


def _there(session: Session, crate: Crate) -> list[int]:
    """What of it stands at a site: what readers have is in no crate."""
    query = (
        select(BatchLine.item_id).join(Item, Item.id == BatchLine.item_id).join(Site, Site.place_id == Item.place_id)
    )
    return list(session.scalars(query.where(BatchLine.crate_id == crate.id, BatchLine.closed_at.is_(None))))


def _strayed(session: Session, crate: Crate) -> dict[int, str | None]:
    """Item ids in it by the list that were scanned since they were picked, and why they follow if a reader has them."""
    why = case((picking_facts.lent(), picking_facts.ON_LOAN), (picking_facts.kept(), picking_facts.HELD))
    query = select(Item.id, why).join(BatchLine, BatchLine.item_id == Item.id)
    query = query.where(BatchLine.crate_id == crate.id, BatchLine.closed_at.is_(None))
    return {row[0]: row[1] for row in session.execute(query.where(Item.seen_at > BatchLine.picked_at))}


def _take_out(session: Session, crate: Crate, strayed: Mapping[int, str | None]) -> None:
    """They are few."""
    mine = (BatchLine.crate_id == crate.id, BatchLine.item_id.in_(list(strayed)))
    for line in session.scalars(select(BatchLine).where(*mine)) if strayed else ():
        line.picked_at = line.picked_by = line.crate_id = None
        line.follows = strayed[line.item_id]


def packed(session: Session, batch: Batch, act_id: int, at: datetime) -> None:
    """The last crate is closed and nothing is left to fetch: the batch is packed."""
    if not may(batch.state, Deed.SEAL):
        return
    to_fetch = and_(BatchLine.picked_at.is_(None), BatchLine.follows.is_(None))
    loose = and_(BatchLine.picked_at.is_not(None), or_(BatchLine.crate_id.is_(None), ~sealed()))
    left = (
        select(BatchLine.id)
        .outerjoin(Crate, Crate.id == BatchLine.crate_id)
        .where(BatchLine.batch_id == batch.id, BatchLine.closed_at.is_(None), BatchLine.refused_why.is_(None))
        .where(or_(to_fetch, loose))
    )
    if session.execute(left.limit(1)).first() is None:
        steps.take(session, batch, Deed.SEAL, act_id, at)


def tell_seal(session: Session, doing: Doing, crate: Crate, number: str) -> int:
    """The number of the seal, scanned or typed after the crate was closed; the act. Raises NotPacked where none is on it, or
    its number is told already."""
    lock(session, crate)
    if not is_sealed(crate):
        raise NotPacked("not-sealed", N_("Thùng %(number)s chưa niêm phong."), number=crate.number)
    if crate.seal is not None:
        raise NotPacked("seal-told", N_("Thùng %(number)s đã ghi số niêm phong."), number=crate.number)
    act_id = acts.write(session, doing, SEAL, doing.at or clock.now())
    crate.seal = number
    session.flush()
    return act_id


def unseal(session: Session, doing: Doing, crate: Crate) -> int:
    """Opened, on purpose or found so; the act. A batch that was packed is being picked again. Raises NotPacked."""
    batch = lock(session, crate)
    if not is_sealed(crate):
        raise NotPacked("not-sealed", N_("Thùng %(number)s chưa niêm phong."), number=crate.number)
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, PACK, at)
    crate.opened_at, crate.opened_by = at, act_id
    session.flush()
    if may(batch.state, Deed.UNSEAL):
        steps.take(session, batch, Deed.UNSEAL, act_id, at)
    return act_id


def check_undo(session: Session, act_id: int) -> None:
    """An act that only told a number, or whose seal is off by now, takes nothing back. Raises NotPacked."""
    if session.scalar(select(Act.kind).where(Act.id == act_id)) != SEAL:
        return
    if session.execute(select(Crate.id).where(Crate.sealed_by == act_id).limit(1)).first() is None:
        sentence = N_("Lần này chỉ ghi số niêm phong, hoặc thùng đã mở ra rồi. Ghi sai thì mở niêm phong và đóng lại.")
        raise NotPacked("seal-number", sentence)


def undone(session: Session, act_id: int) -> None:
    """The act was voided: a seal it put on is off, one it broke holds."""
    was = update(Crate).where(Crate.sealed_by == act_id)
    off = {"sealed_at": None, "sealed_by": None, "seal": None, "weighed_grams": None}
    session.execute(was.values(**off, opened_at=None, opened_by=None))
    session.execute(update(Crate).where(Crate.opened_by == act_id).values(opened_at=None, opened_by=None))
    session.expire_all()


# Looking


def contents(session: Session, crate_id: int) -> list[int]:
    """Item ids packed in it now, in their order."""
    query = select(BatchLine.item_id).where(BatchLine.crate_id == crate_id, BatchLine.closed_at.is_(None))
    return list(session.scalars(query.order_by(BatchLine.item_id)))


@dataclass(frozen=True)
class Load:
    """A crate and what is in it: copies, grams (weighed, else guessed), and how many of them were seen elsewhere since
    they were picked, which breaks the seal by itself."""

    crate: Crate
    code: str
    count: int
    grams: int
    strayed: int = 0

    @property
    def is_sealed(self) -> bool:
        return is_sealed(self.crate)

    @property
    def is_broken(self) -> bool:
        return self.is_sealed and self.strayed > 0

    @property
    def is_full(self) -> bool:
        return self.grams >= self.crate.limit_grams


def loads(session: Session, batch_id: int, sent: bool = False) -> list[Load]:
    """Every crate of a batch, in order (two statements). `sent`: it has left, so later scans break no seal."""
    crates = session.execute(
        select(Crate, Code.printed).join(Code, Code.id == Crate.code_id).where(Crate.batch_id == batch_id)
        .order_by(Crate.number)
    ).all()  # fmt: skip
    inside = _inside(session, BatchLine.batch_id == batch_id)
    return [_load(crate, code, inside.get(crate.id, ()), sent) for crate, code in crates]


def load(session: Session, crate: Crate) -> Load:
    """One crate as `loads` tells it."""
    code = session.scalars(select(Code.printed).where(Code.id == crate.code_id)).one()
    return _load(crate, code, _inside(session, BatchLine.crate_id == crate.id).get(crate.id, ()), False)


def _inside(session: Session, where: ColumnElement[bool]) -> Mapping[int, list[Any]]:
    query = (
        select(BatchLine.crate_id, Record.extent, Record.dimensions, Record.format, Item.seen_at, BatchLine.picked_at)
        .select_from(BatchLine)
        .join(Item, Item.id == BatchLine.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(where, BatchLine.crate_id.is_not(None))
    )
    found: dict[int, list[Any]] = {}
    for row in session.execute(query):
        if row[0] is not None:
            found.setdefault(row[0], []).append(row)
    return found


def _load(crate: Crate, code: str, rows: Sequence[Any], sent: bool) -> Load:
    grams = crate.weighed_grams or weight(row[1:4] for row in rows)
    strayed = 0 if sent else sum(is_sealed(crate) and row.seen_at > row.picked_at for row in rows)
    return Load(crate, code, len(rows), grams, strayed)


def weight(books: Iterable[tuple[str | None, str | None, Format]]) -> int:
    return crate_weights.of_all(books)


def frozen(session: Session, crate: Crate) -> list[int]:
    """What was in it when it was sealed last."""
    query = select(CratePacking.item_id).where(CratePacking.crate_id == crate.id)
    return list(session.scalars(query.where(CratePacking.sealed_by == crate.sealed_by).order_by(CratePacking.item_id)))
