"""Files of MARC go the road of the lists: seen before they are written, accounted for record by record, taken back."""

import json
import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

from openpyxl import load_workbook
from sqlalchemy import func, select, update

from library.catalogue import edits, writing
from library.catalogue.models import LocalRecord, Record, RecordNumber
from library.core import clock
from library.holdings import entry_rows, figures, ledger
from library.holdings.models import Item, Receipt
from library.loans import facts
from library.loans.facts import Desk
from library.organisations import codes
from library.organisations.models import Code, CodeKind, Organisation
from library.staging.marc import Field, MarcEntry, read
from library.staging.marc import writing as marc_writing
from library.staging.verdicts import Verdict
from tests.importing.conftest import Person, everything, verdicts

NAMES = ("Dế Mèn phiêu lưu ký", "Đất rừng phương Nam", "Quê nội", "Góc sân và khoảng trời", "Kính vạn hoa. Tập 2")


def entry(at: int, *copies: str, title: str = "", **more: str) -> MarcEntry:
    """A national record; `copies` are 'TN.00001' or 'TN.00001|2019-09-05|Kho đọc'."""
    fields = [
        Field("001", more.get("code", f"vn{at:05}")),
        Field("008", "240101s2020    vm     j      000 0 vie d"),
        Field("020", "", "  ", (("a", more.get("isbn", f"978604{at:07}")), ("c", "35000đ"))),
        Field("100", "", "0 ", (("a", more.get("author", "Tô Hoài")),)),
        Field("245", "", "10", (("a", f"{title or NAMES[at % len(NAMES)]} /"), ("c", "lời: Tô Hoài"))),
        Field("260", "", "  ", (("a", "H. :"), ("b", more.get("publisher", "Kim Đồng,")), ("c", "2019"))),
        Field("300", "", "  ", (("a", "163tr. :"), ("b", "tranh màu ;"), ("c", "21cm"))),
        Field("880", "", "10", (("6", "245-01/$1"), ("a", "蟋蟀漂流記"))),
    ]
    for copy in copies:
        label, day, shelf = (*copy.split("|"), "", "")[:3]
        pairs = (("p", label), ("d", day), ("c", shelf), ("g", "35000"))
        fields.append(Field("952", "", "  ", tuple(pair for pair in pairs if pair[1])))
    return MarcEntry("00000nam a2200000   4500", tuple(fields))


def mrc(*entries: MarcEntry) -> bytes:
    return b"".join(map(marc_writing.iso2709, entries))


def source(record: Record) -> Any:
    """The fields of the entry a title came as."""
    return next(read(record.marc)).fields


def said(session: Any, query: Any) -> list[Any]:
    session.rollback()
    return list(session.scalars(query))


def test_a_file_is_shown_with_its_profile_and_first_records(mai: Person, session: Any) -> None:
    uid = mai.brought(mrc(entry(0, "TN.00001", "TN.00002"), entry(1)), name="tinh.mrc")

    page = mai.page(uid)

    assert "Ghi vào sổ 2 dòng của “tinh.mrc”?" in page and "ISO 2709" in page
    assert "2 nhan đề mới" in page and "2 bản sách vào sổ" in page
    preview = page.split('class="first-entry"')[1].split("</dl>")[0]
    assert re.findall("<dd>(.*?)</dd>", preview) == [
        "Dế Mèn phiêu lưu ký", "Tô Hoài", "Kim Đồng", "2019", "TN.00001, TN.00002", "2"
    ]  # fmt: skip
    assert '<option value="marc21" selected>MARC21</option>' in page and "WinISIS" in page
    assert "biểu ghi 1" in page
    assert not said(session, select(Record.id))


def test_titles_come_whole_with_their_copies_and_their_source(mai: Person, session: Any) -> None:
    sources = [entry(0, "TN.00001|2019-09-05|Kho đọc", "TN.00002|2020-01-10"), entry(1), entry(4, "TK.00009")]
    mai.loaded(mrc(*sources), name="tinh.mrc")

    records = {one.title: one for one in session.scalars(select(Record))}
    assert set(records) == {"Dế Mèn phiêu lưu ký", "Đất rừng phương Nam", "Kính vạn hoa"}
    first = records["Dế Mèn phiêu lưu ký"]
    assert (first.responsibility, first.illustration, first.place) == ("lời: Tô Hoài", "tranh màu", "H.")
    assert records["Kính vạn hoa"].part_number == "Tập 2"
    assert [source(one) for one in (first, records["Đất rừng phương Nam"])] == [one.fields for one in sources[:2]]
    copies = session.execute(select(Item.accession, Item.accessioned_on, Item.price, Item.note).order_by(Item.id)).all()
    assert copies == [
        ("TN.00001", date(2019, 9, 5), 35_000, "Kho đọc"), ("TN.00002", date(2020, 1, 10), 35_000, None),
        ("TK.00009", copies[2][1], 35_000, None),
    ]  # fmt: skip
    assert ledger.astray(session()) == []


