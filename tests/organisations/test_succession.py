"""A school takes over another: on the next day its librarian works with everything, and no line of a register is lost."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from sqlalchemy import ForeignKey, Table, func, insert, select

import library
from library import assembly, create_app
from library.accounts.models import Account, Grant
from library.catalogue.models import CallNumberRule, LocalRecord, Record, RhymeNumber
from library.cataloguing.models import ScanLine
from library.core import clock, versions
from library.core.db import Base, db
from library.exports.models import Export
from library.holdings import accessions, ledger, stays
from library.holdings.accessions import NewItem
from library.holdings.models import Item, ItemClass, ItemCode, LineState, PlaceKind, Receipt, RegisterLine
from library.inbox import acts
from library.inbox.acts import Doing
from library.jobs import queue
from library.jobs.models import JobState
from library.labels import signs, stock
from library.labels.models import LabelPaper, LabelPrinter, LabelRun, LabelTemplate, Why
from library.loans import closing, compensation, holds
from library.loans.models import Harm, Hold, Loan
from library.mobile.models import Suspension, VisitChange
from library.organisations import founding, inheriting, rules, tree
from library.organisations.inheriting import SUCCESSION
from library.organisations.models import Code, CodeKind, Counter, Organisation, OrganisationKind, Parentage
from library.organisations.rules import Ask, CannotSucceed
from library.patrons import enrolling
from library.patrons.enrolling import NewPatron
from library.patrons.models import Card, Category, Membership, PatronGroup, SchoolClass
from library.policies import writing
from library.policies.models import PolicyLine
from library.policies.rulebook import RULES
from library.policies.values import Channel
from library.privacy import consenting
from library.privacy.consenting import Said
from library.privacy.models import Purpose, Relation
from library.promotion import donors, gift_funds
from library.promotion.gift_models import DonorKind
from library.reports.society_models import SocietyBranch
from library.rotation.models import StockChange
from library.shelves import building
from library.shelves.building import NewShelf
from library.shelves.models import SwapEvery, SwapPlan
from library.staging.models import Load, LoadState
from tests.access import campaign_things, report_things
from tests.importing.lists import BOOK_HEAD, book_rows, workbook
from tests.support import rotation
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import LONG_AGO, World

library.import_models()
TODAY = clock.today()
OLD = "Trường Tiểu học Nông Thượng"


def enter(world: World, owner: Organisation, record: Record, count: int, series: str, general: str) -> list[Item]:
    """Copies under a receipt with its number in the general register."""
    session, branch = world.session(), world.branch(owner)
    doing = Doing(clock.uuid7(), branch_id=branch.id, at=LONG_AGO)
    receipt = accessions.receive(session, doing, owner, "Trường tự mua", LONG_AGO.date(), LONG_AGO, general_no=general)
    new = [NewItem(record.id, world.place(library=owner).id, series)] * count
    return [session.get_one(Item, one) for one in accessions.enter(session, receipt, owner, branch.id, new, LONG_AGO)]


def member(world: World, owner: Organisation, person: int, class_id: int | None = None, **more: object) -> Membership:
    new = NewPatron("", person_id=person, class_id=class_id, **more)  # type: ignore[arg-type]
    ((made, _),) = enrolling.enrol(world.session(), owner, world.category(library=owner), [new])
    return world.session.get_one(Membership, made)


def card_of(reader: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == reader.id)
    return db.session.execute(query.where(Card.ended_at.is_(None))).scalar_one()


@dataclass
class Two:
    """Two schools of one province that both count TK from 1. Lan, Bảo and Chi read at the old one, Chi at both."""

    world: World
    old: Organisation
    new: Organisation
    record: Record
    items: list[Item]
    theirs: list[Item]
    lan: Membership
    bao: Membership
    chi: Membership
    chi_there: Membership

    def succeed(self, on: date = TODAY) -> inheriting.Told:
        return founding.succeed(self.world.session(), self.old, self.new, on)

    def told(self, *words: str) -> list[str]:
        """Labels and register lines of the successor: TK.TTHNT 1 TK.00001."""
        query = select(RegisterLine.series, RegisterLine.number, Item.accession).outerjoin(
            Item, Item.id == RegisterLine.item_id
        )
        mine = query.where(RegisterLine.library_id == self.new.id).order_by(RegisterLine.series, RegisterLine.number)
        return [f"{series} {number} {label}" for series, number, label in db.session.execute(mine)]


@pytest.fixture
def two(world: World) -> Two:
    session = world.session()
    old, new = world.school(OLD), world.school()
    record = world.record()
    items = enter(world, old, record, 3, "TK", "1")
    items += enter(world, old, record, 1, "NV", "2")
    theirs = enter(world, new, record, 2, "TK", "1")
    session.execute(
        insert(RegisterLine).values(
            library_id=old.id, series="TK", number=9, state=LineState.STRUCK_OUT, reason="Ghi nhầm"
        )
    )
    for school in (old, new):
        lends(session, school.id, world.category(), most=2 if school is new else 5)
    lan, bao = (world.patron(name, old, "5A") for name in ("Hoàng Thị Mai Lan", "Nông Văn Bảo"))
    chi = world.patron("Lý Thị Chi", old, "5A")
    chi_there = member(world, new, chi.person_id)
    world.patron("Triệu Văn Dũng", new, "5A")
    account(world, "huong", library=old)
    account(world, "ha", library=new)
    session.flush()
    return Two(world, old, new, record, items, theirs, lan, bao, chi, chi_there)


def run(app: Flask, *words: str) -> tuple[int, str]:
    db.session.commit()
    db.session.remove()
    result = app.test_cli_runner().invoke(args=words)
    return result.exit_code, result.output


def line(said: str, name: str) -> int:
    """The number before some words of the command line."""
    (found,) = [one for one in said.splitlines() if one.strip().endswith(name)]
    return int(found.split()[0].replace(".", ""))


# Everything, through the doors that people use


def test_on_the_next_day_the_successors_librarian_works_with_everything(app: Flask, two: Two) -> None:
    commit()
    desk = DeskPage(sign_in(app, "huong"))
    desk.scan(card_of(two.lan))
    assert desk.scan("TK.00001")["what"] == "lent"
    desk.scan(card_of(two.chi))
    assert desk.scan("TK.00002")["what"] == "lent"
    session, doing = two.world.session(), two.world.doing(library=two.old)
    holds.place(session, doing, two.record.id, two.bao.id, two.world.branch(two.old).id)
    shelf = two.world.place(PlaceKind.PROCESSING, two.old)
    act = (acts.write(session, two.world.doing(library=two.old), "stay", LONG_AGO), clock.uuid7())
    stays.begin(session, act, (two.items[2].id, two.items[2].uid), shelf.id, "shelf", LONG_AGO + timedelta(days=1))
    ids, titled = [one.id for one in two.items], two.record.uid
    chi, chi_card, bao, old_branch = two.chi_there.uid, card_of(two.chi), two.bao.uid, two.world.branch(two.old).id

    code, said = run(app, "organisations", "succeed", two.old.slug, two.new.slug, "--on", f"{TODAY:%d/%m/%Y}")
    assert (code, line(said, "bản sách"), line(said, "tài khoản"), line(said, "thẻ bạn đọc")) == (0, 4, 1, 2)
    assert run(app, "holdings", "audit") == (0, "6 bản sách, 0 bản lệch.\n")
    assert run(app, "loans", "audit")[0] == 0

    ha = sign_in(app, "ha")
    people = ha.get("/people").get_data(as_text=True)
    assert all(name in people for name in ("Lan", "Bảo", "Chi", "Dũng"))
    panel = ha.get(f"/people/{chi}").get_data(as_text=True)
    assert "TK.00002" in panel and "Dế Mèn" in panel
    assert "Dế Mèn" in ha.get(f"/people/{bao}").get_data(as_text=True)
    page = DeskPage(ha)
    opened = page.scan(chi_card)
    assert opened["reader"]["uid"] == str(chi), "the card of the old school opens the one membership"
    page.reader = None
    own_code = db.session.scalar(
        select(Code.printed).join(ItemCode).where(ItemCode.item_id == ids[0], Code.printed.startswith("2"))
    )
    assert own_code and page.scan(own_code)["what"] == "returned"
    assert run(app, "holdings", "audit")[0] == run(app, "loans", "audit")[0] == 0

    place = db.session.scalar(select(Item.home_id).where(Item.id == ids[0]))
    told = {"uid": str(clock.uuid7()), "quantity": "2", "series": "TK", "price": "", "source": "Phụ huynh tặng",
            "received_on": f"{TODAY:%d/%m/%Y}", "home": str(place)}  # fmt: skip
    assert ha.post(f"/titles/{titled}/copies", data=told).status_code == 303, "onto a shelf of the old school"
    assert db.session.scalars(select(Item.accession).order_by(Item.id.desc()).limit(2)).all() == [
        "TK.00004",
        "TK.00003",
    ]
    sheet = ha.post("/labels", data={"paper": "a4-21", "what": "waiting", "kind": "barcode"})
    (drawn,) = pypdfium2.PdfDocument(io.BytesIO(sheet.data))
    scanned = zxingcpp.read_barcodes(drawn.render(scale=300 / 72).to_pil(), formats=zxingcpp.BarcodeFormat.Code128)
    assert len(scanned) == 8 and len({one.text for one in scanned}) == 8
    assert own_code in {one.text for one in scanned}, "a copy keeps its own code when its label is printed again"

    mine = DeskPage(sign_in(app, "huong"))
    assert mine.scan("TK.00002")["what"] == "returned", "the label, at the branch where it was lent"
    assert "Dũng" in mine.client.get("/people").get_data(as_text=True), "she sees the whole new school"
    assert db.session.scalar(select(Loan.branch_id).where(Loan.item_id == ids[1])) == old_branch
    assert run(app, "holdings", "audit")[0] == run(app, "loans", "audit")[0] == 0


def test_what_is_still_open_counts_in_the_successors_limits(app: Flask, two: Two) -> None:
    """Chi has one book of each school: with two allowed, a third is refused."""
    commit()
    for login, card, label in (("huong", two.chi, "TK.00001"), ("ha", two.chi_there, "TK.00001")):
        desk = DeskPage(sign_in(app, login))
        desk.scan(card_of(card))
        assert desk.scan(label)["what"] == "lent"
    two.succeed()
    card = card_of(two.chi_there)
    commit()
    desk = DeskPage(sign_in(app, "ha"))
    assert len(desk.scan(card)["reader"]["loans"]) == 2
    answer = desk.scan("TK.00002")
    assert answer["what"] == "refused"
    assert two.world.session.scalar(select(func.count()).where(Loan.membership_id == two.chi_there.id)) == 2


# Registers


def test_a_series_both_have_keeps_its_lines_under_a_name_of_its_own(two: Two) -> None:
    before = {one.id: one.accession for one in two.items}
    two.succeed()
    assert two.told() == [
        "NV 1 NV.00001", "TK 1 TK.00001", "TK 2 TK.00002",
        "TK.TTHNT 1 TK.00001", "TK.TTHNT 2 TK.00002", "TK.TTHNT 3 TK.00003", "TK.TTHNT 9 None",
    ]  # fmt: skip
    assert {one.id: one.accession for one in two.items} == before
    assert [one.accession_folded for one in two.items[:2]] == ["TKTTHNT00001", "TKTTHNT00002"]
    query = select(Counter.series, Counter.last).where(Counter.library_id == two.new.id)
    counters = dict(db.session.execute(query).all())
    assert {"accession TK": 2, "accession TK.TTHNT": 3, "accession NV": 1}.items() <= counters.items()
    general = select(Receipt.general_no).where(Receipt.library_id == two.new.id).order_by(Receipt.general_no)
    assert db.session.scalars(general).all() == ["1", "1/TTHNT", "2/TTHNT"]


def test_a_register_only_the_old_one_has_is_gone_on_with(world: World) -> None:
    old, new, record = world.school(OLD), world.school(), world.record()
    enter(world, old, record, 2, "GK", "7")
    founding.succeed(world.session(), old, new, TODAY)
    (next_one,) = enter(world, new, record, 1, "GK", "8")
    assert next_one.accession == "GK.00003"
    numbers = select(Receipt.general_no).order_by(Receipt.general_no)
    assert world.session.scalars(numbers).all() == ["7", "8"]


def test_labels_are_told_apart_by_where_the_copy_is(app: Flask, two: Two) -> None:
    """TK.00001 is on two books: here goes before elsewhere, as it did."""
    two.succeed()
    commit()
    titles = {}
    for login in ("huong", "ha"):
        answer = DeskPage(sign_in(app, login)).scan("tk 00001")
        assert answer["what"] == "counted"
        titles[login] = db.session.scalar(select(Item.id).order_by(Item.seen_at.desc()).limit(1))
    assert titles == {"huong": two.items[0].id, "ha": two.theirs[0].id}


def test_the_same_initials_twice_make_two_names(world: World) -> None:
    new, record = world.school(), world.record()
    enter(world, new, record, 1, "TK", "1")
    for name in (OLD, "Trường Tiểu học Ngân Tân"):
        old = world.school(name)
        enter(world, old, record, 1, "TK", "1")
        founding.succeed(world.session(), old, new, TODAY)
    third = world.school("Trường Tiểu học Nà Tấu")
    enter(world, third, record, 1, "TK", "1")
    founding.succeed(world.session(), third, new, TODAY)
    series = select(RegisterLine.series).where(RegisterLine.library_id == new.id).order_by(RegisterLine.series)
    assert world.session.scalars(series).all() == ["TK", "TK.TTHNT", "TK.TTHNTA", "TK.TTHNTB"]
    assert ledger.astray(world.session()) == []


def test_a_chain_of_successions_loses_nothing(two: Two) -> None:
    two.succeed()
    third = two.world.school("Trường Tiểu học và THCS Đức Xuân")
    enter(two.world, third, two.record, 1, "TK", "1")
    founding.succeed(two.world.session(), two.new, third, TODAY)
    lines = select(RegisterLine.library_id, func.count()).group_by(RegisterLine.library_id)
    assert {row[0]: row[1] for row in db.session.execute(lines)} == {third.id: 8}
    items = db.session.scalars(select(Item.accession_folded)).all()
    assert len(items) == len(set(items)) == 7


def test_a_list_the_old_library_brought_can_still_be_taken_back(app: Flask, two: Two) -> None:
    """Its numbers are struck out where they stand now; the successor's copies of the same numbers stay."""
    commit()
    files = {"kind": "books", "file": (io.BytesIO(workbook(BOOK_HEAD, book_rows(4, start=20))), "so.xlsx")}
    answer = sign_in(app, "huong").post("/imports", data=files, content_type="multipart/form-data")
    address = answer.headers["Location"]
    queue.work_off(app)
    assert sign_in(app, "huong").post(f"{address}/apply").status_code == 303
    queue.work_off(app)
    old, new = two.world.session.merge(two.old), two.world.session.merge(two.new)
    founding.succeed(db.session(), old, new, TODAY)
    commit()
    assert sign_in(app, "ha").post(f"{address}/undo").status_code == 303
    queue.work_off(app)
    states = select(RegisterLine.series, RegisterLine.state, func.count()).where(RegisterLine.library_id == new.id)
    found = {
        (row[0], row[1]): row[2] for row in db.session.execute(states.group_by(RegisterLine.series, RegisterLine.state))
    }
    assert found["TK", LineState.USED] == 2
    assert (found["TK.TTHNT", LineState.USED], found["TK.TTHNT", LineState.STRUCK_OUT]) == (3, 6)


