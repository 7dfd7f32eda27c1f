"""The week of a city in October 2020 as its report tells it, line by line, from records that the units entered; and what
came afterwards: a school merged in the middle of it, a van's records after the lock, a loan taken back, a reader forgotten."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import db
from library.holdings import places
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import deeds
from library.organisations import founding
from library.organisations.models import Code, Organisation, OrganisationKind
from library.patrons.models import Card, Membership
from library.privacy import forgetting
from library.promotion import donors, drives, events, gift_funds, gifts, online, trainings, visits
from library.promotion.drives import Called
from library.promotion.gift_models import DonorKind, GiftSort, Worn
from library.promotion.gifts import Given, Line
from library.promotion.visits import Entry, Heads
from library.reports import (
    campaign_sums,
    campaigns,
    corrections,
    figure_links,
    records,
    sheet_figures,
    sheet_steps,
    sheets,
)
from library.reports.campaign_models import Campaign
from library.reports.campaign_sums import Overview
from library.reports.campaigns import About
from library.reports.sheet_models import Sheet
from library.shelves import building
from library.shelves.building import NewShelf
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind, VisitKind
from tests.reports.test_papers import rows_of_word, taken, text_of
from tests.support.campaigns import officer, shipped
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World

FIRST, LAST = date(2020, 10, 1), date(2020, 10, 7)
SCHOOLS, COLLECTIVES, COPIES, MONEY, SHELVES = 22, 14, 2_442, 18_230_000, 27
TRAININGS, TRAINED, PROGRAMMES, TURNS = 20, 1_213, 34, 1_370
VISITS, USES = 1_851, 12_936


def card(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == membership.id)
    return db.session.scalar(query) or ""


def on(day: int, hour: int = 8) -> datetime:
    """A moment of October 2020 here."""
    return datetime(2020, 10, 1, hour, tzinfo=clock.HERE) + timedelta(days=day - 1)


def shared(total: int, among: int) -> list[int]:
    """`total` in parts that differ by one at most."""
    return [total // among + (at < total % among) for at in range(among)]


@dataclass
class City:
    """22 schools, the public library, a learning centre; the week as each enters it."""

    world: World
    schools: list[Organisation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session: Session = self.world.session()
        province = self.world.province("Sở Giáo dục và Đào tạo")
        self.schools = [self.world.school(f"Trường số {at:02}", province) for at in range(1, SCHOOLS + 1)]
        self.library = self._found(OrganisationKind.COMMUNE, "Thư viện thành phố", province)
        self.centre = self._found(OrganisationKind.LEARNING_CENTRE, "Trung tâm học tập cộng đồng Xuất Hóa", province)

    def _found(self, kind: OrganisationKind, name: str, under: Organisation) -> Organisation:
        made = founding.found(self.session, kind, name, under)
        places.furnish(self.session, made.branches[0])
        return made

    @property
    def units(self) -> list[Organisation]:
        return [*self.schools, self.library, self.centre]

    def doing(self, unit: Organisation) -> Doing:
        return Doing.now(None, self.branch(unit))

    def branch(self, unit: Organisation) -> int:
        return self.world.branch(unit).id

    def event(self, unit: Organisation, code: str, day: int, people: dict[str, int]) -> UUID:
        said = {"type_code": code, "title": "Hưởng ứng", "first_on": on(day).date().isoformat(), "people": people,
                "as_visits": False}  # fmt: skip
        return events.record(self.session, self.doing(unit), self.branch(unit), said)[0].uid

    def training(self, unit: Organisation, people: int) -> None:
        said = {"title": "Internet an toàn", "subjects": ["internet-safety"], "people": {}, "as_visits": False}
        held = [{"day": FIRST.isoformat(), "from_at": None, "topic": None, "came": {"pupils": people}}]
        trainings.record(self.session, self.doing(unit), self.branch(unit), said, held)

    def programme(self, unit: Organisation, turns: int) -> None:
        said = {"title": "Học qua mạng", "subject": "other", "first_on": FIRST.isoformat()}
        online.record(self.session, self.doing(unit), self.branch(unit), said, {"pupils": turns})

    def drive(self, unit: Organisation, name: str, copies: int, money: int) -> None:
        giver = donors.named(self.session, unit.id, DonorKind.COLLECTIVE, name)
        told = Called("Góp một cuốn sách nhỏ", unit.name, FIRST, LAST, collectives=(giver.id,))
        drive = drives.open_drive(self.session, self.doing(unit), told)
        fund = gift_funds.open_fund(self.session, unit.id, f"Quỹ khuyến học {name}")
        given = Given(FIRST, giver.id, drive.id, (Line(GiftSort.BOOK, Worn.GOOD, copies),), money, fund.id)
        gifts.give(self.session, self.doing(unit), given)

    def shelf(self, unit: Organisation, name: str) -> None:
        building.build(self.session, self.doing(unit), unit, self.branch(unit), NewShelf(name))

    def counted(self, unit: Organisation, day: int, pupils: int, books: int) -> None:
        entry = Entry(VisitKind.CLASS, on(day).date(), (Heads(pupils),), "pupil", "5A", 5, books)
        visits.record(self.session, self.doing(unit), self.branch(unit), entry)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with clock.stopped_at(moment):
        yield
        db.session.commit()


def lived(city: City, one_by_one: tuple[int, int]) -> None:
    """Days 1 to 7; `one_by_one`: visits and uses that the desk counts besides."""
    with at(on(1, 20)):
        city.event(city.library, "launch", 1, {"delegates": 150})
        for number, (copies, money) in enumerate(
            zip(shared(COPIES, COLLECTIVES), shared(MONEY, COLLECTIVES), strict=True)
        ):
            city.drive(city.schools[number % 7], f"Lớp {number + 1}", copies, money)
        for number, people in enumerate(shared(TRAINED, TRAININGS)):
            city.training(city.schools[number], people)
        for number, turns in enumerate(shared(TURNS, PROGRAMMES)):
            city.programme(city.units[number % SCHOOLS], turns)
        for number in range(SHELVES):
            city.shelf(city.schools[number % SCHOOLS], f"Tủ {number + 1}")
    with at(on(3, 20)):
        for school in city.schools:
            city.event(school, "display", 2, {"pupils": 40})
    half = (VISITS - one_by_one[0]) // 2, (USES - one_by_one[1]) // 2
    with at(on(3, 21)):
        for unit, pupils, books in zip(city.units, shared(half[0], 24), shared(half[1], 24), strict=True):
            city.counted(unit, 3, pupils, books)
    with at(on(4, 1)):
        founding.succeed(city.session, city.schools[21], city.schools[20], on(4).date())
    units = [one for one in city.units if one is not city.schools[21]]
    rest = VISITS - one_by_one[0] - half[0], USES - one_by_one[1] - half[1]
    with at(on(7, 20)):
        for unit, pupils, books in zip(units, shared(rest[0], 23), shared(rest[1], 23), strict=True):
            city.counted(unit, 6, pupils, books)


def reported(city: City, campaign: Campaign) -> None:
    """Every sheet is sent as the machine filled it in, and accepted."""
    for one in campaigns.sheets_of(city.session, campaign.id):
        sheet = sheet_steps.lock(city.session, one.id)
        doing = city.doing(sheet.keeper)
        sheets.save(city.session, clock.uuid7(), sheet, {}, ["6=8"])
        sheets.send(city.session, doing, campaign, sheet, clock.uuid7())
        sheets.accept(city.session, city.doing(city.world.province("Sở Giáo dục và Đào tạo")), sheet)


def overview(city: City, campaign: Campaign) -> Overview:
    city.session.expire_all()
    return campaign_sums.overview(city.session, campaign, campaigns.sheets_of(city.session, campaign.id))


def results(found: Overview) -> dict[str, str]:
    return {one.line.code: one.told for one in found.sums}


WEEK = {
    "A1": "1", "A1.2": "150", "A2": "22/22", "A3": "18.230.000", "A4": "14", "A5": "2.442", "A6": "20", "A6.2": "1.213",
    "A7": "34", "A7.2": "1.370", "A8": "20", "A8.2": "1.213", "A9": "27", "A10": "1.851", "A11": "12.936", "A12": "–",
}  # fmt: skip


def behind(city: City, campaign: Campaign, code: str, sheet: Sheet, later: bool = False) -> list[Any]:
    """The records behind one figure of one unit."""
    (line,) = [one for one in campaign.lines if one.code == code]
    ground = sheet_figures.ground(city.session, campaign.id)
    since = sheets.sent_of(city.session, sheet)
    assert since
    asks = figure_links.asks(campaign, line, sheet.organisation_id, ground, since.known_at)
    return [row for _, ask in asks for row in records.records(city.session, ask, 1, later, ground.known).rows]


@pytest.fixture
def city(world: World) -> City:
    with at(on(-30)):
        return City(world)


def test_the_week_line_by_line_and_what_came_after(app: Flask, city: City, world: World) -> None:
    school = city.schools[0]
    with at(on(-20)):
        account(world, "ha", library=school)
        lends(city.session, school.id)
        lan = world.patron("Hoàng Thị Mai Lan", school)
        item = world.item(school, at=on(-25))
        office = world.province("Sở Giáo dục và Đào tạo")
        about = About("Tuần lễ hưởng ứng học tập suốt đời năm 2020", FIRST, LAST, date(2020, 10, 15))
        campaign = campaigns.make(city.session, city.doing(office), office.id, about, shipped())
        campaigns.set_units(city.session, campaign, {one.id for one in city.units})
        campaigns.launch(city.session, city.doing(office), campaign)
    with at(on(2)):
        desk = DeskPage(sign_in(app))
        desk.scan(card(lan))
        loan = desk.scan(item.accession or "")
        assert loan["what"] == "lent"
    lived(city, (1, 1))
    with at(on(12)):
        reported(city, campaign)
    with at(on(15)):
        campaigns.lock_figures(city.session, city.doing(office), campaign)
    found = overview(city, campaign)
    assert (found.asked, found.accepted, found.later) == (24, 24, [])
    assert results(found) == WEEK
    assert [(one.first, one.second) for one in found.alike] == [(6, 8)]
    merged = [one for one in found.sheets if one.keeper_id != one.organisation_id]
    assert [one.organisation_id for one in merged] == [city.schools[21].id]

    # A van's records of the 6th arrive, and the loan of the 2nd is taken back: what was locked stays, and says so.
    with at(on(20)):
        act = acts.write(city.session, city.doing(school), "count-stop", clock.now()), clock.uuid7()
        for write, kind, many in ((counting.visits, VisitKind.STOP, 30), (counting.tally, UseKind.TALLY, 85)):
            write(city.session, act, kind, many, on(6), Frozen(city.branch(school), category="pupil"))  # type: ignore[operator]
        lent = acts.by_uid(city.session, UUID(loan["act"]))
        assert lent
        deeds.undo(city.session, city.doing(school), lent)
    after = overview(city, campaign)
    assert results(after) == WEEK
    changed = {(one.line.code, one.now - one.was) for one in after.later if one.sheet.organisation_id == school.id}
    assert changed == {("A10", 29), ("A11", 84)} and len(after.later) == 2
    sheet = next(one for one in after.sheets if one.organisation_id == school.id)
    assert sorted(row.quantity for row in behind(city, campaign, "A11", sheet, later=True)) == [-1, 85]

    # The officer issues a correction; a reader is forgotten: totals and records hold.
    with at(on(21)):
        line = next(one for one in campaign.lines if one.code == "A10")
        now = next(one.now for one in after.later if one.line is line)
        corrections.issue(
            city.session, city.doing(office), campaign, sheet, line, now, "Xe lưu động gửi muộn", clock.uuid7()
        )
        forgetting.forget_people(city.session, [lan.person_id])
    last = overview(city, campaign)
    assert results(last) == WEEK | {"A10": "1.880"}
    assert [(one.line.code, one.now - one.was) for one in last.later] == [("A11", 84)]
    assert (
        sum(row.quantity for row in behind(city, campaign, "A10", sheet))
        == 1_880
        - sum(
            one.each[at] or 0
            for one in last.sums
            if one.line is line
            for at, each in enumerate(last.sheets)
            if each is not sheet
        )
        - 29
    )

    # The school that was merged away keeps its line and its records; the appendix of the week as it is opened and printed.
    (away,) = merged
    gone = next(at for at, one in enumerate(last.sheets) if one.id == away.id)
    for code in ("A6.2", "A9", "A10", "A11"):
        told = next(one.each[gone] for one in last.sums if one.line.code == code)
        assert sum(row.quantity for row in behind(city, campaign, code, away)) == told, code
    officer(world, library=office)
    commit()
    bien, address = sign_in(app, "bien"), f"/reports/campaigns/{campaign.uid}/appendix"
    cells = rows_of_word(taken(bien, f"{address}.docx"))
    assert [row[3] for row in cells[1:]] == [results(last)[code] for code in WEEK]
    assert "Xe lưu động gửi muộn" in next(row[4] for row in cells if row[3] == "1.880")
    paper = text_of(taken(bien, f"{address}.pdf"))
    for figure in ("22/22", "18.230.000", "2.442", "1.213", "1.370", "1.880", "12.936", "Xe lưu động gửi muộn"):
        assert figure in paper, figure
