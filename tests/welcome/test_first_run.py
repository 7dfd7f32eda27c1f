"""The wizard of an empty installation: quick, forgiving, and only for whoever may."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.accounts import passwords
from library.accounts.models import Account, RoleName
from library.audit import Trace
from library.calendars.models import Closure, OpenDay, SchoolYear
from library.core import clock
from library.core.db import Stamp, db
from library.holdings.models import Place
from library.jobs import queue
from library.jobs.models import Job
from library.loans.models import Loan
from library.mobile.models import CrewRole, TripCrew
from library.organisations import communes
from library.organisations.models import Organisation, OrganisationKind
from library.policies.models import PolicyLine
from library.welcome import demo, gate, seed, wizard
from tests.support import rotation
from tests.support.people import account, sign_in
from tests.support.world import at

SCHOOL = {"kind": "school", "name": "Trường Tiểu học Xuất Hóa", "commune": "bac kan"}
HA = {"name": "Lường Thị Hà", "login": "Hà.LT", "password": "sách hay 2026", "again": "sách hay 2026"}
CALENDAR = {"weekdays": ["0", "1", "2", "3", "4"], "first_on": "05/09/2026", "last_on": "31/05/2027", "holidays": "1"}
ELSEWHERE = {"REMOTE_ADDR": "192.168.1.20"}


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with clock.stopped_at(at(day=20, hour=3)):
        yield


def fill(client: FlaskClient, **more: dict[str, Any]) -> None:
    """The three steps, as a newcomer fills them in."""
    for step, values in (("library", SCHOOL), ("person", HA), ("calendar", CALENDAR)):
        answer = client.post(f"/first-run/{step}", data=values | more.get(step, {}))
        assert answer.status_code == 303, answer.get_data(as_text=True)


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_an_empty_installation_leads_everybody_to_its_first_step(app):
    client = app.test_client()
    assert client.get("/").location == "/first-run"
    assert client.get("/first-run").location == "/first-run/library"
    assert "Thư viện này của ai?" in client.get("/first-run/library").get_data(as_text=True)


def test_three_steps_and_one_button_found_a_school(app):
    client = app.test_client()
    fill(client)
    answer = client.post("/first-run/found")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    with app.app_context():
        library = db.session.scalars(select(Organisation)).one()
        branch = library.branches[0]
        assert (library.kind, library.name) == (OrganisationKind.SCHOOL, "Trường Tiểu học Xuất Hóa")
        assert branch.commune_code == "01843"
        assert sorted(db.session.scalars(select(OpenDay.weekday))) == [0, 1, 2, 3, 4]
        year = db.session.scalars(select(SchoolYear)).one()
        assert (year.label, year.from_on, year.to_on) == ("2026-2027", date(2026, 9, 5), date(2027, 5, 31))
        assert (date(2027, 2, 2), date(2027, 2, 13)) in [
            (c.first_on, c.last_on) for c in db.session.scalars(select(Closure))
        ]
        assert count(Place) == 7
        assert {(terms.length_days, terms.most) for terms in db.session.scalars(select(PolicyLine))} == {
            (14, 3),
            (30, 5),
            (120, 60),
        }
        ha = db.session.scalars(select(Account)).one()
        assert (ha.login, ha.name, ha.must_change) == ("ha.lt", "Lường Thị Hà", False)
        assert {grant.role for grant in ha.grants} == {RoleName.LIBRARIAN, RoleName.ADMINISTRATOR}
        assert [trace.verb for trace in db.session.scalars(select(Trace))] == ["found"]


def test_nobody_is_signed_in_by_it_and_the_password_works(app):
    client = app.test_client()
    fill(client)
    page = client.post("/first-run/found", follow_redirects=True).get_data(as_text=True)
    assert "Đã lập Trường Tiểu học Xuất Hóa" in page
    assert client.get("/me").status_code == 303
    assert client.post("/sign-in", data={"login": "ha.lt", "password": HA["password"]}).status_code == 303
    assert "Lường Thị Hà" in client.get("/me").get_data(as_text=True)


def test_nothing_is_written_before_the_last_button(app):
    client = app.test_client()
    fill(client)
    page = client.get("/first-run/review").get_data(as_text=True)
    for told in (
        "Trường Tiểu học Xuất Hóa",
        "Phường Bắc Kạn, Tỉnh Thái Nguyên",
        "Lường Thị Hà",
        "2026-2027",
        "Thứ Sáu",
        "Nghỉ hè",
    ):
        assert told in page
    with app.app_context():
        assert [count(model) for model in (Organisation, Account, PolicyLine, Place, Stamp, Trace)] == [0] * 6


def test_the_password_stands_in_no_page_and_not_in_the_cookie(app):
    client = app.test_client()
    fill(client)
    pages = [client.get(f"/first-run/{step}").get_data(as_text=True) for step in wizard.STEPS]
    with client.session_transaction() as kept:
        texts = [*pages, str(dict(kept))]
    assert not [text for text in texts if HA["password"] in text]


def test_a_password_already_set_stays_when_the_step_is_visited_again(app):
    client = app.test_client()
    fill(client)
    assert (
        client.post("/first-run/person", data=HA | {"name": "Lường Hà", "password": "", "again": ""}).status_code == 303
    )
    client.post("/first-run/found")
    with app.app_context():
        ha = db.session.scalars(select(Account)).one()
        assert ha.name == "Lường Hà"
        assert passwords.matches(ha.password_hash, HA["password"])


@pytest.mark.parametrize(
    ("step", "wrong", "sentence"),
    [
        ("library", {"name": " "}, "Ô này chưa có gì."),
        ("library", {"name": "x" * 121}, "Dài quá"),
        ("library", {"kind": "palace"}, "Chọn một trong các mục đã cho."),
        ("library", {"commune": "xứ không có thật"}, "Không thấy xã, phường nào"),
        ("library", {"commune": "tan thanh"}, "Có nhiều nơi tên như vậy"),
        ("person", {"login": "h"}, "Tên vào cần ít nhất 2 chữ"),
        ("person", {"name": ""}, "Ô này chưa có gì."),
        ("person", {"password": "ngắn", "again": "ngắn"}, "Mật khẩu cần ít nhất 8 chữ."),
        ("person", {"again": "khác hẳn 2026"}, "Hai lần gõ chưa giống nhau."),
        ("person", {"password": demo.PASSWORD, "again": demo.PASSWORD}, "Mật khẩu này ai cũng đoán được."),
        (
            "person",
            {"login": "hathuthu", "password": "HaThuThu", "again": "HaThuThu"},
            "Mật khẩu này ai cũng đoán được.",
        ),
        ("calendar", {"weekdays": []}, "Chọn ít nhất một ngày mở cửa."),
        ("calendar", {"first_on": "5 tháng 9"}, "Ngày viết như 31/12/2026."),
        ("calendar", {"last_on": "01/09/2026"}, "Ngày cuối phải sau ngày đầu"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(app, step, wrong, sentence):
    client = app.test_client()
    fill(client)
    typed = {"library": SCHOOL, "person": HA, "calendar": CALENDAR}[step] | wrong
    answer = client.post(f"/first-run/{step}", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    for name in ("name", "login", "commune", "first_on", "last_on"):
        assert name not in typed or f'value="{typed[name]}"' in page
    with app.app_context():
        assert count(Organisation) == 0


def test_of_communes_with_one_name_one_is_chosen(app):
    client = app.test_client()
    typed = SCHOOL | {"commune": "tan thanh"}
    page = client.post("/first-run/library", data=typed).get_data(as_text=True)
    chosen = next(one for one in communes.find("tan thanh") if "Lạng Sơn" in one.label)
    assert chosen.label in page
    fill(client, library={"commune": "tan thanh", "commune_code": chosen.code})
    client.post("/first-run/found")
    with app.app_context():
        assert db.session.scalars(select(Organisation)).one().branches[0].commune_code == chosen.code


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("bac kan", "Phường Bắc Kạn, Tỉnh Thái Nguyên"),
        ("Ba Bể", "Xã Ba Bể, Tỉnh Thái Nguyên"),
        ("xa na phac", "Xã Nà Phặc, Tỉnh Thái Nguyên"),
        ("tân thành lạng sơn", "Xã Tân Thành, Tỉnh Lạng Sơn"),
    ],
)
def test_communes_are_found_however_they_are_typed(typed, label):
    assert [one.label for one in communes.find(typed)] == [label]


def test_a_library_that_is_no_school_has_no_school_year(app):
    client = app.test_client()
    fill(client, library={"kind": "commune", "name": "Thư viện phường Bắc Kạn"})
    assert "Ngày đầu năm học" not in client.get("/first-run/calendar").get_data(as_text=True)
    client.post("/first-run/found")
    with app.app_context():
        assert count(SchoolYear) == 0
        assert "Nghỉ hè" not in set(db.session.scalars(select(Closure.why)))


def test_steps_are_not_skipped(app):
    client = app.test_client()
    assert client.get("/first-run/review").location == "/first-run"
    assert client.post("/first-run/calendar", data=CALENDAR).location == "/first-run"
    assert client.post("/first-run/found").location == "/first-run"
    assert client.get("/first-run/palace").status_code == 404


def test_afterwards_there_is_no_first_run(app, world):
    world.school()
    client = app.test_client()
    for address in ("/first-run", "/first-run/library", "/first-run/review"):
        assert client.get(address).status_code == 404
    for address in ("library", "found", "code", "demo"):
        assert client.post(f"/first-run/{address}", data=SCHOOL).status_code == 404
    assert client.get("/").location != "/first-run"


def test_from_elsewhere_it_asks_for_the_code(app):
    client = app.test_client()
    answer = client.get("/first-run/library", environ_base=ELSEWHERE)
    assert "Mã lần đầu" in answer.get_data(as_text=True)
    for address in ("library", "found", "demo"):
        assert client.post(f"/first-run/{address}", data=SCHOOL, environ_base=ELSEWHERE).status_code == 403
    wrong = client.post("/first-run/code", data={"code": "aaaa-bbbb-cccc"}, environ_base=ELSEWHERE)
    assert wrong.status_code == 403
    assert "Mã chưa đúng" in wrong.get_data(as_text=True)
    with app.app_context():
        assert count(Job) == 0


def test_the_code_lets_somebody_elsewhere_found_and_is_gone_afterwards(app):
    client = app.test_client()
    client.environ_base |= ELSEWHERE
    code = gate.announce(app)
    file = Path(app.config["DATA"]) / gate.FILE
    assert file.read_text().strip() == code
    assert file.stat().st_mode & 0o077 == 0
    assert client.post("/first-run/code", data={"code": f" {code.upper()} "}).location == "/first-run"
    fill(client)
    assert client.post("/first-run/found").location == "/sign-in"
    assert not file.exists()
    assert gate.announce(app) is None


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"Via": "1.1 proxy"}, {"Host": "evil.example"}],
)
def test_a_proxy_or_a_foreign_name_is_not_this_machine(app, headers):
    page = app.test_client().get("/first-run/library", headers=headers).get_data(as_text=True)
    assert "Mã lần đầu" in page


def test_of_two_at_once_exactly_one_founds(app):
    clients = [app.test_client(), app.test_client()]
    for number, client in enumerate(clients):
        fill(client, library={"name": f"Trường số {number}"}, person={"login": f"ha{number}"})
    answers: list[int] = []
    together = threading.Barrier(2)

    def press(client: FlaskClient) -> None:
        together.wait()
        answers.append(client.post("/first-run/found").status_code)

    threads = [threading.Thread(target=press, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[0] == 303
    assert sorted(answers)[1] in (404, 409)
    with app.app_context():
        assert count(Organisation) == count(Account) == 1


def test_claiming_twice_is_refused_even_between_transactions_that_see_nothing(app, world):
    seed.claim(world.session())
    with pytest.raises(seed.AlreadyFounded):
        seed.claim(world.session())


@pytest.mark.slow
def test_the_demo_is_loaded_beside_the_server_once(app):
    client = app.test_client()
    assert client.post("/first-run/demo").location == "/first-run"
    client.post("/first-run/demo")
    waiting = client.get("/first-run")
    assert waiting.headers["Refresh"] == "3"
    assert "Đang xếp sách lên kệ" in waiting.get_data(as_text=True)
    with app.app_context():
        assert count(Job) == 1
    queue.work_off(app)
    assert client.get("/first-run").location == "/sign-in"
    assert demo.PASSWORD in client.get("/sign-in").get_data(as_text=True)
    with app.app_context():
        assert count(Loan) > 8000


def test_a_real_installation_knows_no_demo(app):
    """Neither its sign-ins on the page nor its password on any account."""
    client = app.test_client()
    fill(client)
    client.post("/first-run/found")
    page = client.get("/sign-in").get_data(as_text=True)
    assert demo.PASSWORD not in page
    assert "Dữ liệu mẫu" not in page
    with app.app_context():
        assert not demo.is_demo(db.session())
        assert not [
            one for one in db.session.scalars(select(Account)) if passwords.matches(one.password_hash, demo.PASSWORD)
        ]


def test_a_crew_arrives_at_its_trip_of_the_day(app, world):
    crew = rotation.account(world, "xe", RoleName.VAN_CREW)
    van, stop = rotation.vehicle(world), rotation.stop(world)
    world.session.commit()
    client = sign_in(app, "xe")
    assert client.get("/").location == "/van"
    trip = rotation.trip(world, van, clock.today(), [stop])
    world.session.add(TripCrew(trip_id=trip.id, number=9, role=CrewRole.LIBRARIAN, account_id=crew.id, name=crew.name))
    uid = trip.uid
    world.session.commit()
    assert client.get("/").location == f"/van/trips/{uid}"
    assert client.get(f"/van/trips/{uid}").status_code == 200


def test_home_leads_each_where_they_work(app, world):
    account(world, "ha", RoleName.LIBRARIAN)
    account(world, "lan", RoleName.READER)
    assert app.test_client().get("/").location == "/tim"
    assert sign_in(app, "ha").get("/").location == "/desk"
    assert sign_in(app, "lan").get("/").location == "/titles"


def test_visitors_see_the_way_to_work(app, world):
    world.school()
    page = app.test_client().get("/", follow_redirects=True).get_data(as_text=True)
    assert "Vào làm việc" in page


def test_language_and_theme_go_back_to_a_page_of_ours(app, world):
    world.school()
    client = app.test_client()
    answer = client.post("/language", data={"language": "en", "next": "//evil.example/"})
    assert answer.location == "/"
    assert client.post("/theme", data={"theme": "dark", "next": "/sign-in"}).location == "/sign-in"
    page = client.get("/sign-in").get_data(as_text=True)
    assert '<html lang="en" data-theme="dark">' in page


def test_looking_at_the_sign_in_page_asks_little(app, world):
    from tests.support.statements import counted

    world.school()
    client = app.test_client()
    client.get("/sign-in")
    with counted() as sent:
        client.get("/sign-in")
    assert len(sent) <= 3