# Readers


def test_who_reads_at_both_keeps_one_membership_and_waits_once(two: Two) -> None:
    session, world = two.world.session(), two.world
    places = [(two.chi, two.old), (two.chi_there, two.new)]
    other = world.record("Cây khế")
    for reader, owner in places:
        holds.place(session, world.doing(library=owner), two.record.id, reader.id, world.branch(owner).id)
    holds.place(session, world.doing(library=two.old), other.id, two.chi.id, world.branch(two.old).id)
    two.chi.blocked_until = TODAY + timedelta(days=5)
    two.items[0].owner_patron_id = two.chi.id
    two.succeed()
    member_ = select(Membership.id).where(Membership.person_id == two.chi.person_id, Membership.to_on.is_(None))
    assert session.scalars(member_).all() == [two.chi_there.id]
    waiting = select(Hold.record_id).where(Hold.membership_id == two.chi_there.id, Hold.ended_at.is_(None))
    assert sorted(session.scalars(waiting)) == sorted([two.record.id, other.id])
    assert session.scalars(select(Hold.ended_why).where(Hold.ended_at.is_not(None))).all() == ["merged"]
    assert two.chi_there.blocked_until == TODAY + timedelta(days=5)
    assert two.items[0].owner_patron_id == two.chi_there.id
    assert two.chi_there.class_id == two.chi.class_id
    assert (two.lan.library_id, two.chi.library_id, two.chi.to_on) == (two.new.id, two.old.id, TODAY)


