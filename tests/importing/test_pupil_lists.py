"""Class lists of five programs, next year's lists and lists of who goes up: brought, looked at, written, taken back."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from library.accounts import managing
from library.accounts.models import Account, RoleName
from library.calendars.models import SchoolYear
from library.core import clock
from library.core.db import db
from library.jobs import nightly
from library.loans.models import Loan
from library.patrons import changing, details
from library.patrons.models import Card, Membership, Person, PupilDetail, SchoolClass
from library.staging.models import Load, LoadRow
from library.staging.verdicts import Verdict
from tests.importing.conftest import Person as Somebody
from tests.importing.conftest import everything, verdicts
from tests.importing.pupil_lists import FOUR, HUNG, LAN, MY, PAO, csdl, home_made, misa, promotion, smas, vnedu
from tests.importing.test_class_lists import _lend

OLD = Path(__file__).parent.parent / "fixtures" / "staging" / "lop5.xls"
NAME = "hoc-sinh.xlsx"
SECRETS = ("Cha", "Mẹ", "0912345678", "Nà Lẹng", "1980", "Tày", "006215001234", "hộ nghèo")
SOURCES: dict[str, tuple[Callable[..., bytes], str]] = {
    "csdl": (csdl, NAME), "smas": (smas, NAME), "vnedu": (vnedu, NAME), "misa": (misa, "hoc-sinh.csv"),
    "home-made": (home_made, NAME),
}  # fmt: skip


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with clock.stopped_at(datetime(2026, 11, 5, 2, 0, tzinfo=UTC)):
        yield


def answer(mai: Somebody, uid: UUID, **answers: str) -> None:
    """The questions beside the list, answered."""
    from library.jobs import queue

    given = {"year": "2026-2027"} | answers
    told = mai.client.post(f"/imports/{uid}/choices", data={f"q-{name}": text for name, text in given.items()})
    assert told.status_code == 303, told.text
    queue.work_off(mai.app)


def tick(mai: Somebody, uid: UUID, *keys: str, every: str = "") -> None:
    from library.jobs import queue

    told = {"row": list(keys), "tick": list(keys), **({"every": every} if every else {})}
    assert mai.client.post(f"/imports/{uid}/choices", data=told).status_code == 303
    queue.work_off(mai.app)


def readers(session: Any) -> dict[str, str]:
    """{name: class} of those who read here now."""
    session.rollback()
    query = select(Person.full_name, SchoolClass.name).join(Membership, Membership.person_id == Person.id)
    return dict(session.execute(query.outerjoin(SchoolClass).where(Membership.to_on.is_(None))).all())


def people(session: Any) -> list[tuple[Any, ...]]:
    """Persons, memberships, cards and what is kept of families, as they are."""
    told = everything(session)
    return [*told["person"], *told["membership"], *told["card"], *told["pupil_detail"]]


def keys(session: Any, uid: UUID, verdict: Verdict) -> dict[str, str]:
    """{name: key of the row} of rows with this verdict."""
    session.rollback()
    rows = session.scalars(select(LoadRow).join(Load, Load.id == LoadRow.load_id).where(Load.uid == uid))
    return {row.values["full_name"]: f"{row.number}@{row.sheet}" for row in rows if row.verdict is verdict}


def notes(session: Any, uid: UUID) -> str:
    session.rollback()
    rows = session.scalars(select(LoadRow.notes).join(Load, Load.id == LoadRow.load_id).where(Load.uid == uid))
    return " ".join(note["sentence"] % note["facts"] for told in rows for note in told)


# Five programs


@pytest.mark.parametrize("source", SOURCES)
def test_each_programs_list_comes_in_and_goes_again(mai: Somebody, session: Any, source: str) -> None:
    make, name = SOURCES[source]
    uid = mai.brought(make(), "patrons", name)
    found = verdicts(session, uid)
    assert found.pop(Verdict.NEW) == 4 and set(found) <= {Verdict.SKIPPED}, notes(session, uid)

    mai.write(uid)

    assert readers(session) == {one[1]: one[4] for one in FOUR}
    rows = session.execute(select(Person.full_name, Person.born_on, Person.sex, Person.student_code)).all()
    told = {row[0]: (f"{row[1]:%d/%m/%Y}", {"female": "Nữ", "male": "Nam"}[row[2]], row[3]) for row in rows}
    codes = {one[1]: one[0] if source != "home-made" else None for one in FOUR}
    assert told == {one[1]: (one[2], one[3], codes[one[1]]) for one in FOUR}
    assert "4 bạn đọc mới, có thẻ" in mai.page(uid)

    again = mai.brought(make(), "patrons", name)
    assert verdicts(session, again).get(Verdict.UNCHANGED) == 4

    mai.take_back(uid)
    assert readers(session) == {}
    assert session.scalars(select(Card).where(Card.ended_at.is_(None))).all() == []
    mai.loaded(make(), "patrons", name)
    assert readers(session) == {one[1]: one[4] for one in FOUR}
    assert session.scalar(select(func.count()).select_from(Person)) == 4, "the same persons as before"


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_of_the_family_is_kept(mai: Somebody, session: Any, source: str) -> None:
    make, name = SOURCES[source]
    uid = mai.loaded(make(), "patrons", name)
    told = json.dumps(
        [[row.cells, row.values, row.notes] for row in session.scalars(select(LoadRow))], ensure_ascii=False
    )
    assert "Páo" in told or "páo" in told or "PÁO" in told
    assert not [secret for secret in SECRETS if secret in told + mai.page(uid)]
    assert session.scalars(select(PupilDetail)).all() == []


def test_a_list_without_codes_knows_the_pupils_of_one_with_codes(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl(), "patrons", NAME)
    for source in ("smas", "vnedu", "home-made"):
        uid = mai.brought(SOURCES[source][0](), "patrons", NAME)
        assert verdicts(session, uid).get(Verdict.UNCHANGED) == 4, (source, notes(session, uid))


def test_an_old_excel_file_that_is_broken_is_refused_with_what_to_do(mai: Somebody) -> None:
    biff = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "Workbook".encode("utf-16-le") + bytes(2000)
    told = mai.bring(biff, "patrons", "lop-5a.xls")
    assert told.status_code == 422
    assert "Tệp bị hỏng hoặc chép chưa hết." in told.text


def test_an_old_excel_file_comes_in_like_a_new_one(mai: Somebody, session: Any) -> None:
    mai.loaded(OLD.read_bytes(), "patrons", "lop-5.xls")
    assert {"Giàng A Páo", "Hoàng Thị Mai Lan", "Nông Văn Bảo"} <= set(readers(session))


# Names


def test_names_in_one_case_are_written_as_names_unless_told_otherwise(mai: Somebody, session: Any) -> None:
    uid = mai.brought(home_made([PAO]), "patrons", NAME)
    answer(mai, uid, names="as-written")
    mai.write(uid)
    assert set(readers(session)) == {"GIÀNG A PÁO"}


def test_two_names_alike_but_for_a_mark_are_two_pupils(mai: Somebody, session: Any) -> None:
    hung, hưng = ("", "Nguyễn Văn Hùng", "2015", "Nam", "5A"), ("", "Nguyễn Văn Hưng", "2015", "Nam", "5A")
    uid = mai.loaded(home_made([hung, hưng]), "patrons", NAME)
    assert set(readers(session)) == {hung[1], hưng[1]}
    again = mai.brought(home_made([hưng, hung]), "patrons", NAME)
    assert verdicts(session, again).get(Verdict.UNCHANGED) == 2
    mai.take_back(uid)


def test_a_corrected_name_is_changed_and_put_back(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl([LAN, PAO]), "patrons", NAME)
    before = people(session)
    uid = mai.brought(csdl([(LAN[0], "Hoàng Thị Mai Loan", *LAN[2:]), PAO]), "patrons", NAME)
    assert verdicts(session, uid).get(Verdict.CHANGED) == 1 and verdicts(session, uid).get(Verdict.UNCHANGED) == 1
    assert "Sửa tên: Hoàng Thị Mai Lan thành Hoàng Thị Mai Loan." in mai.page(uid)
    mai.write(uid)
    assert set(readers(session)) == {"Hoàng Thị Mai Loan", PAO[1]}
    found = mai.client.get("/people?q=mai loan").text
    assert "Hoàng Thị Mai Loan" in found
    mai.take_back(uid)
    assert people(session) == before


def test_another_name_with_another_birth_date_is_refused(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl([LAN]), "patrons", NAME)
    before = people(session)
    uid = mai.brought(csdl([(LAN[0], "Trần Văn Khác", "01/01/2014", "Nam", "5A")]), "patrons", NAME)
    assert verdicts(session, uid).get(Verdict.REFUSED) == 1
    assert "Ngày sinh không khớp nên máy không sửa tên." in mai.page(uid)
    assert people(session) == before


def test_a_list_without_marks_spoils_no_name(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl([LAN]), "patrons", NAME)
    uid = mai.brought(csdl([(LAN[0], "Hoang Thi Mai Lan", *LAN[2:])]), "patrons", NAME)
    assert verdicts(session, uid).get(Verdict.UNCHANGED) == 1


def test_what_was_missing_is_filled_in_and_taken_out_again(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl([(LAN[0], LAN[1], "", "", "5A"), (PAO[0], PAO[1], "2015", "Nam", "5A")]), "patrons", NAME)
    before = people(session)
    uid = mai.loaded(csdl([LAN, PAO]), "patrons", NAME)
    query = select(Person.full_name, Person.born_on, Person.born_year_only, Person.sex)
    rows = {name: tuple(others) for name, *others in session.execute(query)}
    assert rows == {LAN[1]: (date(2015, 9, 5), False, "female"), PAO[1]: (date(2015, 11, 26), False, "male")}
    assert "2 em được sửa hoặc thêm thông tin" in mai.page(uid)
    mai.take_back(uid)
    assert people(session) == before


def test_what_was_corrected_by_hand_since_stays(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl([(LAN[0], LAN[1], "", "", "5A")]), "patrons", NAME)
    uid = mai.loaded(csdl([LAN]), "patrons", NAME)
    one = session.scalars(select(Person)).one()
    one.born_on = date(2015, 9, 6)
    session.commit()
    mai.take_back(uid)
    session.expire_all()
    assert (one.born_on, one.sex) == (date(2015, 9, 6), None)
    assert "Giữ nguyên thông tin: đã sửa lần nữa sau khi nạp." in mai.page(uid)


# Who is here no more


def test_without_a_word_nobody_is_missed(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl(), "patrons", NAME)
    uid = mai.brought(csdl([LAN]), "patrons", NAME)
    assert Verdict.LEFT not in verdicts(session, uid)


def test_whole_classes_name_who_is_missing_from_them_alone(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl(), "patrons", NAME)
    uid = mai.brought(csdl([LAN]), "patrons", NAME)
    answer(mai, uid, covers="classes")
    assert set(keys(session, uid, Verdict.LEFT)) == {PAO[1]}
    assert "Danh sách không có em." in mai.page(uid) and "không có trong tệp" in mai.page(uid)
    answer(mai, uid, covers="school")
    assert set(keys(session, uid, Verdict.LEFT)) == {PAO[1], MY[1], HUNG[1]}


def test_only_who_is_ticked_ends_and_comes_back_with_the_undoing(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl(), "patrons", NAME)
    pao = session.scalars(select(Membership).join(Person).where(Person.full_name == PAO[1])).one()
    _lend(session, pao)
    before = people(session)
    uid = mai.brought(csdl([LAN, (HUNG[0], HUNG[1], "13/03/2015", "Nam", "5B")]), "patrons", NAME)
    answer(mai, uid, covers="school")
    left = keys(session, uid, Verdict.LEFT)
    assert set(left) == {PAO[1], MY[1]}
    assert "Em đang giữ 1 cuốn, lượt mượn vẫn còn cho đến khi trả." in mai.page(uid)
    tick(mai, uid, left[PAO[1]])
    assert set(keys(session, uid, Verdict.LEFT)) == {MY[1]}
    assert "1 em thôi đọc" in mai.page(uid)

    mai.write(uid)

    assert set(readers(session)) == {LAN[1], MY[1], HUNG[1]}
    assert session.scalar(select(func.count()).where(Loan.ended_at.is_(None))) == 1, "the book is still out"
    mai.take_back(uid)
    assert people(session) == before


def test_all_at_once_may_be_ticked_and_unticked(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl(), "patrons", NAME)
    uid = mai.brought(csdl([LAN]), "patrons", NAME)
    answer(mai, uid, covers="school")
    left = keys(session, uid, Verdict.LEFT)
    tick(mai, uid, every="1")
    assert set(keys(session, uid, Verdict.CHANGED)) == set(left)
    mai.client.post(f"/imports/{uid}/choices", data={"row": list(left.values())})
    assert set(keys(session, uid, Verdict.LEFT)) == set(left)


def test_a_pupil_who_has_gone_by_the_lists_own_word_is_asked_about(mai: Somebody, session: Any) -> None:
    mai.loaded(smas(), "patrons", NAME)
    before = people(session)
    uid = mai.brought(smas(states={MY[0]: "Chuyển đi", LAN[0]: "Đang học"}), "patrons", NAME)
    assert set(keys(session, uid, Verdict.LEFT)) == {MY[1]}
    tick(mai, uid, *keys(session, uid, Verdict.LEFT).values())
    mai.write(uid)
    assert set(readers(session)) == {LAN[1], PAO[1], HUNG[1]}
    mai.take_back(uid)
    assert people(session) == before


def test_who_was_let_in_again_since_stays(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl([LAN, PAO]), "patrons", NAME)
    uid = mai.brought(csdl([LAN]), "patrons", NAME)
    answer(mai, uid, covers="school")
    tick(mai, uid, every="1")
    mai.write(uid)
    pao = session.scalars(select(Membership).join(Person).where(Person.full_name == PAO[1])).one()
    changing.reopen(session(), pao)
    session.commit()
    mai.take_back(uid)
    assert "Giữ nguyên: em đã được cho đọc lại sau khi nạp." in mai.page(uid)
    assert set(readers(session)) == {LAN[1], PAO[1]}


# Next year


def up(one: tuple[str, ...], room: str) -> Any:
    return (*one[:4], room)


def test_next_years_lists_move_pupils_into_classes_of_the_new_year(mai: Somebody, session: Any) -> None:
    mai.loaded(csdl([up(LAN, "4A"), up(PAO, "4A"), up(MY, "5A")]), "patrons", NAME)
    for member in session.scalars(select(Membership)):
        member.expires_on = date(2027, 5, 31)
    session.commit()
    before = people(session)
    uid = mai.brought(csdl([LAN, up(PAO, "4A")]), "patrons", NAME)
    answer(mai, uid, year="2027-2028", covers="school", expires_on="2028-05-31")
    assert set(keys(session, uid, Verdict.LEFT)) == {MY[1]}
    assert "Đổi lớp: 4A sang 5A." in notes(session, uid) and "Đổi lớp: 4A (2026-2027) sang 4A (2027-2028)." in notes(
        session, uid
    )

    mai.write(uid)

    query = select(Person.full_name, SchoolClass.name, SchoolYear.label, Membership.expires_on).select_from(Membership)
    query = query.join(Person, Person.id == Membership.person_id).join(
        SchoolClass, SchoolClass.id == Membership.class_id
    )
    rows = {
        row[0]: tuple(row[1:])
        for row in session.execute(query.join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id))
    }
    assert rows == {
        LAN[1]: ("5A", "2027-2028", date(2028, 5, 31)), PAO[1]: ("4A", "2027-2028", date(2028, 5, 31)),
        MY[1]: ("5A", "2026-2027", date(2027, 5, 31)),
    }  # fmt: skip
    mai.take_back(uid)
    assert people(session) == before


def test_without_code_and_birth_date_a_pupil_is_known_a_class_higher(mai: Somebody, session: Any) -> None:
    bare = [("", one[1], "", one[3], "4A") for one in (LAN, PAO)]
    mai.loaded(csdl(bare), "patrons", NAME)
    uid = mai.brought(csdl([up(one, "5A") for one in bare]), "patrons", NAME)
    answer(mai, uid, year="2027-2028")
    assert verdicts(session, uid).get(Verdict.CHANGED) == 2, notes(session, uid)


def test_last_years_list_with_the_new_class_moves_everybody(mai: Somebody, session: Any) -> None:
    """In May: the year that is meant is the next one, unasked."""
    mai.loaded(csdl(), "patrons", NAME)
    before = people(session)
    head = ("STT", "Mã học sinh", "Họ và tên", "Lớp", "Lớp mới")
    rows = [(1, LAN[0], LAN[1], "5A", "6A1"), (2, "", PAO[1], "5A", "Lưu ban"), (3, MY[0], MY[1], "5B", "Ra trường"),
            (4, HUNG[0], HUNG[1], "5B", "")]  # fmt: skip
    with clock.stopped_at(datetime(2027, 5, 28, tzinfo=UTC)):
        _sign_in_again(mai)
        uid = mai.brought(promotion(rows, head), "patrons", NAME)
        assert verdicts(session, uid) == {Verdict.CHANGED: 2, Verdict.LEFT: 1, Verdict.REFUSED: 1}
        assert "Chưa biết năm học tới em học lớp nào: điền cột Lớp mới." in notes(session, uid)
        mai.write(uid)
        now = readers(session)
        assert (now[LAN[1]], now[PAO[1]], now[MY[1]]) == ("6A1", "5A", "5B")
        years = dict(
            session.execute(
                select(SchoolClass.name, SchoolYear.label).join(SchoolYear).where(SchoolYear.label > "2026-2027")
            ).all()
        )
        assert years == {"6A1": "2027-2028", "5A": "2027-2028"}
        mai.take_back(uid)
        assert people(session) == before


def test_last_years_list_with_who_goes_up_does_too(mai: Somebody, session: Any) -> None:
    mai.loaded(smas([up(LAN, "3A"), up(PAO, "3A"), up(MY, "3/2"), up(HUNG, "5A")]), "patrons", NAME)
    head = ("STT", "Mã học sinh", "Họ và tên", "Lớp", "Lên lớp/Lưu ban")
    rows = [(1, LAN[0], LAN[1], "3A", "Lên lớp"), (2, PAO[0], PAO[1], "3A", "Lưu ban"), (3, MY[0], MY[1], "3/2", "x"),
            (4, HUNG[0], HUNG[1], "5A", "Hoàn thành chương trình tiểu học")]  # fmt: skip
    uid = mai.brought(promotion(rows, head), "patrons", NAME)
    answer(mai, uid, year="2027-2028")
    assert set(keys(session, uid, Verdict.LEFT)) == {HUNG[1]}
    mai.write(uid)
    assert readers(session) == {LAN[1]: "4A", PAO[1]: "3A", MY[1]: "4/2", HUNG[1]: "5A"}


def _sign_in_again(mai: Somebody) -> None:
    from tests.importing.conftest import PASSWORD

    assert mai.client.post("/sign-in", data={"login": "mai", "password": PASSWORD}).status_code == 303


# What a library may ask for


@pytest.fixture
def head(mai: Somebody, session: Any) -> Somebody:
    """chị Mai decides, too."""
    account = session.scalars(select(Account).where(Account.login == "mai")).one()
    managing.grant(
        session(),
        account,
        RoleName.ADMINISTRATOR,
        _library_of(session),
    )
    session.commit()
    return mai


def _library_of(session: Any) -> int:
    from library.organisations.models import Organisation

    found: int = session.scalars(select(Organisation.id).where(Organisation.name == "Trường Tiểu học Xuất Hóa")).one()
    return found


def switch(mai: Somebody, do: str, why: str = "Báo cáo học sinh dân tộc thiểu số hằng năm.") -> Any:
    return mai.client.post("/settings/pupil-details", data={"do": do, "why": why})


def kept(session: Any) -> dict[str, tuple[str, str]]:
    session.rollback()
    query = select(Person.full_name, PupilDetail.parents, PupilDetail.ethnicity)
    rows = session.execute(query.join(PupilDetail, PupilDetail.person_id == Person.id))
    return {name: (parents, ethnicity) for name, parents, ethnicity in rows}


def test_a_library_that_says_why_keeps_names_of_parents_and_ethnicity(head: Somebody, session: Any) -> None:
    assert switch(head, "on", "vì").status_code == 422
    assert switch(head, "on").status_code == 303
    uid = head.brought(csdl([LAN]), "patrons", NAME)
    assert "Cha mẹ" in head.page(uid)
    head.write(uid)
    assert kept(session) == {LAN[1]: ("Hoàng Văn Cha; Nông Thị Mẹ", "Tày")}
    told = json.dumps([[row.cells, row.values] for row in session.scalars(select(LoadRow))], ensure_ascii=False)
    assert not [secret for secret in ("1980", "006215001234", "Xuất Hóa", "Việt Nam") if secret in told]
    reader = session.scalars(select(Membership.uid)).one()
    assert "Hoàng Văn Cha; Nông Thị Mẹ" in head.client.get(f"/people/{reader}").text


def test_what_is_kept_is_changed_and_put_back(head: Somebody, session: Any) -> None:
    switch(head, "on")
    head.loaded(csdl([LAN]), "patrons", NAME)
    before = people(session)
    uid = head.loaded(csdl([LAN], ethnicity="Nùng"), "patrons", NAME)
    assert kept(session) == {LAN[1]: ("Hoàng Văn Cha; Nông Thị Mẹ", "Nùng")}
    assert verdicts(session, uid).get(Verdict.CHANGED) == 1
    again = head.brought(csdl([LAN], ethnicity="Nùng"), "patrons", NAME)
    assert verdicts(session, again).get(Verdict.UNCHANGED) == 1
    head.take_back(uid)
    assert people(session) == before


def test_switched_off_all_of_it_goes_and_nothing_comes_in(head: Somebody, session: Any) -> None:
    switch(head, "on")
    waiting = head.brought(csdl([PAO]), "patrons", NAME)
    head.loaded(csdl([LAN]), "patrons", "khac.xlsx")
    assert switch(head, "off").status_code == 303
    assert kept(session) == {}
    answer(head, waiting)
    head.write(waiting)
    assert kept(session) == {} and PAO[1] in readers(session)


def test_of_who_has_long_left_nothing_is_kept(head: Somebody, session: Any) -> None:
    switch(head, "on")
    head.loaded(csdl([LAN, PAO]), "patrons", NAME)
    lan = session.scalars(select(Membership).join(Person).where(Person.full_name == LAN[1])).one()
    lan.to_on = date(2026, 11, 6)
    session.commit()
    nightly.forget(datetime(2026, 12, 1, tzinfo=UTC))
    assert set(kept(session)) == {LAN[1], PAO[1]}
    nightly.forget(datetime(2026, 12, 10, tzinfo=UTC))
    assert set(kept(session)) == {PAO[1]}


def test_only_who_sets_rules_may_switch(people: dict[str, Somebody], session: Any) -> None:
    assert (
        people["lan"]
        .client.post("/settings/pupil-details", data={"do": "on", "why": "Vì muốn biết nhiều hơn."})
        .status_code
        == 403
    )
    assert not details.keeps(db.session(), _library_of(session))
