"""Codes on things that are neither copies nor readers: which there are, and making those that are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from library.accounts.models import Account, Grant, RoleName
from library.calendars.models import SchoolYear
from library.core import clock
from library.core.bulk import add_rows
from library.core.db import table_of
from library.core.errors import N_
from library.holdings.models import ONE_A_BRANCH, Place, PlaceKind
from library.labels.models import Sign
from library.labels.readers import class_words
from library.organisations import codes
from library.organisations.models import Branch, Code, CodeKind, Organisation
from library.patrons.models import SchoolClass

MOST = 300
PLACE_WORDS: Mapping[PlaceKind, str] = {
    PlaceKind.STACKS: N_("Kho, kệ sách"),
    PlaceKind.CLASS_SHELF: N_("Tủ sách lớp"),
    PlaceKind.VEHICLE_SHELF: N_("Kệ trên xe"),
    PlaceKind.DEPOT: N_("Kho luân chuyển"),
    PlaceKind.HOLD_SHELF: N_("Giá giữ chỗ"),
    PlaceKind.REPAIR: N_("Giá sửa chữa"),
    PlaceKind.PROCESSING: N_("Bàn xử lý"),
}
KIND_WORDS: Mapping[CodeKind, str] = {
    CodeKind.SHELF: N_("Kệ sách"),
    CodeKind.CLASS: N_("Lớp"),
    CodeKind.CRATE: N_("Thùng sách"),
    CodeKind.STOP: N_("Điểm dừng"),
}
CARD_WORDS: Mapping[RoleName, str] = {
    RoleName.LIBRARIAN: N_("Thẻ thủ thư"),
    RoleName.HELPER: N_("Thẻ cộng tác viên"),
    RoleName.TEACHER: N_("Thẻ giáo viên"),
}
"""What stands on a staff card; all others carry `STAFF`."""
STAFF = N_("Thẻ nhân viên")
NAMED = (CodeKind.CRATE, CodeKind.STOP)


@dataclass(frozen=True)
class Thing:
    """Something that has a code or may get one. `key` tells it in a form; `payload` is none before it is printed."""

    key: str
    kind: str
    name: str
    payload: str | None
    id: int = 0


def shelves(session: Session, library_id: int) -> list[Thing]:
    """Places of the library's branches where something stands; a branch that is not the only one is named. Stops have codes
    by their names (`named`)."""
    query = _with_code(
        select(Place.id, Place.uid, Place.kind, Place.name, Branch.name, Code.printed), Sign.place_id == Place.id
    )
    query = query.where(
        Branch.id == Place.branch_id,
        Branch.organisation_id == library_id,
        Place.closed_on.is_(None),
        Place.kind.not_in((*ONE_A_BRANCH, PlaceKind.STOP)),
    )
    rows = session.execute(query.order_by(Branch.id, Place.id).limit(MOST)).all()
    several = len({row[4] for row in rows}) > 1
    return [
        Thing(
            f"shelf:{uid.hex}",
            PLACE_WORDS.get(kind, KIND_WORDS[CodeKind.SHELF]),
            f"{name} · {branch}" if several else name,
            payload,
            id_,
        )
        for id_, uid, kind, name, branch, payload in rows
    ]


def classes(session: Session, library_id: int) -> list[Thing]:
    """Of the school years that are not over."""
    query = _with_code(
        select(SchoolClass.id, SchoolClass.uid, SchoolClass.name, SchoolYear.label, Code.printed),
        Sign.class_id == SchoolClass.id,
    )
    query = query.where(
        SchoolYear.id == SchoolClass.school_year_id,
        SchoolClass.library_id == library_id,
        SchoolYear.to_on >= clock.today(),
    )
    rows = session.execute(query.order_by(SchoolYear.from_on, SchoolClass.name_sort).limit(MOST))
    return [Thing(f"class:{uid.hex}", year, class_words(name), payload, id_) for id_, uid, name, year, payload in rows]


def named(session: Session, library_id: int) -> list[Thing]:
    """Crates and stops, which have their names only."""
    query = select(Code.id, Code.kind, Sign.name, Code.printed).join(Sign, Sign.code_id == Code.id)
    query = query.where(Sign.library_id == library_id, Sign.name.is_not(None), Code.valid_to.is_(None))
    rows = session.execute(query.order_by(Code.kind, Code.id).limit(MOST))
    return [Thing(f"code:{payload}", KIND_WORDS[kind], name or "", payload, id_) for id_, kind, name, payload in rows]


def staff(session: Session, library_id: int) -> list[Thing]:
    """Accounts of the library that may sign in; what their card is called goes by the first of their roles."""
    query = _with_code(select(Account.id, Account.uid, Account.name, Code.printed), Sign.account_id == Account.id)
    query = query.where(Account.library_id == library_id, Account.disabled_at.is_(None))
    rows = session.execute(query.order_by(Account.id).limit(MOST)).all()
    roles = _roles(session, [row[0] for row in rows])
    return [
        Thing(f"staff:{uid.hex}", CARD_WORDS.get(roles[id_], STAFF) if id_ in roles else STAFF, name, payload, id_)
        for id_, uid, name, payload in rows
    ]


def _roles(session: Session, accounts: Sequence[int]) -> dict[int, RoleName]:
    today = clock.today()
    held = and_(Grant.from_on <= today, or_(Grant.to_on.is_(None), Grant.to_on > today))
    query = select(Grant.account_id, Grant.role).where(Grant.account_id.in_(accounts), held).order_by(Grant.id.desc())
    return dict(session.execute(query).all())


def _with_code(query: Any, its: ColumnElement[bool]) -> Any:
    """The code of each thing, or none, as its last column."""
    return query.outerjoin(Sign, its).outerjoin(Code, Code.id == Sign.code_id)


def add_named(session: Session, library: Organisation, kind: CodeKind, names: Sequence[str], at: datetime) -> list[str]:
    """Crates or stops with fresh codes; their payloads."""
    made = codes.issue(session, kind, library.id, library.number, len(names), at)
    rows = [
        {"code_id": code, "library_id": library.id, "name": name} for (code, _), name in zip(made, names, strict=True)
    ]
    add_rows(session, table_of(Sign), rows)
    return [payload for _, payload in made]


def with_codes(
    session: Session, library: Organisation, kind: CodeKind, things: Sequence[Thing], at: datetime
) -> list[Thing]:
    """The same things, all with a code: those without one get it now."""
    column = {CodeKind.SHELF: "place_id", CodeKind.CLASS: "class_id", CodeKind.STAFF: "account_id"}
    bare = [one for one in things if one.payload is None]
    made = codes.issue(session, kind, library.id, library.number, len(bare), at) if bare else []
    rows = [
        {"code_id": code, "library_id": library.id, column[kind]: one.id}
        for one, (code, _) in zip(bare, made, strict=True)
    ]
    add_rows(session, table_of(Sign), rows)
    fresh = {one.key: payload for one, (_, payload) in zip(bare, made, strict=True)}
    return [Thing(one.key, one.kind, one.name, one.payload or fresh[one.key], one.id) for one in things]
