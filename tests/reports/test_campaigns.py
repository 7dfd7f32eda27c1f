"""A campaign: units' sheets are filled by the machine, sent, accepted, added up, locked; what comes later is a correction."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from library.access import Scope
from library.core import clock
from library.core.errors import Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations import founding
from library.organisations.models import Organisation, OrganisationKind
from library.patrons.models import Category, PatronGroup
from library.reports import (
    addresses,
    asking,
    campaign_reminders,
    campaign_sums,
    campaigns,
    corrections,
    figure_links,
    indicators,
    records,
    sheet_figures,
    sheet_steps,
    sheets,
)
from library.reports.campaign_models import Campaign
from library.reports.campaigns import CampaignRefused
from library.reports.indicators import BadLine, Line
from library.reports.sheet_models import Sheet, SheetState
from library.reports.sheet_states import NotNow
from library.reports.sheet_steps import WentOn
from library.reports.sheets import NotReady, Told
from library.uses import counting
from library.uses.happenings import Measure
from library.uses.models import Happening, UseSetting
from tests.reports.test_asking import came
from tests.support import campaigns as made
from tests.support.campaigns import DAY, accepted, happened, launched, locked, read, schools, sent, sheet_of, visited
from tests.support.world import World


def figures(world: World, campaign: Campaign, unit: Organisation) -> dict[str, int]:
    sheet = sheet_of(world, campaign, unit)
    found = sheet_figures.counted(world.session(), campaign, [sheet], campaign.lines)
    return {line.code: found[sheet.id, line.id] for line in campaign.lines if (sheet.id, line.id) in found}


def sums(world: World, campaign: Campaign) -> dict[str, str]:
    found = campaign_sums.overview(world.session(), campaign, campaigns.sheets_of(world.session(), campaign.id))
    return {one.line.code: one.told for one in found.sums}


def line_of(campaign: Campaign, code: str) -> int:
    return next(one.id for one in campaign.lines if one.code == code)


def test_sheets_are_prefilled_and_only_accepted_ones_are_added_up(world: World) -> None:
    first, second, third = schools(world, 3)
    campaign = launched(world, [first, second, third])
    for unit, people in ((first, 412), (second, 1_000)):
        event = happened(world, unit, Measure.EVENT, 1, sort="launch")
        happened(world, unit, Measure.EVENT_PEOPLE, people, sort="launch")
        assert event
    happened(world, first, Measure.EVENT, 1, sort="topic")
    happened(world, first, Measure.EVENT, 1, date(2026, 10, 8), "launch")  # the day after
    visited(world, first, 311)
    assert figures(world, campaign, first) == {"E": 1, "E.2": 412, "U": 1, "G": 0, "V": 311}
    assert figures(world, campaign, third)["U"] == 0
    assert sums(world, campaign)["E"] == "–"

    accepted(world, campaign, first)
    sent(world, campaign, second, M=18_230_000)
    assert sums(world, campaign) == {
        "E": "1", "E.2": "412", "U": "1/3", "G": "0", "V": "311", "M": "0", "T": "–",
    }  # fmt: skip
    sheets.accept(
        world.session(), made.doing(world), sheet_steps.lock(world.session(), sheet_of(world, campaign, second).id)
    )
    told = sums(world, campaign)
    assert (told["E"], told["E.2"], told["U"], told["M"]) == ("2", "1.412", "2/3", "18.230.000")
    found = campaign_sums.overview(world.session(), campaign, campaigns.sheets_of(world.session(), campaign.id))
    assert (found.asked, found.sent, found.accepted, [one.name for one in found.owing]) == (3, 2, 2, [third.name])


def test_another_number_needs_a_reason_and_nothing_is_sent_half(world: World) -> None:
    (school,) = schools(world, 1)
    campaign = launched(world, [school])
    happened(world, school, Measure.GIFT_COPIES, 214)
    for told, wrong in (
        (Told(stated=236), "reason"), (Told(stated=236, reason="other"), "reason-words"), (Told(stated=236, reason="x"), "reason"),
    ):  # fmt: skip
        with pytest.raises(NotReady) as refused:
            sent(world, campaign, school, G=told)
        assert [one.code for one in refused.value.reasons] == [wrong]
    assert sheet_of(world, campaign, school).state is SheetState.DRAFT
    submission = sent(world, campaign, school, G=Told(stated=236, reason="not-entered", note="Lớp 5A góp thêm"))
    value = next(one for one in submission.values if one.indicator_id == line_of(campaign, "G"))
    assert (value.computed, value.stated, value.value, value.reason) == (214, 236, 236, "not-entered")
    assert submission.number == 1 and submission.known_at

    evidence = [Line(1, "X", "Minh chứng", "tệp", evidence=True)]
    other = launched(world, [school], evidence, name="Khác")
    with pytest.raises(NotReady) as refused:
        sent(world, other, school, X=3)
    assert [one.code for one in refused.value.reasons] == ["evidence"]
    assert sent(world, other, school, X=Told(stated=3, evidence=("a" * 64, "bien-ban.pdf"))).number == 1
    unsaid = launched(world, [school], name="Thiếu")
    sheet = sheet_steps.lock(world.session(), sheet_of(world, unsaid, school).id)
    with pytest.raises(NotReady) as refused:
        sheets.send(world.session(), made.doing(world), unsaid, sheet, clock.uuid7())
    assert [one.code for one in refused.value.reasons] == ["empty"], "nobody typed the fund"


def test_a_locked_figure_stays_and_later_facts_show(world: World) -> None:
    school, other, slow = schools(world, 3)
    campaign = launched(world, [school, other, slow])
    sent(world, campaign, slow)
    gift = happened(world, school, Measure.GIFT_COPIES, 100)
    loan = visited(world, school, 31)
    locked(world, campaign, school, other)
    assert (sums(world, campaign)["G"], sums(world, campaign)["V"]) == ("100", "31")

    happened(world, school, Measure.GIFT_COPIES, 140, source=gift)
    happened(world, school, Measure.GIFT_COPIES, 2)
    acts.void(world.session(), made.doing(world), loan)
    counting.undo(world.session(), loan)
    sheet, session = sheet_of(world, campaign, school), world.session()
    told = corrections.figures(session, [sheet])
    later = corrections.later(session, campaign, [sheet], told)
    assert [(one.line.code, one.was, one.now) for one in later] == [("G", 100, 142), ("V", 31, 0)]
    submission = sheets.sent_of(session, sheet)
    assert submission
    frozen = sheet_figures.counted(session, campaign, [sheet], campaign.lines, submission.known_at)
    assert {key[1]: value for key, value in frozen.items()} == {
        value.indicator_id: value.computed for value in submission.values if value.computed is not None
    }, "the same query as known then"
    assert (sums(world, campaign)["G"], sums(world, campaign)["V"]) == ("100", "31")

    line = next(one for one in campaign.lines if one.code == "G")
    issue = corrections.issue(
        session, made.doing(world), campaign, sheet, line, 142, "Nhập sau khi chốt", clock.uuid7()
    )
    assert (issue.was, issue.value, sums(world, campaign)["G"]) == (100, 142, "142")
    told = corrections.figures(session, [sheet])
    assert [one.line.code for one in corrections.later(session, campaign, [sheet], told)] == ["V"], "it is in it"
    with pytest.raises(Refused, match="nothing-new"):
        corrections.issue(session, made.doing(world), campaign, sheet, line, 142, "lại", clock.uuid7())
    corrections.undo(session, made.doing(world), session.get_one(Act, issue.act_id))
    assert sums(world, campaign)["G"] == "100"
    with pytest.raises(CampaignRefused, match="locked"):
        made.accept(world, campaign, slow)
    with pytest.raises(CampaignRefused, match="locked"):
        sheets.give_back(session, made.doing(world), sheet_of(world, campaign, slow), "?")
    with pytest.raises(Refused, match="locked"):
        campaigns.set_due(session, campaign, DAY + timedelta(days=30))
    corrections.issue(session, made.doing(world), campaign, sheet, line, 12, "ghi nhầm", clock.uuid7())
    campaigns.open_again(session, made.doing(world), campaign)
    sheets.give_back(session, made.doing(world), sheet_steps.lock(session, sheet.id), "xem lại")
    accepted(world, campaign, school)
    assert sums(world, campaign)["G"] == "142", "what is sent anew is not what was put right"


def test_the_states_of_a_sheet(world: World) -> None:
    (school,) = schools(world, 1)
    campaign = launched(world, [school])
    session, doing = world.session(), made.doing(world)

    def sheet() -> Sheet:
        return sheet_steps.lock(session, sheet_of(world, campaign, school).id)

    def new() -> Doing:
        return made.doing(world)

    with pytest.raises(NotNow):
        sheets.accept(session, doing, sheet())
    sent(world, campaign, school, G=Told(stated=5, reason="not-entered"))
    with pytest.raises(NotNow):
        sheets.save(session, clock.uuid7(), sheet_of(world, campaign, school), {})
    sheets.withdraw(session, new(), sheet())
    assert (
        sheets.filled_of(sheets.shown_of(session, sheet_of(world, campaign, school)))[line_of(campaign, "G")].stated
        == 5
    )
    assert sent(world, campaign, school).number == 2
    accept = sheets.accept(session, new(), sheet())
    with pytest.raises(NotNow):
        sheets.withdraw(session, new(), sheet())
    back = sheets.give_back(session, new(), sheet(), "Xem lại dòng 3")
    with pytest.raises(WentOn):
        sheets.undo(session, new(), session.get_one(Act, accept))
    assert sheet_of(world, campaign, school).state is SheetState.RETURNED
    sheets.undo(session, new(), session.get_one(Act, back))
    assert sheet_of(world, campaign, school).state is SheetState.ACCEPTED
    assert campaigns.lock_figures(session, new(), campaign) == 1
    with pytest.raises(NotNow):
        sheets.give_back(session, new(), sheet(), "muộn rồi")
    with pytest.raises(Refused, match="locked"):
        campaigns.lock_figures(session, new(), campaign)
    assert campaigns.open_again(session, new(), campaign) == 1
    assert sheet_of(world, campaign, school).state is SheetState.ACCEPTED and campaign.locked_at is None


def test_units_and_lines_are_frozen_at_the_launch(world: World) -> None:
    first, second = schools(world, 2)
    session = world.session()
    session.add(UseSetting(library_id=world.province().id, renewal_is_use=False))
    lines = [Line(1, "R", "Sách mượn", "lượt", formula={"measure": "uses"})]
    campaign = made.draft(world, [], lines)
    with pytest.raises(CampaignRefused, match="no-units"):
        campaigns.launch(session, made.doing(world), campaign)
    assert campaigns.set_units(session, campaign, {first.id, world.province().id}) == 1, "only units below it"
    campaigns.launch(session, made.doing(world), campaign)
    assert campaign.lines[0].formula == {"measure": "uses", "renewals": False}
    for change in (
        lambda: campaigns.set_units(session, campaign, {second.id}),
        lambda: campaigns.set_lines(session, campaign, []),
    ):
        with pytest.raises(CampaignRefused, match="launched"):
            change()
    assert campaigns.remind(session, made.doing(world), campaign, clock.today()) == 1
    campaigns.call_off(session, campaign)
    assert campaign.launched_at is None and campaign.lines[0].formula == {"measure": "uses"}
    with pytest.raises(CampaignRefused, match="not-launched"):
        campaigns.remind(session, made.doing(world), campaign, clock.today())
    campaigns.set_units(session, campaign, {first.id, second.id})
    campaigns.launch(session, made.doing(world), campaign)
    sent(world, campaign, first)
    with pytest.raises(CampaignRefused, match="answered"):
        campaigns.call_off(session, campaign)
    kept = campaigns.keep_template(session, campaign, "Của tỉnh")
    assert [(one["code"], one["formula"]) for one in kept.lines] == [("R", {"measure": "uses"})]
    for only in ({"day": "2026-10-01"}, {"below": "1"}, {"kind": {"a": 1}}):
        with pytest.raises(BadLine):
            Line.read({"number": 1, "code": "A", "label": "?", "formula": {"measure": "uses", "only": only}})
    with pytest.raises(BadLine):
        Line.read({"number": 1, "code": "A", "label": "?", "formula": {"measure": "nothing"}})
    with pytest.raises(BadLine):
        Line.read({"number": 1, "code": "A", "label": "?", "formula": {"measure": "uses", "only": {"audience": "x"}}})


def test_a_commune_answers_for_itself_and_for_those_without_a_sheet(world: World) -> None:
    session = world.session()
    commune = world._furnished(founding.found(session, OrganisationKind.COMMUNE, "Xã Xuất Hóa", world.province()))
    school, small = world.school(under=commune), world.school("Điểm trường nhỏ", under=commune)
    campaign = launched(world, [commune, school])
    for unit, many in ((commune, 5), (school, 30), (small, 200)):
        visited(world, unit, many)
        happened(world, unit, Measure.EVENT, 1, sort="launch")
    assert figures(world, campaign, commune)["V"] == 205
    assert (figures(world, campaign, school)["V"], figures(world, campaign, commune)["U"]) == (30, 1)
    both = sheet_figures.counted(session, campaign, campaigns.sheets_of(session, campaign.id), campaign.lines)
    assert sum(many for (_sheet, line), many in both.items() if line == line_of(campaign, "V")) == 235, "each once"
    locked(world, campaign, commune, school)
    assert sums(world, campaign)["V"] == "235"


def test_a_unit_that_is_merged_keeps_its_sheet(world: World) -> None:
    session, today = world.session(), clock.today()
    with clock.stopped_at(clock.now() - timedelta(days=40)):
        old, new = schools(world, 2)
    first = today - timedelta(days=3)
    with clock.stopped_at(clock.now() - timedelta(days=3)):
        campaign = launched(world, [old, new], first=first, last=today)
        branch = world.branch(old).id
        visited(world, old, 10, first, branch)
        visited(world, new, 1, first)
    founding.succeed(session, old, new, today - timedelta(days=1))
    visited(world, new, 100, today, branch)
    visited(world, new, 1_000, first, branch)  # typed in later, of a day when it was still the old one's
    assert (figures(world, campaign, old)["V"], figures(world, campaign, new)["V"]) == (1_010, 101)
    sheet = sheet_of(world, campaign, old)
    assert (sheet.name, sheet.keeper_id) == (old.name, new.id), "its successor fills it"
    locked(world, campaign, old, new)
    assert (sums(world, campaign)["V"], sums(world, campaign)["U"]) == ("1.111", "0/2")


def test_a_unit_merged_into_one_without_a_sheet_goes_on_counting_for_its_own(world: World) -> None:
    session, today = world.session(), clock.today()
    with clock.stopped_at(clock.now() - timedelta(days=40)):
        old, other = schools(world, 2)
        new = world.school("Trường mới")
    first = today - timedelta(days=3)
    campaign = launched(world, [old, other], first=first, last=today)
    branches = [world.branch(one).id for one in (old, other)]
    for unit in (old, other):
        founding.succeed(session, unit, new, today - timedelta(days=1))
    visited(world, new, 10, first, branches[0])
    visited(world, new, 100, today, branches[0])
    visited(world, new, 7, today, branches[1])
    assert (figures(world, campaign, old)["V"], figures(world, campaign, other)["V"]) == (110, 7)
    standing = sheet_figures.ground(session, campaign.id)
    line = next(one for one in campaign.lines if one.code == "V")
    ((_part, ask),) = figure_links.asks(campaign, line, old.id, standing)
    assert asking.total(session, ask) == 110, "the records behind it"


def test_two_subjects_of_one_class_stand_on_two_lines_and_that_is_asked(world: World) -> None:
    (school,) = schools(world, 1)
    campaign = launched(world, [school], made.shipped())
    happened(world, school, Measure.TRAINING, 20, sort="internet-safety+staff")
    happened(world, school, Measure.TRAINING_PEOPLE, 1_213, sort="internet-safety+staff")
    told = figures(world, campaign, school)
    assert [told[code] for code in ("A6", "A6.2", "A8", "A8.2")] == [20, 1_213, 20, 1_213]
    submission = sent(world, campaign, school)
    computed = {one.indicator_id: one.computed for one in submission.values}
    (alike,) = sheets.alike(campaign.lines, {}, computed)
    assert (alike.first, alike.second, alike.figures, alike.units) == (6, 8, (20, 1_213), ("lớp", "lượt"))
    sheets.accept(
        world.session(), made.doing(world), sheet_steps.lock(world.session(), sheet_of(world, campaign, school).id)
    )
    listed = campaigns.sheets_of(world.session(), campaign.id)
    assert [one.key for one in campaign_sums.overview(world.session(), campaign, listed).alike] == [alike.key]
    campaigns.say_same(world.session(), campaign, alike.key)
    assert campaign_sums.overview(world.session(), campaign, listed).alike == []


def test_units_that_owe_a_sheet_are_reminded_once_a_day(world: World) -> None:
    first, second, third = schools(world, 3)
    campaign = launched(world, [first, second, third], due=clock.today() + timedelta(days=3))
    sent(world, campaign, first)
    session, today = world.session(), clock.today()
    assert campaign_reminders.remind(session, today) == (2, False)
    assert campaign_reminders.remind(session, today) == (0, False)
    assert campaign_reminders.remind(session, today - timedelta(days=1)) == (0, False), "four days before"
    told = campaign_sums.reminded(session, campaign.id)
    assert told and (told.units, told.by_machine, told.day) == (2, True, today)
    assert campaigns.remind(session, made.doing(world), campaign, today) == 0
    assert campaigns.remind(session, made.doing(world), campaign, today + timedelta(days=1)) == 2


def test_the_shipped_list_is_what_the_appendix_asks(world: World) -> None:
    shipped = indicators.shipped()["htsd"]
    assert [line.number for line in shipped.lines if "." not in line.code] == list(range(1, 13))
    assert (shipped.first, shipped.last, shipped.due) == ((10, 1), (10, 7), (10, 15))
    (school,) = schools(world, 1)
    campaign = launched(world, [school], shipped.lines)
    happened(world, school, Measure.GIFT_MONEY, 18_230_000)
    read(world, school, 12_936)
    told = figures(world, campaign, school)
    assert (told["A3"], told["A11"], told["A9"]) == (18_230_000, 12_936, 0)
    assert world.session.scalars(select(Happening.quantity)).all() == [18_230_000]


def test_what_categories_and_units_count_as_is_settled_at_the_launch(app: Flask, world: World) -> None:
    """A category of pupils becomes one of teachers, a school a learning centre: what was asked stays what it was."""
    session, (school,) = world.session(), schools(world, 1)
    category = session.get_one(Category, world.category("HS", school))
    only = Line(6, "S", "Lượt ở trường", "lượt", formula={"measure": "visits", "only": {"library-kind": "school"}})
    group = Line(7, "P", "Lượt sách", "lượt", formula={"measure": "uses", "only": {"group": ["pupil"]}})
    campaign = launched(world, [school], [*made.LINES[4:5], only, group])
    came(world, 31, 32, school, category=category.code)  # of 2 October
    before = figures(world, campaign, school)
    assert before == {"V": 31, "S": 31, "P": 0}
    category.group, school.kind = PatronGroup.TEACHER, OrganisationKind.LEARNING_CENTRE
    session.flush()
    assert figures(world, campaign, school) == before
    assert figures(world, launched(world, [school], name="Sau"), school)["V"] == 0
    asks = figure_links.asks(campaign, campaign.lines[0], school.id, sheet_figures.ground(session, campaign.id))
    ((_part, asked),) = asks
    with app.test_request_context():
        told = addresses.read(session, MultiDict(_pairs(addresses.values(asked))), Scope(everything=True), school.id)
    assert asking.total(session, told) == 31 == records.records(session, told).rows[0].quantity, (
        "the rows behind it too"
    )
    kept = campaigns.keep_template(session, campaign, "Mẫu")
    assert [one["formula"].get("groups") for one in kept.lines] == [None] * 3, "the next launch settles it anew"


def _pairs(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(one)) for name, told in values.items() for one in (told if isinstance(told, list) else [told])]