def test_the_same_file_again_changes_nothing(mai: Person, session: Any) -> None:
    content = mrc(entry(0, "TN.00001"), entry(1), entry(2, "", ""))
    mai.loaded(content, name="tinh.mrc")
    before = everything(session)

    again = mai.brought(content, name="tinh.mrc")

    assert verdicts(session, again) == {Verdict.UNCHANGED: 3}
    assert "Số TN.00001 đã có trong sổ." in mai.page(again)
    assert everything(session) == before


def test_what_changed_in_the_source_follows_it_but_for_what_was_done_by_hand(mai: Person, session: Any) -> None:
    mai.loaded(mrc(entry(0, "TN.00001"), entry(1)), name="tinh.mrc")
    record = session.scalar(select(Record).where(Record.title == NAMES[0]))
    now = writing.as_new(record)
    writing.change(session(), record, edits.by_hand(now, replace(now, publisher="Văn học")))
    session.commit()
    mended = [entry(0, "TN.00001", publisher="Trẻ,", author="Tô Hoài Nam"), entry(1)]

    uid = mai.brought(mrc(*mended), name="tinh.mrc")

    assert verdicts(session, uid) == {Verdict.CHANGED: 1, Verdict.UNCHANGED: 1}
    page = mai.page(uid, "?verdict=changed")
    assert "Đổi tác giả theo tệp." in page and "Giữ nguyên mục đã sửa tay." in page
    assert "1 nhan đề được bổ sung" in page
    mai.write(uid)
    session.expire_all()
    record = session.scalar(select(Record).where(Record.title == NAMES[0]))
    assert (record.publisher, record.author) == ("Văn học", "Tô Hoài Nam")
    assert source(record) == mended[0].fields
    assert said(session, select(Item.accession)) == ["TN.00001"]

    mai.take_back(uid)
    session.expire_all()
    record = session.scalar(select(Record).where(Record.title == NAMES[0]))
    assert (record.publisher, record.author) == ("Văn học", "Tô Hoài")
    assert said(session, select(Item.accession)) == ["TN.00001"]


def test_another_record_of_a_title_only_fills_what_nobody_said(mai: Person, session: Any) -> None:
    lines = [f"{NAMES[0]};Tô Hoài;Kim Đồng;2019;TN.00001"]
    mai.loaded("\n".join(["Nhan đề;Tác giả;Nhà xuất bản;Năm xuất bản;Số ĐKCB", *lines]).encode(), name="so.csv")

    uid = mai.loaded(mrc(entry(0, author="Tô Hoài")), name="tinh.mrc")

    assert verdicts(session, uid) == {Verdict.CHANGED: 1}
    session.expire_all()
    record = session.scalars(select(Record)).one()
    assert (record.publisher, record.extent, record.dimensions) == ("Kim Đồng", "163tr.", "21cm")
    assert record.marc
    assert set(said(session, select(RecordNumber.number))) == {"9786040000000"}


def test_an_isbn_alone_never_merges(mai: Person, session: Any) -> None:
    same = [entry(0, "TN.00001", isbn="9786042123457"), entry(1, "TN.00002", isbn="9786042123457")]
    mai.loaded(mrc(*same), name="tinh.mrc")
    uid = mai.brought(mrc(entry(2, "TN.00003", isbn="9786042123457")), name="khac.mrc")

    assert len(said(session, select(Record.id))) == 2
    assert verdicts(session, uid) == {Verdict.NEW: 1}


def test_volumes_of_one_work_stay_apart(mai: Person, session: Any) -> None:
    tomes = [entry(0, title=f"Kính vạn hoa. Tập {at}", code=f"k{at}", isbn="") for at in (1, 2, 2)]
    uid = mai.loaded(mrc(*tomes), name="tinh.mrc")

    assert verdicts(session, uid) == {Verdict.NEW: 2, Verdict.DUPLICATE: 1}
    assert sorted(said(session, select(Record.part_number))) == ["Tập 1", "Tập 2"]