def test_a_card_fills_the_place_of_one_that_was_lost(two: Two) -> None:
    card = card_of(two.chi)
    db.session.query(Card).filter_by(membership_id=two.chi_there.id).update({"ended_at": clock.now(), "lost": True})
    two.succeed()
    assert card_of(two.chi_there) == card


def test_classes_meet_in_the_successors_year_and_stay_two(two: Two) -> None:
    two.succeed()
    query = select(SchoolClass.name, SchoolClass.school_year_id).where(SchoolClass.library_id == two.new.id)
    rows = db.session.execute(query.order_by(SchoolClass.name)).all()
    assert [row.name for row in rows] == ["5A", f"5A ({OLD})"]
    assert {row.school_year_id for row in rows} == {two.world.school_year(two.new).id}
    assert two.lan.school_class and two.lan.school_class.name == f"5A ({OLD})"


# What the successor says itself


def test_the_successors_own_word_wins(two: Two) -> None:
    session, old, new = two.world.session(), two.old.id, two.new.id
    other = two.world.record("Cây khế")
    session.add_all(
        [
            LocalRecord(library_id=old, record_id=two.record.id, call_number="A 1"),
            LocalRecord(library_id=new, record_id=two.record.id, call_number="B 2"),
            LocalRecord(library_id=old, record_id=other.id, call_number="A 3"),
            CallNumberRule(library_id=old, parts="class title"),
            RhymeNumber(library_id=old, rhyme="ương", number=91),
            RhymeNumber(library_id=new, rhyme="ang", number=12),
        ]
    )
    lends(session, old, two.world.category("GV"), most=9)
    lends(session, old, most=1)
    two.succeed()
    said = select(LocalRecord.call_number).where(LocalRecord.library_id == new).order_by(LocalRecord.call_number)
    assert session.scalars(said).all() == ["A 3", "B 2"]
    assert session.scalars(select(CallNumberRule.library_id)).all() == [new]
    assert session.scalars(select(RhymeNumber.rhyme).where(RhymeNumber.library_id == new)).all() == ["ang"]
    most = select(PolicyLine.most).where(PolicyLine.owner_id == new).order_by(PolicyLine.most)
    assert session.scalars(most).all() == [1, 2, 9]


