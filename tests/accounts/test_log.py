"""The log: every deed in a plain sentence, of one's own library, names of readers only for those who see readers."""

import ast
import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import library
from library import audit
from library.accounts import audit_words
from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from tests.support.people import account, commit, sign_in
from tests.support.statements import counted
from tests.support.world import World

LIBRARY = Path(library.__file__).parent


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def main(answer: Any) -> str:
    """What the page says, without its form."""
    return text(answer).split("<tbody>")[-1].split("</tbody>")[0] if "<tbody>" in text(answer) else ""


def verbs_in_code() -> Iterator[str]:
    """The verb of every `audit.note(…)`; of an f-string what it begins with."""
    for path in LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.note":
                verb = node.args[1]
                if isinstance(verb, ast.JoinedStr):
                    verb = verb.values[0]  # type: ignore[assignment]
                if isinstance(verb, ast.Constant):
                    yield str(verb.value)


def test_every_deed_has_its_sentence() -> None:
    found = set(verbs_in_code())
    assert len(found) > 30
    known = lambda verb: audit_words.sentence_of(verb)[0] != audit_words.OTHER  # noqa: E731
    begins = lambda verb: verb.endswith("-") and any(one.startswith(verb) for one in audit_words.WORDS)  # noqa: E731
    assert sorted(verb for verb in found if not known(verb) and not begins(verb)) == []


def test_sentences_fill_only_what_there_is() -> None:
    facts = {"who": "A", "what": "B", "how": "C", "verb": "D", "count": 3}
    for sentence in (*audit_words.WORDS.values(), audit_words.OTHER):
        assert "%(" not in sentence % facts
        assert sentence.endswith(".")


def test_deeds_are_told_with_names(ha: FlaskClient, world: World) -> None:
    lan, record = world.patron("Hoàng Thị Mai Lan"), world.record("Dế Mèn phiêu lưu ký")
    khanh, mine = account(world, "khanh", RoleName.HELPER), world.school().id
    khanh.name = "Bế Gia Khánh"
    actor = clock.uuid7()
    audit.note(khanh.uid, "replace-card", "membership", lan.uid, mine)
    audit.note(khanh.uid, "change-title", "record", record.uid, mine)
    audit.note(khanh.uid, "give-van-crew", "account", khanh.uid, mine)
    audit.note(None, "succeed", "organisation", world.school().uid, mine)
    audit.note(actor, "paint-wall", "wall", "north", mine)
    commit()
    page = main(ha.get("/log"))
    for sentence in (
        "Bế Gia Khánh cấp thẻ mới cho Hoàng Thị Mai Lan.",
        "Bế Gia Khánh sửa nhan đề “Dế Mèn phiêu lưu ký”.",
        "Bế Gia Khánh giao việc cho Bế Gia Khánh: người đi xe.",
        "Trường Tiểu học Xuất Hóa được sáp nhập.",
        "một người không còn trong sổ làm việc “paint-wall”.",
        "Lường Thị Hà vào làm việc.",
    ):
        assert sentence in page, sentence
    assert page.index("paint-wall") < page.index("Lường Thị Hà vào làm việc."), "the newest first"


def test_an_officer_reads_deeds_without_names_of_readers(app: Flask, world: World) -> None:
    lan = world.patron("Hoàng Thị Mai Lan")
    mai = account(world, "mai", RoleName.OFFICER, world.province())
    audit.note(mai.uid, "replace-card", "membership", lan.uid, world.school().id)
    commit()
    page = text(sign_in(app, "mai").get(f"/log?lib={world.school().slug}"))
    assert "cấp thẻ mới cho một bạn đọc." in page
    assert "Hoàng Thị Mai Lan" not in page


