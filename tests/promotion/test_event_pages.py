"""Events, training, online programmes, lessons, commendations: recorded on pages, counted once, taken back."""

import re
from collections import Counter
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from library import files
from library.accounts.models import RoleName
from library.calendars import opening_days
from library.calendars.opening_days import Whose
from library.core import clock
from library.core.db import db
from library.documents.models import DocumentTemplate
from library.inbox.models import Act
from library.patrons.models import Membership
from library.privacy import consenting
from library.privacy.consenting import Said
from library.privacy.models import Purpose, Relation
from library.promotion import kinds
from library.promotion.commend_models import Commendation
from library.promotion.event_models import Event, PromotionFile, State
from library.promotion.lesson_models import Lesson, LessonSlot
from library.promotion.online_models import OnlineProgramme
from library.promotion.training_models import TrainingSession
from library.uses.models import Happening, Visit
from tests.support.people import account, sign_in
from tests.support.world import World

DAY = timedelta(days=1)


@pytest.fixture
def client(app: Flask, world: World) -> FlaskClient:
    world.school()
    account(world)
    world.session.commit()
    return sign_in(app)


def facts(kind: str | None = None) -> Counter[tuple[str, str | None, str | None]]:
    """(measure, sort, audience) → what stands."""
    found: Counter[tuple[str, str | None, str | None]] = Counter()
    query = select(Happening)
    for row in db.session.scalars(query.where(Happening.kind == kind) if kind else query):
        found[row.measure, row.sort, row.audience] += row.quantity
    return Counter({key: count for key, count in found.items() if count})


def visits() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.coalesce(func.sum(Visit.quantity), 0))) or 0