def test_a_line_for_all_others_speaks_for_every_category(two: Two) -> None:
    session = two.world.session()
    lends(session, two.new.id, most=1)
    lends(session, two.old.id, two.world.category("GV"), most=9)
    two.succeed()
    assert 9 not in session.scalars(select(PolicyLine.most).where(PolicyLine.owner_id == two.new.id)).all()


def test_lines_go_over_for_what_the_successor_is_silent_about(two: Two) -> None:
    """By the class or the channel they speak for; what memory holds is out of date."""
    session, before = two.world.session(), versions.of(two.world.session(), RULES)
    audio = ItemClass(uid=clock.uuid7(), network_id=two.old.network_id, code="audio", name="Băng đĩa")
    session.add(audio)
    session.flush()
    writing.say(session, two.old.id, {"most_of_class": 1}, None, audio.id)
    writing.say(session, two.old.id, {"renewals": 0}, None, None, Channel.VAN)
    writing.say(session, two.new.id, {"renewals": 2}, None, None, Channel.VAN)
    two.succeed()
    said = select(PolicyLine.place, PolicyLine.renewals).where(PolicyLine.owner_id == two.new.id)
    found = dict(session.execute(said).all())
    assert found[f"-/{audio.id}/-"] is None
    assert found["-/-/van"] == 2
    assert versions.of(session, RULES) > before


