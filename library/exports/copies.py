"""Copies one by one, with everything their register says: the written-off ones too. Never who has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Contributor, Record, Role
from library.exports.things import CHUNK, Row, Some, Where
from library.holdings.models import Condition, Item, ItemCode, Ownership, Place, Receipt, Register
from library.organisations.models import Branch, Code, Organisation

HEAD = (
    "Số ĐKCB", "Mã trên nhãn", "Nhan đề", "Tập", "Tác giả", "Trong sổ", "Chất lượng", "Cho mượn", "Đang ở", "Nơi gốc",
    "Điểm", "Của thư viện", "Sở hữu", "Ngày vào sổ", "Giá tiền", "Nguồn cung cấp", "Số chứng từ", "Số vào sổ tổng quát",
    "Ghi chú",
)  # fmt: skip
_NAMES = (
    "accession", "code", "title", "part_number", "author", "register", "condition", "lent", "place", "home", "branch",
    "library", "ownership", "accessioned_on", "price", "source", "voucher", "general_no", "note",
)  # fmt: skip
_REGISTER = {
    Register.LISTED: "Trong sổ", Register.OUTSIDE: "Ngoài sổ", Register.WRITTEN_OFF: "Đã thanh lý",
    Register.STRUCK_OUT: "Gạch khỏi sổ", Register.GONE: "Ngoài sổ, đã trả chủ",
}  # fmt: skip
_CONDITION = {Condition.GOOD: "Tốt", Condition.WORN: "Cũ", Condition.DAMAGED: "Hỏng"}
_OWNERSHIP = {
    Ownership.LIBRARY: "Thư viện", Ownership.CLASS: "Lớp", Ownership.PARENTS: "Phụ huynh", Ownership.PUPIL: "Học sinh",
    Ownership.DONOR: "Người gửi", Ownership.EXTERNAL: "Nơi khác",
}  # fmt: skip


def ids(where: Where) -> Select[int]:
    return select(Item.id).where(where.has(Item.library_id, Item.branch_id))


def some(session: Session, where: Where, after: int, with_source: bool) -> Some:
    found = session.execute(_query(where, after)).all()
    codes, authors = _codes(session, [row[0] for row in found]), _authors(session, [row[1] for row in found])
    things = [_row(codes.get(row[0], ""), authors.get(row[1], ""), row[2:]) for row in found]
    return Some(things, found[-1][0] if found else after)


def _query(where: Where, after: int) -> Select[*tuple[Any, ...]]:
    home = aliased(Place)
    return (
        select(
            Item.id, Item.record_id, Item.accession, Record.title, Record.part_number, Item.register_status,
            Item.condition, Item.not_for_loan, Place.name, home.name, Branch.name, Organisation.name, Item.ownership,
            Item.accessioned_on, Item.price, Receipt.source, Receipt.voucher, Receipt.general_no, Item.note,
        )
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .join(home, home.id == Item.home_id)
        .join(Branch, Branch.id == Item.branch_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .join(Receipt, Receipt.id == Item.receipt_id)
        .where(Item.id > after, where.has(Item.library_id + 0, Item.branch_id + 0))  # by id: no index but the key
        .order_by(Item.id)
        .limit(2 * CHUNK)
    )  # fmt: skip


def _codes(session: Session, items: Sequence[int]) -> dict[int, str]:
    """The code in use on each copy, the newest."""
    query = select(ItemCode.item_id, Code.printed).join(Code, Code.id == ItemCode.code_id)
    mine = and_(ItemCode.item_id.in_(items), Code.valid_to.is_(None))
    return dict(session.execute(query.where(mine).order_by(Code.id)).all()) if items else {}


def _authors(session: Session, records: Sequence[int]) -> dict[int, str]:
    query = select(Contributor.record_id, Contributor.name).where(
        Contributor.record_id.in_(set(records)), Contributor.role == Role.AUTHOR
    )
    found: dict[int, list[str]] = {}
    for record_id, name in session.execute(query.order_by(Contributor.position)) if records else ():
        found.setdefault(record_id, []).append(name)
    return {record_id: "; ".join(names) for record_id, names in found.items()}


def _row(code: str, author: str, told: Sequence[Any]) -> Row:
    accession, title, part, register, condition, not_for_loan, place, home, branch, library, ownership, *rest = told
    lent = "Không" if not_for_loan else "Có"
    words = (_REGISTER[register], _CONDITION[condition], lent)
    return (accession, code, title, part, author, *words, place, home, branch, library, _OWNERSHIP[ownership], *rest)


def rows(thing: Row) -> Sequence[Row]:
    return [thing]


def told(thing: Row) -> Mapping[str, Any]:
    return {name: value for name, value in zip(_NAMES, thing, strict=True) if value not in (None, "")}
