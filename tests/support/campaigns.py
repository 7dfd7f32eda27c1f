"""A campaign in few words: schools asked, facts recorded, sheets sent."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from library.accounts.models import Account, RoleName
from library.core import clock
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations.models import Organisation
from library.reports import campaigns, indicators, sheet_steps, sheets
from library.reports.campaign_models import Campaign, LineKind
from library.reports.campaigns import About
from library.reports.indicators import Line
from library.reports.sheet_models import Sheet, Submission
from library.reports.sheets import Told
from library.uses import counting, happenings
from library.uses.counting import Frozen
from library.uses.happenings import Fact, Measure
from library.uses.models import UseKind, VisitKind
from tests.support.people import account
from tests.support.world import World

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 7)
DAY = date(2026, 10, 2)
LINES = (
    Line(1, "E", "Lễ phát động", "buổi", formula={"measure": "event", "only": {"sort": "launch"}}),
    Line(1, "E.2", "Người dự", "người", formula={"measure": "event-people", "only": {"sort": "launch"}}),
    Line(2, "U", "Đơn vị hưởng ứng", "đơn vị", LineKind.UNITS, {"measure": "units-active"}),
    Line(3, "G", "Sách quyên góp", "quyển", formula={"measure": "gift-copies"}),
    Line(4, "V", "Lượt học sinh", "lượt", formula={"measure": "visits-pupils"}),
    Line(5, "M", "Quỹ khuyến học", "đồng"),
    Line(6, "T", "Chuyên đề", "", LineKind.TEXT),
)


def officer(world: World, login: str = "bien", library: Organisation | None = None) -> Account:
    """chị Biển, who adds up for the province."""
    made = account(world, login, RoleName.OFFICER, library or world.province())
    made.name = "Triệu Thị Biển"
    return made


def schools(world: World, count: int) -> list[Organisation]:
    return [world.school(f"Trường Tiểu học số {number:02}") for number in range(1, count + 1)]


def launched(
    world: World, units: Sequence[Organisation], lines: Iterable[Line] = LINES, due: date | None = None,
    name: str = "Tuần lễ học tập", first: date = FIRST, last: date = LAST,
) -> Campaign:  # fmt: skip
    made = draft(world, units, lines, due, name, first, last)
    campaigns.launch(world.session(), doing(world), made)
    return made


def draft(
    world: World, units: Sequence[Organisation], lines: Iterable[Line] = LINES, due: date | None = None,
    name: str = "Tuần lễ học tập", first: date = FIRST, last: date = LAST,
) -> Campaign:  # fmt: skip
    about = About(name, first, last, due or max(last, clock.today()) + timedelta(days=3))
    made = campaigns.make(world.session(), doing(world), world.province().id, about, list(lines))
    campaigns.set_units(world.session(), made, {one.id for one in units})
    return made


def shipped() -> tuple[Line, ...]:
    return indicators.shipped()["htsd"].lines


def doing(world: World, library: Organisation | None = None) -> Doing:
    return Doing.now(None, world.branch(library or world.province()).id)


def sheet_of(world: World, campaign: Campaign, unit: Organisation) -> Sheet:
    (found,) = [one for one in campaigns.sheets_of(world.session(), campaign.id) if one.organisation_id == unit.id]
    return found


def happened(
    world: World, unit: Organisation, measure: Measure, quantity: int, on: date = DAY, sort: str | None = None,
    source: UUID | None = None,
) -> UUID:  # fmt: skip
    """The fact of a new thing, or from now on the only one of `source`; that thing's uid."""
    session, branch = world.session(), world.branch(unit)
    todo, source = Doing.now(None, branch.id), source or clock.uuid7()
    act = acts.write(session, todo, "event", clock.now()), todo.uid
    happenings.settle(session, act, "event", source, [Fact(measure, quantity, on, branch.id, sort)])
    return source


def visited(world: World, unit: Organisation, quantity: int, on: date = DAY, branch_id: int | None = None) -> int:
    """A class came; the act's id."""
    return _counted(world, unit, quantity, on, branch_id, True)


def read(world: World, unit: Organisation, quantity: int, on: date = DAY, branch_id: int | None = None) -> int:
    return _counted(world, unit, quantity, on, branch_id, False)


def _counted(world: World, unit: Organisation, quantity: int, on: date, branch_id: int | None, came: bool) -> int:
    session, branch = world.session(), branch_id or world.branch(unit).id
    todo = Doing.now(None, branch)
    act = acts.write(session, todo, "tally", clock.now()), todo.uid
    at = min(datetime.combine(on, time(8), clock.HERE), clock.now())
    frozen = Frozen(branch, class_name="5A", grade=5)
    if came:
        counting.visits(session, act, VisitKind.CLASS, quantity, at, frozen)
    else:
        counting.tally(session, act, UseKind.TALLY, quantity, at, frozen)
    return act[0]


def sent(world: World, campaign: Campaign, unit: Organisation, **told: Told | int) -> Submission:
    """`told` by code: what the unit says of a line; manual numbers not told are 0."""
    session, sheet = world.session(), sheet_steps.lock(world.session(), sheet_of(world, campaign, unit).id)
    filled = {line.id: Told(stated=0) for line in campaign.lines if not line.formula and line.kind is LineKind.NUMBER}
    for line in campaign.lines:
        said = told.get(line.code.replace(".", "_"))
        if said is not None:
            filled[line.id] = said if isinstance(said, Told) else Told(stated=said)
    sheets.save(session, clock.uuid7(), sheet, filled)
    return sheets.send(session, doing(world, sheet.keeper), campaign, sheet, clock.uuid7())


def accept(world: World, campaign: Campaign, unit: Organisation) -> None:
    sheet = sheet_steps.lock(world.session(), sheet_of(world, campaign, unit).id)
    sheets.accept(world.session(), doing(world), sheet)


def accepted(world: World, campaign: Campaign, *units: Organisation) -> None:
    """Each sends what the machine counted, and it is accepted."""
    for unit in units:
        sent(world, campaign, unit)
        accept(world, campaign, unit)


def locked(world: World, campaign: Campaign, *units: Organisation) -> None:
    accepted(world, campaign, *units)
    campaigns.lock_figures(world.session(), doing(world), campaign)
