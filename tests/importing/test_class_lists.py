"""Class lists come in, from the file to the card."""

import json
from datetime import date
from typing import Any

from sqlalchemy import select

from library.core import clock
from library.holdings import accessions, places
from library.holdings.accessions import NewItem
from library.holdings.models import PlaceKind
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans.models import Loan
from library.patrons.models import Card, Membership, Person, SchoolClass
from library.staging.encodings import spell
from library.staging.models import Load, LoadRow
from library.staging.verdicts import Verdict
from tests.importing.conftest import Person as Somebody
from tests.importing.conftest import everything, verdicts
from tests.importing.lists import PUPIL_HEAD, class_book, workbook
from tests.support.world import World

LAN, HUNG, MY = ("1012345678", "Hoàng Thị Mai Lan", "05/09/2015"), ("1012345679", "Lý Văn Hùng", "26.XI.2015"), (
    "1012345680", "Nông Thị Mỹ", "2015"
)  # fmt: skip


def _list(*pupils: tuple[str, str, str], name: str = "5A") -> bytes:
    rows = [
        (at, code, who, born, "Nữ", name, "Nông Thị Mẹ", "0912345678") for at, (code, who, born) in enumerate(pupils, 1)
    ]
    return workbook(PUPIL_HEAD, rows, "DANH SÁCH HỌC SINH", "DS")


def _classes(session: Any) -> dict[str, str]:
    """{name: class} of those who read here now."""
    session.rollback()
    query = select(Person.full_name, SchoolClass.name).join(Membership, Membership.person_id == Person.id)
    rows = session.execute(query.outerjoin(SchoolClass).where(Membership.to_on.is_(None)))
    return dict(rows.all())


def test_a_workbook_with_a_sheet_a_class_makes_readers_with_cards(mai: Somebody, session: Any) -> None:
    uid = mai.loaded(class_book({"5A": [LAN, HUNG], "5B": [MY]}), "patrons", "lop.xlsx")

    assert _classes(session) == {LAN[1]: "5A", HUNG[1]: "5A", MY[1]: "5B"}
    assert len(session.scalars(select(Card).where(Card.ended_at.is_(None))).all()) == 3
    born = dict(session.execute(select(Person.full_name, Person.born_on)).all())
    assert born == {LAN[1]: date(2015, 9, 5), HUNG[1]: date(2015, 11, 26), MY[1]: date(2015, 1, 1)}
    grades = session.scalars(select(SchoolClass.grade)).all()
    assert grades == [5, 5]
    assert "3 bạn đọc mới, có thẻ" in mai.page(uid)


def test_what_a_library_needs_not_know_is_never_stored(mai: Somebody, session: Any) -> None:
    uid = mai.brought(_list(LAN), "patrons")

    page = mai.page(uid)
    rows = session.scalars(select(LoadRow)).all()

    assert page.count("Không lưu") == 2
    told = json.dumps([[row.cells, row.values, row.notes] for row in rows], ensure_ascii=False)
    assert LAN[1] in told
    assert "Nông Thị Mẹ" not in told and "0912345678" not in told


def test_the_same_class_list_twice_changes_nothing(mai: Somebody, session: Any) -> None:
    content = _list(LAN, HUNG, MY)
    mai.loaded(content, "patrons")
    before = everything(session)

    again = mai.brought(content, "patrons")

    assert verdicts(session, again) == {Verdict.UNCHANGED: 3, Verdict.SKIPPED: 3}
    assert mai.client.post(f"/imports/{again}/apply").status_code == 409
    assert everything(session) == before


def test_next_years_list_moves_the_class_and_nothing_else(mai: Somebody, session: Any) -> None:
    mai.loaded(_list(LAN, HUNG, name="4A"), "patrons")
    cards = session.scalars(select(Card.code_id)).all()

    uid = mai.loaded(_list(LAN, HUNG, MY, name="5A"), "patrons")

    assert verdicts(session, uid) == {Verdict.CHANGED: 2, Verdict.NEW: 1, Verdict.SKIPPED: 3}
    assert "Đổi lớp: 4A sang 5A." in mai.page(uid)
    assert set(_classes(session).values()) == {"5A"}
    assert set(cards) <= set(session.scalars(select(Card.code_id).where(Card.ended_at.is_(None))).all())