def text(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


def post(client: FlaskClient, path: str, expected: int = 303, /, **data: Any) -> str:
    """Where it goes on, or the page that stands again."""
    answer = client.post(path, data=data)
    assert answer.status_code == expected, answer.get_data(as_text=True)[-3000:]
    db.session.rollback()
    return answer.headers["Location"] if expected == 303 else answer.get_data(as_text=True)


def words_of(paper: bytes) -> str:
    return " ".join(pypdfium2.PdfDocument(paper)[0].get_textpage().get_text_bounded().split())


def last_act(page: str) -> str:
    found = re.findall(r'name="act" value="([0-9a-f-]+)"', page)
    assert len(found) == 1, "only the latest deed may be taken back"
    return str(found[0])


def undo(client: FlaskClient, path: str) -> str:
    return post(client, f"{path}/undo", act=last_act(text(client, path)))


def one(model: Any) -> Any:
    db.session.rollback()
    return db.session.scalars(select(model).order_by(model.id.desc())).first()


def test_an_event_is_recorded_changed_and_taken_back_and_its_figures_follow(client: FlaskClient) -> None:
    today = clock.today()
    page = text(client, f"/activities?month={today:%Y-%m}")
    assert "Ghi hoạt động" in page
    made = {
        "type": "launch", "title": "Lễ phát động Tuần lễ học tập suốt đời", "first_on": today.isoformat(),
        "people-delegates": "150", "people-pupils": "1.213", "cost": "1.500.000 đ", "partners": "Hội Khuyến học",
    }  # fmt: skip
    address = post(client, "/activities/new", **made, uid=str(clock.uuid7()))
    shown = text(client, address)
    assert "1.363" in shown and "1.500.000 đ" in shown and "Hội Khuyến học" in shown
    assert facts() == {
        ("event", "launch", None): 1, ("event-people", "launch", "delegates"): 150, ("event-people", "launch", "pupils"): 1213,
    }  # fmt: skip
    made |= {"people-delegates": "15", "first_on": (today - DAY).isoformat(), "as_visits": "1"}
    post(client, f"{address}/edit", **made)
    assert facts()["event-people", "launch", "delegates"] == 15
    assert visits() == 1228, "they came to the library"
    assert db.session.scalar(select(func.count()).where(Happening.quantity < 0)) == 3, "nothing was overwritten"
    undo(client, address)
    assert facts()["event-people", "launch", "delegates"] == 150
    assert visits() == 0
    assert undo(client, address).endswith("/activities")
    assert facts() == {}
    assert client.get(address).status_code == 404
    assert text(client, "/activities").count("Lễ phát động Tuần lễ") == 0


def test_a_weekly_event_is_planned_and_counts_when_it_was_held(client: FlaskClient) -> None:
    today = clock.today()
    first = today - DAY * 7
    data = {"type": "book-talk", "first_on": first.isoformat(), "weeks": "4", "uid": str(clock.uuid7())}
    post(client, "/activities/new", **data)
    post(client, "/activities/new", **data)  # a second click
    found = list(db.session.scalars(select(Event).order_by(Event.first_on)))
    assert [one.state for one in found] == [State.HELD, *[State.PLANNED] * 3]
    assert facts() == {("event", "book-talk", None): 1}
    assert "Chờ xác nhận" in text(client, "/activities"), "today's waits"
    waiting, coming = found[1], found[2]
    post(client, f"/activities/{waiting.uid}/hold", **{"people-pupils": "35"})
    assert facts() == {("event", "book-talk", None): 2, ("event-people", "book-talk", "pupils"): 35}
    assert "chưa tới ngày" in post(client, f"/activities/{coming.uid}/hold", 409, **{"people-pupils": "35"})
    assert "chưa tới" in post(
        client, f"/activities/{coming.uid}/edit", 409, type="book-talk", first_on=coming.first_on.isoformat(), **{"people-pupils": "3"}
    )  # fmt: skip
    post(client, f"/activities/{waiting.uid}/cancel")
    assert facts() == {("event", "book-talk", None): 1}
    undo(client, f"/activities/{waiting.uid}")
    assert facts()["event-people", "book-talk", "pupils"] == 35
    calendar = client.get("/activities/calendar.ics")
    assert calendar.data.count(b"BEGIN:VEVENT") == 4


def test_wrong_input_stands_on_the_page_again(client: FlaskClient) -> None:
    page = post(
        client, "/activities/new", 422, type="no-such", first_on="31.12", **{"people-pupils": "nhiều"}, title="Ngày hội"
    )
    assert "Ngày viết như" in page and 'value="Ngày hội"' in page and 'value="nhiều"' in page and "Ghi một số" in page
    assert "Chọn ít nhất một nội dung" in post(client, "/trainings/new", 422, title="Lớp")
    assert "Ô này chưa có gì" in post(client, "/online/new", 422)
    assert "Ô này chưa có gì" in post(client, "/commendations/new", 422, whom="person")
    long = "9" * 5000
    for path in ("/trainings", "/online", "/commendations", "/activities/settings"):
        text(client, f"{path}?year={long}")
    post(client, "/activities/settings/dates", 422, name="Ngày hội", first=f"{long}/{long}")
    told = {"name": "x", "reach": "grade", "unit": "books", "first_on": "01/11/2026", "last_on": "30/11/2026"}
    post(client, "/challenges/new", 422, grade="²", **told)
    assert facts() == {}


def test_types_and_dates_are_the_librarys_own_to_change(client: FlaskClient, world: World) -> None:
    post(client, "/activities/settings/types", of="event", name="Đọc sách dưới tán cây")
    post(client, "/activities/settings/types", of="event", code="banner", name="Treo băng rôn", hidden="1")
    assert "Đã có loại" in post(client, "/activities/settings/types", 409, of="event", name="Đọc sách dưới tán cây")
    form = text(client, "/activities/new")
    assert "Đọc sách dưới tán cây" in form and 'value="banner"' not in form
    post(
        client,
        "/activities/new",
        type="doc-sach-duoi-tan-cay",
        first_on=clock.today().isoformat(),
        **{"people-pupils": "40"},
    )
    assert facts()["event", "doc-sach-duoi-tan-cay", None] == 1
    soon = clock.today() + DAY * 3
    post(client, "/activities/settings/dates", name="Ngày sách của trường", first=f"{soon.day}/{soon.month}")
    assert "Ngày sách của trường" in text(client, "/activities")
    assert "Ngày viết như 21/4" in post(client, "/activities/settings/dates", 422, name="Sai", first="31/2")
    post(client, "/activities/settings/dates", code="ngay-sach-cua-truong", name="Ngày sách của trường",
         first=f"{soon.day}/{soon.month}", hidden="1", only_year=str(soon.year))  # fmt: skip
    assert "Ngày sách của trường" not in text(client, "/activities")


def test_a_training_class_counts_once_its_people_once_and_every_session(client: FlaskClient, world: World) -> None:
    lan, binh = world.patron("Hoàng Thị Mai Lan", class_name="5A"), world.patron("Ma Văn Bình", class_name="5A")
    assert lan.school_class
    ids, room = (lan.id, binh.id), lan.school_class.uid
    world.session.commit()
    first = clock.today() - DAY * 7
    address = post(client, "/trainings/new", **{
        "subjects": ["internet-safety", "information-skills"], "day-0": first.isoformat(), "people-pupils-0": "60",
        "day-1": (first + DAY).isoformat(), "people-pupils-1": "58", "people-teachers-1": "2", "title": "Internet an toàn",
    })  # fmt: skip
    sort = "information-skills+internet-safety"
    assert facts() == {
        ("training", sort, None): 1, ("training-people", sort, "pupils"): 60, ("training-people", sort, "teachers"): 2,
        ("training-turns", sort, "pupils"): 118, ("training-turns", sort, "teachers"): 2,
    }  # fmt: skip
    page = text(client, address)
    assert "Internet an toàn" in page and "<b>120</b>" in page
    post(client, f"{address}/sessions", day=clock.today().isoformat(), topic="Mật khẩu")
    row = one(TrainingSession)
    names = f"{address}/names?session={row.uid}&class={room}"
    assert "Ma Văn Bình" in text(client, names)
    post(
        client,
        f"{address}/names",
        session=str(row.uid),
        **{"class": str(room), "here": [str(ids[0]), str(ids[1]), "999999"]},
    )
    assert facts()["training-turns", sort, "pupils"] == 120
    assert text(client, names).count("checked") == 2
    post(client, f"{address}/names", session=str(row.uid), **{"class": str(room), "here": [str(ids[0])]})
    assert facts()["training-turns", sort, "pupils"] == 119
    undo(client, address)
    assert facts()["training-turns", sort, "pupils"] == 120
    post(client, f"{address}/sessions", session=str(row.uid), do="remove")
    assert facts()["training-turns", sort, "pupils"] == 118
    post(client, f"{address}/cancel")
    assert facts() == {}
    assert "chưa tới ngày" in post(client, "/trainings/new", 409, **{
        "subjects": "other", "day-0": (clock.today() + DAY).isoformat(), "people-pupils-0": "3"})  # fmt: skip
    assert "Internet an toàn" in text(client, "/trainings")


def test_nobody_comes_to_a_training_class_without_being_of_it(client: FlaskClient) -> None:
    today = clock.today().isoformat()
    told = {"subjects": "other", "day-0": today, "people-pupils-0": "40"}
    wrong = post(client, "/trainings/new", 409, **told, **{"enrolled-pupils": "10"})
    assert "Lớp ghi 10 người học mà có buổi 40 người đến" in wrong and facts() == {}
    address = post(client, "/trainings/new", **told, **{"enrolled-pupils": "42"})
    assert "45 người đến" in post(client, f"{address}/sessions", 409, day=today, **{"people-pupils": "45"})
    assert "có buổi 40" in post(client, f"{address}/edit", 409, subjects="other", **{"enrolled-pupils": "39"})
    assert facts()["training-people", "other", "pupils"] == 42
    post(client, f"{address}/sessions", day=today, **{"people-pupils": "42"})
    post(client, f"{address}/edit", subjects="other")
    assert facts()["training-people", "other", "pupils"] == 42, "nothing stated: as many as came"


def test_an_online_programme_counts_its_turns(client: FlaskClient) -> None:
    today = clock.today()
    made = {"title": "Học trên truyền hình", "subject": "digital", "first_on": (today - DAY * 3).isoformat()}
    assert "Địa chỉ viết như" in post(client, "/online/new", 422, **made, address="javascript:alert(1)")
    address = post(client, "/online/new", **made, **{"people-pupils": "1.300", "address": "hoctap.edu.vn/lop-5"})
    assert one(OnlineProgramme).address == "https://hoctap.edu.vn/lop-5"
    post(client, f"{address}/turns", day=today.isoformat(), **{"people-citizens": "70"})
    assert facts() == {
        ("online", "digital", None): 1, ("online-turns", "digital", "pupils"): 1300, ("online-turns", "digital", "citizens"): 70,
    }  # fmt: skip
    assert "1.370" in text(client, address) and "1.370" in text(client, "/online")
    post(client, f"{address}/turns", 409, day=(today + DAY).isoformat(), **{"people-citizens": "70"})
    post(client, f"{address}/edit", **made | {"subject": "literacy"})
    assert facts()["online-turns", "literacy", "pupils"] == 1300
    undo(client, address)
    undo(client, address)
    assert facts() == {("online", "digital", None): 1, ("online-turns", "digital", "pupils"): 1300}


def test_lessons_come_from_the_timetable_but_on_holidays(client: FlaskClient, world: World) -> None:
    for name in ("Hoàng Thị Mai Lan", "Ma Văn Bình", "Nông Văn Tú"):
        lan = world.patron(name, class_name="5A")
    assert lan.school_class
    room, branch = lan.school_class, world.branch()
    since = clock.today() - DAY * 21
    shut = clock.today() - DAY * 7
    opening_days.close(db.session(), Whose(branch_id=branch.id), shut, shut, "mưa lũ")
    world.session.commit()
    told = {"class": str(room.uid), "weekday": str(since.weekday()), "period": "2", "from_on": since.isoformat()}
    post(client, "/lessons/timetable", **told)
    assert "đã xếp cho một lớp" in post(client, "/lessons/timetable", 409, **told)
    slot = one(LessonSlot)
    assert "5A" in text(client, "/lessons/timetable")
    assert "5A</b>" in text(client, f"/lessons?week={since}") and "Có" in text(client, f"/lessons?week={since}")
    assert "5A</b>" not in text(client, f"/lessons?week={shut}"), "closed that day"
    post(client, "/lessons/tell", slot=str(slot.uid), day=since.isoformat(), people="3", topic="Dế Mèn", as_visits="1")
    post(client, "/lessons/tell", 409, slot=str(slot.uid), day=since.isoformat(), people="3")
    post(client, "/lessons/tell", 409, slot=str(slot.uid), day=(since + DAY).isoformat(), people="3")
    post(client, "/lessons/tell-all", day=(since + DAY * 7).isoformat())
    assert facts() == {("lesson", "grade-5", None): 2, ("lesson-people", "grade-5", "pupils"): 6}
    assert visits() == 6
    assert db.session.scalars(select(Visit.class_name)).first() == "5A"
    lesson = one(Lesson)
    post(client, f"/lessons/{lesson.uid}/edit", do="skip")
    assert (facts()["lesson", "grade-5", None], visits()) == (1, 3)
    undo(client, f"/lessons/{lesson.uid}")
    undo(client, f"/lessons/{lesson.uid}")
    assert (facts()["lesson", "grade-5", None], visits()) == (1, 3)
    post(client, "/lessons/tell", slot=str(slot.uid), day=(since + DAY * 7).isoformat(), do="skip")
    post(client, "/lessons/extra", day=clock.today().isoformat(), people="28", **{"class": str(room.uid)})
    assert (facts()["lesson-people", "grade-5", "pupils"], visits()) == (31, 3)
    post(client, "/lessons/timetable", end=str(slot.uid))
    assert "Chưa xếp tiết đọc" in text(client, f"/lessons?week={clock.today() + DAY * 14}")


def test_a_commendation_names_a_reader_by_membership_only(client: FlaskClient, world: World) -> None:
    world.patron("Hoàng Thị Mai Lan", class_name="5A")
    world.session.commit()
    told = {"whom": "person", "name": "Hoàng Thị Mai Lan", "class": "5A", "day": clock.today().isoformat(),
            "reason": "Giải Nhất kể chuyện theo sách", "given_by": "UBND phường", "decision": "12/QĐ",
            "signer": "Hiệu trưởng"}  # fmt: skip
    address = post(client, "/commendations/new", **told)
    kept = one(Commendation)
    assert (kept.name, kept.membership_id is not None) == (None, True)
    assert facts() == {("commended-person", None, None): 1}
    assert "Hoàng Thị Mai Lan" in text(client, address) and "Hoàng Thị Mai Lan" in text(client, "/commendations")
    paper = words_of(client.get(f"{address}/certificate.pdf").data)
    for said in ("GIẤY KHEN", "HIỆU TRƯỞNG UBND PHƯỜNG", "Quyết định số: 12/QĐ", "Giải Nhất", "Học sinh lớp 5A"):
        assert said in paper, said
    assert "Mai Lan" not in paper, "the family was not asked"
    assert "chưa đồng ý nêu tên" in text(client, address)
    reader = db.session.get_one(Membership, kept.membership_id)
    consenting.give(
        db.session(), reader, Said(Purpose.NAME, Relation.MOTHER, "Hoàng Thị Hương", True, "phiếu", clock.today()), None
    )
    db.session.commit()
    assert "Hoàng Thị Mai Lan" in words_of(client.get(f"{address}/certificate.pdf").data)
    assert "không có em nào tên" in post(client, "/commendations/new", 422, **told | {"name": "Không Ai"})
    assert "Lớp 5A có em tên như vậy" in post(client, "/commendations/new", 422, **told | {"class": ""})
    other = post(client, "/commendations/new", **told | {"class": "", "name": "Cô Hoàng Thị Mai Lan"})
    assert "Cô Hoàng Thị Mai Lan" in words_of(client.get(f"{other}/certificate.pdf").data)
    undo(client, other)
    post(client, f"{address}/edit", **told | {"whom": "collective", "name": "Lớp 5A", "class": ""})
    assert facts() == {("commended-collective", None, None): 1}
    undo(client, address)
    assert facts() == {("commended-person", None, None): 1}


def test_lists_of_a_school_year_are_workbooks(client: FlaskClient) -> None:
    today = clock.today()
    told = {
        "type": "display",
        "title": "Trưng bày",
        "first_on": today.isoformat(),
        "cost": "500.000",
        "people-pupils": "40",
    }
    post(client, "/activities/new", **told, **{"people-parents": "2"})
    post(client, "/activities/new", **told | {"first_on": (today + DAY).isoformat(), "people-pupils": ""})
    post(client, "/trainings/new", **{"subjects": "other", "day-0": today.isoformat(), "people-pupils-0": "12"})
    post(client, "/online/new", title="A", subject="other", first_on=today.isoformat(), **{"people-pupils": "7"})

    def rows(path: str) -> list[list[Any]]:
        sheet = openpyxl.load_workbook(BytesIO(client.get(f"{path}?as=xlsx").data)).active
        assert sheet is not None
        return [[cell.value for cell in row] for row in sheet.iter_rows()]

    head, first, second, last = rows("/activities")
    assert (first[3:5], first[head.index("Cộng người")]) == (["Trưng bày, triển lãm sách", "Trưng bày"], 42)
    assert (second[head.index("Trạng thái")], second[head.index("Cộng người")]) == ("sắp tới", None)
    assert (last[4], last[head.index("Học sinh")], last[head.index("Kinh phí (đ)")]) == ("Đã tổ chức: 1", 40, 500_000)
    assert rows("/trainings")[-1][-2:] == [12, 12]
    assert rows("/online")[-1][-1] == 7


def test_photos_are_drawn_anew_and_papers_looked_at(client: FlaskClient, world: World) -> None:
    address = post(
        client, "/activities/new", type="display", first_on=clock.today().isoformat(), **{"people-pupils": "5"}
    )
    uid = address.rpartition("/")[2]
    picture = BytesIO()
    Image.new("RGB", (900, 700), "navy").save(picture, "PNG")

    def send(data: bytes, name: str) -> int:
        where = f"/activities/files/event/{uid}"
        return client.post(where, data={"file": (BytesIO(data), name)}, content_type="multipart/form-data").status_code

    assert send(picture.getvalue(), "ảnh hội.png") == 303
    assert send(b"%PDF-1.4 ke hoach", "../../kế hoạch.pdf") == 303
    assert send(b"<script>alert(1)</script>", "a.html") == 422
    assert send(b"PK\x03\x04 broken", "a.docx") == 422
    kept = list(db.session.scalars(select(PromotionFile).order_by(PromotionFile.id)))
    assert [(one.media, one.name) for one in kept] == [
        ("image/jpeg", "ảnh hội.jpg"),
        ("application/pdf", "kế hoạch.pdf"),
    ]
    served = client.get(f"/activities/files/{kept[1].uid}")
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"/activities/files/{kept[0].uid}").data.startswith(b"\xff\xd8")
    assert client.post(f"/activities/files/{kept[0].uid}/remove").status_code == 303
    assert client.get(f"/activities/files/{kept[0].uid}").status_code == 404
    assert not files.path_of(kept[0].key).exists()
    db.session.add(DocumentTemplate(library_id=world.school().id, name="x", file_key=kept[1].key, put_at=clock.now()))
    db.session.commit()
    assert client.post(f"/activities/files/{kept[1].uid}/remove").status_code == 303
    assert files.path_of(kept[1].key).exists(), "another package keeps the same bytes"


