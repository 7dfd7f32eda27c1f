"""What a library does, recorded on a phone in a few taps; every page of it at a phone's width and a desk's, axe."""

import os
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.organisations.models import Organisation
from library.promotion.event_models import Event
from library.promotion.training_models import Training
from tests.access import activity_things
from tests.browser.conftest import sign_in, watched
from tests.support.looks import fits, grave
from tests.support.people import commit
from tests.support.visiting import count_presses
from tests.support.world import World

PICTURES = os.environ.get("LOOKS")


@pytest.fixture
def addresses(app: Flask, school: World) -> list[str]:
    for name in ("Hoàng Thị Mai Lan", "Đàm Quốc Bảo", "Ma Văn Bình"):
        school.patron(name, class_name="5A")
    library = db.session.get_one(Organisation, school.school().id)
    activity_things.add(library, "Ngày hội đọc sách ở Ba Bể")
    commit()
    uid = {blueprint: activity_things.of(blueprint, library) for blueprint in activity_things.MODELS}
    lists = [
        "/activities",
        "/trainings",
        "/online",
        "/lessons",
        "/lessons/timetable",
        "/commendations",
        "/activities/settings",
    ]
    forms = ["/activities/new", "/trainings/new", "/online/new", "/commendations/new"]
    each = [f"/{blueprint}/{one}" for blueprint, one in uid.items()]
    edits = [f"{address}/edit" for address in each if not address.startswith("/lessons")]
    room = db.session.scalars(select(Training.uid)).one()
    commit()
    return [*lists, *forms, *each, *edits, f"/trainings/{room}/names"]


def unfolded(page: Page) -> None:
    """Everything that can be opened stands open."""
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")


def pictured(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("size", [(1366, 768), (360, 780)], ids=["1366", "360"])
def test_every_page_is_seen_by_everybody(
    chromium: Browser, server: str, addresses: list[str], size: tuple[int, int]
) -> None:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="vi-VN")
    sign_in(context, server, "ha")
    page, said = context.new_page(), list[str]()
    watched(page, said)
    found: dict[str, list[str]] = {}
    for at, address in enumerate(addresses):
        answer = page.goto(server + address)
        assert answer and answer.status == 200, address
        pictured(page, f"{size[0]}-{at:02d}")
        unfolded(page)
        found[address] = grave(page) + ([] if fits(page) else ["scrolls sideways"])
    assert {address: told for address, told in found.items() if told} == {}
    assert said == []


def test_an_event_is_recorded_on_a_phone_in_a_few_taps(chromium: Browser, server: str, addresses: list[str]) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 780}, locale="vi-VN", has_touch=True)
    sign_in(context, server, "ha")
    page = context.new_page()
    page.goto(f"{server}/activities")
    taps = count_presses(page)
    page.get_by_role("link", name="Ghi hoạt động", exact=True).first.tap()  # 1
    page.get_by_label("Loại").select_option("storytelling")  # 2
    page.get_by_label("Học sinh").fill("120")  # 3
    page.get_by_role("button", name="Ghi hoạt động").tap()  # 4
    page.wait_for_url("**/activities/*-*")
    assert "Thi kể chuyện theo sách" in page.get_by_role("heading", level=1).inner_text()
    assert taps() == 2, "and one choice, one number"
    db.session.rollback()
    made = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert made and (made.people, made.first_on) == ({"pupils": 120}, clock.today())
    db.session.rollback()
    page.get_by_role("button", name="Hoàn tác").tap()
    page.wait_for_url("**/activities")
    assert "Đã hoàn tác" in page.get_by_role("status").inner_text()
