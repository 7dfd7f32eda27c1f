"""The reading log of a class: from loans by itself, from ticks and diaries; milestones and certificates."""

from datetime import timedelta

import pytest
from flask import Flask
from pypdfium2 import PdfDocument
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.holdings.models import PlaceKind
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import deeds
from library.loans.deeds import Lending
from library.organisations import communes
from library.patrons.models import Membership
from library.privacy import consenting
from library.privacy.consenting import Said
from library.privacy.models import Purpose, Relation
from library.shelves import log_ageing, reading_awards, reading_log, reading_told, undoing
from library.shelves.models import ReadingEntry, Shelf
from library.shelves.reading_log import NobodyTicked, Ticks, WrongDay
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import DocumentUse, UseKind
from tests.support import shelves
from tests.support.people import sign_in
from tests.support.world import World


@pytest.fixture
def shelf(world: World) -> Shelf:
    world.school_year().from_on = clock.today() - timedelta(days=60)
    world.school_year().to_on = clock.today() + timedelta(days=200)
    of = shelves.school_class(world, "5A", 5)
    return shelves.shelf(world, of, keeper=shelves.teacher(world, of))


def pupil(world: World, name: str = "Hoàng Thị Mai Lan") -> Membership:
    return world.patron(name, class_name="5A")


def entries() -> list[ReadingEntry]:
    return list(db.session.scalars(select(ReadingEntry).where(ReadingEntry.voided.is_(False))))


def uses() -> int:
    return int(db.session.scalar(select(func.sum(DocumentUse.quantity))) or 0)


def borrow(world: World, reader: Membership, back: bool = True) -> None:
    item = world.item()
    now = clock.now() - timedelta(days=3)
    spot = world.place(PlaceKind.WITH_PATRONS).id, world.branch().id
    due = clock.today() + timedelta(days=9)
    what = Lending(item.id, item.uid, reader.id, due, Frozen(world.branch().id, "5A", 5), reader.class_id)
    deeds.lend(world.session(), Doing.now(branch_id=world.branch().id), what, spot, now)
    if back:
        home = world.place().id, world.branch().id
        deeds.take_in(world.session(), Doing.now(branch_id=world.branch().id), (item.id, item.uid), home, clock.now())


def test_a_tick_counts_for_the_pupil_and_for_the_figures(world: World, shelf: Shelf) -> None:
    lan, bao = pupil(world), pupil(world, "Đàm Quốc Bảo")
    reading_log.log(world.session(), world.doing(), shelf, Ticks([lan.id, bao.id], clock.today(), 2))
    told = reading_told.told(world.session(), [lan.id, bao.id], clock.today(), clock.today())
    assert {one.count for one in told.values()} == {2}
    assert uses() == 4


def test_undoing_takes_it_out_of_the_log_and_of_the_figures(world: World, shelf: Shelf) -> None:
    lan = pupil(world)
    doing = world.doing()
    reading_log.log(world.session(), doing, shelf, Ticks([lan.id], clock.today()))
    act = acts.by_uid(world.session(), doing.uid)
    assert act
    undoing.undo(world.session(), world.doing(), act)
    assert (entries(), uses()) == ([], 0)


def test_whoever_is_not_of_the_class_is_not_ticked(world: World, shelf: Shelf) -> None:
    stranger = world.patron("Nông Văn Dũng", class_name="5B")
    with pytest.raises(NobodyTicked):
        reading_log.log(world.session(), world.doing(), shelf, Ticks([stranger.id], clock.today()))


@pytest.mark.parametrize("away", [1, -61])
def test_a_day_to_come_or_of_last_year_is_refused(world: World, shelf: Shelf, away: int) -> None:
    with pytest.raises(WrongDay):
        what = Ticks([pupil(world).id], clock.today() + timedelta(days=away))
        reading_log.log(world.session(), world.doing(), shelf, what)


def test_a_loan_that_came_back_is_read_one_at_home_is_not_yet(world: World, shelf: Shelf) -> None:
    lan = pupil(world)
    borrow(world, lan)
    borrow(world, lan, back=False)
    told = reading_told.told(world.session(), [lan.id], clock.today() - timedelta(days=30), clock.today())[lan.id]
    assert (told.returned, told.holding, told.last_on) == (1, 1, clock.today())


