"""The staff look titles up, see every copy they answer for, and add copies to the register."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.holdings import ledger
from library.holdings.models import Item, PlaceKind, Receipt, Register, RegisterLine
from library.loans.models import Loan
from tests.finding.test_open_pages import words_of
from tests.support.people import account, commit, sign_in
from tests.support.statements import counted


@pytest.fixture
def ha(app, world):
    """cô Hà, librarian of the school, signed in."""
    account(world)
    commit()
    return sign_in(app)


def form(world, **more):
    told = {"uid": str(uuid4()), "quantity": "3", "series": "TN", "price": "45.000", "source": "Phụ huynh tặng",
            "received_on": "05/09/2025", "home": str(world.place().id)}  # fmt: skip
    return told | more


def test_a_librarian_finds_titles_and_sees_how_many_are_free(ha, books):
    record = books.title("Dế Mèn phiêu lưu ký", copies=3)
    books.lend(books.items(record)[0])
    commit()
    for asked in ("de men", "TN.00002", "tn2"):
        told = words_of(ha.get("/titles", query_string={"q": asked}).get_data(as_text=True))
        assert "Dế Mèn phiêu lưu ký" in told and "2 / 3" in told
    assert "Không thấy nhan đề nào" in ha.get("/titles?q=xyz").get_data(as_text=True)


def test_the_list_is_our_own_first_and_the_networks_when_asked(ha, books, world):
    ours, bare = books.title("Cây khế"), books.title("Sọ Dừa", copies=0)
    theirs = books.title("Thạch Sanh", library=world.school("Trường A"))
    far = books.title("Tấm Cám", library=world.province("Thư viện tỉnh Hà Giang"))
    commit()
    mine, network = (ha.get(address).get_data(as_text=True) for address in ("/titles", "/titles?o=mang"))
    seen = [[str(one.uid) in html for one in (ours, bare, theirs, far)] for html in (mine, network)]
    assert seen == [[True, True, False, False], [True, True, True, False]]


def test_titles_of_a_list_that_was_taken_back_are_not_looked_for(ha, books, world):
    gone, kept = books.title("Cây khế"), books.title("Sọ Dừa")
    for record, status in ((gone, Register.STRUCK_OUT), (kept, Register.WRITTEN_OFF)):
        world.session.execute(update(Item).where(Item.record_id == record.id).values(register_status=status))
    commit()
    for address in ("/titles", "/titles?o=mang", "/titles?q=c", "/titles?q=s"):
        html = ha.get(address).get_data(as_text=True)
        assert (str(gone.uid) in html, str(kept.uid) in html) == (False, "q=c" not in address), address


def test_the_title_page_lists_copies_with_their_state(ha, books, world):
    record = books.title("Cây khế", copies=4)
    lent, kept, late, _ = books.items(record)
    due = books.lend(lent)
    books.lend(late, name="Nông Văn Bảo")
    world.session.execute(update(Loan).where(Loan.item_id == late.id).values(due_on=clock.today() - timedelta(days=2)))
    world.session.execute(update(Item).where(Item.id == kept.id).values(not_for_loan=True))
    world.items(2, world.school("Trường A"), record=record)
    commit()
    told = words_of(ha.get(f"/titles/{record.uid}").get_data(as_text=True))
    assert f"{due:%d/%m}" in told and "Quá hạn từ" in told and "Chỉ đọc tại chỗ" in told and "Có sẵn" in told
    assert "4 bản" in told and "Trường A Kho sách 2 / 2" in told
    assert "Lan" not in told and "Bảo" not in told
    assert all(deed in told for deed in ("Thêm bản", "Sửa nhan đề", "Giữ chỗ", "In nhãn", "Trang cho bạn đọc"))


def test_a_title_of_another_network_is_not_there(ha, books, world):
    record = books.title("Cây khế", library=world.province("Thư viện tỉnh Hà Giang"))
    commit()
    for address in (f"/titles/{record.uid}", f"/titles/{record.uid}/copies", f"/titles/{record.uid}/edit"):
        assert ha.get(address).status_code == 404
    for address in (f"/titles/{record.uid}/copies", f"/titles/{record.uid}/edit"):
        assert ha.post(address, data=form(world, title="Cây khế")).status_code == 404


def test_strangers_and_readers_cannot_do_what_librarians_do(app, books, world):
    record = books.title("Cây khế")
    account(world, "be", RoleName.READER)
    commit()
    pages = [
        "/titles",
        f"/titles/{record.uid}",
        f"/titles/{record.uid}/copies",
        f"/titles/{record.uid}/edit",
        "/titles/new",
    ]
    assert [app.test_client().get(page).status_code for page in pages] == [303] * 5
    reader = sign_in(app, "be")
    assert [reader.get(page).status_code for page in pages] == [200, 200, 403, 403, 403]
    assert [reader.post(page).status_code for page in pages[2:]] == [403] * 3
    seen = reader.get(pages[1]).get_data(as_text=True)
    assert not any(deed in seen for deed in ("Thêm bản", "Sửa nhan đề", "Giữ chỗ", "In nhãn"))


def test_copies_are_added_with_their_numbers_receipt_and_place(ha, books, world):
    record = books.title("Cây khế", copies=2)
    commit()
    assert ha.get(f"/titles/{record.uid}/copies").status_code == 200
    answer = ha.post(f"/titles/{record.uid}/copies", data=form(world))
    assert (answer.status_code, answer.location) == (303, f"/titles/{record.uid}")
    assert "Đã thêm 3 bản: TN.00003 – TN.00005." in ha.get(answer.location).get_data(as_text=True)
    items = books.items(record)[2:]
    assert {(item.price, item.place.kind, item.accessioned_on == clock.today()) for item in items} == {
        (45_000, PlaceKind.STACKS, True)
    }
    receipt = db.session.get_one(Receipt, items[0].receipt_id)
    assert (receipt.source, f"{receipt.received_on}") == ("Phụ huynh tặng", "2025-09-05")
    assert ledger.astray(db.session()) == []


def test_the_same_form_twice_adds_once(ha, books, world):
    record = books.title("Cây khế", copies=0)
    commit()
    told = form(world, first="100")
    for _ in range(2):
        assert ha.post(f"/titles/{record.uid}/copies", data=told).status_code == 303
    assert [item.accession for item in books.items(record)] == ["TN.00100", "TN.00101", "TN.00102"]


def test_a_number_in_the_register_is_refused_and_nothing_is_written(ha, books, world):
    record = books.title("Cây khế", copies=3)
    commit()
    told = form(world, first="2", source="Sở cấp <b>")
    answer = ha.post(f"/titles/{record.uid}/copies", data=told)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Số TN.00002 đã có trong sổ." in html
    assert 'value="Sở cấp &lt;b&gt;"' in html and told["uid"] in html
    assert db.session.scalar(select(func.count()).select_from(Item)) == 3
    assert ha.post(f"/titles/{record.uid}/copies", data=told | {"first": "", "source": "Sở cấp"}).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(RegisterLine)) == 6


@pytest.mark.parametrize(
    ("field", "value"),
    [("quantity", "0"), ("quantity", "x"), ("quantity", "5000"), ("series", ""), ("series", "12"), ("price", "rẻ"),
     ("source", ""), ("received_on", "31/02/2025"), ("received_on", "31/12/2999"), ("home", "999999"), ("first", "-1")],
)  # fmt: skip
def test_what_cannot_be_read_is_said_at_its_field(ha, books, world, field, value):
    record = books.title("Cây khế", copies=0)
    commit()
    answer = ha.post(f"/titles/{record.uid}/copies", data=form(world, **{field: value}))
    assert answer.status_code == 422
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.get_data(as_text=True))
    assert db.session.scalar(select(func.count()).select_from(Item)) == 0


def test_copies_cannot_be_put_into_another_librarys_place(ha, books, world):
    record, elsewhere = books.title("Cây khế", copies=0), world.place(library=world.school("Trường A"))
    commit()
    answer = ha.post(f"/titles/{record.uid}/copies", data=form(world, home=str(elsewhere.id)))
    assert answer.status_code == 422


def test_statements_do_not_grow_with_the_list(ha, books):
    def sent() -> int:
        commit()
        with counted() as statements:
            assert ha.get("/titles?q=tho").status_code == 200
        return len(statements)

    books.title("Thơ", copies=1)
    sent()  # the tree of libraries is read once and remembered
    few = sent()
    for number in range(50):
        books.title(f"Thơ {number}", author=f"Tác giả {number}", copies=2)
    assert sent() == few <= 12


def test_looking_writes_nothing(ha, books):
    record = books.title("Cây khế", copies=2)
    commit()
    with counted() as statements:
        for address in (
            "/titles",
            f"/titles/{record.uid}",
            f"/titles/{record.uid}/copies",
            f"/titles/{record.uid}/edit",
            "/titles/new",
        ):
            assert ha.get(address).status_code == 200
    assert [text for text in statements if not text.lstrip().upper().startswith(("SELECT", "WITH"))] == []
