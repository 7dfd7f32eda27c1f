"""Sets of rules to begin with: right by our own checks, shown before they are taken, and kind to what was there."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.core.db import db
from library.holdings.models import ItemClass
from library.patrons import enrolling
from library.policies import forms, presets, rulebook, writing
from library.policies.models import PolicyLine
from library.policies.presets import PRESETS, Preset
from library.policies.values import NAMES, Lending, Values, may_borrow
from tests.support.people import account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World

PAGE = "/settings/rules/presets"
EVERYBODY = {code for code, _, _ in enrolling.USUAL_CATEGORIES}


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def values(world: World, category: str, sort: str | None = None) -> Values:
    book = rulebook.load(world.session(), world.school().id)
    return book.resolve(world.category(category), book.sort_of(None, sort, None)).values


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_says_only_what_a_form_would_take(preset: Preset) -> None:
    keys = [(one.category, one.item_class, one.channel) for one in preset.lines]
    assert len(set(keys)) == len(keys)
    for one in preset.lines:
        assert set(one.said) <= set(NAMES)
        assert one.category is None or one.category in EVERYBODY
        assert one.item_class is None or one.item_class in presets.CLASSES
        assert not one.item_class or not set(one.said) & set(forms.OF_THE_READER)
        assert ("demand_holds" in one.said) == ("demand_days" in one.said)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_under_a_preset_readers_borrow_and_every_line_speaks(world: World, preset: Preset) -> None:
    from library.policies.consequences import speaks

    presets.apply(world.session(), world.school(), preset)
    book = rulebook.load(world.session(), world.school().id)
    schools = {"HS", "GV", "BD", "TT"}
    for code in schools:
        found = book.resolve(world.category(code), None).values
        assert may_borrow(found), code
        assert found.most
    categories = [world.category(code) for code in sorted(schools)]
    assert all(speaks(book, line, categories) for line in book.lines)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_what_a_line_says_holds_for_every_reader_it_speaks_of(world: World, preset: Preset) -> None:
    """Nothing in a preset is silently overruled by a line of the same preset; a set lent to a class has its own rules."""
    presets.apply(world.session(), world.school(), preset)
    book = rulebook.load(world.session(), world.school().id)
    for line in book.lines:
        if line.item_class_id is None and line.channel is None:
            continue
        for code in EVERYBODY - {"TT"} if line.category_id is None else ():
            found = book.resolve(world.category(code), line.item_class_id, line.channel or writing.Channel.DESK)
            assert {name: found.lines[name] for name in line.said} == dict.fromkeys(line.said, line.id), (code, line)


def test_there_are_five_for_five_sorts_of_libraries(ha: FlaskClient) -> None:
    page = text(ha.get(PAGE))
    assert len(PRESETS) == page.count("?which=") == 5
    assert ha.get(f"{PAGE}?which=abc").status_code == 404
    assert ha.post(PAGE, data={"which": "abc"}).status_code == 404


def test_what_it_would_change_is_shown_and_nothing_is_written(ha: FlaskClient, world: World) -> None:
    lends(world.session(), world.school().id, world.category(), days=14, most=2, grace_days=3)
    commit()
    page = text(ha.get(f"{PAGE}?which=tieu-hoc"))
    assert "<del>14 ngày</del> → <b>7 ngày</b>" in page
    assert "<del>2 cuốn</del>" not in page, "two books already"
    assert "Thêm loại bản sách: Sách giáo khoa, Sách tra cứu, từ điển." in page
    assert len(db.session.scalars(select(PolicyLine)).all()) == 1
    assert db.session.scalars(select(ItemClass)).all() == []


def test_it_is_taken_and_what_it_does_not_know_stays(ha: FlaskClient, world: World) -> None:
    session, school = world.session(), world.school().id
    lends(session, school, world.category(), most=9, hold_keep_days=8)
    writing.say(session, school, {"renewals": 0}, world.category("GV"), None, writing.Channel.VAN)
    commit()
    assert ha.post(PAGE, data={"which": "tieu-hoc"}).status_code == 303
    now = values(world, "HS")
    assert (now.most, now.hold_keep_days, now.grace_days) == (2, 8, 3)
    assert values(world, "HS", "TC").lending is Lending.ON_SITE
    assert len(db.session.scalars(select(PolicyLine).where(PolicyLine.channel == "van")).all()) == 1
    page = text(ha.get(f"{PAGE}?which=tieu-hoc"))
    assert "→" not in page.split("<tbody>")[1]
    assert page.count("đã như vậy") == len(PRESETS["tieu-hoc"].lines)


def test_taken_twice_changes_nothing(world: World) -> None:
    session, school = world.session(), world.school()
    preset = PRESETS["tinh"]
    assert presets.apply(session, school, preset) == len(preset.lines)
    assert presets.apply(session, school, preset) == 0
    assert len(session.scalars(select(ItemClass)).all()) == 3


def test_one_preset_after_another(world: World) -> None:
    """Whoever chose wrongly chooses again: each line says what the last one said of it."""
    for code in PRESETS:
        presets.apply(world.session(), world.school(), PRESETS[code])
    assert values(world, "GV").most == 5
