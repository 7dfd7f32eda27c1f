"""Readers, as little of them as a library needs elsewhere; and loans, by the number of the card alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.exports.things import CHUNK, Row, Some, Where
from library.holdings.models import Item
from library.loans.models import EndWhy, Loan
from library.organisations.models import Branch, Code, Organisation
from library.patrons.models import Card, Category, Membership, Person, SchoolClass

READER_HEAD = ("Số thẻ", "Họ và tên", "Lớp", "Loại bạn đọc", "Từ ngày", "Thẻ dùng đến", "Của thư viện")
LOAN_HEAD = (
    "Số thẻ", "Lớp", "Số ĐKCB", "Nhan đề", "Tập", "Ngày mượn", "Hạn trả", "Ngày trả", "Số lần gia hạn", "Kết thúc",
    "Nơi mượn", "Của thư viện",
)  # fmt: skip
_ENDS = {EndWhy.RETURNED: "Đã trả", EndWhy.LENT_ON: "Cho bạn khác mượn tiếp", EndWhy.SETTLED: "Đã đền"}
_IN_USE = and_(Card.membership_id == Membership.id, Card.ended_at.is_(None))


def _reads(where: Where) -> ColumnElement[bool]:
    """Who reads at these libraries today; of a branch, those of its classes."""
    mine: ColumnElement[bool] = Membership.library_id.in_(where.libraries)
    if where.branch_id is not None:
        classes = select(SchoolClass.id).where(SchoolClass.branch_id == where.branch_id)
        mine = and_(mine, Membership.class_id.in_(classes))
    return and_(mine, or_(Membership.to_on.is_(None), Membership.to_on > clock.today()))


def ids_of_readers(where: Where) -> Select[int]:
    return select(Membership.id).where(_reads(where))


def some_readers(session: Session, where: Where, after: int, with_source: bool) -> Some:
    query = (
        select(
            Membership.id, Code.printed, Person.full_name, SchoolClass.name, Category.name, Membership.from_on,
            Membership.expires_on, Organisation.name,
        )
        .join(Person, Person.id == Membership.person_id)
        .join(Category, Category.id == Membership.category_id)
        .join(Organisation, Organisation.id == Membership.library_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .outerjoin(Card, _IN_USE)
        .outerjoin(Code, Code.id == Card.code_id)
        .where(Membership.id > after, _reads(where))
        .order_by(Membership.id)
        .limit(2 * CHUNK)
    )  # fmt: skip
    return _some(session.execute(query).all(), after)


def _lent(where: Where) -> ColumnElement[bool]:
    return and_(Loan.branch_id.in_(where.branches), Loan.voided.is_(False))


def ids_of_loans(where: Where) -> Select[int]:
    return select(Loan.id).where(_lent(where))


def some_loans(session: Session, where: Where, after: int, with_source: bool) -> Some:
    query = (
        select(
            Loan.id, Code.printed, SchoolClass.name, Item.accession, Record.title, Record.part_number, Loan.lent_at,
            Loan.due_on, Loan.ended_at, Loan.renewals, Loan.ended_why, Branch.name, Organisation.name,
        )
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(Branch, Branch.id == Loan.branch_id)
        .join(Organisation, Organisation.id == Branch.organisation_id)
        .outerjoin(SchoolClass, SchoolClass.id == Loan.class_id)
        .outerjoin(Card, and_(Card.membership_id == Loan.membership_id, Card.ended_at.is_(None)))
        .outerjoin(Code, Code.id == Card.code_id)
        .where(Loan.id > after, _lent(where))
        .order_by(Loan.id)
        .limit(2 * CHUNK)
    )  # fmt: skip
    return _some(session.execute(query).all(), after, _loan)


def _loan(told: Sequence[Any]) -> Row:
    card, taught, accession, title, part, lent_at, due_on, ended_at, renewals, why, *place = told
    back = clock.day_of(ended_at) if ended_at else None
    ended = _ENDS[why] if why else "Đang mượn"
    return (card, taught, accession, title, part, clock.day_of(lent_at), due_on, back, renewals, ended, *place)


def _some(found: Sequence[Any], after: int, made: Callable[[Sequence[Any]], Row] = tuple) -> Some:
    return Some([made(row[1:]) for row in found], found[-1][0] if found else after)


def rows(thing: Row) -> Sequence[Row]:
    return [thing]


_READER_NAMES = ("card", "name", "class", "category", "from_on", "expires_on", "library")
_LOAN_NAMES = (
    "card", "class", "accession", "title", "part_number", "lent_on", "due_on", "ended_on", "renewals", "ended",
    "branch", "library",
)  # fmt: skip


def told_reader(thing: Row) -> Mapping[str, Any]:
    return {name: value for name, value in zip(_READER_NAMES, thing, strict=True) if value not in (None, "")}


def told_loan(thing: Row) -> Mapping[str, Any]:
    return {name: value for name, value in zip(_LOAN_NAMES, thing, strict=True) if value not in (None, "")}
