"""Books put on a shelf, one by one and many at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts import managing
from library.accounts.models import RoleName
from library.core import clock
from library.holdings import ledger, stays
from library.holdings.models import Item, PlaceKind, Register, Stay, Why
from library.inbox import acts
from library.inbox.models import Act
from library.loans import deeds, holds, settling
from library.loans.deeds import Lending
from library.loans.models import Loan
from library.shelves import filling, handing, shelf_codes, stock, undoing
from library.shelves.filling import Scanned
from library.shelves.filling_rules import Outcome
from library.shelves.models import HandoverKind, Shelf
from library.uses.counting import Frozen
from tests.support.people import PASSWORD, account, sign_in
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World


def scan(world: World, one: Shelf, item: Item, asked: UUID | None = None, at: Any = None) -> filling.Filled:
    desk = filling.desk_of(world.session(), one)
    doing = world.doing(at)
    return filling.scan_in(world.session(), doing, desk, one, Scanned(item.accession or "", asked))


def lend(world: World, item: Item, name: str = "Đàm Quốc Bảo") -> Loan:
    reader = world.patron(name)
    branch = world.branch()
    what = Lending(item.id, item.uid, reader.id, clock.today(), Frozen(branch.id))
    place = world.place(PlaceKind.WITH_PATRONS).id, branch.id
    act = deeds.lend(world.session(), world.doing(), what, place, clock.now())
    return world.session.scalars(select(Loan).where(Loan.act_id == act[0])).one()


def here(world: World, item: Item) -> int:
    return world.session.scalars(select(Item.place_id).where(Item.id == item.id)).one()


def listed(world: World, one: Shelf) -> list[int]:
    return [row.item_id for row in stock.listed(world.session(), one.place_id)]


def sound(world: World, *items: Item) -> None:
    """What the ledger and the loans say is what their history says."""
    assert ledger.astray(world.session()) == []
    assert settling.astray(world.session(), [item.id for item in items]) == []


def test_a_scan_puts_the_book_on_the_shelf_where_it_stays(world: World) -> None:
    one, item = shelf(world), world.item()
    done = scan(world, one, item)
    assert done.outcome is Outcome.PUT
    assert here(world, item) == one.place_id
    assert listed(world, one) == [item.id]
    again = scan(world, one, item)
    assert (again.outcome, again.act) == (Outcome.ALREADY, None)


def test_undoing_puts_everything_back(world: World) -> None:
    one, item = shelf(world), world.item()
    before = here(world, item)
    done = scan(world, one, item)
    act = acts.by_uid(world.session(), done.act)  # type: ignore[arg-type]
    assert act
    undoing.undo(world.session(), world.doing(), act)
    assert here(world, item) == before
    assert listed(world, one) == []
    sound(world, item)


def test_a_book_of_another_shelf_is_asked_about_once(world: World) -> None:
    one = shelf(world)
    other = shelf(world, school_class(world, "4B"))
    item = world.item()
    put(world, other, [item])
    asked = scan(world, one, item)
    assert (asked.outcome, asked.was, asked.act) == (Outcome.OTHER_SHELF, "Tủ lớp 4B", None)
    assert here(world, item) == other.place_id
    assert scan(world, one, item, asked=world.item().uid).outcome is Outcome.OTHER_SHELF, "another copy was asked about"
    assert scan(world, one, item, asked=item.uid).outcome is Outcome.PUT
    assert (listed(world, one), listed(world, other)) == ([item.id], [])
    sound(world, item)


def test_a_lent_book_in_the_hand_is_a_return(world: World) -> None:
    one, item = shelf(world), world.item()
    loan = lend(world, item)
    done = scan(world, one, item)
    world.session.refresh(loan)
    assert (done.outcome, done.copy and done.copy.holder) == (Outcome.PUT, "Đàm Quốc Bảo")
    assert loan.ended_at is not None
    sound(world, item)
    act = acts.by_uid(world.session(), done.act)  # type: ignore[arg-type]
    assert act
    undoing.undo(world.session(), world.doing(), act)
    world.session.refresh(loan)
    assert loan.ended_at is None
    sound(world, item)


def test_a_book_kept_for_a_reader_is_not_put(world: World) -> None:
    one, item = shelf(world), world.item()
    reader, branch = world.patron(), world.branch()
    holds.place(world.session(), world.doing(), item.record_id, reader.id, branch.id)
    assert scan(world, one, item).outcome is Outcome.WAITED_FOR
    assert scan(world, one, item, asked=item.uid).outcome is Outcome.PUT
    other = world.items(1, record=item.record)[0]
    act = acts.write(world.session(), world.doing(), "take-in", clock.now()), clock.uuid7()
    turn = holds.turn(world.session(), item.record_id, other.id, branch.id, clock.today())
    assert turn
    holds.capture(world.session(), turn, other.id, branch.id, act, clock.now(), clock.today())
    kept = scan(world, one, other, asked=other.uid)
    assert (kept.outcome, kept.act) == (Outcome.KEPT, None)
    assert here(world, other) != one.place_id


def test_what_is_out_of_the_register_and_what_nobody_knows(world: World) -> None:
    one, item = shelf(world), world.item()
    item.register_status = Register.WRITTEN_OFF
    world.session.flush()
    assert scan(world, one, item).outcome is Outcome.WRITTEN_OFF
    desk = filling.desk_of(world.session(), one)
    unknown = filling.scan_in(world.session(), world.doing(), desk, one, Scanned("TN.99999"))
    assert unknown.outcome is Outcome.UNKNOWN
    assert listed(world, one) == []


def test_another_librarys_book_is_taken_in_as_at_the_desk(world: World) -> None:
    one = shelf(world)
    item = world.item(world.school("Trường Tiểu học Sông Cầu"))
    done = scan(world, one, item)
    assert done.outcome is Outcome.ANOTHERS
    assert done.desk
    assert listed(world, one) == []
    where = world.session.get_one(Item, item.id, populate_existing=True).place
    assert (where.branch_id, where.kind) == (one.branch_id, PlaceKind.PROCESSING)


def test_a_guest_received_here_may_stand_on_the_shelf(world: World) -> None:
    """A batch of the province on its year with the school."""
    one = shelf(world)
    item = world.item(world.province())
    doing = world.doing()
    act = acts.write(world.session(), doing, "receive", clock.now()), doing.uid
    stacks = world.place()
    ledger.move(world.session(), act, {item.id: item.uid}, (stacks.id, stacks.branch_id), Why.RECEIVE, clock.now())
    assert scan(world, one, item).outcome is Outcome.PUT
    assert listed(world, one) == [item.id]


def test_a_scan_that_was_away_is_sorted_in_by_its_own_time(world: World) -> None:
    one = shelf(world)
    other, item = shelf(world, school_class(world, "4B")), world.item()
    then = clock.now() - timedelta(hours=2)
    put(world, other, [item], clock.now() - timedelta(hours=1))
    late = scan(world, one, item, at=then)
    assert late.outcome is Outcome.PUT
    assert here(world, item) == other.place_id
    assert (listed(world, one), listed(world, other)) == ([], [item.id])
    sound(world, item)


def test_many_at_once_leave_loans_alone_and_what_is_kept(world: World) -> None:
    one, items = shelf(world), world.items(4)
    loan = lend(world, items[1])
    items[2].register_status = Register.WRITTEN_OFF
    foreign = world.item(world.school("Trường Tiểu học Sông Cầu"))
    many = filling.put_many(world.session(), world.doing(), one, [item.id for item in [*items, foreign]])
    assert (set(many.put), many.later) == ({items[0].id, items[3].id}, (items[1].id,))
    assert set(many.left) == {items[2].id, foreign.id}
    world.session.refresh(loan)
    assert loan.ended_at is None
    assert set(listed(world, one)) == {items[0].id, items[1].id, items[3].id}
    assert here(world, items[1]) != one.place_id
    sound(world, *items)
    act = world.session.get_one(Act, many.act_id)
    undoing.undo(world.session(), world.doing(), act)
    assert listed(world, one) == []
    sound(world, *items)


def test_a_book_at_home_on_the_shelf_needs_no_stay(world: World) -> None:
    one, item = shelf(world), world.item()
    item.home_id = one.place_id
    world.session.flush()
    assert scan(world, one, item).outcome is Outcome.BACK
    assert world.session.scalars(select(Stay).where(Stay.item_id == item.id)).all() == []
    other = shelf(world, school_class(world, "4B"))
    put(world, other, [item])
    assert scan(world, one, item, asked=item.uid).outcome is Outcome.PUT
    assert stays.open_at(world.session(), other.place_id) == []
    assert listed(world, one) == [item.id]


# Pages


def librarian(app: Flask, world: World) -> FlaskClient:
    account(world, "mai", RoleName.LIBRARIAN, world.school())
    world.session.commit()
    return sign_in(app, "mai")


def body(**more: Any) -> dict[str, Any]:
    now = clock.now().isoformat()
    return {"uid": str(clock.uuid7()), "device": str(clock.uuid7()), "number": 1, "at": now, "sent_at": now, **more}


def test_the_shelfs_code_then_books_and_not_one_click(app: Flask, world: World) -> None:
    one, items = shelf(world), world.items(60)
    code = shelf_codes.printed(world.session(), one)
    client = librarian(app, world)
    chosen = client.post("/shelves/fill/scans", json=body(code=code)).get_json()
    assert (chosen["what"], chosen["shelf"]["uid"]) == ("shelf", str(one.uid))
    device, at = str(clock.uuid7()), clock.now().isoformat()
    for number, item in enumerate(items, 1):
        sent = body(code=item.accession, shelf=chosen["shelf"]["uid"]) | {"device": device, "number": number, "at": at}
        answer = client.post("/shelves/fill/scans", json=sent)
        assert answer.status_code == 200
        assert (answer.get_json()["outcome"], answer.get_json()["shelf"]["count"]) == ("ok", number)
    assert len(listed(world, one)) == 60
    page = client.get(f"/shelves/fill?shelf={one.uid}").get_data(as_text=True)
    assert "Giao tủ" in page
    assert items[-1].accession in page  # type: ignore[operator]


def test_the_same_message_twice_is_once(app: Flask, world: World) -> None:
    one, item = shelf(world), world.item()
    client = librarian(app, world)
    sent = body(code=item.accession, shelf=str(one.uid))
    first = client.post("/shelves/fill/scans", json=sent).get_json()
    assert client.post("/shelves/fill/scans", json=sent).get_json() == first
    assert first["outcome"] == "ok"
    other = client.post("/shelves/fill/scans", json={**sent, "code": "TN.1"})
    assert other.status_code == 409


def test_the_page_works_without_scripts_and_undoes(app: Flask, world: World) -> None:
    one, item = shelf(world), world.item()
    client = librarian(app, world)
    assert one.place.name in client.get("/shelves/fill").get_data(as_text=True)
    done = client.post("/shelves/fill", data={"code": item.accession, "shelf": str(one.uid)}, follow_redirects=True)
    page = done.get_data(as_text=True)
    assert "Đã xếp vào tủ" in page
    act = page.split("/shelves/fill/undo?act=")[1].split('"')[0]
    undone = client.post(f"/shelves/fill/undo?act={act}", follow_redirects=True).get_data(as_text=True)
    assert "Đã hoàn tác" in undone
    assert listed(world, one) == []


def test_a_question_is_answered_by_scanning_again_without_scripts(app: Flask, world: World) -> None:
    one, item = shelf(world), world.item()
    put(world, shelf(world, school_class(world, "4B")), [item])
    client = librarian(app, world)
    sent = {"code": item.accession, "shelf": str(one.uid)}
    page = client.post("/shelves/fill", data=sent, follow_redirects=True).get_data(as_text=True)
    assert "sách của Tủ lớp 4B" in page
    assert f'name="asked" value="{item.uid}"' in page
    again = client.post("/shelves/fill", data={**sent, "asked": str(item.uid)}, follow_redirects=True)
    assert "Chuyển từ Tủ lớp 4B sang" in again.get_data(as_text=True)
    assert listed(world, one) == [item.id]


def test_the_desk_tells_what_a_shelfs_code_is(app: Flask, world: World) -> None:
    one = shelf(world)
    code = shelf_codes.printed(world.session(), one)
    client = librarian(app, world)
    answer = client.post("/desk/scans", json=body(code=code)).get_json()
    assert (answer["what"], answer["word"]) == ("shelf", f"Đây là mã của {one.place.name}")
    assert str(one.uid) in answer["link"][0]
    page = client.post("/desk", data={"code": code}, follow_redirects=True).get_data(as_text=True)
    assert f"/shelves/fill?shelf={one.uid}" in page


def test_the_desk_of_another_school_knows_nothing_of_it(app: Flask, world: World) -> None:
    one = shelf(world, library=world.school("Trường Tiểu học Sông Cầu"))
    code = shelf_codes.printed(world.session(), one)
    answer = librarian(app, world).post("/desk/scans", json=body(code=code)).get_json()
    assert answer["what"] == "unknown"


def test_a_closed_shelf_takes_nothing(app: Flask, world: World) -> None:
    one, item = shelf(world), world.item()
    one.closed_on = clock.today()
    client = librarian(app, world)
    answer = client.post("/shelves/fill/scans", json=body(code=item.accession, shelf=str(one.uid)))
    assert answer.status_code == 409
    assert "đã đóng" in answer.get_json()["title"]


def test_given_by_the_library_and_taken_with_one_tap(app: Flask, world: World) -> None:
    of = school_class(world)
    thu = teacher(world, of)
    one, items = shelf(world, of, keeper=thu), world.items(3)
    put(world, one, items)
    client = librarian(app, world)
    given = client.post(f"/shelves/{one.uid}/give", follow_redirects=True).get_data(as_text=True)
    assert "Chờ Nguyễn Thị Thu nhận" in given
    waiting = handing.waiting(world.session(), one.id, HandoverKind.FILL)
    assert waiting
    form = {"handover": str(waiting.uid)}
    assert client.post(f"/shelves/{one.uid}/accept", data=form).status_code == 409, "the giver does not sign"
    at_class = sign_in(app, "thu")
    page = at_class.get(f"/shelves/{one.uid}/accept").get_data(as_text=True)
    assert "Nhận đủ 3 cuốn" in page
    assert f'name="handover" value="{waiting.uid}"' in page
    assert at_class.post(f"/shelves/{one.uid}/accept", data=form).status_code == 303
    (signed,) = handing.signed(world.session(), one.id)
    assert (signed.kind, signed.taken_name, bool(signed.number)) == (HandoverKind.FILL, "Nguyễn Thị Thu", True)
    assert "nhận lần cuối" in at_class.get(f"/shelves/{one.uid}/accept").get_data(as_text=True)


def test_the_tap_signs_what_was_shown_and_nothing_else(app: Flask, world: World) -> None:
    """The library took it back and gave another list while the teacher's page was open."""
    of = school_class(world)
    one, items = shelf(world, of, keeper=teacher(world, of)), world.items(3)
    put(world, one, items[:2])
    client = librarian(app, world)
    client.post(f"/shelves/{one.uid}/give")
    shown = handing.waiting(world.session(), one.id, HandoverKind.FILL)
    assert shown
    form, at_class = {"handover": str(shown.uid)}, sign_in(app, "thu")
    client.post(f"/shelves/{one.uid}/give/cancel")
    put(world, one, items[2:])
    world.session.commit()
    client.post(f"/shelves/{one.uid}/give")
    for sent in (form, {}):
        answer = at_class.post(f"/shelves/{one.uid}/accept", data=sent)
        assert answer.status_code == 409
        assert "danh sách khác" in answer.get_data(as_text=True)
    assert handing.signed(world.session(), one.id) == []


