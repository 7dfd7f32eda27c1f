"""Item classes of a network: adding, renaming, putting them into a limit group, taking an unused one away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from library.access import Scope
from library.core import clock
from library.core.db import bump
from library.core.errors import N_, NotFound, Reason, Refused
from library.core.forms import Reader
from library.holdings.models import Item, ItemClass
from library.policies.models import PolicyLine
from library.policies.rulebook import RULES

LONGEST_CODE, LONGEST_NAME = 20, 60


@dataclass(frozen=True)
class Counted:
    """A class, how many copies were put into it by hand, how many lines speak of it, and whether one may change it."""

    item_class: ItemClass
    copies: int
    lines: int
    may: bool


class InUse(Refused):
    """Copies, loans or lines name the class."""

    def __init__(self) -> None:
        super().__init__(Reason("class-in-use", N_("Còn bản sách, lượt mượn hay dòng chính sách thuộc loại này.")))


class OthersUse(Refused):
    """The class is the whole network's: others lend by it."""

    status = 403

    def __init__(self) -> None:
        super().__init__(Reason("others-use", N_("Thư viện khác cũng dùng loại này: chỉ thư viện đầu mạng sửa được.")))


def listed(session: Session, network_id: int, scope: Scope) -> list[Counted]:
    """By name (two statements)."""
    copies = select(func.count()).where(Item.item_class_id == ItemClass.id).scalar_subquery()
    said = select(func.count()).where(PolicyLine.item_class_id == ItemClass.id).scalar_subquery()
    query = select(ItemClass, copies, said).where(ItemClass.network_id == network_id).order_by(ItemClass.name)
    elsewhere = _used_elsewhere(session, network_id, scope)
    return [Counted(one, count, lines, one.id not in elsewhere) for one, count, lines in session.execute(query)]


def _used_elsewhere(session: Session, network_id: int, scope: Scope) -> set[int]:
    """Classes that libraries out of one's scope use; none for whoever answers for the whole network."""
    if scope.holds_library(network_id):
        return set()
    items = select(Item.item_class_id).where(Item.item_class_id.is_not(None), ~scope.of_libraries(Item.library_id))
    lines = select(PolicyLine.item_class_id).where(
        PolicyLine.item_class_id.is_not(None), ~scope.of_libraries(PolicyLine.owner_id)
    )
    return {one for one in session.scalars(items.union(lines)) if one is not None}


def add(session: Session, network_id: int, code: str, name: str, limit_group: str | None = None) -> ItemClass:
    made = ItemClass(uid=clock.uuid7(), network_id=network_id, code=code, name=name, limit_group=limit_group)
    session.add(made)
    bump(session, RULES)
    session.flush()
    return made


def by_uid(session: Session, uid: UUID, scope: Scope) -> ItemClass:
    """Raises NotFound for another network's."""
    query = select(ItemClass).where(ItemClass.uid == uid, scope.of_networks(ItemClass.network_id))
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def check_may_change(session: Session, item_class: ItemClass, scope: Scope) -> None:
    """Raises OthersUse."""
    if item_class.id in _used_elsewhere(session, item_class.network_id, scope):
        raise OthersUse


def remove(session: Session, item_class: ItemClass) -> None:
    """Raises InUse: the database knows of every copy, line and loan, also of those above this package."""
    try:
        session.execute(delete(ItemClass).where(ItemClass.id == item_class.id))
    except IntegrityError as used:
        raise InUse from used
    bump(session, RULES)


@dataclass(frozen=True)
class ClassForm:
    code: str
    name: str
    limit_group: str | None

    @classmethod
    def read(cls, source: Mapping[str, Any], known: Mapping[str, int], own: int | None = None) -> "ClassForm":
        """`known`: ids by code in small letters; `own`: the class that is changed, its code stays. Raises Invalid."""
        reader = Reader(source)
        code = "" if own else reader.text("code", longest=LONGEST_CODE)
        if code.casefold() in known:
            reader.complain("code", "taken", N_("Mã này đã có."))
        name = reader.text("name", longest=LONGEST_NAME)
        group = reader.text("limit_group", required=False, longest=LONGEST_NAME) or None
        reader.done()
        return cls(code, name, group)
