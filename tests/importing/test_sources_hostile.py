"""Files that lie, bombs and broken files through the real upload and job: a sentence with place and reason, the other
records kept, little memory, and a worker that goes on."""

import io
import re
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from library.catalogue.models import Record
from library.holdings.models import Item
from library.staging.marc import writing
from library.staging.models import Load, LoadState
from library.staging.sources import EntryFile, UnreadableFile, open_any
from library.staging.verdicts import Verdict
from tests.importing.conftest import Person, verdicts
from tests.importing.lists import BOOK_HEAD, book_rows, workbook
from tests.importing.test_sources_marc import entry, mrc
from tests.staging.sheets import SHEET_XML, remade, xlsx

ONE, TWO, THREE = (mrc(entry(at, f"TN.{at + 1:05}")) for at in range(3))
MB = 2**20


def _titles(session: Any) -> int:
    session.rollback()
    return session.scalar(select(func.count(Record.id)))


def _goes_on(mai: Person, session: Any) -> None:
    """The worker still works: another list comes in as ever."""
    before = _titles(session)
    mai.loaded("Nhan đề;Số ĐKCB\nSách sau cùng;TK.09999\n".encode(), name="sau.csv")
    assert _titles(session) == before + 1


def _length(text: bytes) -> bytes:
    return text + TWO[5:]


def _outside(at: int, digits: bytes) -> bytes:
    """The second entry with one line of its directory changed."""
    return TWO[:at] + digits + TWO[at + len(digits) :]


@pytest.mark.parametrize(
    ("middle", "kept"),
    [
        (_length(b"00001"), 3), (_length(b"99999"), 3), (_length(b"-0001"), 3), (_length(b"abcde"), 3),
        (_outside(24 + 3, b"9999"), 3), (_outside(24 + 7, b"99999"), 3),
        (TWO[:24] + b"001999999999" + TWO[24:], 2), (TWO[:24] + b"\x1d", 2),
        (TWO[:200] + b"\0" + TWO[200:], 3), (b"lorem ipsum " * 50 + b"\x1d", 2),
    ],
    ids=["short", "long", "negative", "letters", "field-too-long", "field-outside", "a-line-too-many", "leader-only",
         "a-nought-inside", "no-record"],
)  # fmt: skip
def test_an_entry_that_lies_keeps_the_others(mai: Person, session: Any, middle: bytes, kept: int) -> None:
    uid = mai.loaded(ONE + middle + THREE, name="tinh.mrc")

    counted = verdicts(session, uid)
    assert counted[Verdict.NEW] == _titles(session) == kept
    assert counted.get(Verdict.REFUSED, 0) == 3 - kept
    if kept < 3:
        page = mai.page(uid, "?verdict=refused")
        assert f"Biểu ghi thứ 2, từ byte {len(ONE)} của tệp." in page or "từ byte" in page
    _goes_on(mai, session)


@pytest.mark.parametrize("cut", [30, 100, len(TWO) - 60])
def test_a_download_cut_short_keeps_what_came(mai: Person, session: Any, cut: int) -> None:
    uid = mai.loaded(ONE + TWO[:cut], name="tinh.mrc")

    assert verdicts(session, uid) == {Verdict.NEW: 1, Verdict.REFUSED: 1}
    assert "chép chưa hết" in mai.page(uid, "?verdict=refused")


def test_xml_cut_short_keeps_what_came(mai: Person, session: Any) -> None:
    whole = "".join(writing.marcxml([entry(0, "TN.00001"), entry(1)])).encode()

    uid = mai.loaded(whole[: whole.rindex(b"<datafield")], name="tinh.xml")

    assert verdicts(session, uid) == {Verdict.NEW: 1, Verdict.REFUSED: 1}
    assert "Tệp XML hỏng từ dòng" in mai.page(uid, "?verdict=refused")


LAUGHS = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 10))
BOMB = (
    f'<?xml version="1.0"?><!DOCTYPE collection [<!ENTITY a0 "ha">{LAUGHS}]><collection><record><leader>&a9;</leader>'
)
EXTERNAL = '<!DOCTYPE collection [<!ENTITY x SYSTEM "file:///etc/passwd">]><collection><record><leader>&x;</leader>'
DEEP = "<collection>" * 60 + "<record/>"
LONG = f"<collection><record><leader>{'a' * 6 * MB}</leader></record></collection>"


