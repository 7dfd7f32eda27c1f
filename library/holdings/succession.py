"""Copies, the registers they stand in, and how they came.

A register that only the old library has comes over as it is and is gone on with. A series that both have comes over
under a name of its own: TK of Trường Nông Thượng becomes TK.TNT, with the same numbers and lines; what stands on the
books stays TK.00001, and a scan of that finds the copy as before, by a code. So no line is lost, doubled or renumbered,
and the successor's own series goes on after its own last number. Numbers of the general register alike: 12 is 12/TNT.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, exists, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from library.core.db import table_of
from library.core.fold import fold_code
from library.holdings.accessions import label_of
from library.holdings.list_rows import COUNTED, slices
from library.holdings.models import Item, ItemCode, Receipt, RegisterLine
from library.organisations import codes
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, changed, hand_over
from library.organisations.models import CodeKind, Counter
from library.patrons.succession import merged

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""A label has meant its copy for as long as it sticks there: late scans of long ago find it too."""


def take_over(session: Session, what: Succession) -> Told:
    owned = {series for series, _ in _lines(session, what.old.id)}
    names = _names(session, what)
    labels = _keep_labels(session, what, {series: name for series, name in names.items() if series != name})
    receipts = _receipts(session, what)
    for series, name in names.items():
        _move_series(session, what, series, name)
    _owners(session, what)
    return [
        ("phiếu nhập sách", receipts), ("bản sách", hand_over(session, what, Item)),
        *((f"dòng sổ của dãy {one}, từ nay ghi là {name}; nhãn trên sách giữ nguyên", labels[one])
          for one, name in names.items() if one != name and one in owned),
    ]  # fmt: skip


# Series


def _lines(session: Session, library_id: int) -> set[tuple[str, str]]:
    """(series, folded) of the lines of a register."""
    query = select(RegisterLine.series).where(RegisterLine.library_id == library_id).distinct()
    return {(series, fold_code(series)) for series in session.scalars(query)}


def _series(session: Session, library_id: int) -> set[str]:
    """Every series that has lines, or is counted."""
    query = select(Counter.series).where(Counter.library_id == library_id, Counter.series.startswith(COUNTED))
    counted = {series.removeprefix(COUNTED) for series in session.scalars(query)}
    return counted | {series for series, _ in _lines(session, library_id)}


def _names(session: Session, what: Succession) -> dict[str, str]:
    """{series of the old library: its name in the successor's register}."""
    mine, theirs = _series(session, what.old.id), _series(session, what.new.id)
    folded = set(map(fold_code, theirs))
    clash = {one for one in mine if fold_code(one) in folded} | _with_labels_of(session, what)
    names: dict[str, str] = {}
    for one in sorted(mine):
        taken = {*folded, *map(fold_code, mine), *map(fold_code, names.values())}
        names[one] = _free_name(session, what, one, taken) if one in clash else one
    return names


def _with_labels_of(session: Session, what: Succession) -> set[str]:
    """Series in which a copy has the very label of a copy of the successor."""
    theirs = aliased(Item)
    same = exists().where(theirs.library_id == what.new.id, theirs.accession_folded == Item.accession_folded)
    query = select(RegisterLine.series).join(Item, Item.id == RegisterLine.item_id)
    return set(session.scalars(query.where(Item.library_id == what.old.id, same).distinct()))


def _free_name(session: Session, what: Succession, series: str, taken: set[str]) -> str:
    """Letters alone, so that TK.TNT.00001 is read like any number; none of either library begins so."""
    names = (f"{series}.{mark}" if series else mark for mark in what.marks())
    return next(one for one in names if fold_code(one) not in taken and not _begins(session, what, fold_code(one)))


def _begins(session: Session, what: Succession, folded: str) -> bool:
    both = Item.library_id.in_((what.old.id, what.new.id))
    query = select(Item.id).where(both, Item.accession_folded.startswith(folded, autoescape=True))
    return session.scalar(query.limit(1)) is not None


