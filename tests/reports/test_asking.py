"""Figures straight from the ledgers: what counts, of whom, as known when."""

from datetime import date, timedelta
from typing import Any

import pytest

from library.core import clock
from library.inbox import acts
from library.organisations import founding
from library.organisations.models import OrganisationKind
from library.reports import asking
from library.reports.asking import Ask, CannotTell, Row
from library.reports.measures import MEASURES, Ledger
from library.uses import counting, happenings
from library.uses.counting import Frozen
from library.uses.happenings import Fact, Measure
from library.uses.models import UseKind, VisitKind
from tests.support.world import World, at

SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))


def ask(world: World, measure: str = "uses", *units: Any, **more: Any) -> Ask:
    chosen = frozenset(unit.id for unit in units or (world.province(),))
    return Ask(measure, chosen, more.pop("first", SEPTEMBER[0]), more.pop("last", SEPTEMBER[1]), **more)


def used(world: World, kind: UseKind, many: int, day: int = 5, library: Any = None, **frozen: Any) -> tuple[int, Any]:
    """Uses without a copy, of that day of September."""
    doing = world.doing(at(day), library=library)
    act = acts.write(world.session(), doing, "tally", at(day)), doing.uid
    counting.tally(world.session(), act, kind, many, at(day), Frozen(world.branch(library).id, **frozen))
    return act


def came(
    world: World, many: int, day: int = 5, library: Any = None, kind: VisitKind = VisitKind.CLASS, **frozen: Any
) -> None:
    doing = world.doing(at(day), library=library)
    act = acts.write(world.session(), doing, "visits", at(day)), doing.uid
    counting.visits(world.session(), act, kind, many, at(day), Frozen(world.branch(library).id, **frozen))


def total(world: World, *args: Any, **more: Any) -> int:
    return asking.total(world.session(), ask(world, *args, **more))


def parts(world: World, dims: tuple[str, ...], *args: Any, **more: Any) -> list[Row]:
    return asking.by(world.session(), ask(world, *args, **more), *dims)


def test_uses_count_by_kind_group_and_book_and_a_renewal_where_it_is_asked_for(world: World) -> None:
    world.school()
    used(world, UseKind.CLASS_READ, 30, grade=5, class_name="5A", class_mark="8(V)", reading_level=3)
    used(world, UseKind.TALLY, 7, category="GV")
    used(world, UseKind.HONOUR, 6, 45, category="pupil")
    october = {"first": date(2026, 10, 1), "last": date(2026, 10, 31)}
    assert parts(world, ("group",), **october) == [Row(("pupil-ungraded",), 6)]
    whole = {"last": date(2026, 10, 31)}
    assert total(world, only={"group": ["pupil-ungraded"]}, **whole) == 6, "each row of a breakdown opens itself"
    assert total(world, only={"group": ["pupil"]}, **whole) == 36
    used(world, UseKind.DIGITAL, 4, channel="opac")
    assert total(world) == 37, "a link that was opened is told apart"
    assert total(world, "uses-digital") == 4
    assert total(world, only={"grade": 5}) == 30 and total(world, only={"grade": None}) == 7
    assert total(world, only={"group": "pupil"}) == 30 and total(world, only={"group": "teacher"}) == 7
    assert total(world, only={"mode": "in-house"}) == 7 and total(world, only={"library-kind": "school"}) == 37
    assert total(world, only={"library-kind": ["public", "centre"]}) == 0
    assert parts(world, ("group", "book-class")) == [Row((5, "8"), 30), Row(("teacher", None), 7)]
    assert parts(world, ("month", "mode")) == [
        Row((date(2026, 9, 1), "class"), 30),
        Row((date(2026, 9, 1), "in-house"), 7),
    ]
    assert parts(world, ("school-year",)) == [Row((date(2026, 8, 1),), 37)]
    assert parts(world, ("week",)) == [Row((date(2026, 8, 31),), 37)]
    with pytest.raises(CannotTell):
        parts(world, ("sort",))
    with pytest.raises(CannotTell):
        total(world, "nothing")


def test_a_figure_as_known_then_does_not_hear_of_what_came_later(world: World) -> None:
    world.school()
    act = used(world, UseKind.TALLY, 10)
    came(world, 35, grade=5)
    locked = clock.now()
    counting.undo(world.session(), act[0])
    used(world, UseKind.TALLY, 3, day=6)
    came(world, 5, category="citizen")
    assert (total(world), total(world, known_at=locked)) == (3, 10)
    assert (total(world, "visits"), total(world, "visits", known_at=locked)) == (40, 35)
    assert total(world, "visits-pupils") == 35
    assert total(world, "visits", first=date(2026, 9, 6)) == 0