def test_titles_are_told_of_open_loans_and_where_the_family_agreed(world: World, shelf: Shelf) -> None:
    lan = pupil(world)
    borrow(world, lan)
    borrow(world, lan, back=False)
    since, today = clock.today() - timedelta(days=30), clock.today()

    def titles() -> list[str | None]:
        (one,) = reading_told.pupils(world.session(), lan.class_id or 0)
        return sorted(line.title or "" for line in reading_told.of_pupil(world.session(), one, since, today))

    assert titles() == ["", "Dế Mèn phiêu lưu ký"]
    said = Said(Purpose.HISTORY, Relation.MOTHER, "Hoàng Thị Hương", True, "phiếu", clock.today())
    consenting.give(world.session(), lan, said, None)
    assert titles() == ["Dế Mèn phiêu lưu ký", "Dế Mèn phiêu lưu ký"]


def test_without_consent_the_diary_keeps_no_title(world: World, shelf: Shelf) -> None:
    lan, item = pupil(world), world.item()
    what = Ticks([lan.id], clock.today(), 1, reading_log.DIARY, item.record_id)
    reading_log.log(world.session(), world.doing(), shelf, what)
    assert [entry.record_id for entry in entries()] == [None]


def test_thirty_five_pupils_are_ticked_in_one_message(app: Flask, world: World, shelf: Shelf) -> None:
    """35 taps and one to send: 36, well under 40; the same message again counts nothing."""
    names = [pupil(world, f"Nguyễn Văn {chr(65 + at % 26)}{at}") for at in range(35)]
    world.session.commit()
    client, uid = sign_in(app, "thu"), str(clock.uuid7())
    form = {"uid": uid, "pupil": [str(one.uid) for one in names], "on": clock.today().isoformat(), "quantity": "1"}
    for _ in range(2):
        answer = client.post(f"/shelves/{shelf.uid}/log", data=form)
        assert answer.status_code == 303
    assert len(entries()) == 35
    assert client.get(f"/shelves/{shelf.uid}/log").status_code == 200


def test_a_device_sends_what_it_ticked_and_takes_it_back(app: Flask, world: World, shelf: Shelf) -> None:
    from tests.support.people import DeskPage

    lan = pupil(world)
    world.session.commit()
    client = sign_in(app, "thu")
    page = DeskPage(client)
    answer = client.post(f"/shelves/{shelf.uid}/log", json=page.posted(pupil=[str(lan.uid)]))
    assert answer.get_json()["pupils"] == 1
    undone = client.post(f"/shelves/{shelf.uid}/log/undo", json=page.posted(act=answer.get_json()["act"]))
    assert undone.status_code == 200
    assert entries() == []


def test_another_teacher_finds_no_such_log(app: Flask, world: World, shelf: Shelf) -> None:
    other = shelves.school_class(world, "5B", 5)
    shelves.teacher(world, other, "minh", "Lê Văn Minh")
    lan = pupil(world)
    world.session.commit()
    client = sign_in(app, "minh")
    assert client.get(f"/shelves/{shelf.uid}/log").status_code == 404
    assert client.get(f"/shelves/{shelf.uid}/log/{lan.uid}").status_code == 404
    assert client.post(f"/shelves/{shelf.uid}/log", data={"pupil": str(lan.uid)}).status_code == 404
    assert client.post(f"/shelves/{shelf.uid}/log/undo", data={}).status_code == 404
    assert client.post(f"/shelves/{shelf.uid}/log/{lan.uid}", data={}).status_code == 404


def test_milestones_bring_certificates(app: Flask, world: World, shelf: Shelf) -> None:
    lan = pupil(world)
    world.session.commit()
    client = sign_in(app, "thu")
    here = f"/shelves/{shelf.uid}/log"
    assert client.get(f"{here}/certificates.pdf").status_code == 409
    db.session.add_all([])
    reading_log.log(world.session(), world.doing(), shelf, Ticks([lan.id], clock.today(), 10))
    world.session.commit()
    answer = client.get(f"{here}/certificates.pdf?books=10")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")
    assert client.get(f"{here}/certificate.pdf").status_code == 409, "a class needs a hundred"
    sheet = client.get(f"{here}/diary.pdf")
    assert sheet.status_code == 200
    assert sheet.data.startswith(b"%PDF")
    room = reading_awards.room(world.session(), shelf, clock.today())
    assert room.seats[0].way.reached
    assert room.seats[0].way.reached.books == 10


