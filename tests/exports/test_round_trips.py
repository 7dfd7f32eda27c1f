"""What leaves comes in again as it was."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from library.catalogue import links, marc_making, writing
from library.catalogue.marc_fields import read_book
from library.catalogue.models import Record, Role
from library.catalogue.writing import NewRecord
from library.core.db import db
from library.exports import as_marc
from library.staging.marc import Field, MarcEntry, read
from library.staging.marc import writing as marc_writing
from library.staging.models import LoadRow
from library.staging.verdicts import Verdict
from tests.exports.conftest import Person, add, catalogue
from tests.support.world import World


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_book_list_brought_to_an_empty_library_gives_the_same_catalogue(ha: Person, far: Person, form: str) -> None:
    far.bring(ha.taken("books", form), f"sach.{form}")
    before, after = catalogue(ha.library.id), catalogue(far.library.id)
    assert len(before) == 159
    assert after == before


@pytest.mark.parametrize("form", ["mrc", "xml"])
def test_marc_reads_back_as_the_same_titles_and_copies(ha: Person, form: str) -> None:
    entries = [one for one in read(ha.taken("books", form)) if isinstance(one, MarcEntry)]
    db.session.rollback()
    records = db.session.scalars(select(Record).order_by(Record.id)).all()
    assert len(entries) == len(records) == 6
    for entry, record in zip(entries, records, strict=True):
        book = read_book(entry).line
        assert book
        was = writing.as_new(record)
        assert told(book.new) == told(was)
        labels = [one.label for one in book.copies]
        assert labels == [item["accession"] for item in copies_of(ha, record)]


def told(new: writing.NewRecord) -> dict[str, Any]:
    """Without its source and what was done by hand."""
    new = replace(new, marc=None, edited=())
    return {**{name: getattr(new, name) for name in new.__dataclass_fields__}, "numbers": set(new.numbers)}


WHOLE = NewRecord(
    "Đi học.", (("Minh Chính", Role.LYRICIST), ("Bùi Đình Thảo", Role.COMPOSER)), part_number="Tập 2",
    part_title="Hương rừng: thơm đồi vắng /", series="Tủ sách măng non", series_number="T.3", language="vie",
    original_languages="fre rus", subjects=("Âm nhạc",), keywords=("đi học", "rừng, suối."),
    note="ĐTTS ghi: Bộ Giáo dục.\nThư mục: tr. 120", summary="Em đến trường.", url="https://thuvien.edu.vn/di-hoc?a=1&b=2",
    price=9_000,
)  # fmt: skip


@pytest.mark.parametrize("form", ["mrc", "xml"])
def test_marc_brought_to_an_empty_library_gives_the_same_catalogue(
    ha: Person, far: Person, world: World, form: str
) -> None:
    add(world, WHOLE, 2)
    world.session.commit()
    far.bring(ha.taken("books", form), f"sach.{form}")
    before, after = catalogue(ha.library.id), catalogue(far.library.id)
    assert len(before) == 161
    assert after == before


def test_what_we_wrote_comes_back_and_changes_nothing(ha: Person, world: World) -> None:
    add(world, WHOLE, 2)
    add(world, replace(WHOLE, title="Chưa có bản nào"), 0)
    world.session.commit()
    before = catalogue(ha.library.id)
    ha.show(ha.taken("books", "mrc"), "sach.mrc")
    assert catalogue(ha.library.id) == before
    db.session.rollback()
    assert set(db.session.scalars(select(LoadRow.verdict))) == {Verdict.UNCHANGED}
    assert db.session.scalars(select(Record.marc)).all() == [None] * 8


def test_what_was_mended_elsewhere_in_what_we_wrote_is_followed(ha: Person, world: World) -> None:
    add(world, WHOLE, 0)
    world.session.commit()
    (one,) = [one for one in read(ha.taken("titles", "mrc")) if isinstance(one, MarcEntry) and "Đi học" in str(one)]
    mended = replace(one, fields=tuple(_mended(each) for each in one.fields))
    ha.bring(marc_writing.iso2709(mended), "sua.mrc")
    db.session.rollback()
    record = db.session.scalars(select(Record).where(Record.title == "Đi học.")).one()
    assert (record.note, record.part_title) == ("Đã sửa", WHOLE.part_title)


def _mended(one: Field) -> Field:
    return replace(one, subfields=(("a", "Đã sửa"),)) if one.tag == "500" else one


def test_words_that_are_subjects_already_do_not_come_again_as_keywords(ha: Person, world: World) -> None:
    """Titles of a time when 653 was among the subjects stay as they are, however often their source comes."""
    entry = MarcEntry(
        "00000nam a2200000   4500",
        (Field("001", "vn1"), Field("245", "", "10", (("a", "Dế"),)), Field("653", "", "  ", (("a", "Côn trùng"),))),
    )
    data = marc_writing.iso2709(entry)
    network = world.school().network_id
    assert network
    writing.create(world.session(), network, NewRecord("Dế", subjects=("Côn trùng",), marc=data))
    world.session.commit()
    ha.show(data, "cu.mrc")
    db.session.rollback()
    record = db.session.scalars(select(Record).where(Record.title == "Dế")).one()
    assert (record.subjects, record.keywords) == ("Côn trùng", None)
    assert set(db.session.scalars(select(LoadRow.verdict))) == {Verdict.UNCHANGED}


def copies_of(ha: Person, record: Record) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in ha.taken("books", "jsonl").decode().splitlines()]
    (mine,) = [line for line in lines if line["uid"] == str(record.uid)]
    copies: list[dict[str, Any]] = mine["copies"]
    return copies


def test_the_same_entries_in_both_clothes_of_marc(ha: Person) -> None:
    def entries(form: str) -> list[tuple[Field, ...]]:
        return [one.fields for one in read(ha.taken("books", form)) if isinstance(one, MarcEntry)]

    assert entries("mrc") == entries("xml")


def test_edited_fields_win_and_every_other_field_of_the_source_stays(ha: Person, world: World) -> None:
    entry = MarcEntry(
        "00000nam a2200000 i 4500",
        (Field("001", "vtls000123"), Field("020", "", "  ", (("a", "9786042123457"), ("q", "bìa mềm"))),
         Field("100", "", "1 ", (("a", "Tô Hoài"), ("d", "1920-2014"))),
         Field("245", "", "10", (("a", "Dế mèn"), ("h", "[văn bản]"))), Field("590", "", "  ", (("a", "Của tỉnh"),))),
    )  # fmt: skip
    book = read_book(entry).line
    assert book
    network = world.school().network_id
    assert network
    new = replace(book.new, marc=marc_writing.iso2709(entry))
    record = writing.create(world.session(), network, new)
    writing.change(world.session(), record, replace(writing.as_new(record), title="Dế Mèn phiêu lưu ký"))
    world.session.commit()
    data = ha.taken("titles", "mrc")
    (left,) = [one for one in read(data) if isinstance(one, MarcEntry) and one.first("590")]
    assert left.first("245").first("a") == "Dế Mèn phiêu lưu ký"  # type: ignore[union-attr]
    kept = {one.tag: one for one in left.fields}
    assert {tag: kept[tag] for tag in ("001", "020", "100", "590")} == {
        one.tag: one for one in entry.fields if one.tag != "245"
    }


def test_a_source_that_cannot_be_read_is_no_reason_to_lose_the_title() -> None:
    assert as_marc._source(b"not marc at all") is None
    assert as_marc._source(None) is None


def test_text_that_looks_like_a_formula_stays_text(ha: Person) -> None:
    book = load_workbook(io.BytesIO(ha.taken()))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert [cell.value for cell in cells] == ["=1+1 bài toán vui"]
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}
    data = ha.taken("books", "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    titles = [row[0] for row in csv.reader(io.StringIO(data.decode("utf-8-sig")))]
    assert "'=1+1 bài toán vui" in titles
    assert not [
        row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row if cell[:1] in "=+-@" and cell
    ]


def test_a_workbook_opens_with_days_and_figures_as_such(ha: Person) -> None:
    sheet = load_workbook(io.BytesIO(ha.taken())).worksheets[0]
    head = [cell.value for cell in sheet[1]]
    first = dict(zip(head, [cell.value for cell in sheet[2]], strict=True))
    assert (first["Năm xuất bản"], first["Giá tiền"], first["Số lượng"]) == (2019, 45_000, 3)
    assert f"{first['Ngày vào sổ']:%d/%m/%Y}" == "05/09/2019"
    assert first["Số ĐKCB"] == "TK.00001-TK.00003"


LINKED = MarcEntry(
    "00000nam a2200000 a 4500",
    (
        Field("001", "lk1"),
        Field("008", "240101s2024    vm            000 0 vie d"),
        Field("245", "", "00", (("a", "Truyện kể nghe trên mạng"),)),
        Field("856", "", "40", (("u", "https://thuvien.edu.vn/khac"), ("y", "Bìa sách"))),
        Field(
            "856", "", "41", (("u", "https://thuvien.edu.vn/nghe"), ("y", "Nghe cô Hoa đọc"), ("z", "Cần tai nghe."))
        ),
    ),
)


def test_the_words_of_a_link_are_shown_and_leave_as_they_came(world: World) -> None:
    source = marc_writing.iso2709(LINKED)
    read_in = read_book(LINKED).line
    assert read_in
    url = read_in.new.url
    said = {
        "https://thuvien.edu.vn/khac": ("Bìa sách", ""),
        "https://thuvien.edu.vn/nghe": ("Nghe cô Hoa đọc", "Cần tai nghe."),
    }
    assert links.words(source, url) == said[url]
    record = add(world, replace(read_in.new, marc=source), 0)
    out = marc_making.merge(LINKED, writing.as_new(record))
    assert [one for one in out.fields if one.tag == "856"] == [one for one in LINKED.fields if one.tag == "856"]
    assert links.words(source, "https://thuvien.edu.vn/sua-tay") == ("", ""), "another address: said of it no more"
