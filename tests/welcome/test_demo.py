"""The demo province, loaded once for the module: it must be as true as a year at real desks."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import func, select

from library import create_app
from library.accounts import managing, passwords
from library.accounts.models import Account
from library.calendars.openings import calendar_of
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.holdings import ledger
from library.holdings.models import Item, Movement, Place, PlaceKind
from library.inbox.models import Act
from library.loans import history, settling
from library.loans.models import Loan, Renewal
from library.organisations.models import Branch, Organisation
from library.patrons.models import Membership, Person, SchoolClass
from library.policies.models import PolicyLine
from library.promotion import challenge_counting, gift_sums
from library.promotion.challenge_models import Challenge
from library.promotion.donors import NAMED
from library.promotion.event_models import Event, State
from library.promotion.gift_models import Gift
from library.promotion.training_models import Training
from library.reports import society
from library.reports.dashboard import USES, VISITS, Board, Span
from library.reports.sheet_models import Sheet, SheetState, SheetValue
from library.uses import counting
from library.uses.happenings import Measure
from library.uses.models import DocumentUse, Happening, UseKind, Visit, VisitKind
from library.welcome import demo
from library.welcome.seed import AlreadyFounded
from tests.conftest import Databases
from tests.support.browser import Browser

TODAY = date(2026, 11, 21)
OPEN = (Loan.ended_at.is_(None), Loan.voided.is_(False))


def _app(databases: Databases, folder: Path) -> Flask:
    made = create_app({"DATA": folder, "DATABASE": databases.fresh(), "SECRET_KEY": "test"})
    made.testing, made.test_client_class = True, Browser
    return made


def _close(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="module")
def loaded(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    app = _app(databases, tmp_path_factory.mktemp("demo"))
    yield SimpleNamespace(app=app, report=demo.load(app, TODAY))
    _close(app)


@pytest.fixture
def session(loaded: SimpleNamespace) -> Iterator[object]:
    with loaded.app.app_context():
        yield db.session()
        db.session.rollback()


def test_it_is_as_large_as_promised(loaded):
    report = loaded.report
    assert report.libraries == 8
    assert 300 <= report.titles <= 340
    assert 3_300 <= report.copies <= 4_000
    assert 8_000 <= report.loans <= 12_000
    assert report.uses > report.loans
    assert 10 <= report.late_now <= report.out_now / 4


def test_places_and_loans_are_what_their_history_says(session):
    items = list(session.scalars(select(Item.id)))
    assert ledger.astray(session) == []
    assert settling.astray(session, items) == []


def test_uses_are_what_the_history_says(session):
    for item in session.scalars(select(Item.id).order_by(Item.id).where(Item.id % 9 == 0)):
        said = {act: use.kind for act, use in counting.standing(session, item).items()}
        assert said == history.read(ledger.known(session, item)).uses


def test_each_loan_ended_at_the_scan_that_ended_it(session):
    rows = session.execute(
        select(Loan.ended_at, Act.occurred_at, Act.kind, Loan.branch_id, Loan.ended_branch_id).join(
            Act, Act.id == Loan.ended_by
        )
    ).all()
    assert rows
    assert {(row.kind, row.branch_id == row.ended_branch_id) for row in rows} == {("take-in", True)}
    assert all(row.ended_at == row.occurred_at for row in rows)
    ended = select(func.count()).select_from(Loan).where(Loan.ended_at.is_not(None))
    assert session.scalar(ended) == len(rows)


def test_renewals_agree_with_their_loans(session):
    renewals = defaultdict(list)
    for one in session.scalars(select(Renewal).order_by(Renewal.occurred_at)):
        renewals[one.loan_id].append(one)
    assert renewals
    for loan in session.scalars(select(Loan)):
        mine = renewals[loan.id]
        assert loan.renewals == len(mine)
        assert not mine or (mine[-1].due_on == loan.due_on and mine[0].due_before <= loan.due_on)


def test_books_are_lent_and_due_on_open_days_only(session):
    calendars = {
        branch: calendar_of(session, branch, date(2000, 1, 1)) for branch in session.scalars(select(Branch.id))
    }
    for branch, lent_at, due_on in session.execute(select(Loan.branch_id, Loan.lent_at, Loan.due_on)):
        assert calendars[branch].is_open(clock.day_of(lent_at))
        assert calendars[branch].is_open(due_on)


def test_nothing_happened_today_or_before_a_copy_or_reader_was_there(session):
    assert clock.day_of(session.scalar(select(func.max(Act.occurred_at)))) < TODAY
    early = select(func.count()).select_from(Loan).join(Membership, Membership.id == Loan.membership_id)
    days = [
        (clock.day_of(lent), since)
        for lent, since in session.execute(
            select(Loan.lent_at, Membership.from_on).join(Membership, Membership.id == Loan.membership_id)
        )
    ]
    assert session.scalar(early) == len(days)
    assert all(since <= day for day, since in days)


def test_nobody_ever_held_more_than_the_terms_allow(session):
    limits = select(PolicyLine.category_id, func.max(PolicyLine.most)).group_by(PolicyLine.category_id)
    terms = dict(session.execute(limits).all())
    query = select(Loan.membership_id, Membership.category_id, Loan.lent_at, Loan.ended_at).join(
        Membership, Membership.id == Loan.membership_id
    )
    moments, category = defaultdict(list), {}
    for member, kind, lent, ended in session.execute(query):
        category[member] = kind
        moments[member] += [(lent, 1), *([(ended, -1)] if ended else [])]
    for member, changes in moments.items():
        held = most = 0
        for _, change in sorted(changes):
            held += change
            most = max(most, held)
        assert most <= terms[category[member]]


def test_the_year_has_its_seasons(session):
    months = Counter(clock.day_of(at).strftime("%Y-%m") for at in session.scalars(select(Loan.lent_at)))
    assert months["2026-02"] < months["2025-12"] / 2, "Tết"
    assert months["2026-07"] < months["2026-10"] / 2, "summer"


def test_a_few_books_are_wanted_by_everybody(session):
    query = select(func.count()).select_from(Loan).join(Item, Item.id == Loan.item_id).group_by(Item.record_id)
    often = sorted(session.scalars(query), reverse=True)
    assert sum(often[: len(often) // 5]) > sum(often) / 2


def _held(session, name: str) -> list[tuple[str, date]]:
    query = (
        select(Record.title, Loan.due_on)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(Membership, Membership.id == Loan.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .join(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Person.full_name == name, SchoolClass.name.in_(("4A", "5A")), *OPEN)
    )
    return [(title, due) for title, due in session.execute(query)]


def test_the_cast_plays_its_parts(session):
    assert [title for title, _ in _held(session, "Đàm Quốc Bảo")] == ["Kính vạn hoa"]
    assert len(_held(session, "Nông Minh Khôi")) == 3
    assert [title for title, due in _held(session, "Nông Minh Khôi") if due < TODAY] == ["Totto-chan bên cửa sổ"]
    assert [due >= TODAY for _, due in _held(session, "Hà Thị Bích")] == [True] * 3
    assert [due < TODAY for _, due in _held(session, "Lục Văn Khánh")] == [True]
    assert _held(session, "Bàn Thị Ngân") == []


def test_the_first_exercise_finds_its_book(session):
    """TN.00627 at Xuất Hóa is Dế Mèn and stands on the shelf."""
    query = (
        select(Record.title, Place.kind, Organisation.short_name)
        .join(Item, Item.record_id == Record.id)
        .join(Place, Place.id == Item.place_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .where(Item.accession == "TN.00627", Organisation.name == "Trường Tiểu học Xuất Hóa")
    )
    assert session.execute(query).one() == ("Dế Mèn phiêu lưu ký", PlaceKind.STACKS, "TH Xuất Hóa")


def test_a_class_has_a_set_for_months(session):
    query = select(Loan.due_on).join(Membership, Membership.id == Loan.membership_id).join(Person).where(*OPEN)
    due = list(session.scalars(query.where(Person.full_name == "Tập thể lớp 2A")))
    assert len(due) == 24
    assert min(due) > TODAY


def test_last_year_loans_name_last_year_classes(session):
    query = (
        select(Loan.lent_at, SchoolClass.name, DocumentUse.class_name, DocumentUse.grade)
        .join(SchoolClass, SchoolClass.id == Loan.class_id)
        .join(DocumentUse, DocumentUse.act_id == Loan.act_id)
        .join(Membership, Membership.id == Loan.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .where(DocumentUse.kind == UseKind.HOME)
    )
    rows = session.execute(query).all()
    assert all(row.name == row.class_name for row in rows)
    assert not [
        row for row in rows if row.grade == 5 and clock.day_of(row.lent_at) < date(2025, 12, 1) and row.name == "5C"
    ]
    assert max(row.grade for row in rows if clock.day_of(row.lent_at) < date(2026, 6, 1)) == 11


def test_registers_have_no_holes(session):
    for library, accession in session.execute(select(Item.library_id, func.count()).group_by(Item.library_id)):
        assert accession
        mine = Item.library_id == library, Item.accession.is_not(None)  # a class's own books stand in no register
        labels = list(session.scalars(select(Item.accession).where(*mine)))
        series = defaultdict(set)
        for label in labels:
            name, _, number = label.partition(".")
            series[name].add(int(number))
        assert all(numbers == set(range(1, len(numbers) + 1)) for numbers in series.values())


def test_every_movement_belongs_to_an_act_of_the_same_moment(session):
    strays = (
        select(func.count())
        .select_from(Movement)
        .join(Act, Act.id == Movement.act_id)
        .where(Act.occurred_at != Movement.occurred_at)
    )
    assert session.scalar(strays) == 0


def test_people_can_sign_in_as_the_page_says(loaded):
    page = loaded.app.test_client().get("/sign-in").get_data(as_text=True)
    for name, login, password in demo.SIGN_INS:
        assert login in page
        answer = loaded.app.test_client().post("/sign-in", data={"login": login, "password": password})
        assert answer.status_code == 303, name
    assert demo.PASSWORD in page
    assert len(demo.PASSWORD) >= passwords.SHORTEST


def test_each_role_is_there_once_at_least(session):
    roles = {grant.role for account in session.scalars(select(Account)) for grant in account.grants}
    assert len(roles) == 8
    teacher = managing.by_login(session, "hoa")
    assert [session.get_one(SchoolClass, grant.class_id).name for grant in teacher.grants] == ["5A"]


def test_it_is_never_loaded_over_something(loaded):
    with pytest.raises(AlreadyFounded):
        demo.load(loaded.app, TODAY)
    with loaded.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Loan)) == loaded.report.loans


def _digest(app: Flask) -> set[tuple[object, ...]]:
    query = (
        select(Item.accession, Organisation.slug, Person.full_name, Loan.lent_at, Loan.due_on, Loan.ended_at)
        .join(Item, Item.id == Loan.item_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .join(Membership, Membership.id == Loan.membership_id)
        .join(Person, Person.id == Membership.person_id)
    )
    with app.app_context():
        return {tuple(row) for row in db.session.execute(query)}


@pytest.mark.slow
def test_it_is_the_same_every_time(loaded, databases, tmp_path):
    app = _app(databases, tmp_path)
    demo.load(app, TODAY)
    assert _digest(app) == _digest(loaded.app)
    _close(app)


@pytest.mark.slow
@pytest.mark.parametrize("today", [date(2027, 7, 10), date(2028, 2, 29), date(2026, 9, 1)])
def test_it_is_true_on_any_day(databases, tmp_path, today):
    """In the middle of summer, on a leap day after Tết, before the school year begins."""
    app = _app(databases, tmp_path)
    demo.load(app, today)
    with app.app_context():
        assert ledger.astray(db.session()) == []
        assert settling.astray(db.session(), list(db.session.scalars(select(Item.id)))) == []
        assert clock.day_of(db.session.scalar(select(func.max(Act.occurred_at)))) < today
    _close(app)


def test_what_was_done_for_reading(session):
    """Each part of promotion is there, with facts that follow it; the campaign has sheets in every state."""
    facts = dict(
        session.execute(
            select(Happening.measure, func.sum(Happening.quantity)).group_by(Happening.measure)
        ).all()
    )  # fmt: skip
    wanted = {
        Measure.EVENT: 11, Measure.TRAINING: 3, Measure.ONLINE_TURNS: 114, Measure.CLUB_MEETING: 4, Measure.DRIVE: 5,
        Measure.GIFT_COPIES: 348, Measure.COMMENDED_COLLECTIVE: 1, Measure.INTERNET_PLACES: 16,
    }  # fmt: skip
    assert {measure: facts[measure] for measure in wanted} == wanted
    assert all(facts[one] > 0 for one in (Measure.LESSON, Measure.INTERNET_TURNS, Measure.TRAINING_PEOPLE))
    assert session.scalar(select(func.count()).where(Event.state == State.PLANNED, Event.first_on > TODAY)) == 1
    taught = session.scalars(select(Training.subjects)).all()
    assert sum("internet-safety" in one for one in taught) == 2
    gifts = session.scalars(select(Gift)).all()
    assert {one.donor.kind if one.donor else None for one in gifts} == {*NAMED, None}
    assert gift_sums.of_gift(session, gifts[2]).entered == 24
    assert all(one.receipt_no for one in gifts if one.money)
    states = Counter(one.state for one in session.scalars(select(Sheet)))
    assert states == {SheetState.ACCEPTED: 2, SheetState.RETURNED: 1, SheetState.SUBMITTED: 2, SheetState.DRAFT: 2}
    assert session.scalars(select(SheetValue.stated).where(SheetValue.reason.is_not(None))).all() == [96]
    assert session.scalar(select(func.sum(DocumentUse.quantity)).where(DocumentUse.kind == UseKind.DIGITAL)) == 74
    kinds = dict(session.execute(select(Visit.kind, func.sum(Visit.quantity)).group_by(Visit.kind)).all())
    assert all(kinds[one] > 0 for one in (VisitKind.CLASS, VisitKind.GUEST, VisitKind.GATE, VisitKind.KIOSK))


def test_the_school_stands_beside_its_year_before(session):
    """The dashboard of the school: visits and uses in every month that is over, of both years."""
    school = session.scalars(select(Organisation).where(Organisation.name == "Trường Tiểu học Xuất Hóa")).one()
    board = Board(session, school, Span.YEAR, TODAY)
    for course in (board.course(VISITS), board.course(USES)):
        assert all(one and one > 0 for one in course.now[1 : board.closed()])
        assert all(one > 0 for one in course.ago[1:9])
        assert 0.5 < course.total / course.before < 2
    challenge = session.scalars(select(Challenge)).one()
    assert challenge_counting.board(session, challenge).together.amount > 24
    communes = session.scalars(
        select(Organisation.id).where(Organisation.short_name.in_(["TV phường Bắc Kạn", "TV xã Ba Bể"]))
    )
    told = society.counts(session, list(communes), [TODAY.year - 1, TODAY.year])
    assert len({(unit, year) for unit, year, _code in told}) == 4
