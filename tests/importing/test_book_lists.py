"""A list of books comes in, from the file to the register."""

from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import func, select

from library.catalogue.models import Record
from library.holdings import ledger
from library.holdings.models import Item, LineState, Receipt, Register, RegisterLine
from library.staging.models import Load, LoadState
from library.staging.verdicts import Verdict
from tests.importing.conftest import Person, everything, verdicts
from tests.importing.lists import BOOK_HEAD, book_rows, workbook


def _state(session: Any, uid: Any) -> LoadState:
    session.rollback()
    return session.scalar(select(Load.state).where(Load.uid == uid))


def _copies(session: Any, status: Register = Register.LISTED) -> list[str]:
    session.rollback()
    query = select(Item.accession).where(Item.register_status == status).order_by(Item.accession)
    return list(session.scalars(query))


def test_a_short_list_is_shown_at_once_with_a_verdict_a_row(mai: Person, session: Any) -> None:
    answer = mai.bring(workbook(BOOK_HEAD, book_rows(40)))
    page = mai.client.get(answer.headers["Location"]).text

    assert "Ghi vào sổ 40 dòng của “so-dang-ky.xlsx”?" in page
    assert "Nạp 40 dòng sách" in page
    assert "tiêu đề ở dòng 6" in page
    assert "40 nhan đề mới" in page and "53 bản sách vào sổ" in page
    skipped = mai.client.get(f"{answer.headers['Location']}?verdict=skipped").text
    assert "Dòng cộng, máy bỏ qua." in skipped and "Phần ký tên cuối bảng, máy bỏ qua." in skipped
    assert not _copies(session)


def test_two_thousand_rows_become_titles_and_copies_with_the_numbers_of_the_list(mai: Person, session: Any) -> None:
    uid = mai.loaded(workbook(BOOK_HEAD, book_rows(2000)))

    assert _state(session, uid) is LoadState.APPLIED
    assert session.scalar(select(func.count(Record.id))) == 2000
    labels = _copies(session)
    assert len(labels) == len(set(labels)) == 2666
    rows = book_rows(2000)
    given = [label for row in rows if row[5] for label in row[5].split("-")]
    assert set(given) <= set(labels)
    highest = max(int(label[3:]) for label in given)
    assert sorted(int(label[3:]) for label in set(labels) - set(given)) == list(
        range(highest + 1, highest + 1 + 2666 - len(given))
    )
    assert session.scalar(select(func.count()).select_from(RegisterLine)) == 2666
    assert session.scalar(select(func.count(Receipt.id))) == 1
    assert ledger.astray(session()) == []
    assert "Đã ghi 2.000 dòng" in mai.page(uid)


def test_the_same_file_twice_changes_nothing(mai: Person, session: Any) -> None:
    content = workbook(BOOK_HEAD, book_rows(350))
    mai.loaded(content)
    before = everything(session)

    again = mai.brought(content)

    assert verdicts(session, again) == {Verdict.UNCHANGED: 350, Verdict.SKIPPED: 3}
    assert "không có gì mới để ghi" in mai.page(again)
    assert mai.client.post(f"/imports/{again}/apply").status_code == 409
    assert everything(session) == before


def test_a_list_grown_by_some_rows_adds_only_these(mai: Person, session: Any) -> None:
    mai.loaded(workbook(BOOK_HEAD, book_rows(30)))

    grown = mai.loaded(workbook(BOOK_HEAD, book_rows(30) + book_rows(5, start=501)))

    assert verdicts(session, grown) == {Verdict.UNCHANGED: 30, Verdict.NEW: 5, Verdict.SKIPPED: 3}
    assert len(_copies(session)) == 47


def test_two_rows_that_say_the_same_are_two_copies_and_stay_two(mai: Person, session: Any) -> None:
    rows = [(1, "Góc sân và khoảng trời", "Trần Đăng Khoa", "Kim Đồng", 2019, None, 1, "30.000", "STN", None)] * 2
    content = workbook(BOOK_HEAD, rows)
    mai.loaded(content)
    assert _copies(session) == ["TN.00001", "TN.00002"]
    assert session.scalar(select(func.count(Record.id))) == 1

    again = mai.brought(content)

    assert verdicts(session, again) == {Verdict.UNCHANGED: 2, Verdict.SKIPPED: 3}


def test_copies_without_numbers_are_numbered_behind_the_highest_of_the_whole_list(mai: Person, session: Any) -> None:
    rows = [
        (1, "Mắt biếc", "Nguyễn Nhật Ánh", "Trẻ", 2019, None, 2, None, "STK", None),
        (2, "Quê nội", "Võ Quảng", "Kim Đồng", 2018, "TK.00001", 1, None, "STK", None),
        (3, "Đất rừng phương Nam", "Đoàn Giỏi", "Kim Đồng", 2018, "TK.00007", 1, None, "STK", None),
    ]
    mai.loaded(workbook(BOOK_HEAD, rows))

    by_label = dict(session.execute(select(Item.accession, Record.title).join(Record)).all())
    assert by_label["TK.00008"] == by_label["TK.00009"] == "Mắt biếc"