def test_a_number_of_another_book_or_twice_in_the_file_keeps_the_whole_record_out(mai: Person, session: Any) -> None:
    mai.loaded(mrc(entry(0, "TN.00001")), name="tinh.mrc")
    more = [entry(1, "TN.00001", "TN.00005"), entry(2, "TN.00006"), entry(3, "TN.00006|2020-01-01", "TN.00007")]

    uid = mai.loaded(mrc(*more), name="khac.mrc")

    assert verdicts(session, uid) == {Verdict.REFUSED: 1, Verdict.NEW: 1, Verdict.DUPLICATE: 1}
    assert sorted(said(session, select(Item.accession))) == ["TN.00001", "TN.00006"]
    assert len(said(session, select(Record.id))) == 2


def at_the_desk(session: Any, text: str) -> list[str]:
    """Accession numbers of the copies that answer to a scan."""
    session.rollback()
    item = session.scalars(select(Item)).first()
    network = session.get(Organisation, item.library_id).network_id
    found = facts.resolve(session(), text, Desk(item.library_id, network, item.branch_id), clock.now())
    return [session.get(Item, one.id).accession for one in found]


def test_a_code_that_is_no_number_is_known_at_the_desk_until_the_list_is_taken_back(mai: Person, session: Any) -> None:
    content = mrc(entry(0, "39999000001234X", "TN.00004"))
    uid = mai.loaded(content, name="tinh.mrc")

    copies = session.execute(select(Item.accession, Item.note).order_by(Item.accession)).all()
    assert copies == [("TN.00004", None), ("TN.00005", None)]
    assert "quét mã ấy vẫn ra bản này" in mai.page(uid)
    assert at_the_desk(session, "39999000001234x") == ["TN.00005"]
    assert verdicts(session, mai.brought(content, name="tinh.mrc")) == {Verdict.UNCHANGED: 1}

    mai.take_back(uid)
    assert at_the_desk(session, "39999000001234X") == []
    assert session.scalar(select(func.count()).select_from(Code).where(Code.valid_to.is_(None))) == 2

    mai.loaded(content, name="tinh.mrc")
    assert at_the_desk(session, "39999000001234X") == ["TN.00006"]


def test_codes_that_cannot_stand_for_one_copy_are_told_in_its_note(mai: Person, session: Any) -> None:
    mai.loaded(mrc(entry(0, "39999000001234")), name="mot.mrc")
    mai.loaded(mrc(entry(1, "3999-9000-001234"), entry(2, "8935244800012")), name="hai.mrc")

    notes = session.execute(select(Item.accession, Item.note).order_by(Item.id)).all()
    assert notes == [
        ("TN.00001", None), ("TN.00002", "Mã trong tệp: 3999-9000-001234"), ("TN.00003", "Mã trong tệp: 8935244800012")
    ]  # fmt: skip
    assert at_the_desk(session, "39999000001234") == ["TN.00001"]


def test_a_code_stood_in_the_note_once_and_its_entry_is_known_again(mai: Person, session: Any) -> None:
    """As release 0.1 wrote it: no code, a note."""
    content = mrc(entry(0, "39999000001234X"))
    now, before = entry_rows.print_of, {"label": "", "note": "Mã trong tệp: 39999000001234X"}
    told = {"full": {"title": NAMES[0]}, "code": "vn00000", "copies": [{"code": "39999000001234X"}]}
    assert now(told) == now({**told, "copies": [{name: said for name, said in before.items() if said}]})
    mai.loaded(content, name="tinh.mrc")
    assert verdicts(session, mai.brought(content, name="tinh.mrc")) == {Verdict.UNCHANGED: 1}


def test_our_own_codes_come_in_and_are_never_given_again(mai: Person, session: Any) -> None:
    """A school that lost its database brings back what it had taken away."""
    school = session.scalar(select(Organisation).where(Organisation.name.contains("Xuất Hóa")))
    old = codes.payload(CodeKind.ITEM, school.number, 3)
    far = codes.payload(CodeKind.ITEM, school.number, 999_999)
    mai.loaded(mrc(entry(0, old, far)), name="cu.mrc")

    assert at_the_desk(session, old) == ["TN.00001"] and at_the_desk(session, far) == []
    assert said(session, select(Item.note).order_by(Item.id)) == [None, f"Mã trong tệp: {far}"]
    mai.loaded(mrc(entry(1, "TN.00009", "TN.00010")), name="moi.mrc")
    assert len(set(said(session, select(Code.folded)))) == 5


