"""Whose the books of a shelf are: five sorts, each with its own way home when the school year ends."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.errors import N_
from library.core.fold import fold_words
from library.holdings.models import Item, Ownership, Receipt
from library.shelves import stock
from library.shelves.models import Shelf
from library.shelves.stock import Belonging


class Owned(StrEnum):
    LIBRARY = "library"
    """The school library's, staying on the shelf."""
    DONATED = "donated"
    """Given to the school and entered in its register."""
    CLASS = "class"
    """The class's or its parents' own, on the light list."""
    PUPIL = "pupil"
    """Lent to the class by a pupil or somebody else."""
    BATCH = "batch"
    """Another library's, here with a batch."""


WORDS: Mapping[Owned, str] = {
    Owned.LIBRARY: N_("Sách của thư viện trường"),
    Owned.DONATED: N_("Sách quyên góp đã vào sổ"),
    Owned.CLASS: N_("Sách của lớp và phụ huynh"),
    Owned.PUPIL: N_("Sách cho lớp mượn đọc chung"),
    Owned.BATCH: N_("Sách luân chuyển của thư viện khác"),
}
AT_YEAR_END: Mapping[Owned, str] = {
    Owned.LIBRARY: N_("Quét về kho, hoặc để lại tủ cho lớp sau."),
    Owned.DONATED: N_("Ở trong sổ của trường: về kho hoặc để lại tủ như sách thư viện."),
    Owned.CLASS: N_("Lớp quyết định: mang theo lên lớp, để lại cho lớp sau, hoặc tặng trường."),
    Owned.PUPIL: N_("Trả lại từng người. Gạch khỏi danh sách khi đã trao tận tay."),
    Owned.BATCH: N_("Gửi theo đợt về thư viện chủ. Không giữ lại, không cho lớp sau."),
}
"""What becomes of each sort when the year ends."""

_OF = {
    Ownership.CLASS: Owned.CLASS, Ownership.PARENTS: Owned.CLASS, Ownership.PUPIL: Owned.PUPIL,
    Ownership.DONOR: Owned.PUPIL, Ownership.EXTERNAL: Owned.BATCH,
}  # fmt: skip
GIVEN = frozenset({"tang", "bieu", "hien", "gop", "donate", "donated"})
"""Words of a receipt's source that tell a gift: "Phụ huynh tặng", "Quyên góp tháng 10"."""


def is_gift(source: str) -> bool:
    return not GIVEN.isdisjoint(fold_words(source))


def by_owner(session: Session, shelf: Shelf) -> dict[Owned, list[Belonging]]:
    """The shelf's list parted by whose the copies are; every sort is there, in order (two statements)."""
    parted: dict[Owned, list[Belonging]] = {owned: [] for owned in Owned}
    listed = stock.listed(session, shelf.place_id)
    whence = _whence(session, [one.item_id for one in listed])
    for one in listed:
        library_id, source = whence[one.item_id]
        parted[owned(one.ownership, library_id == shelf.library_id, source)].append(one)
    return parted


def owned(ownership: Ownership, of_this_library: bool, source: str) -> Owned:
    """`source`: of the copy's receipt."""
    if not of_this_library:
        return Owned.BATCH
    if ownership in _OF:
        return _OF[ownership]
    return Owned.DONATED if is_gift(source) else Owned.LIBRARY


def _whence(session: Session, items: Iterable[int]) -> dict[int, Any]:
    query = select(Item.id, Item.library_id, Receipt.source).join(Receipt, Receipt.id == Item.receipt_id)
    return {row.id: (row.library_id, row.source) for row in session.execute(query.where(Item.id.in_(list(items))))}