def test_scanned_lines_of_one_account_are_added(two: Two) -> None:
    session, whose = two.world.session(), clock.uuid7()
    for owner, code, quantity in ((two.old, "1", 2), (two.new, "1", 3), (two.old, "2", 1)):
        session.add(ScanLine(uid=clock.uuid7(), library_id=owner.id, account=whose, code=code, quantity=quantity,
                             told={}, made_at=clock.now()))  # fmt: skip
    two.succeed()
    query = select(ScanLine.code, ScanLine.quantity).where(ScanLine.library_id == two.new.id).order_by(ScanLine.code)
    assert [tuple(row) for row in session.execute(query)] == [("1", 5), ("2", 1)]


def test_a_role_held_at_both_ends_with_the_old_one(two: Two) -> None:
    session = two.world.session()
    huong = session.scalars(select(Account).where(Account.login == "huong")).one()
    there = Grant(account_id=huong.id, role=huong.grants[0].role, library_id=two.new.id, from_on=TODAY)
    session.add(there)
    two.succeed()
    query = select(Grant.library_id).where(Grant.account_id == huong.id, Grant.to_on.is_(None))
    assert session.scalars(query).all() == [two.new.id]
    assert huong.library_id == two.new.id


# Every table


def whose(table: Table) -> Iterator[str]:
    """Columns that say which library a row is of: by their name, or by a key."""
    for column in table.c:
        keys: set[ForeignKey] = column.foreign_keys
        if column.name in ("library_id", "organisation_id") or any(
            key.column.table.name == "organisation" for key in keys
        ):
            yield f"{table.name}.{column.name}"


def test_every_column_that_names_a_library_goes_over_or_says_why_not() -> None:
    named = {column for table in Base.metadata.tables.values() for column in whose(table)}
    said = [column for part in SUCCESSION.values() for column in (*part.moves, *part.leaves)]
    assert len(said) == len(set(said)), "said twice"
    assert set(said) == named
    assert all(len(reason) > 10 for part in SUCCESSION.values() for reason in part.leaves.values())


