"""Lists in any delimiter and any character set, and lists of other programs: the same catalogue whatever they came as."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from library.catalogue.models import Record
from library.core.fold import fold_code
from library.holdings.models import Item, ItemCode, Receipt
from library.organisations.models import Code
from library.staging.encodings import spell
from library.staging.models import Load
from library.staging.verdicts import Verdict
from tests.importing.conftest import Person, verdicts
from tests.staging.sheets import xlsx

HEAD = ("Tên sách", "Tác giả", "Nhà xuất bản", "Năm xuất bản", "Số ĐKCB")
BOOKS = (
    ("Dế Mèn phiêu lưu ký", "Tô Hoài", "Kim Đồng", "2019", "TN.00001"),
    ("Đất rừng phương Nam", "Đoàn Giỏi", "Văn học", "2018", "TN.00002"),
    ("Thư viện trường học", "Nguyễn Văn An", "Giáo dục", "2005", "TK.00001"),
    ("Những người khốn khổ", "Trần Hướng Dương", "Văn học", "2011", "TK.00002"),
)


def text(mark: str = ";", books: Sequence[Sequence[str]] = BOOKS) -> str:
    return "\r\n".join(mark.join(row) for row in (HEAD, *books)) + "\r\n"


def old(encoding: str, **more: Any) -> bytes:
    return spell(text(**more), encoding).encode("cp1252")


def titles(session: Any) -> dict[str, str]:
    session.rollback()
    return dict(session.execute(select(Item.accession, Record.title).join(Record)).all())


WANTED = {row[4]: row[0] for row in BOOKS}


@pytest.mark.parametrize(
    "content",
    [
        text(",").encode(), text("\t").encode("utf-16"), text("|").encode("utf-8-sig"), old("tcvn3"), old("vni"),
        spell(text(), "tcvn3").encode(), xlsx({"S": [HEAD, *BOOKS]}),
        xlsx({"S": [[spell(cell, "vni") for cell in row] for row in (HEAD, *BOOKS)]}),
        xlsx({"S": [[spell(cell, "tcvn3") for cell in row] for row in (HEAD, *BOOKS)]}),
    ],
    ids=["comma", "tab-utf16", "bar-bom", "tcvn3", "vni", "tcvn3-as-unicode", "xlsx", "xlsx-vni", "xlsx-tcvn3"],
)  # fmt: skip
def test_one_list_in_any_clothes_is_one_catalogue(mai: Person, session: Any, content: bytes) -> None:
    mai.loaded(content, name="sach.dat")

    assert titles(session) == WANTED
    assert sorted(session.scalars(select(Record.publisher))) == sorted(row[2] for row in BOOKS)


def test_marks_typed_behind_their_letters_become_letters(mai: Person, session: Any) -> None:
    mai.loaded(old("viqr"), name="sach.txt")

    assert set(titles(session).values()) == set(WANTED.values())


def test_letters_are_shown_before_and_after(mai: Person) -> None:
    page = mai.page(mai.brought(old("tcvn3"), name="sach.csv"))

    assert "Máy đổi chữ của" in page
    assert '<span class="before">Nh÷ng ng-êi khèn khæ</span>' in page and "<b>Những người khốn khổ</b>" in page
    assert '<option value="tcvn3" selected>' in page


def test_another_encoding_can_be_chosen_for_a_column_and_is_remembered(mai: Person, session: Any) -> None:
    content = spell(text(), "vni").encode("cp1252")
    uid = mai.brought(content, name="sach.csv")

    wrong = {"sheet": "sach", "enc-0": "", "enc-1": "vni", "enc-2": "vni"}
    assert mai.client.post(f"/imports/{uid}/choices", data=wrong).status_code == 303

    assert "Ñaát röøng phöông Nam" in mai.page(uid)
    again = mai.brought(content, name="sach-2.csv")
    page = mai.page(again)
    assert "Ñaát röøng phöông Nam" in page and "Đọc như đã chọn cho “sach.csv”" in page


def test_the_columns_a_person_named_are_remembered_for_the_same_source(mai: Person, session: Any) -> None:
    lines = "Cuốn;Ai viết;Mã\nLão Hạc;Nam Cao;TK.00001\nChí Phèo;Nam Cao;TK.00002\n".encode()
    uid = mai.brought(lines, name="tay.csv")
    mai.client.post(f"/imports/{uid}/choices", data={"sheet": "tay", "header_row": "1"})
    told = {"sheet": "tay", "header_row": "1", "col-0": "title", "col-1": "author", "col-2": "accession"}
    mai.client.post(f"/imports/{uid}/choices", data=told)
    assert "Nạp 2 dòng sách" in mai.page(uid)

    other = lines.replace(b"TK.0000", b"TN.0000")
    mai.loaded(other, name="tay-2.csv")

    assert titles(session) == {"TN.00001": "Lão Hạc", "TN.00002": "Chí Phèo"}


def test_another_librarys_choices_are_not_ours(people: dict[str, Person], session: Any) -> None:
    lines = "Cuốn;Ai viết\nLão Hạc;Nam Cao\n".encode()
    uid = people["mai"].brought(lines, name="tay.csv")
    people["mai"].client.post(f"/imports/{uid}/choices", data={"sheet": "tay", "header_row": "1"})
    told = {"sheet": "tay", "header_row": "1", "col-0": "title", "col-1": "author"}
    people["mai"].client.post(f"/imports/{uid}/choices", data=told)

    assert "Đọc như đã chọn" not in people["tu"].page(people["tu"].brought(lines, name="tay.csv"))


def test_a_file_can_be_opened_in_another_way(mai: Person, session: Any) -> None:
    uid = mai.brought(text(books=BOOKS[:1]).encode("utf-8"), name="sach.csv")
    mai.client.post(f"/imports/{uid}/choices", data={"sheet": "sach", "codec": "latin-1"})
    assert session.scalar(select(Load.choices))["codec"] == "latin-1"
    mai.client.post(f"/imports/{uid}/choices", data={"sheet": "sach", "codec": ""})
    assert "Dế Mèn phiêu lưu ký" in mai.page(uid)


def test_how_a_file_was_opened_is_remembered_by_its_name(mai: Person, session: Any) -> None:
    uid = mai.brought(old("vni"), name="kho-1.csv")
    mai.client.post(f"/imports/{uid}/choices", data={"sheet": "kho-1", "codec": "latin-1"})

    again, other = mai.brought(old("vni"), name="kho-2.csv"), mai.brought(old("vni"), name="trường.csv")

    session.rollback()
    codecs = {load.uid: load.choices["codec"] for load in session.scalars(select(Load))}
    assert (codecs[again], codecs[other]) == ("latin-1", "")
    assert '<option value="latin-1" selected>' in mai.page(again)
    mai.write(again)
    assert titles(session) == WANTED


def test_that_books_were_here_before_is_remembered_with_their_source(mai: Person, session: Any) -> None:
    uid = mai.brought(text().encode(), name="kho cũ 1.csv")
    home = mai.page(uid).split('name="q-home"')[1].split('value="')[1].split('"')[0]
    given = {"q-series": "TN", "q-home": home, "q-source": "Có từ trước", "q-received_on": "31/12/2020",
             "q-retrospective": "yes", "q-bare": "none"}  # fmt: skip
    assert mai.client.post(f"/imports/{uid}/choices", data=given).status_code == 303
    mai.write(uid)

    more = mai.brought(
        text(books=[("Quê nội", "Võ Quảng", "Kim Đồng", "1999", "TN.00077")]).encode(), name="kho cũ 2.csv"
    )
    fresh = mai.brought(text(books=[("Sách mới", "X", "Kim Đồng", "2026", "TN.00078")]).encode(), name="sách mới.csv")

    assert '<option value="yes" selected>' in mai.page(more) and "Đọc như đã chọn cho “kho cũ 1.csv”" in mai.page(more)
    assert '<option value="yes" selected>' not in mai.page(fresh)
    mai.write(more)
    assert set(session.scalars(select(Receipt.retrospective))) == {True}


def test_a_line_of_another_character_set_is_refused_alone(mai: Person, session: Any) -> None:
    odd = "\r\n" + ";".join(("Sách lạ", "X", "Y", "2000", "TK.00009"))
    content = text().encode() + spell(odd, "vni").encode("cp1252")

    uid = mai.loaded(content, name="sach.csv")

    assert titles(session) == WANTED
    assert verdicts(session, uid) == {Verdict.NEW: 4, Verdict.REFUSED: 1}
    assert "chữ không theo bảng mã của cả tệp" in mai.page(uid, "?verdict=refused")


# Other programs

SLIMS = (
    '"Lão Hạc","Text","Tái bản","9786041000001","Văn học","2017","120 tr.","","895 L108H","Tiếng Việt","Hà Nội","895","",'
    '"","","<Nam Cao><Kim Lân>","<Truyện ngắn>","<TK.00001><TK.00002>"'
)
SLIMS_HEAD = (
    "title,gmd_name,edition,isbn_issn,publisher_name,publish_year,collation,series_title,call_number,language_name,"
    "place_name,classification,notes,image,sor,authors,topics,item_code"
)
OPENBIBLIO = "bibid,copyid,barcode_nmbr,title,title_remainder,author,call_nmbr1,call_nmbr2,topic1,topic2,collection_cd"
KOHA = "biblionumber,barcode,itemcallnumber,dateaccessioned,price,title,author,publishercode,publicationyear,isbn"


@pytest.mark.parametrize(
    ("content", "program"),
    [
        (f"{SLIMS_HEAD}\n{SLIMS}\n", "slims"),
        (f"{SLIMS}\n{SLIMS.replace('TK.0000', 'TK.0001').replace('Lão', 'Chị')}\n", "slims"),
        (f"{OPENBIBLIO}\n7,1,TK.00001,Lão Hạc,,Nam Cao,895,L108H,Truyện,Việt Nam,TK\n7,2,TK.00002,Lão Hạc,,Nam Cao,895,,,,TK\n",
         "openbiblio"),
        ((f"{KOHA}\n5,TK.00001,895 L108H,2019-05-01,35000,Lão Hạc,Nam Cao,Văn học,2017,\n"
         "5,TK.00002,895 L108H,2019-05-01,35000,Lão Hạc,Nam Cao,Văn học,2017,\n"), "koha"),
    ],
    ids=["slims", "slims-without-header", "openbiblio", "koha"],
)  # fmt: skip
def test_the_list_of_another_program_is_known(mai: Person, session: Any, content: str, program: str) -> None:
    uid = mai.brought(content.encode(), name="xuat.csv")
    assert f'<option value="{program}" selected>' in mai.page(uid)

    mai.write(uid)

    assert {label: title for label, title in titles(session).items() if title == "Lão Hạc"} == {
        "TK.00001": "Lão Hạc", "TK.00002": "Lão Hạc"
    }  # fmt: skip
    record = session.scalars(select(Record).where(Record.title == "Lão Hạc")).one()
    assert record.author.startswith("Nam Cao")


def test_a_barcode_that_is_no_accession_number_is_known_at_the_desk(mai: Person, session: Any) -> None:
    content = (f"{KOHA}\n5,39999000001234,895,2019-05-01,35000,Lão Hạc,Nam Cao,Văn học,2017,\n"
               "5,TK.00002,895,2019-05-01,35000,Lão Hạc,Nam Cao,Văn học,2017,\n").encode()  # fmt: skip
    uid = mai.loaded(content, name="xuat.csv")
    assert known(session, "39999000001234") == ["TN.00001"]
    assert verdicts(session, mai.brought(content, name="xuat.csv")) == {Verdict.UNCHANGED: 2}

    mai.take_back(uid)
    assert known(session, "39999000001234") == []
    mai.loaded(content, name="xuat.csv")
    assert known(session, "39999000001234") == ["TN.00002"]


def test_a_barcode_beside_a_number_comes_back_with_its_number(mai: Person, session: Any) -> None:
    content = "Nhan đề;Số ĐKCB;Mã vạch\nLão Hạc;TK.00001, TK.00002;LIB-1-001, LIB1-002\n"
    uid = mai.loaded(content.encode(), name="so.csv")
    assert (known(session, "lib-1-001"), known(session, "LIB1002")) == (["TK.00001"], ["TK.00002"])

    mai.take_back(uid)
    assert known(session, "LIB-1-001") == []
    mai.loaded(content.encode(), name="so.csv")
    assert known(session, "LIB-1-001") == ["TK.00001"]


def known(session: Any, code: str) -> list[str]:
    """Accession numbers of the copies with this code on them."""
    session.rollback()
    query = select(Item.accession).join(ItemCode, ItemCode.item_id == Item.id).join(Code, Code.id == ItemCode.code_id)
    return list(session.scalars(query.where(Code.folded == fold_code(code), Code.valid_to.is_(None))))


def test_a_program_can_be_chosen_and_left_again(mai: Person) -> None:
    uid = mai.brought(f"{KOHA}\n5,TK.00001,895,2019-05-01,35000,Lão Hạc,Nam Cao,Văn học,2017,\n".encode(), name="x.csv")

    mai.client.post(f"/imports/{uid}/choices", data={"sheet": "x", "program": ""})
    assert '<option value="" selected>Bảng do người lập</option>' in mai.page(uid)
    mai.client.post(f"/imports/{uid}/choices", data={"sheet": "x", "program": "koha"})
    assert '<option value="koha" selected>' in mai.page(uid)