def test_every_kind_opens_its_page(app: Flask, client: FlaskClient) -> None:
    today = clock.today().isoformat()
    post(client, "/activities/new", type="other", first_on=today, **{"people-pupils": "1"})
    post(client, "/trainings/new", **{"subjects": "other", "day-0": today, "people-pupils-0": "1"})
    post(client, "/online/new", title="A", subject="other", first_on=today)
    post(client, "/commendations/new", whom="collective", name="Tổ 1", day=today, reason="Đọc nhiều", given_by="Trường")
    rows = db.session.execute(select(Happening.kind, Happening.source).distinct()).all()
    assert {row.kind for row in rows} == {"event", "training", "online", "commendation"}
    with app.test_request_context():
        addresses = [kinds.address(row.kind, row.source) for row in rows]
        assert kinds.address("no-such", rows[0].source) is None
    for address in addresses:
        assert address
        text(client, address)


def test_a_json_message_is_answered_once_and_another_library_sees_nothing(
    app: Flask, client: FlaskClient, world: World
) -> None:
    message = {"type": "display", "first_on": clock.today().isoformat(), "people-pupils": 12, "uid": str(clock.uuid7()),
               "device": str(clock.uuid7()), "number": 1, "at": clock.now().isoformat(),
               "sent_at": clock.now().isoformat()}  # fmt: skip
    first, again = (client.post("/activities/new", json=message).get_json() for _ in range(2))
    assert first == again
    assert one(Event).uid.hex == first["uid"].replace("-", "")
    assert facts() == {("event", "display", None): 1, ("event-people", "display", "pupils"): 12}
    assert db.session.scalar(select(func.count()).where(Act.kind == "event")) == 1
    other = world.school("Trường Tiểu học Nông Thượng")
    account(world, "thu", RoleName.LIBRARIAN, other)
    account(world, "an", RoleName.HELPER)
    world.session.commit()
    stranger, helper = sign_in(app, "thu"), sign_in(app, "an")
    assert stranger.get(f"/activities/{first['uid']}").status_code == 404
    assert helper.get("/activities").status_code == 403
    bad = client.post("/activities/new", json=message | {"uid": str(clock.uuid7()), "type": "x"})
    assert (bad.status_code, bad.get_json()["fields"].keys()) == (422, {"type"})