def test_another_librarys_deeds_are_not_there(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Sông Cầu")
    linh = account(world, "linh", library=other)
    linh.name = "Nông Thị Linh"
    audit.note(linh.uid, "sign-in", "account", linh.uid, other.id)
    commit()
    assert "Nông Thị Linh" not in text(ha.get("/log"))
    assert "Nông Thị Linh" not in main(ha.get(f"/log?who={linh.uid}"))
    assert ha.get(f"/log?lib={other.slug}").status_code == 404
    assert ha.post("/log/file", data={"lib": other.slug}).status_code == 404
    assert "Nông" not in ha.post("/log/file", data={"who": str(linh.uid)}).get_data().decode()


def test_it_is_looked_through_by_person_kind_and_day(ha: FlaskClient, world: World) -> None:
    khanh, mine = account(world, "khanh", RoleName.HELPER), world.school().id
    khanh.name = "Bế Gia Khánh"
    audit.note(khanh.uid, "print-labels", "items", 12, mine)
    with clock.stopped_at(clock.now() - timedelta(days=3)):
        long_ago = clock.today()
        audit.note(khanh.uid, "export-xlsx", "books", "truong", mine)
    commit()
    by_person, by_kind, by_day = (
        main(ha.get(f"/log?{asked}")) for asked in (f"who={khanh.uid}", "kind=books", f"day={long_ago}")
    )
    assert ("in nhãn cho 12 bản" in by_person, "Lường" in by_person) == (True, False)
    assert ("in nhãn cho 12 bản" in by_kind, "xuất dữ liệu" in by_kind, "vào làm việc" in by_kind) == (
        True,
        False,
        False,
    )
    assert ("xuất dữ liệu ra tệp xlsx" in by_day, "in nhãn" in by_day) == (True, False)
    assert "xuất dữ liệu ra tệp xlsx" in main(ha.get("/log?kind=lists"))
    for junk in ("who=x", "kind=x", "day=x", "page=x", "day=0001-01-01", "day=9999-12-31"):
        assert ha.get(f"/log?{junk}").status_code == 200, junk


def test_a_day_is_a_day_here_not_in_greenwich(ha: FlaskClient, world: World) -> None:
    from datetime import UTC, datetime

    with clock.stopped_at(datetime(2026, 3, 4, 17, 30, tzinfo=UTC)):  # 0:30 on the fifth
        audit.note(None, "paint-wall", "wall", "north", world.school().id)
    commit()
    assert "paint-wall" in main(ha.get("/log?day=2026-03-05"))
    assert "paint-wall" not in main(ha.get("/log?day=2026-03-04"))


def test_it_comes_in_pages_with_as_many_statements(ha: FlaskClient, world: World) -> None:
    ha.get("/log")
    with counted() as few:
        ha.get("/log")
    for number in range(120):
        audit.note(clock.uuid7(), "print-labels", "items", number, world.school().id)
    commit()
    with counted() as many:
        page = text(ha.get("/log"))
    assert len(many) == len(few) <= 8
    assert main(ha.get("/log")).count("<tr>") == 50
    assert "Trang 1 trên 3" in page


def test_it_is_taken_away_as_a_file_and_that_is_noted(ha: FlaskClient, world: World) -> None:
    mine = account(world, "khanh", RoleName.HELPER)
    mine.name = '=HYPERLINK("http://evil.example")'
    for number in range(600):
        audit.note(mine.uid, "print-labels", "items", number, world.school().id)
    commit()
    answer = ha.post("/log/file", data={"kind": "books"})
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[0] == ["Ngày", "Giờ", "Ai", "Việc"]
    assert len(rows) == 601
    assert all(cell[:1] not in "=+-@" for row in rows for cell in row)
    assert "lấy nhật ký ra tệp" in main(ha.get("/log"))
    assert db.session.query(audit.Trace).filter_by(verb="take-away-log").count() == 1


@pytest.mark.parametrize(
    "role", [RoleName.HELPER, RoleName.TEACHER, RoleName.READER, RoleName.VAN_CREW, RoleName.SCHEDULER]
)
def test_others_do_not_read_it(app: Flask, world: World, role: RoleName) -> None:
    account(world, "khanh", role)
    commit()
    client = sign_in(app, "khanh")
    assert client.get("/log").status_code == 403
    assert client.post("/log/file").status_code == 403
    assert 'href="/log"' not in text(client.get("/titles"))