def fill(two: Two) -> None:
    """A row of the old library in every table that moves."""
    session, old, now = two.world.session(), two.old, clock.now()
    session.add(ScanLine(uid=clock.uuid7(), library_id=old.id, account=clock.uuid7(), code="893", told={}, made_at=now))
    session.add(Load(uid=clock.uuid7(), kind="books", library_id=old.id, branch_id=two.world.branch(old).id, file_key="",
                     file_name="sách.xlsx", choices={}, state=LoadState.APPLIED, made_at=now, applied_at=now))  # fmt: skip
    session.add(Export(uid=clock.uuid7(), library_id=old.id, kind="books", form="csv", libraries=[old.id], written={},
                       made_at=now))  # fmt: skip
    for row in (LabelTemplate(name="A", cells=[], changed_at=now), LabelPrinter(name="A", starts={}),
                LabelPaper(name="A", page_w=210, page_h=297, label_w=70, label_h=37, cols=3, rows=8, margin_left=0,
                           margin_top=0, pitch_x=70, pitch_y=37)):  # fmt: skip
        stock.add(session, old.id, row)
    stock.add(session, two.new.id, LabelPrinter(name="A", starts={}))
    for owner in (old.id, two.new.id):
        donors.named(session, owner, DonorKind.COLLECTIVE, "Lớp 5A")
        gift_funds.open_fund(session, owner, gift_funds.FIRST_NAME)
    session.add(
        LabelRun(uid=clock.uuid7(), library_id=old.id, printed_at=now, why=Why.NEW, paper="", template="", labels=1)
    )
    signs.add_named(session, old, CodeKind.CRATE, ["Thùng 1"], now)
    reader = session.scalars(select(Membership).where(Membership.library_id == old.id)).first()
    assert reader
    consenting.give(session, reader, Said(Purpose.NAME, Relation.SELF, "", True, "phiếu", clock.today()), None)
    damaged = session.scalars(select(Item.id).where(Item.library_id == old.id)).first()
    assert damaged
    compensation.ask(session, Doing.now(), compensation.Asking(damaged, Harm.DAMAGED, 5_000))
    built = building.build(session, Doing.now(), old, two.world.branch(old).id, NewShelf("Tủ lớp 4A"))
    session.add(SwapPlan(uid=clock.uuid7(), library_id=old.id, name="Khối 4", every=SwapEvery.WEEK, from_on=TODAY,
                         rounds=3, act_id=built.act_id, wishes={}))  # fmt: skip
    session.add(SocietyBranch(uid=clock.uuid7(), organisation_id=old.id, name="Chi hội thôn 1", act_id=built.act_id))
    closing.begin(session, Doing.now(), closing.Reach(old.id, None, TODAY, TODAY), "mưa lũ")
    _fill_rotation(two)
    queue.ask("staging.apply", {}, old.id, None).state = JobState.DONE
    session.flush()


def _fill_rotation(two: Two) -> None:
    """A copy that joined the stock; a trip, and visits that were suspended."""
    session, old = two.world.session(), two.old
    home, van = rotation.depot(two.world, old), rotation.vehicle(two.world, library=old)
    trip, item = rotation.trip(two.world, van), two.items[0]
    campaign_things.add(old)
    report_things.add(old)
    session.add(StockChange(library_id=old.id, item_id=item.id, act_id=trip.act_id, joined=True, home_before=item.home_id,
                            home_after=home.id, changed_on=TODAY))  # fmt: skip
    session.add(Suspension(uid=clock.uuid7(), library_id=old.id, vehicle_id=van.id, first_on=TODAY, last_on=TODAY,
                           why="storm", act_id=trip.act_id))  # fmt: skip
    session.add(VisitChange(uid=clock.uuid7(), library_id=old.id, act_id=trip.act_id, kind="suspend", why="storm",
                            facts={}, made_at=clock.now()))  # fmt: skip


def of(column: str, library_id: int) -> int:
    table, name = column.split(".")
    found = Base.metadata.tables[table]
    return db.session.scalar(select(func.count()).select_from(found).where(found.c[name] == library_id)) or 0


def test_who_agreed_at_both_agreed_once(two: Two) -> None:
    session, said = two.world.session(), Said(Purpose.NAME, Relation.SELF, "", True, "phiếu", TODAY)
    mine = two.world.patron("Hoàng Thị Mai Lan", library=two.old)
    there = Membership(uid=clock.uuid7(), person_id=mine.person_id, library_id=two.new.id, category_id=mine.category_id,
                       from_on=TODAY)  # fmt: skip
    session.add(there)
    session.flush()
    for one in (mine, there):
        consenting.give(session, one, said, None)
    two.succeed()
    assert [one.withdrawn_on for one in consenting.of(session, there)].count(None) == 1


def test_what_is_said_to_move_moves(two: Two) -> None:
    fill(two)
    moves = {column for part in SUCCESSION.values() for column in part.moves} - {"record.network_id"}
    before = {column: (of(column, two.old.id), of(column, two.new.id)) for column in moves}
    assert [column for column, (mine, _) in before.items() if not mine] == [], "nothing to move: the test is blind"
    two.succeed()
    assert {column: of(column, two.old.id) for column in moves} == dict.fromkeys(moves, 0)
    assert {column: of(column, two.new.id) for column in moves} == {one: sum(both) for one, both in before.items()}


def test_donors_and_funds_of_one_name_stand_side_by_side(two: Two) -> None:
    fill(two)
    two.succeed()
    session = two.world.session()
    session.expire_all()
    names = {donors.full_name(one) for one in donors.listed(session, two.new.id)}
    assert names == {"Lớp 5A", f"Lớp 5A, {OLD}"}
    funds = [one.name for one in gift_funds.open_funds(session, two.new.id)]
    assert sorted(funds) == ["Quỹ khuyến học", f"Quỹ khuyến học – {OLD}"]