def _zip_bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
        made.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    return stream.getvalue()


def _doctype(xml: bytes) -> bytes:
    return xml.replace(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet', 1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (BOMB.encode(), "DOCTYPE"), (BOMB.encode("utf-16"), "DOCTYPE"), (EXTERNAL.encode(), "DOCTYPE"),
        (DEEP.encode(), "lồng quá"), (LONG.encode(), "nặng hơn 4 MB"),
        (b"00120nam a2200049   4500" + b"\x1e" + b"x" * 6 * MB, "không có dấu kết thúc"),
        (_zip_bomb(), "để giữ an toàn"),
        (remade(xlsx({"S": [BOOK_HEAD]}), {SHEET_XML: _doctype}), "để giữ an toàn"),
        (workbook(BOOK_HEAD, book_rows(50))[:3000], "chép chưa hết"),
        (b"x\0\n" * 4000, "ký tự rỗng"), (b"\0" * 3 * MB, "ký tự rỗng"), (b"a,b\n" + b"y" * 3 * MB, "dài hơn 1 MB"),
        (b'[{"leader": "x", "fields": [', "JSON hỏng"),
    ],
    ids=["laughs", "laughs-utf16", "external", "deep", "long-text", "no-ends", "zip-bomb", "doctype-in-sheet", "xlsx-cut",
         "noughts", "only-noughts", "one-line", "json-cut"],
)  # fmt: skip
def test_what_would_hurt_is_refused_with_a_reason(mai: Person, session: Any, content: bytes, sentence: str) -> None:
    answer = mai.bring(content, name="tep.xlsx")

    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalar(select(func.count(Load.id))) == 0
    _goes_on(mai, session)


def test_an_entry_without_end_in_the_middle_is_passed_over(mai: Person, session: Any) -> None:
    uid = mai.loaded(ONE + b"00120nam" + b"y" * 5 * MB + b"\x1d" + THREE, name="tinh.mrc")

    assert verdicts(session, uid) == {Verdict.NEW: 2, Verdict.REFUSED: 1}
    page = mai.page(uid, "?verdict=refused")
    assert f"từ byte {len(ONE)} của tệp." in page and "Biểu ghi nặng hơn 4 MB" in page


def test_a_bomb_behind_good_records_is_told_by_the_job(mai: Person, session: Any) -> None:
    good = "".join(writing.one_marcxml(entry(at, title=f"Truyện {at}")) for at in range(400))
    uid = mai.brought(f"<collection>{good}<record><leader>{'x' * 6 * MB}".encode(), name="tinh.xml")

    assert session.scalar(select(Load.state)) is LoadState.UNREADABLE
    assert "nặng hơn 4 MB" in mai.page(uid)
    _goes_on(mai, session)


def test_a_sheet_with_wrong_dimensions_and_formulas_is_read_whole(mai: Person, session: Any) -> None:
    rows = [("Tên sách", "Số ĐKCB", "Ghi chú"), *((f"Truyện số {at}", f"TK.{at:05}", "=1+1") for at in range(1, 501))]
    short = remade(xlsx({"S": rows}), {SHEET_XML: lambda xml: re.sub(rb'ref="A1:C\d+"', b'ref="A1:B2"', xml)})

    uid = mai.loaded(short, name="so.xlsx")

    assert verdicts(session, uid) == {Verdict.NEW: 500}
    assert "công thức chưa có kết quả" in mai.page(uid)


def test_formulas_in_a_list_stay_text_in_the_workbook_of_reasons(mai: Person) -> None:
    uid = mai.brought('Tên sách;Số ĐKCB\n"=HYPERLINK(""x"")";TK-A\n'.encode(), name="so.csv")

    with mai.client.get(f"/imports/{uid}/reasons.xlsx") as answer, zipfile.ZipFile(io.BytesIO(answer.data)) as made:
        sheet = made.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and escape('=HYPERLINK("x")') in sheet


