"""Clubs, challenges, links and Internet places as everybody sees them: a phone's width, a desk's, axe; a class ticked by
touch."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.inbox.acts import Doing
from library.promotion import challenges, clubs, digital, internet
from library.promotion.challenge_models import ChallengeEntry, MarkOf, Reach, Unit
from library.promotion.challenges import NewChallenge, NewMark, Ticks
from library.promotion.clubs import Met, NewClub
from library.promotion.digital import NewLink
from library.promotion.digital_models import LinkKind
from library.promotion.internet import Counted, Hours
from tests.support.looks import DESK, PHONE, complaints
from tests.support.people import account, commit
from tests.support.shelves import school_class, shelf, teacher
from tests.support.visiting import visiting
from tests.support.world import World

NAMES = ("Hoàng Thị Mai Lan", "Đàm Quốc Bảo", "Nông Văn Dũng", "Lý Thị Hoa", "Triệu Văn Sơn", "Bế Thị Ngọc Ánh")


@pytest.fixture
def places(world: World) -> dict[str, str]:
    """Addresses of a club that met, a challenge that runs, its class, a title with a link, the branch's Internet."""
    world.school_year().from_on = clock.today() - timedelta(days=60)
    account(world)
    of, other = school_class(world, "5A", 5), school_class(world, "4B")
    shelf(world, of, keeper=teacher(world, of))
    who = [world.patron(name) for name in NAMES]
    for at, one in enumerate(who):
        one.class_id = of.id if at % 3 else other.id
    session, branch, today = world.session(), world.branch(), clock.today()
    doing = lambda: Doing.now(branch_id=branch.id)  # noqa: E731
    club = clubs.found(session, doing(), branch.id, NewClub("Bạn của sách", today, "truyện cổ, khoa học vui", "cô Hà"))
    clubs.meet(session, doing(), club, Met(today, 18, "Kể lại Dế Mèn phiêu lưu ký"))
    clubs.join(session, doing(), club, [one.id for one in who[:3]], today)
    marks = [NewMark(MarkOf.READER, 5, "Mầm đọc"), NewMark(MarkOf.CLASS, 20, "Lớp 20 lượt sách")]
    new = NewChallenge("Tháng đọc sách", Reach.SCHOOL, Unit.BOOKS, today, today + timedelta(days=20), marks)
    one = challenges.set_up(session, doing(), branch.id, new)
    challenges.tick(session, doing(), one, Ticks(of.id, today, 6, [who[1].id, who[2].id]))
    challenges.tick(session, doing(), one, Ticks(other.id, today, 3, [who[0].id]))
    record = world.record()
    world.items(1, record=record)
    new_link = NewLink("Nghe kể chuyện", "https://sachnoi.example.vn/de-men", LinkKind.AUDIO, "CC BY 4.0")
    link = digital.put(session, doing(), record, branch.id, new_link)
    place = internet.put(session, doing(), branch, 6, Hours("12345", 450, 990), today, "phòng tin học")
    for ago, many in enumerate((4, 9, 7)):
        internet.count(session, doing(), branch.id, Counted(many, today - timedelta(days=ago), "pupils"))
    told = {
        "club": f"/clubs/{club.uid}", "class": f"/challenges/{one.uid}/classes/{of.uid}", "board": f"/challenges/{one.uid}",
        "links": f"/titles/{record.uid}/links", "link": f"/digital/{link.uid}", "title": f"/titles/{record.uid}",
        "public": f"/tv/{world.school().slug}/sach/{record.uid}", "internet": f"/internet/{place.branch.uid}",
        "open": f"/tv/{world.school().slug}/tai-nguyen-so",
    }  # fmt: skip
    commit()
    return told


@pytest.fixture
def visit(chromium: Browser, server: str, places: dict[str, str]) -> Iterator[Any]:
    with visiting(chromium, server) as sign_in:
        yield sign_in


def test_the_pages_are_fit_to_be_seen(visit: Any, server: str, places: dict[str, str]) -> None:
    more = ("/clubs", "/clubs/new", "/challenges", "/challenges/new", "/challenges/classes", "/digital")
    for size in (PHONE, DESK):
        page = visit("ha", size)
        for path in (*more, *places.values(), places["board"] + "/edit", places["club"] + "/edit"):
            page.goto(server + path)
            assert complaints(page) == [], (path, size)


def test_a_teacher_ticks_the_class_by_touch(visit: Any, server: str, places: dict[str, str]) -> None:
    page = visit("thu", PHONE)
    page.goto(server + "/challenges/classes")
    page.get_by_role("link", name="Lớp 5A").click()
    before = db.session.scalars(select(ChallengeEntry.id)).all()
    db.session.rollback()
    page.get_by_role("button", name="Cả lớp", exact=True).click()
    page.get_by_role("button", name="Ghi 4 em").click()
    page.get_by_text("Đã ghi 1 cuốn cho mỗi em, 4 em.").wait_for()
    db.session.rollback()
    assert len(db.session.scalars(select(ChallengeEntry.id)).all()) == len(before) + 4