def test_an_application_in_which_a_package_is_forgotten_does_not_start(
    monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.delitem(SUCCESSION, "holdings")
    with pytest.raises(RuntimeError, match="succession"):
        create_app({"DATABASE": database_url, "SECRET_KEY": "test"})
    assert "holdings" in assembly.SUCCESSION


# The tree, and days before


def test_days_before_find_the_old_library(two: Two) -> None:
    branch, session = two.world.branch(two.old).id, two.world.session()
    pair, yesterday = (two.old.id, two.world.province().id), TODAY - timedelta(days=1)
    session.query(Parentage).update({"from_on": yesterday})
    two.old.from_on = yesterday
    two.succeed()
    assert branch in tree.branches_on(session, [two.old.id], yesterday)
    assert branch not in tree.branches_on(session, [two.new.id], yesterday)
    assert branch in tree.branches_on(session, [two.new.id], TODAY)
    assert tree.branches_on(session, [two.old.id], TODAY) == frozenset()
    assert pair in tree.parentage_on(session, yesterday)
    assert pair not in tree.parentage_on(session, TODAY)


def test_days_before_find_each_of_a_chain(world: World) -> None:
    session, days = world.session(), [TODAY - timedelta(days=number) for number in (30, 20, 10)]
    first, second, third = (
        founding.found(session, OrganisationKind.SCHOOL, name, world.province(), since=days[0]) for name in "ABC"
    )
    branch = first.branches[0].id
    founding.succeed(session, first, second, days[1])
    founding.succeed(session, second, third, days[2])
    owners = [
        next(one.name for one in (first, second, third) if branch in tree.branches_on(session, [one.id], day))
        for day in (days[0], days[1], days[2], TODAY)
    ]
    assert owners == ["A", "B", "C", "C"]


def test_those_below_stand_under_the_successor(world: World) -> None:
    """Also one put there on that very day, and one that comes later."""
    session, old = world.session(), world.province("Thư viện tỉnh Bắc Kạn")
    new = founding.found(session, OrganisationKind.PROVINCE, "Thư viện tỉnh Thái Nguyên")
    today, before = world.school(under=old), world.school("Trường A", under=old)
    session.query(Parentage).filter_by(child_id=before.id).update({"from_on": TODAY - timedelta(days=9)})
    session.flush()
    founding.succeed(session, old, new, TODAY)
    pairs = tree.parentage_on(session, TODAY)
    assert {(today.id, new.id), (before.id, new.id)} <= set(pairs)
    assert (before.id, old.id) in tree.parentage_on(session, TODAY - timedelta(days=1))


# A province joins another


def test_a_whole_network_joins_another(app: Flask, world: World) -> None:
    """Titles, persons and categories of both; one code of the ministry is one child; labels are found from any desk."""
    session, old = world.session(), world.province()
    school, new = world.school(), founding.found(session, OrganisationKind.PROVINCE, "Thư viện tỉnh Thái Nguyên")
    far = world.school("Trường Tiểu học Đồng Hỷ", under=new)
    lan, same = world.patron(library=school), world.patron(library=far)
    for one in (lan, same):
        one.person.student_code = "0100000001"
    only_here = Category(network_id=old.id, code="XE", name="Bạn đọc xe", group=PatronGroup.CITIZEN)
    session.add(only_here)
    lends(session, school.id, lan.category_id)
    item = world.item(school)
    sgk = [ItemClass(uid=clock.uuid7(), network_id=one.id, code="SGK", name="Sách giáo khoa") for one in (old, new)]
    disc = ItemClass(uid=clock.uuid7(), network_id=old.id, code="audio", name="Băng đĩa")
    session.add_all([*sgk, disc])
    session.flush()
    item.item_class_id = sgk[0].id
    writing.say(session, old.id, {"most_of_class": 5}, None, sgk[0].id)
    account(world, "far", library=far)
    account(world, "ha", library=school)
    session.flush()
    founding.succeed(session, old, new, TODAY)
    assert {one.network_id for one in session.scalars(select(Organisation))} == {new.id}
    assert session.scalars(select(Record.network_id)).all() == [new.id]
    assert (lan.person_id, lan.category_id) == (same.person_id, same.category_id)
    assert (item.item_class_id, disc.network_id, sgk[0].network_id) == (sgk[1].id, new.id, old.id)
    places = {f"{same.category_id}/-/-", f"-/{sgk[1].id}/-"}
    assert set(session.scalars(select(PolicyLine.place))) == places
    assert only_here.network_id == new.id
    label = item.accession or ""
    commit()
    assert DeskPage(sign_in(app, "far")).scan(label)["what"] in ("arrived", "counted")
    page = sign_in(app, "ha").get(f"/titles/{session.scalars(select(Record.uid)).one()}")
    assert page.status_code == 200


def test_one_code_for_two_names_is_for_people_to_settle(world: World) -> None:
    session, old = world.session(), world.province()
    new = founding.found(session, OrganisationKind.PROVINCE, "Thư viện tỉnh Thái Nguyên")
    far = world.school("Trường Tiểu học Đồng Hỷ", under=new)
    for name, owner in (("Hoàng Thị Mai Lan", world.school()), ("Nông Văn Bảo", far)):
        world.patron(name, owner).person.student_code = "0100000001"
    with pytest.raises(CannotSucceed, match="two-people"):
        founding.succeed(session, old, new, TODAY)


# Asking for something wrong

RIGHT = {"old": "A", "new": "B", "on": TODAY, "today": TODAY, "last_done": TODAY}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"same": True}, "same"),
        ({"old_until": TODAY, "heir": "C"}, "has-heir"),
        ({"old_until": TODAY}, "old-closed"),
        ({"new_until": TODAY}, "new-closed"),
        ({"new_is_below": True}, "below"),
        ({"parts_a_network": True}, "network"),
        ({"on": TODAY + timedelta(days=1)}, "future"),
        ({"on": TODAY - timedelta(days=1)}, "too-early"),
        ({"on": TODAY - timedelta(days=1), "last_done": TODAY - timedelta(days=1)}, "too-early"),
        ({"on": TODAY - timedelta(days=1), "last_done": None, "new_since": TODAY}, "too-early"),
        ({"jobs": 1}, "jobs"),
    ],
)
def test_what_is_wrong_is_told(wrong: dict[str, object], code: str) -> None:
    rules.check(Ask(**RIGHT))  # type: ignore[arg-type]
    with pytest.raises(CannotSucceed) as told:
        rules.check(Ask(**RIGHT | wrong))  # type: ignore[arg-type]
    assert [reason.code for reason in told.value.reasons] == [code]
    assert all(reason.sentence % dict(reason.facts) for reason in told.value.reasons)