def test_whose_library_it_is_says_who_may_call_it_off(app: Flask, world: World) -> None:
    """An account of another library, a librarian here: works at the shelf's library, not at the one it is at home in."""
    one = shelf(world, school_class(world))
    put(world, one, world.items(1))
    librarian(app, world).post(f"/shelves/{one.uid}/give")
    elsewhere = world.school("Trường Tiểu học khác")
    theirs = managing.open_account(world.session(), "tu", "Nông Văn Tú", PASSWORD, world.branch(elsewhere))
    managing.grant(world.session(), theirs, RoleName.LIBRARIAN, world.school().id)
    world.session.commit()
    assert sign_in(app, "tu").post(f"/shelves/{one.uid}/give/cancel").status_code == 303
    assert handing.waiting(world.session(), one.id, HandoverKind.FILL) is None


def test_the_list_on_paper_has_the_shelfs_code_and_every_book(app: Flask, world: World) -> None:
    one, items = shelf(world), world.items(3)
    put(world, one, items)
    page = librarian(app, world).get(f"/shelves/{one.uid}/list").get_data(as_text=True)
    assert shelf_codes.printed(world.session(), one) in page
    assert all(str(item.accession) in page for item in items)


def test_a_teacher_does_not_fill_and_sees_no_other_class(app: Flask, world: World) -> None:
    of = school_class(world)
    teacher(world, of)
    other = shelf(world, school_class(world, "4B"))
    world.session.commit()
    client = sign_in(app, "thu")
    assert client.get("/shelves/fill").status_code == 403
    assert client.get(f"/shelves/{other.uid}/list").status_code == 404
    assert client.get(f"/shelves/{other.uid}/accept").status_code == 404