def test_a_number_of_another_book_is_refused_by_name_and_the_rest_goes_in(mai: Person, session: Any) -> None:
    mai.loaded(workbook(BOOK_HEAD, book_rows(3)))
    rows = [
        (1, "Số đỏ", "Vũ Trọng Phụng", "Văn học", 2017, "TK.00001", 1, None, "STK", None),
        (2, "Chí Phèo", "Nam Cao", "Văn học", 2017, "TK.00100", 1, None, "STK", None),
        (3, "Lão Hạc", "Nam Cao", "Văn học", 2017, "TK.00100", 1, None, "STK", None),
        (4, None, "Khuyết danh", "Văn học", 2017, "TK.00101", 1, None, "STK", None),
    ]
    uid = mai.loaded(workbook(BOOK_HEAD, rows))

    assert verdicts(session, uid) == {
        Verdict.REFUSED: 2, Verdict.NEW: 1, Verdict.DUPLICATE: 1, Verdict.SKIPPED: 3
    }  # fmt: skip
    page = mai.page(uid)
    assert "Số TK.00001 trong sổ đang là cuốn “Kính vạn hoa – câu chuyện số 1”." in page
    assert "Số TK.00100 đã có ở dòng 8 của tệp này." in page
    assert "TK.00100" in _copies(session)


def test_rows_left_out_come_back_as_a_workbook_with_reasons(mai: Person) -> None:
    rows = [
        (1, "Truyện Kiều", "Nguyễn Du", "Văn học", 2017, "TK.1-TK", 1, None, "STK", "@SUM(A1)"),
        (2, "Chí Phèo", "Nam Cao", "Văn học", 2017, "TK.00100", 1, None, "STK", None),
    ]
    uid = mai.brought(workbook(BOOK_HEAD, rows))

    with mai.client.get(f"/imports/{uid}/reasons.xlsx") as answer:
        content = answer.data

    sheet = load_workbook(BytesIO(content)).active
    table = [list(line) for line in sheet.iter_rows(values_only=True)]
    assert table[0][: len(BOOK_HEAD)] == list(BOOK_HEAD)
    assert table[0][len(BOOK_HEAD) :] == ["Lý do", "Dòng"]
    assert len(table) == 2
    assert table[1][1] == "Truyện Kiều"
    assert "Số đăng ký “TK.1-TK” máy chưa hiểu" in table[1][len(BOOK_HEAD)]
    assert table[1][len(BOOK_HEAD) + 1] == 7


def test_undoing_strikes_out_and_the_mended_list_finds_its_numbers_again(mai: Person, session: Any) -> None:
    content = workbook(BOOK_HEAD, book_rows(30))
    uid = mai.loaded(content)
    labels = _copies(session)

    mai.take_back(uid)

    assert _state(session, uid) is LoadState.UNDONE
    assert _copies(session) == []
    struck = session.execute(select(RegisterLine.state, RegisterLine.reason)).all()
    assert {state for state, _ in struck} == {LineState.STRUCK_OUT}
    assert all(reason.startswith("Hoàn tác danh sách nạp") for _, reason in struck)

    mai.loaded(content)

    given = {label for row in book_rows(30) if row[5] for label in row[5].split("-")}
    now = _copies(session)
    assert given <= set(now) and len(now) == len(labels)
    assert session.scalar(select(func.count(Record.id))) == 30
    assert ledger.astray(session()) == []


def test_copies_that_lived_on_survive_the_undoing_and_are_listed(mai: Person, session: Any) -> None:
    uid = mai.loaded(workbook(BOOK_HEAD, book_rows(4)))
    item = session.scalars(select(Item).order_by(Item.id)).first()
    item.label_printed_at = item.seen_at
    label = item.accession
    session.commit()

    mai.take_back(uid)

    assert _copies(session) == [label]
    assert f"Giữ lại {label}" in mai.page(uid)


def test_after_seven_days_it_is_too_late(mai: Person, session: Any) -> None:
    uid = mai.loaded(workbook(BOOK_HEAD, book_rows(2)))
    load = session.scalars(select(Load).where(Load.uid == uid)).one()
    load.applied_at = load.applied_at.replace(year=load.applied_at.year - 1)
    session.commit()

    assert mai.client.post(f"/imports/{uid}/undo").status_code == 409
    assert "Hoàn tác danh sách này" not in mai.page(uid)
    assert len(_copies(session)) == 2


def test_titles_of_the_network_are_shared_and_copies_are_not(people: dict[str, Person], session: Any) -> None:
    content = workbook(BOOK_HEAD, book_rows(10))
    people["mai"].loaded(content)

    people["tu"].loaded(content)

    assert session.scalar(select(func.count(Record.id))) == 10
    owners = session.execute(select(Item.library_id, func.count()).group_by(Item.library_id)).all()
    assert sorted(count for _, count in owners) == [13, 13]