def test_facts_count_for_who_owned_the_branch_that_day(world: World) -> None:
    """A school goes into another on 10 September; a commune stands under another province from the 15th."""
    session = world.session()
    province, other = (
        world.province(),
        founding.found(session, OrganisationKind.PROVINCE, "Tỉnh khác", since=date(2026, 1, 1)),
    )
    commune = founding.found(session, OrganisationKind.COMMUNE, "Xã Đức Xuân", province, since=date(2026, 1, 1))
    old = founding.found(session, OrganisationKind.SCHOOL, "Trường cũ", commune, since=date(2026, 1, 1))
    new = founding.found(session, OrganisationKind.SCHOOL, "Trường mới", commune, since=date(2026, 1, 1))
    with clock.stopped_at(at(9)):
        used(world, UseKind.TALLY, 5, 5, old)
        used(world, UseKind.TALLY, 7, 5, new)
    branch = old.branches[0]
    founding.succeed(session, old, new, date(2026, 9, 10))
    doing = acts.Doing(clock.uuid7(), branch_id=branch.id, at=at(12))
    act = acts.write(session, doing, "tally", at(12)), doing.uid
    counting.tally(session, act, UseKind.TALLY, 11, at(12), Frozen(branch.id))
    founding.put_under(session, commune, other, date(2026, 9, 15))
    used(world, UseKind.TALLY, 100, 20, new)
    assert (total(world, "uses", old), total(world, "uses", new)) == (5, 118)
    assert (total(world, "uses", commune), total(world, "uses", province), total(world, "uses", other)) == (
        123,
        23,
        100,
    )
    assert parts(world, ("unit",), "uses", commune) == [Row((old.id,), 5), Row((new.id,), 118)]
    assert parts(world, ("below",), "uses", province) == [Row((commune.id,), 23)]
    assert parts(world, ("below",), "uses", other) == [Row((commune.id,), 100)]
    assert total(world, "uses", province, last=date(2026, 9, 11)) == 12
    for dim, name in (("unit", "owner"), ("below", "below")):
        for unit in (commune, province, other):
            for row in parts(world, (dim,), "uses", unit):
                assert total(world, "uses", unit, only={name: list(row.keys)}) == row.quantity, "a row opens itself"
    assert total(world, "uses", commune, branches=frozenset({branch.id})) == 116
    assert asking.distinct_people(session, ask(world, "readers-active", commune, branches=frozenset())) == 0


def test_a_unit_counts_for_its_first_parent_also_before_it_was_said(world: World) -> None:
    session, province = world.session(), world.province()
    school = founding.found(session, OrganisationKind.SCHOOL, "Trường mới nạp", province, since=clock.today())
    used(world, UseKind.TALLY, 9, 5, school)
    assert total(world, "uses", province) == 9


def test_happenings_units_active_shelves_and_states(world: World) -> None:
    session, school = world.session(), world.school()
    doing, source = world.doing(at(5)), clock.uuid7()
    act = acts.write(session, doing, "event", at(5)), doing.uid
    facts = [
        Fact(Measure.EVENT, 1, date(2026, 9, 5), world.branch().id, sort="opening"),
        Fact(Measure.EVENT_PEOPLE, 150, date(2026, 9, 5), world.branch().id, sort="opening", audience="guests"),
    ]
    happenings.settle(session, act, "event", source, facts)
    assert (total(world, "event"), total(world, "event-people"), total(world, "units-active")) == (1, 150, 1)
    assert parts(world, ("sort", "audience"), "event-people") == [Row(("opening", "guests"), 150)]
    assert total(world, "units-active", only={"library-kind": "public"}) == 0
    world.items(3)
    assert total(world, "copies") == 3 and total(world, "titles") == 1 and total(world, "copies-added") == 0
    assert total(world, "copies-added", first=date(2026, 1, 1)) == 3
    world.patron()
    today = clock.today()
    assert total(world, "readers", last=today) == 1
    assert parts(world, ("unit",), "readers", last=today) == [Row((school.id,), 1)]
    assert parts(world, ("unit",), "titles") == [Row((school.id,), 1)]
    for code, one in MEASURES.items():
        assert isinstance(total(world, code), int)
        for dim in sorted(one.dims) if one.ledger is not Ledger.PEOPLE else ():
            parts(world, (dim,), code)


def test_a_span_of_nothing_and_nobody_is_nothing(world: World) -> None:
    used(world, UseKind.TALLY, 3)
    assert total(world, first=SEPTEMBER[1], last=SEPTEMBER[0]) == 0
    assert asking.total(world.session(), Ask("uses", frozenset(), *SEPTEMBER)) == 0
    later = SEPTEMBER[1] + timedelta(days=400)
    assert total(world, last=later) == 3
