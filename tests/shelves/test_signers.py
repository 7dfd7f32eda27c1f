"""Minutes that wait for a signature are told to whoever is to sign, wherever that person begins the day."""

import pytest
from flask import Flask

from library.accounts import managing
from library.accounts.models import Account
from library.inbox.models import Act
from library.shelves import handing, keeping, undoing
from library.shelves.handing import Given, Person
from library.shelves.keeping import Keeper
from library.shelves.models import Handover, HandoverKind, Shelf, ShelfMode
from tests.support.people import account, sign_in
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World


@pytest.fixture
def one(world: World) -> Shelf:
    """The shelf of 4A with three books, kept by cô Thu; thầy Ba keeps 4B's, cô Mỷ has no class; cô Hà is the library."""
    of, other = school_class(world, "4A"), school_class(world, "4B")
    made = shelf(world, of, keeper=teacher(world, of))
    shelf(world, other, keeper=teacher(world, other, "ba", "Bế Văn Ba"))
    teacher(world, school_class(world, "5C"), "my", "Giàng Thị Mỷ")
    put(world, made, world.items(3))
    account(world)
    world.session.commit()
    return made


def given(world: World, one: Shelf, kind: HandoverKind, by: str = "thu", to: str = "") -> None:
    giver, taker = account_of(world, by), account_of(world, to).id if to else None
    handing.give(world.session(), world.doing(), one, Person(giver.id, giver.name), Given(kind, taker))
    world.session.commit()


def account_of(world: World, login: str) -> Account:
    found = managing.by_login(world.session(), login)
    assert found
    return found


def seen(app: Flask, login: str, path: str = "/shelves") -> str:
    return sign_in(app, login).get(path, follow_redirects=True).get_data(as_text=True)


@pytest.mark.both
def test_a_teacher_is_told_of_a_shelf_that_is_not_theirs_yet(app: Flask, world: World, one: Shelf) -> None:
    """On the board of the own shelf, and where there is none, on the page that says so."""
    given(world, one, HandoverKind.TEACHER, to="ba")
    assert "Tủ lớp 4A được giao cho thầy cô" in seen(app, "ba")
    for login in ("thu", "my", "ha"):
        assert "được giao cho thầy cô" not in seen(app, login), login


@pytest.mark.both
def test_a_teacher_without_a_shelf_is_told_too(app: Flask, world: World, one: Shelf) -> None:
    given(world, one, HandoverKind.TEACHER, to="my")
    text = seen(app, "my")
    assert "1 biên bản chờ thầy cô ký nhận" in text
    assert "Tủ lớp 4A" in text


@pytest.mark.both
def test_at_the_years_end_the_library_is_told_and_no_teacher(app: Flask, world: World, one: Shelf) -> None:
    given(world, one, HandoverKind.YEAR_END)
    assert "1 biên bản chờ thầy cô ký nhận" in seen(app, "ha")
    steps = seen(app, "ha", "/shelves/year-end")
    assert "1 biên bản chờ thầy cô ký nhận" in steps
    assert steps.count("chờ ký nhận") == 1, "in the row of its shelf"
    assert "chờ thầy cô ký nhận" not in seen(app, "thu"), "who gave it does not sign"
    assert "chờ thầy cô ký nhận" not in seen(app, "ba")


@pytest.mark.both
def test_a_shelf_counted_by_colour_tells_what_the_library_gave(app: Flask, world: World, one: Shelf) -> None:
    one.mode = ShelfMode.HONOUR
    given(world, one, HandoverKind.FILL, "ha", "thu")
    assert "Thư viện vừa giao sách vào tủ" in seen(app, "thu")


@pytest.mark.both
def test_what_the_library_gave_waits_for_whoever_keeps_the_shelf_now(app: Flask, world: World, one: Shelf) -> None:
    given(world, one, HandoverKind.FILL, "ha", "thu")
    ba = account_of(world, "ba")
    tenure = keeping.give_to(world.session(), world.doing(), one, Keeper(ba.name, ba.id))
    world.session.commit()
    said = "Thư viện vừa giao sách vào tủ"
    assert said in seen(app, "ba", f"/shelves/{one.uid}")
    assert said not in seen(app, "thu", f"/shelves/{one.uid}"), "of her class, and hers to keep no more"
    form = {"handover": str(waiting(world, one).uid)}
    assert sign_in(app, "thu").post(f"/shelves/{one.uid}/accept", data=form).status_code == 409
    undoing.undo(world.session(), world.doing(), world.session.get_one(Act, tenure.act_id))
    world.session.commit()
    assert said in seen(app, "thu", f"/shelves/{one.uid}")
    assert sign_in(app, "thu").post(f"/shelves/{one.uid}/accept", data=form).status_code == 303


@pytest.mark.both
def test_who_gave_the_books_and_keeps_the_shelf_then_does_not_sign_for_them(world: World, one: Shelf) -> None:
    given(world, one, HandoverKind.FILL, "ha", "thu")
    ha = account_of(world, "ha")
    keeping.give_to(world.session(), world.doing(), one, Keeper(ha.name, ha.id))
    assert waiting(world, one).to_id is None
    keeping.give_to(world.session(), world.doing(), one, Keeper("Cô Mỷ"))
    assert waiting(world, one).to_id is None, "somebody without an account: whoever may keep the shelf"


def waiting(world: World, one: Shelf) -> Handover:
    found = handing.waiting(world.session(), one.id, HandoverKind.FILL)
    assert found
    return found


@pytest.mark.both
def test_of_a_closed_shelf_nothing_waits(app: Flask, world: World, one: Shelf) -> None:
    given(world, one, HandoverKind.TEACHER, to="ba")
    one.closed_on = one.built_on
    world.session.commit()
    assert "được giao cho thầy cô" not in seen(app, "ba")