@pytest.mark.parametrize("last", [None, TODAY - timedelta(days=9)])
def test_a_day_after_the_last_thing_done_may_be_past(last: date | None) -> None:
    rules.check(Ask("A", "B", TODAY - timedelta(days=3), TODAY, last_done=last))


def test_the_facts_for_the_rules_are_read(two: Two) -> None:
    session, world = two.world.session(), two.world

    def refused(old: Organisation, new: Organisation, on: date = TODAY) -> list[str]:
        with pytest.raises(CannotSucceed) as told:
            founding.succeed(session, old, new, on)
        return [reason.code for reason in told.value.reasons]

    assert refused(two.old, two.old) == ["same"]
    assert refused(world.province(), two.new) == ["below"]
    assert refused(two.old, world.province("Tỉnh khác")) == ["network"]
    two.old.from_on = two.new.from_on = LONG_AGO.date()
    assert refused(two.old, two.new, LONG_AGO.date()) == ["too-early"], "its copies came that day"
    job = queue.ask("staging.apply", {}, two.old.id, None)
    assert refused(two.old, two.new) == ["jobs"]
    job.library_id = two.new.id
    assert refused(two.old, two.new) == ["jobs"]
    job.state = JobState.FAILED
    two.succeed(LONG_AGO.date() + timedelta(days=1))
    assert refused(two.old, world.school("Trường A")) == ["has-heir"]
    assert refused(world.school("Trường A"), two.old) == ["new-closed"]


def test_asked_again_it_takes_what_came_in_the_same_moment(two: Two) -> None:
    two.succeed()
    late = two.world.record("Cây khế")
    two.world.session.add(LocalRecord(library_id=two.old.id, record_id=late.id, call_number="A 1"))
    two.world.session.flush()
    assert dict(two.succeed())["lời riêng về nhan đề (ký hiệu xếp giá, mức đọc)"] == 1
    assert len(two.told()) == 7


# The command


def test_a_dry_run_tells_the_same_and_writes_nothing(app: Flask, two: Two) -> None:
    words = ("organisations", "succeed", two.old.slug, two.new.slug)
    new = two.new.id
    code, tried = run(app, *words, "--dry-run")
    assert (code, of("item.library_id", new)) == (0, 2)
    code, done = run(app, *words)
    assert (code, of("item.library_id", new)) == (0, 6)
    assert tried.splitlines()[2:-1] == done.splitlines()[2:]
    assert (
        tried.splitlines()[0] == f"{OLD} ({words[2]}) → Trường Tiểu học Xuất Hóa ({words[3]}), từ ngày {TODAY:%d/%m/%Y}"
    )
    assert "4  dòng sổ của dãy TK, từ nay ghi là TK.TTHNT; nhãn trên sách giữ nguyên" in done
    assert (tried.splitlines()[1], tried.splitlines()[-1]) == ("Sẽ chuyển:", "Chưa ghi gì. Bỏ --dry-run để làm thật.")


def test_the_command_says_what_is_wrong(app: Flask, two: Two) -> None:
    slug = two.old.slug
    code, said = run(app, "organisations", "succeed", slug, slug)
    assert (code, said) == (1, "Error: Một thư viện không kế tục chính nó.\n")
    code, said = run(app, "organisations", "succeed", slug, "khong-co")
    assert (code, said) == (1, "Error: Không có thư viện nào mang tên “khong-co” trong địa chỉ.\n")