def test_titles_without_copies_go_with_their_list_and_stay_when_they_live(mai: Person, session: Any) -> None:
    uid = mai.loaded(mrc(entry(0), entry(1), entry(2, "TN.00001")), name="tinh.mrc")
    assert said(session, select(func.count(Receipt.id))) == [1]
    lines = (
        "Nhan đề;Tác giả;Nhà xuất bản;Năm xuất bản;Số ĐKCB;ISBN\n"
        f"{NAMES[1]};Tô Hoài;Kim Đồng;2019;TN.00009;9786040000001"
    )
    mai.loaded(lines.encode(), name="so.csv")

    mai.take_back(uid)

    assert sorted(said(session, select(Record.title))) == sorted(NAMES[1:3])
    assert "Giữ lại nhan đề" in mai.page(uid)
    assert not said(session, select(LocalRecord.id))


def test_each_record_may_stand_for_a_copy_where_somebody_says_so(mai: Person, session: Any) -> None:
    uid = mai.brought(mrc(entry(0), entry(1)), name="tinh.mrc")
    home = session.scalar(select(func.min(Item.home_id))) or _home(mai, uid)
    given = {"q-series": "TN", "q-home": home, "q-source": "Tỉnh cấp", "q-received_on": "05/09/2026", "q-bare": "one"}

    assert mai.client.post(f"/imports/{uid}/choices", data=given).status_code == 303
    mai.write(uid)

    assert said(session, select(Item.accession).order_by(Item.id)) == ["TN.00001", "TN.00002"]


def _home(mai: Person, uid: UUID) -> str:
    return mai.page(uid).split('name="q-home"')[1].split('value="')[1].split('"')[0]


def test_books_that_were_here_before_keep_their_day_and_count_for_no_year(mai: Person, session: Any) -> None:
    content = mrc(entry(0, "TN.00001|2015-09-05"), entry(1, "TN.00002"))
    uid = mai.brought(content, name="tinh.mrc")
    given = {"q-series": "TN", "q-home": _home(mai, uid), "q-source": "Có từ trước", "q-received_on": "31/12/2024",
             "q-retrospective": "yes", "q-bare": "none"}  # fmt: skip
    assert mai.client.post(f"/imports/{uid}/choices", data=given).status_code == 303
    assert '<option value="yes" selected>' in mai.page(uid)
    mai.write(uid)
    mai.loaded(mrc(entry(2, "TN.00003|2015-10-01")), name="moi.mrc")

    days = dict(session.execute(select(Item.accession, Item.accessioned_on)).all())
    assert days == {"TN.00001": date(2015, 9, 5), "TN.00002": date(2024, 12, 31), "TN.00003": date(2015, 10, 1)}
    library = session.scalar(select(Item.library_id))
    assert figures.accessions(session(), library, date(2015, 1, 1), date(2015, 12, 31)) == 1
    assert figures.accessions(session(), library, date(2024, 1, 1), date(2026, 12, 31)) == 0
    assert figures.stock(session(), library, date(2015, 12, 31)) == 2
    assert said(session, select(Receipt.retrospective).order_by(Receipt.id)) == [True, True, False]


# Other clothes


def test_a_broken_record_is_refused_by_its_place_and_the_others_are_kept(mai: Person, session: Any) -> None:
    one, two = mrc(entry(0)), mrc(entry(1))
    broken = one[:24] + b"001999999999" + one[24:]

    uid = mai.loaded(one + broken + two, name="tinh.mrc")

    assert verdicts(session, uid) == {Verdict.NEW: 2, Verdict.REFUSED: 1}
    page = mai.page(uid, "?verdict=refused")
    assert f"Biểu ghi thứ 2, từ byte {len(one)} của tệp." in page and "Thư mục trỏ ra ngoài" in page
    with mai.client.get(f"/imports/{uid}/reasons.xlsx") as answer:
        sheet = load_workbook(BytesIO(answer.data)).active
    told = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert told[1][-1] == 2 and f"từ byte {len(one)}" in told[1][-2]


def test_marcxml_is_kept_as_iso_2709_and_known_again_as_such(mai: Person, session: Any) -> None:
    one = entry(0, "TN.00001")
    mai.loaded("".join(marc_writing.marcxml([one])).encode(), name="tinh.xml")

    record = session.scalars(select(Record)).one()
    assert record.marc.startswith(b"0") and source(record) == one.fields
    assert verdicts(session, mai.brought(mrc(one), name="tinh.mrc")) == {Verdict.UNCHANGED: 1}