def test_a_file_above_the_limit_is_refused_before_it_is_kept(app: Flask, mai: Person, session: Any) -> None:
    app.config["MAX_CONTENT_LENGTH"] = MB

    assert mai.bring(b"a;b\n" * MB, name="to.csv").status_code == 413
    assert session.scalar(select(func.count(Load.id))) == 0


GREEDY = """
import sys
from pathlib import Path
from library.staging import entry_files
from library.staging.sources import EntryFile, UnreadableFile, open_any
from library.staging.marc import Broken
path = Path(sys.argv[1])
try:
    with open_any(path, path.name) as table:
        found = [type(one) is Broken for one in table.entries()] if isinstance(table, EntryFile) else []
    print("read", len(found), sum(found))
except UnreadableFile as error:
    print("refused", error.sentence % error.facts)
told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(told["VmHWM"].split()[0]) // 1024)
"""
"""The most memory of this program alone: `ru_maxrss` would count the process it was started from."""


@pytest.mark.parametrize(
    ("head", "size", "said"),
    [
        (b"a;b\n", 2**30, "nặng hơn 50 MB"), (b"PK\x03\x04", 2**30, "nặng hơn 50 MB"), (ONE, 2**30, "nặng hơn 512 MB"),
        (ONE, 400 * MB, "read 2 1"), (b"<collection><record>", 300 * MB, "read 1 1"),
        (b'[{"leader": "", "fields": [', 300 * MB, "nặng hơn 20 MB"), (b"\n=LDR  00000nam\n", 300 * MB, "nặng hơn 4 MB"),
    ],
    ids=["text", "zip", "marc", "marc-400", "xml-300", "json-300", "mrk-300"],
)  # fmt: skip
def test_a_sparse_giant_costs_little_memory(tmp_path: Path, head: bytes, size: int, said: str) -> None:
    path = tmp_path / "lon.mrc"
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(size)

    told = subprocess.run(
        [sys.executable, "-c", GREEDY, str(path)], capture_output=True, text=True, timeout=120, check=True
    )

    sentence, memory = told.stdout.strip().splitlines()
    assert said in sentence
    assert int(memory) <= 300


def test_a_file_of_40_mb_is_brought_and_read_in_little_memory(app: Flask, mai: Person, session: Any) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 200 * MB
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    uid = mai.loaded(ONE + b"00120nam" + b"z" * 40 * MB + b"\x1d" + THREE, name="lon.mrc")

    assert verdicts(session, uid) == {Verdict.NEW: 2, Verdict.REFUSED: 1}
    assert session.scalar(select(func.count(Item.id))) == 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 - before <= 200  # the test holds the file itself


# Fuzz


def _opened(content: bytes) -> None:
    """Through the door: either it is refused with a sentence, or every row and entry has a number."""
    try:
        with open_any(content, "tep.bin") as table:
            if isinstance(table, EntryFile):
                assert all(one.number > 0 for one in table.entries())
                return
            for sheet in table.sheets:
                assert all(row.number > 0 for row in table.rows(sheet))
    except UnreadableFile as error:
        assert error.sentence % error.facts


_LIST = "Tên sách;Số ĐKCB\nDế Mèn;TN.00001\n".encode()
_SEEDS = (ONE + TWO, "".join(writing.marcxml([entry(0)])).encode(), _LIST, xlsx({"S": [["Tên", 1], ["a", "=1"]]}),
          b"=LDR  00000nam\n=245  10$aA\n", b'[{"leader": "x", "fields": [{"245": {"subfields": [{"a": "b"}]}}]}]')  # fmt: skip


@settings(max_examples=250, deadline=2_000, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.sampled_from(_SEEDS), places=st.lists(st.tuples(st.integers(0, 9_999), st.binary(max_size=6)), max_size=8),
       cut=st.integers(0, 10_000))  # fmt: skip
def test_whatever_is_done_to_a_file_the_door_answers(seed: bytes, places: list[tuple[int, bytes]], cut: int) -> None:
    content = bytearray(seed)
    for at, junk in places:
        content[at % (len(content) + 1) : at % (len(content) + 1) + len(junk)] = junk
    _opened(bytes(content[: len(content) - cut % max(1, len(content))]))


@settings(max_examples=150, deadline=2_000)
@given(st.binary(max_size=600))
def test_any_bytes_get_an_answer(content: bytes) -> None:
    _opened(content)
