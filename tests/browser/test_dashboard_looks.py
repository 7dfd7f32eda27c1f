"""Dashboards, the learning society and the public figures as they are seen: a phone's width, a desk's, paper, axe."""

import os
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from library.accounts.models import RoleName
from library.core import clock
from library.organisations import founding
from library.organisations.models import OrganisationKind
from library.reports import society_telling
from library.reports.society_telling import Telling
from library.reports.standing_periods import month_after
from library.uses.models import UseKind, VisitKind
from tests.reports.test_dashboard import counted
from tests.support.looks import fits, grave
from tests.support.people import account, commit
from tests.support.visiting import visiting
from tests.support.world import LONG_AGO, World

TITLES = (
    "Sử ký Tư Mã Thiên",
    "Kể chuyện danh nhân đất Việt",
    "Cây thuốc quanh ta",
    "Thiên văn học vui",
    "Từ điển Tày – Nùng – Việt",
)

NAMES = ("Đức Xuân", "Sông Cầu", "Nông Thượng", "Huyền Tụng", "Minh Khai", "Phùng Chí Kiên")


@pytest.fixture
def told(world: World) -> None:
    """Two school years of a school with five grades, six others that count less, one that does not, three communes."""
    chance, today, session = random.Random(8), clock.today(), world.session()
    for title in TITLES:
        world.items(2, record=world.record(title), at=LONG_AGO - timedelta(days=900))
    for grade in range(1, 6):
        world.patron(f"Em {grade}", class_name=f"{grade}A").school_class.grade = grade  # type: ignore[union-attr]
    others = [world.school(f"Trường Tiểu học {name}") for name in NAMES]
    world.school("Trường chưa ghi lượt nào")
    for back in range(16):
        day = month_after(today, -back)
        for grade in range(1, 6):
            counted(world, UseKind.CLASS_READ, chance.randint(2, 5), day, grade=grade)
        counted(world, VisitKind.CLASS, chance.randint(900, 1_700), day, grade=1 + back % 5)
        for at, other in enumerate(others):
            counted(world, UseKind.TALLY, chance.randint(20, 90) * (7 - at), day, other)
            counted(world, VisitKind.GUEST, chance.randint(20, 90), day, other)
    for at in range(3):
        unit = founding.found(
            session, OrganisationKind.COMMUNE, f"Xã {'ABC'[at]}", world.province(), since=date(2020, 1, 1)
        )
        for year in (today.year - 1, today.year)[: 2 - at % 2]:
            wholes = {"population": 10_000, "households": 3_000, "clans": 80, "hamlets": 20, "units": 30}
            parts = {
                "learning-families": 2_000 + 100 * at,
                "learning-clans": 35,
                "learning-communities": 17,
                "learning-units": 28,
            }
            telling = Telling(
                {**wholes, **parts}, new=((f"Chi hội thôn Nà Pì {year}", 212), (f"Chi hội trường học {year}", 45))
            )
            society_telling.tell(session, world.doing(library=unit), unit, year, telling)
    account(world, "ha", RoleName.LIBRARIAN)
    account(world, "tu", RoleName.ADMINISTRATOR, world.province())
    commit()


@pytest.fixture
def visit(chromium: Browser, server: str, told: None) -> Iterator[Any]:
    with visiting(chromium, server) as sign_in:
        yield sign_in


def looked_at(page: Page, name: str) -> None:
    for wide, high in ((360, 780), (1366, 768)):
        page.set_viewport_size({"width": wide, "height": high})
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=str(Path(folder) / f"{name}-{wide}.png"), full_page=True)
        assert grave(page) == [] and fits(page), (name, wide)


def sheets(page: Page, name: str) -> int:
    """How many pages of A4 it prints."""
    paper = page.pdf(format="A4", print_background=True)
    if folder := os.environ.get("PICTURES"):
        (Path(folder) / f"{name}.pdf").write_bytes(paper)
    return len(pypdfium2.PdfDocument(paper))


def test_dashboards_fit_a_phone_a_desk_and_one_sheet_of_paper(visit: Any, server: str, world: World) -> None:
    slug = world.school().slug
    world.session.rollback()  # the server writes, not we
    page: Page = visit("ha")
    page.goto(f"{server}/reports/dashboard")
    expect(page.get_by_role("heading", level=1)).to_contain_text("năm học")
    looked_at(page, "school")
    assert sheets(page, "school") == 1
    page.goto(f"{server}/tv/{slug}/so-lieu")
    looked_at(page, "public")
    page = visit("tu")
    page.goto(f"{server}/reports/dashboard")
    looked_at(page, "province")
    expect(page.get_by_text("đơn vị chưa ghi lượt nào")).to_be_visible()
    page.goto(f"{server}/reports/society")
    looked_at(page, "society")
    page.get_by_role("link", name="Xã A", exact=True).click()
    page.get_by_role("link", name="Ghi số của năm").click()
    looked_at(page, "entry")
    page.goto(f"{server}/reports/society/lines")
    looked_at(page, "lines")