def test_without_codes_name_and_birth_date_tell_who_it_is(mai: Somebody, session: Any) -> None:
    mai.loaded(_list(("", LAN[1], LAN[2]), ("", HUNG[1], HUNG[2]), name="4A"), "patrons")

    uid = mai.loaded(_list(LAN, ("", HUNG[1], "27/11/2015"), name="5A"), "patrons")

    assert verdicts(session, uid) == {Verdict.CHANGED: 1, Verdict.NEW: 1, Verdict.SKIPPED: 3}
    assert dict(session.execute(select(Person.full_name, Person.student_code)).all())[LAN[1]] == LAN[0]


def test_a_pupil_twice_and_a_code_of_somebody_else_are_told(mai: Somebody, session: Any) -> None:
    mai.loaded(_list(LAN), "patrons")

    uid = mai.brought(_list(HUNG, HUNG, (LAN[0], "Trần Văn Khác", "01/01/2015")), "patrons")

    assert verdicts(session, uid) == {
        Verdict.NEW: 1, Verdict.DUPLICATE: 1, Verdict.REFUSED: 1, Verdict.SKIPPED: 3
    }  # fmt: skip
    page = mai.page(uid)
    assert "Em này đã có ở dòng 7 của tệp." in page
    assert f"Mã học sinh {LAN[0]} đang là của một bạn đọc tên khác." in page


def test_undoing_ends_what_it_began_and_puts_back_what_it_moved(mai: Somebody, session: Any) -> None:
    mai.loaded(_list(LAN, name="4A"), "patrons")
    uid = mai.loaded(_list(LAN, HUNG, name="5A"), "patrons")

    mai.take_back(uid)

    assert _classes(session) == {LAN[1]: "4A"}
    assert len(session.scalars(select(Card).where(Card.ended_at.is_(None))).all()) == 1
    mai.loaded(_list(LAN, HUNG, name="5A"), "patrons")
    assert _classes(session) == {LAN[1]: "5A", HUNG[1]: "5A"}
    assert len(session.scalars(select(Person)).all()) == 2


def test_a_reader_who_has_borrowed_stays_when_the_list_goes(mai: Somebody, session: Any) -> None:
    uid = mai.loaded(_list(LAN, HUNG), "patrons")
    lan = session.scalars(select(Membership).join(Person).where(Person.full_name == LAN[1])).one()
    _lend(session, lan)

    mai.take_back(uid)

    assert _classes(session) == {LAN[1]: "5A"}
    assert "Giữ lại: em đã có lượt mượn hoặc đặt sách." in mai.page(uid)


def _lend(session: Any, membership: Membership) -> None:
    """A loan, as the desk writes it."""
    library = membership.library
    branch, now = library.branches[0], clock.now()
    doing = Doing.now(branch_id=branch.id)
    receipt = accessions.receive(session(), doing, library, "Trường tự mua", clock.today(), now)
    home = places.first_of(session(), branch.id, PlaceKind.STACKS)
    record = World(session).record(library=library)
    (item,) = accessions.enter(session(), receipt, library, branch.id, [NewItem(record.id, home.id, "TN")], now)
    act = acts.write(session(), Doing.now(branch_id=branch.id), "lend", now)
    session.add(
        Loan(
            act_id=act,
            item_id=item,
            membership_id=membership.id,
            branch_id=branch.id,
            lent_at=now,
            due_on=clock.today(),
        )
    )
    session.commit()


def test_letters_of_an_old_font_are_mended_and_what_is_private_is_kept_nowhere(mai: Somebody, session: Any) -> None:
    head = "Mã học sinh;Họ và tên;Ngày sinh;Lớp;Họ tên mẹ"
    lines = [f"00000000{at};Nguyễn Thị Hương Giang {at};05/09/2014;5A;Trần Thị Mẫu Đơn" for at in range(4)]
    uid = mai.brought(spell("\n".join([head, *lines]), "tcvn3").encode("cp1252"), "patrons", "lop-5a.csv")

    page = mai.page(uid)
    assert "Nguyễn Thị Hương Giang" in page and "Mẫu Đơn" not in page
    told = str(session.scalars(select(Load.choices)).all()) + str(session.scalars(select(LoadRow.cells)).all())
    assert "Giang" in told and "MÉu" not in told and "Mẫu" not in told
    assert "Giang" not in str(session.scalars(select(Load.choices)).all())