def _move_series(session: Session, what: Succession, series: str, name: str) -> None:
    """Its lines and its counter; numbers stay."""
    lines = update(RegisterLine).where(RegisterLine.library_id == what.old.id, RegisterLine.series == series)
    changed(session, lines.values(library_id=what.new.id, series=name))
    counter = update(Counter).where(Counter.library_id == what.old.id, Counter.series == f"{COUNTED}{series}")
    changed(session, counter.values(library_id=what.new.id, series=f"{COUNTED}{name}"))


# Labels of series with a new name

_KEYING = (
    update(table_of(Item)).where(table_of(Item).c.id == bindparam("item")).values(accession_folded=bindparam("key"))
)


def _keep_labels(session: Session, what: Succession, renamed: dict[str, str]) -> dict[str, int]:
    """Copies of these series get the key of their new line; what is printed on them becomes a code of the old library.

    How many copies by series.
    """
    for some in slices(_copies_of(session, what, renamed)):
        keys = [{"item": row.id, "key": fold_code(label_of(renamed[row.series], row.number))} for row in some]
        _make_codes(session, what, {row.accession_folded: (row.id, row.accession) for row in some})
        session.connection().execute(_KEYING, keys)
    query = select(RegisterLine.series).where(RegisterLine.library_id == what.old.id)
    lines = list(session.scalars(query.where(RegisterLine.series.in_(renamed))))
    return {series: lines.count(series) for series in renamed}


def _copies_of(session: Session, what: Succession, renamed: dict[str, str]) -> Sequence[Any]:
    query = (
        select(Item.id, Item.accession, Item.accession_folded, RegisterLine.series, RegisterLine.number)
        .join(RegisterLine, RegisterLine.item_id == Item.id)
        .where(Item.library_id == what.old.id, RegisterLine.library_id == what.old.id)
        .where(RegisterLine.series.in_(renamed), Item.accession_folded.is_not(None))
    )
    return session.execute(query).all()


def _make_codes(session: Session, what: Succession, labels: dict[str, tuple[int, str]]) -> None:
    """What is a code of the old library already stays what it is."""
    known = codes.in_use(session, what.old.id, list(labels))
    free = [folded for folded in labels if folded not in known]
    printed = [labels[folded][1] for folded in free]
    made = codes.register(session, CodeKind.ITEM, what.old.id, free, printed, ALWAYS)
    rows = [{"code_id": code, "item_id": labels[folded][0]} for code, folded in zip(made, free, strict=True)]
    if rows:
        session.connection().execute(insert(table_of(ItemCode)), rows)


# The general register, and whose copies are


def _receipts(session: Session, what: Succession) -> int:
    """Where both number their receipts, those of the old library get its mark behind."""
    numbered = select(Receipt.id).where(Receipt.general_no.is_not(None))
    if session.scalar(numbered.where(Receipt.library_id == what.new.id).limit(1)):
        mine = update(Receipt).where(Receipt.library_id == what.old.id, Receipt.general_no.is_not(None))
        mark = next(one for one in what.marks() if not _ends(session, what, f"/{one}"))
        changed(session, mine.values(general_no=Receipt.general_no + f"/{mark}"))
    else:
        counter = update(Counter).where(Counter.library_id == what.old.id, Counter.series == "receipt")
        there = select(Counter.series).where(Counter.library_id == what.new.id, Counter.series == "receipt")
        if session.scalar(there) is None:
            changed(session, counter.values(library_id=what.new.id))
    return hand_over(session, what, Receipt)


def _ends(session: Session, what: Succession, mark: str) -> bool:
    both = or_(Receipt.library_id == what.new.id, Receipt.library_id == what.old.id)
    query = select(Receipt.id).where(both, Receipt.general_no.endswith(mark, autoescape=True))
    return session.scalar(query.limit(1)) is not None


def _owners(session: Session, what: Succession) -> None:
    """Copies a reader brought along stay that reader's, who may have another membership now."""
    for ended, kept in merged(session, what).items():
        changed(session, update(Item).where(Item.owner_patron_id == ended).values(owner_patron_id=kept))


SUCCESSION["holdings"] = Part(
    take_over, moves=frozenset({"item.library_id", "receipt.library_id", "register_line.library_id"})
)
