"""A library with everything on: 200 lines of rules, three calendars, 10,000 readers waiting for titles."""

from datetime import date, timedelta
from itertools import product
from typing import Any

from sqlalchemy import insert, select

from library.calendars.models import Closure, OpenDay
from library.catalogue.models import Record
from library.core import clock
from library.core.fold import fold, search_text, sort_key
from library.holdings.models import ItemClass
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans.models import Hold
from library.organisations.models import Organisation
from library.patrons.models import Category, Membership
from library.policies import writing
from library.policies.values import Channel, Length, LengthKind
from tests.support.world import World

LINES, HOLDS, A_TITLE = 200, 10_000, 5


def make_busy(world: World) -> None:
    """For the school of the world, whose readers are there already."""
    province, school = world.province(), world.school()
    _rules(world, [province, school])
    other = world.school("Trường Tiểu học Đồng Hỷ")
    for library in (province, school, other):
        _calendar(world, library)
    _holds(world, school)
    world.session.commit()


def _rules(world: World, owners: list[Organisation]) -> None:
    """Every value is said somewhere; what the desk lends by is said by the school's own plain line."""
    session, network = world.session(), owners[0].id
    words = {"SGK": "Sách giáo khoa", "STK": "Sách tham khảo", "SNV": "Sách nghiệp vụ", "STN": "Sách thiếu nhi"}
    for code, name in words.items():
        session.add(ItemClass(uid=clock.uuid7(), network_id=network, code=code, name=name, limit_group="sách"))
    session.flush()
    categories = [None, *session.scalars(select(Category.id).where(Category.network_id == network))]
    classes = [None, *session.scalars(select(ItemClass.id).where(ItemClass.network_id == network))]
    keys = list(product(owners, categories, classes, [None, *Channel]))
    plain = (owners[1], None, None, None)
    for number, key in enumerate([one for one in keys if one != plain][: LINES - 1]):
        owner, category, item_class, channel = key
        writing.say(session, owner.id, _said(number, item_class), category, item_class, channel)


def _said(number: int, item_class: int | None) -> dict[str, Any]:
    said: dict[str, Any] = {"length": Length(LengthKind.DAYS, 7 + number % 14), "renewals": 1 + number % 3}
    said |= {"grace_days": number % 3, "suspension_days": 1, "suspension_most": 14, "most_of_class": 400}
    return said if item_class else said | {"most": 400, "holds": 5, "debt_most": 100_000}


def _calendar(world: World, library: Organisation) -> None:
    session, branch = world.session(), world.branch(library)
    session.execute(insert(OpenDay), [{"branch_id": branch.id, "weekday": day} for day in range(6)])
    first = date(clock.today().year, 1, 5)
    closures = [(first + timedelta(days=30 * number), f"Nghỉ {number}") for number in range(24)]
    rows = [
        {"branch_id": branch.id, "first_on": day, "last_on": day + timedelta(days=1), "why": why}
        for day, why in closures
    ]
    session.execute(insert(Closure), rows)


def _holds(world: World, school: Organisation) -> None:
    """Readers wait for titles of which every copy is out elsewhere."""
    session, branch = world.session(), world.branch(school)
    readers = session.scalars(select(Membership.id).order_by(Membership.id).limit(HOLDS // A_TITLE)).all()
    titles = _titles(world, school, HOLDS // A_TITLE)
    act_id, now = acts.write(session, Doing.now(branch_id=branch.id), "hold", clock.now()), clock.now()
    rows = [
        {
            "uid": clock.uuid7(), "act_id": act_id, "record_id": title, "placed_at": now, "branch_id": branch.id,
            "membership_id": readers[(number * A_TITLE + place) % len(readers)], "priority": place % 2,
        }
        for number, title in enumerate(titles)
        for place in range(A_TITLE)
    ]  # fmt: skip
    session.execute(insert(Hold), rows)


def _titles(world: World, school: Organisation, count: int) -> list[int]:
    names, now = [f"Sách nhiều người chờ {number}" for number in range(count)], clock.now()
    rows = [
        {
            "uid": clock.uuid7(), "network_id": school.network_id, "title": name, "title_sort": sort_key(name),
            "match_key": fold(name), "search_text": search_text(name), "made_at": now, "changed_at": now,
        }
        for name in names
    ]  # fmt: skip
    world.session.execute(insert(Record), rows)
    return list(world.session.scalars(select(Record.id).order_by(Record.id.desc()).limit(count)))