def test_json_and_text_of_marcedit_come_in_too(mai: Person, session: Any) -> None:
    told = {"leader": "00000nam a2200000   4500", "fields": [
        {"001": "j1"}, {"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "Lão Hạc"}]}}]}  # fmt: skip
    mai.loaded(json.dumps(told).encode(), name="a.json")
    mai.loaded("=LDR  00000nam a2200000   4500\n=001  m1\n=245  10$aChí Phèo /$cNam Cao\n".encode(), name="a.mrk")

    assert set(said(session, select(Record.title))) == {"Lão Hạc", "Chí Phèo"}
    assert all(said(session, select(Record.marc)))


def _isis(*fields: tuple[str, str], encoding: str = "utf-8") -> bytes:
    """One entry of a WinISIS export: tags of its own, ^a, no indicators, lines of eighty."""
    directory = area = b""
    for tag, text in fields:
        data = text.encode(encoding) + b"\x1e"
        directory += tag.encode() + b"%04d%05d" % (len(data), len(area))
        area += data
    base = 24 + len(directory) + 1
    body = b"%05d     00%05d   4500" % (base + len(area) + 1, base)
    whole = body + directory + b"\x1e" + area + b"\x1d"
    return b"\r\n".join(whole[at : at + 80] for at in range(0, len(whole), 80)) + b"\r\n"


TCVN3 = (
    ("245", "^aThö vieän tröôøng hoïc^cNguyeãn Vaên An"), ("260", "^aH.^bGiaùo duïc^c2005"),
    ("300", "^a120 tr."), ("952", "^pTK.00001"),
)  # fmt: skip


def test_a_winisis_export_in_an_old_font_is_read_and_its_bytes_are_kept(mai: Person, session: Any) -> None:
    pieces = [
        _isis(*TCVN3[:-1], ("952", f"^pTK.{at:05}"), ("100", f"^aTaùc giaû thöù {at}"), encoding="cp1252")
        for at in range(1, 4)
    ]

    uid = mai.brought(b"".join(pieces), name="thuvien.iso")
    page = mai.page(uid)
    assert "CDS/ISIS (WinISIS)" in page and '<option value="isis-marc" selected>' in page
    mai.write(uid)

    assert set(said(session, select(Record.title))) == {"Thư viện trường học"}
    assert sorted(said(session, select(Item.accession))) == ["TK.00001", "TK.00002", "TK.00003"]
    marc = said(session, select(Record.marc))
    assert all(one.rstrip(b"\r\n") in [piece.rstrip(b"\r\n") for piece in pieces] for one in marc)


def test_a_profile_and_a_charset_can_be_chosen_and_are_remembered(mai: Person, session: Any) -> None:
    fields = (Field("001", "u1"), Field("200", "", "1 ", (("a", "Lão Hạc"), ("f", "Nam Cao"))),
              Field("245", "", "10", (("a", "Nhầm chỗ"),)), Field("260", "", "  ", (("b", "Sai"), ("c", "1999"))))  # fmt: skip
    content = mrc(MarcEntry("00000nam a2200000   4500", fields))
    uid = mai.brought(content, name="phap.mrc")
    assert "Nhầm chỗ" in mai.page(uid)

    assert (
        mai.client.post(f"/imports/{uid}/choices", data={"profile": "unimarc", "charset": "utf-8"}).status_code == 303
    )
    assert "Lão Hạc" in mai.page(uid)
    again = mai.brought(content, name="phap-2.mrc")

    page = mai.page(again)
    assert "Lão Hạc" in page and "Đọc như đã chọn cho “phap.mrc”" in page
    assert '<option value="utf-8" selected>' in page


def test_a_long_file_is_read_by_the_job_and_a_kill_doubles_nothing(mai: Person, session: Any) -> None:
    uid = mai.brought(mrc(*(entry(at, f"TN.{at + 1:05}", title=f"Truyện số {at}") for at in range(700))), name="a.mrc")
    mai.write(uid)

    assert verdicts(session, uid) == {Verdict.NEW: 700}
    assert said(session, select(func.count(Item.id))) == [700]
    assert said(session, select(func.count(Record.id)).where(Record.marc.is_not(None))) == [700]


def test_a_class_list_may_not_be_marc(mai: Person, session: Any) -> None:
    answer = mai.bring(mrc(entry(0)), kind="patrons", name="lop.mrc")

    assert answer.status_code == 422 and "biểu ghi MARC của sách" in answer.text


def test_somebody_who_changed_a_title_since_keeps_it(mai: Person, session: Any) -> None:
    mai.loaded(mrc(entry(0, "TN.00001")), name="tinh.mrc")
    uid = mai.loaded(mrc(entry(0, "TN.00001", publisher="Trẻ,")), name="tinh.mrc")
    session.execute(update(Record).values(publisher="Văn học"))
    session.commit()

    mai.take_back(uid)

    assert said(session, select(Record.publisher)) == ["Văn học"]
    assert "đã có người sửa sau khi nạp" in mai.page(uid)
