"""Readers' own pages and slips as they are seen: for everybody, on a phone too."""

from collections.abc import Callable

from library.accounts import passwords
from library.core.db import db
from library.loans import self_pins
from library.patrons.models import Membership
from tests.browser.conftest import Cast, DeskInBrowser
from tests.support.looks import fits, grave
from tests.support.people import commit
from tests.support.world import World

Open = Callable[..., DeskInBrowser]
PIN = "402913"


def seen(desk: DeskInBrowser, path: str) -> str:
    """What the page says, once nothing grave is wrong with it and it fits on a phone."""
    desk.page.goto(desk.server + path)
    assert grave(desk.page) == [], path
    desk.page.set_viewport_size({"width": 360, "height": 780})
    assert fits(desk.page), path
    return desk.page.locator("main").inner_text()


def test_ones_own_books_and_a_slip_keep_nobody_out(open_desk: Open, cast: Cast, school: World) -> None:
    lan = db.session.query(Membership).order_by(Membership.id).first()
    assert lan
    self_pins.give(db.session(), lan.id, passwords.hashed(PIN))
    uid, slug = lan.uid, school.school().slug
    commit()
    db.session.rollback()
    desk = open_desk()
    desk.scan(cast.lan)
    desk.scan(cast.copies[0].code)
    desk.word("Được mượn")
    assert "Dế Mèn" in seen(desk, f"/people/{uid}/slip?what=today")
    assert "PIN" in seen(desk, f"/tv/{slug}/cua-toi")
    desk.page.fill("[name=card]", cast.lan)
    desk.page.fill("[name=pin]", PIN)
    desk.page.locator(".self-door button").click()
    desk.page.get_by_text("Chào Lan").wait_for()
    assert "Dế Mèn" in seen(desk, f"/tv/{slug}/cua-toi")