@pytest.mark.both
def test_a_certificate_says_where_and_who_signs_for_the_school(app: Flask, world: World, shelf: Shelf) -> None:
    """As it is typed on the page; else the school's own commune, and room for the pen."""
    lan = pupil(world)
    reading_log.log(world.session(), world.doing(), shelf, Ticks([lan.id], clock.today(), 10))
    world.branch().commune_code = "01843"
    world.session.commit()
    client, here = sign_in(app, "thu"), f"/shelves/{shelf.uid}/log"
    place = communes.by_code("01843")
    assert place
    text = client.get(here).get_data(as_text=True)
    assert f'value="{place.name}"' in text
    assert "Hiệu trưởng ký" in text

    def said(asked: str) -> str:
        (page,) = PdfDocument(client.get(f"{here}/certificates.pdf{asked}").data)
        return str(page.get_textpage().get_text_range())

    assert f"{place.name}, ngày" in said("")
    typed = said("?place=Bắc+Kạn&head=Hoàng+Văn++Thắng&books=10")
    assert "Bắc Kạn, ngày" in typed
    assert "Hoàng Văn Thắng" in typed
    assert place.name not in said("?place=&head=")
    assert client.get(f"{here}/certificates.pdf?head={'a' * 61}").status_code == 422


def test_a_title_nobody_took_stands_on_no_certificate(world: World, shelf: Shelf) -> None:
    """Lent by mistake and taken back: the use and what reverses it both stand in the figures."""
    frozen = Frozen(world.branch().id, "5A", 5, place_id=shelf.place_id)
    taken, undone = (world.items(1, record=world.record(title))[0] for title in ("Cây khế", "Thạch Sanh"))
    for item in (taken, undone):
        act = acts.write(world.session(), world.doing(), "scan", clock.now()), clock.uuid7()
        counting.record(world.session(), act, item.id, UseKind.HOME, clock.now(), frozen, 0)
    (use,) = counting.standing(world.session(), undone.id).values()
    counting.take_back(world.session(), use)
    room = reading_awards.room(world.session(), shelf, clock.today())
    assert reading_awards._titles(world.session(), room) == ["Cây khế"]


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
def test_a_day_in_no_school_year_is_refused(app: Flask, world: World, shelf: Shelf, on: str) -> None:
    lan = pupil(world)
    world.session.commit()
    client = sign_in(app, "thu")
    for address in ("log", f"log/{lan.uid}"):
        form = {"uid": str(clock.uuid7()), "pupil": str(lan.uid), "on": on, "quantity": "1"}
        assert client.post(f"/shelves/{shelf.uid}/{address}", data=form).status_code in (409, 422)


def test_a_library_has_milestones_of_its_own(app: Flask, world: World, shelf: Shelf) -> None:
    from tests.support.people import account

    account(world)
    world.session.commit()
    client = sign_in(app)
    assert "Ong chăm đọc" in client.get("/shelves/milestones").get_data(as_text=True)
    form = {"pupil-books-0": "3", "pupil-name-0": "Búp măng", "class-books-0": "40", "class-name-0": "Lớp ham đọc"}
    assert client.post("/shelves/milestones", data=form).status_code == 303
    page = client.get("/shelves/milestones").get_data(as_text=True)
    assert "Búp măng" in page
    assert "Ong chăm đọc" not in page
    twice = {**form, "pupil-books-1": "3", "pupil-name-1": "Măng non"}
    assert client.post("/shelves/milestones", data=twice).status_code == 422
    assert client.post("/shelves/milestones", data={"pupil-books-0": "x"}).status_code == 422


def test_the_log_is_forgotten_with_the_loans_but_where_the_family_agreed(world: World, shelf: Shelf) -> None:
    lan, bao = pupil(world), pupil(world, "Đàm Quốc Bảo")
    reading_log.log(world.session(), world.doing(), shelf, Ticks([lan.id, bao.id], clock.today()))
    said = Said(Purpose.HISTORY, Relation.MOTHER, "Hoàng Thị Hương", True, "phiếu", clock.today())
    consenting.give(world.session(), lan, said, None)
    log_ageing.forget_entries(world.session(), clock.now() + timedelta(days=300))
    assert len(entries()) == 2
    log_ageing.forget_entries(world.session(), clock.now() + timedelta(days=370))
    assert [entry.membership_id for entry in entries()] == [lan.id]
    assert uses() == 2, "figures stay"
