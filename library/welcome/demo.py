"""The demo province: eight libraries, a thousand readers, 3,600 copies, a year of loans, batches, a van and
what was done for reading; always the same.

It is loaded into an empty installation only, and marks it: the sign-ins below, with their one simple password, exist
nowhere else, and the wizard refuses that password.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from library.accounts import managing
from library.accounts.models import RoleName
from library.core import clock
from library.core.db import Stamp, db, for_writing
from library.core.errors import N_
from library.patrons.models import SchoolClass
from library.welcome import (
    demo_books,
    demo_care,
    demo_people,
    demo_places,
    demo_promotion,
    demo_rotation,
    demo_rows,
    demo_shelves,
    demo_story,
    demo_van,
    demo_year,
    seed,
)
from library.welcome.demo_places import Standing
from library.welcome.demo_rows import Book
from library.welcome.demo_teller import Teller

MARK = "demo"
PASSWORD = "12345678"  # noqa: S105 - the demo's, shown on its sign-in page; refused everywhere else
"""Digits alone: no Vietnamese keyboard can spoil them."""
SEED = 20261121
YEAR, EVENING = timedelta(days=365), time(17, 30)


@dataclass(frozen=True)
class SignIn:
    """An account of the demo: who, as what, at which house (its number in the order of founding)."""

    login: str
    name: str
    role: RoleName
    does: str
    house: int
    class_name: str | None = None
    told: bool = True


_HOUSES = [(library, house) for library in demo_places.LIBRARIES for house in library.houses]
_NUMBER = {house.name: number for number, (_, house) in enumerate(_HOUSES)}
_XUAT_HOA = _NUMBER["Trường Tiểu học Xuất Hóa"]
PEOPLE = (
    SignIn("ha", "Lường Thị Hà", RoleName.LIBRARIAN, N_("thủ thư trường Xuất Hóa"), _XUAT_HOA),
    SignIn("khanh", "Bế Gia Khánh", RoleName.HELPER, N_("học sinh giúp việc ở quầy Xuất Hóa"), _XUAT_HOA),
    SignIn("hoa", "Ma Thị Hoa", RoleName.TEACHER, N_("cô giáo lớp 5A, Xuất Hóa"), _XUAT_HOA, "5A"),
    SignIn("thuy", "Bế Thị Thúy", RoleName.TEACHER, N_("cô giáo lớp 5B, Xuất Hóa"), _XUAT_HOA, "5B"),
    SignIn("lan", "Hoàng Thị Mai Lan", RoleName.READER, N_("học sinh lớp 4A, bạn đọc"), _XUAT_HOA),
    SignIn("mai", "Triệu Thị Mai", RoleName.LIBRARIAN, N_("thủ thư phường Bắc Kạn"), _NUMBER["Thư viện phường Bắc Kạn"]),
    SignIn("tu", "Nông Anh Tú", RoleName.SCHEDULER, N_("điều phối luân chuyển của tỉnh"), 0),
    SignIn("dieuphoi", "Hoàng Thị Dung", RoleName.SCHEDULER, N_("điều phối của tỉnh: duyệt đợt, xếp lịch xe"), 0),
    SignIn("can-bo", "Hứa Văn Cường", RoleName.OFFICER, N_("cán bộ xem số liệu toàn tỉnh"), 0),
    SignIn("quantri", "Hoàng Đức Anh", RoleName.ADMINISTRATOR, N_("quản trị toàn tỉnh"), 0),
    SignIn("nga", "Đàm Thị Nga", RoleName.LIBRARIAN, N_("thủ thư thư viện tỉnh"), 0, told=False),
    SignIn("xe", "Lâm Văn Sơn", RoleName.VAN_CREW, N_("người đi xe thư viện lưu động"), 0),
    SignIn("cuc", "Lý Thị Cúc", RoleName.LIBRARIAN, N_("thủ thư xã Ba Bể"), _NUMBER["Thư viện xã Ba Bể"], told=False),
    SignIn("doan", "Bàn Văn Đoan", RoleName.LIBRARIAN, N_("phụ trách trung tâm Nà Phặc"),
           _NUMBER["Trung tâm học tập cộng đồng xã Nà Phặc"], told=False),
    SignIn("linh", "Hà Thùy Linh", RoleName.LIBRARIAN, N_("thủ thư trường Đức Xuân"),
           _NUMBER["Trường Tiểu học Đức Xuân"], told=False),
    SignIn("thao", "Lục Thị Thảo", RoleName.LIBRARIAN, N_("thủ thư trường Nông Thượng"),
           _NUMBER["Trường Trung học cơ sở Nông Thượng"], told=False),
    SignIn("yen", "Vi Thị Yến", RoleName.LIBRARIAN, N_("thủ thư trường Phủ Thông"),
           _NUMBER["Trường Trung học phổ thông Phủ Thông"], told=False),
)  # fmt: skip
SIGN_INS = tuple((f"{one.name}, {one.does}", one.login, PASSWORD) for one in PEOPLE if one.told)
"""For the console: who, their name to sign in with, the password."""


@dataclass(frozen=True)
class DemoReport:
    """What was loaded, in numbers, and how to sign in."""

    libraries: int
    readers: int
    titles: int
    copies: int
    loans: int
    uses: int
    out_now: int
    late_now: int
    sign_ins: Sequence[tuple[str, str, str]] = SIGN_INS


def is_demo(session: Session) -> bool:
    return session.scalar(select(Stamp.number).where(Stamp.name == MARK)) == 1


def load(app: Flask, today: date | None = None) -> DemoReport:
    """Load the demo and commit. Raises AlreadyFounded where anything has been founded before."""
    with app.app_context():
        for_writing()
        try:
            report = build(db.session(), today or clock.today())
            db.session.commit()
        finally:
            db.session.rollback()
    return report


def build(session: Session, today: date) -> DemoReport:
    """The whole province, as if used up to the evening before `today`; the caller commits. Some seconds."""
    seed.claim(session)
    session.execute(insert(Stamp).values(name=MARK, number=1))
    rng, year, first = Random(SEED), seed.year_of(today), today - YEAR
    standing = demo_places.found_all(session, today)
    readers = demo_people.enrol_all(session, standing, year, today, rng)
    actors = _accounts(session, standing, year.label)
    titles = demo_books.catalogue(session, _network(standing), date(today.year - 5, 9, 1), rng)
    copies = demo_books.enter_all(session, standing, titles, year, today, rng)
    wishes = demo_story.wishes(standing, readers, copies, first, today)
    events = demo_year.play(standing, readers, copies, wishes, first, today - timedelta(days=1), rng)
    rows = demo_rows.write(session, Book(standing, actors, year), events)
    more = demo_shelves.add(session, standing, actors, readers, today, rng)
    with clock.stopped_at(datetime.combine(today - timedelta(days=1), EVENING, clock.HERE)):
        demo_care.add(session, standing, actors)
    teller = Teller(session, standing, readers, today, Random(SEED + 1))
    rotating = demo_rotation.add(teller, titles)
    van = demo_van.add(teller, titles)
    promoted = demo_promotion.add(teller, titles)
    out = list(rows.open.values())
    late = sum(loan["due_on"] < today for loan in out)
    return DemoReport(
        len(demo_places.LIBRARIES),
        len(readers),
        len(titles),
        len(copies) + rotating + van.copies + promoted.copies,
        len(rows.loans) + more.loans + van.loans,
        len(rows.uses) + more.uses + van.uses + promoted.uses,
        len(out) + more.out + van.out,
        late + more.late + van.late,
    )


def _network(standing: Sequence[Standing]) -> int:
    root = standing[0].organisation
    return root.network_id or root.id


def _accounts(session: Session, standing: Sequence[Standing], year: str) -> dict[int, UUID]:
    """Everybody who signs in; the librarian's uid by house, who did the year's work there."""
    actors: dict[int, UUID] = {}
    for one in PEOPLE:
        house = standing[one.house]
        account = managing.open_account(session, one.login, one.name, PASSWORD, house.branch)
        given = managing.grant(session, account, one.role, house.organisation.id, _class_id(session, house, one, year))
        given.from_on -= YEAR
        if one.role is RoleName.LIBRARIAN:
            mine = (n for n, other in enumerate(standing) if other.organisation.id == house.organisation.id)
            actors |= dict.fromkeys(mine, account.uid)
    return actors


def _class_id(session: Session, house: Standing, one: SignIn, year: str) -> int | None:
    """The teacher's own class, of this school year."""
    if one.class_name is None:
        return None
    mine = (SchoolClass.school_year_id == house.years[year].id, SchoolClass.name == one.class_name)
    return session.scalars(select(SchoolClass.id).where(*mine)).one()
