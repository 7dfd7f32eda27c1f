"""The rows behind a figure, and the page that shows them."""

from datetime import date
from typing import Any

from flask import Flask

from library.accounts import managing
from library.accounts.models import RoleName
from library.core import clock
from library.core.db import for_writing, read_only
from library.inbox import acts
from library.organisations import founding
from library.organisations.models import Branch, OrganisationKind
from library.reports import asking, records
from library.shelves import keeping
from library.shelves.building import NewShelf
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind, VisitKind
from tests.reports.test_asking import ask, came, used
from tests.support import people, rotation, shelves
from tests.support.statements import counted
from tests.support.world import World, at


def rows(world: World, *args: Any, later: bool = False, page: int = 1, **more: Any) -> list[tuple[int, int]]:
    """(day of September, quantity), as the page lists them."""
    found = records.records(world.session(), ask(world, *args, **more), page, later)
    assert found.total >= len(found.rows)
    return [(one.day.day, one.quantity) for one in found]


def test_the_rows_add_up_to_the_figure_and_what_came_later_is_told_apart(world: World) -> None:
    world.school()
    act = used(world, UseKind.TALLY, 10, 5, grade=3)
    used(world, UseKind.CLASS_READ, 4, 7, class_name="5A", grade=5)
    locked = clock.now()
    counting.undo(world.session(), act[0])
    used(world, UseKind.TALLY, 12, 5)
    assert rows(world) == [(7, 4), (5, 12), (5, -10), (5, 10)]
    assert rows(world, known_at=locked) == [(7, 4), (5, 10)]
    assert rows(world, known_at=locked, later=True) == [(5, 12), (5, -10)]
    assert rows(world, only={"grade": [5]}) == [(7, 4)]
    assert rows(world, last=date(2026, 9, 5)) == [(5, 12), (5, -10), (5, 10)]
    assert rows(world, "readers-active") == []
    for _ in range(60):
        used(world, UseKind.TALLY, 1, 2)
    assert (len(rows(world)), len(rows(world, page=2))) == (50, 14), "newest first, all of them over the pages"
    world.items(2)
    assert len(rows(world, "copies")) == 2 and rows(world, "copies-added") == []


def test_the_page_tells_the_number_its_parts_and_its_rows(app: Flask, world: World) -> None:
    rotation.account(world, "tu")
    came(world, 35, grade=5, class_name="5A")
    locked = clock.now()
    came(world, 1_200, category="citizen")
    other = founding.found(world.session(), OrganisationKind.PROVINCE, "Tỉnh khác")
    province, school, elsewhere = world.province().id, world.school().id, other.id
    world.session.commit()
    client = people.sign_in(app, "tu")
    span = "first=2026-09-01&last=2026-09-30&measure=visits"
    page = client.get(f"/reports/figures?{span}&unit={province}&by=group").get_data(as_text=True)
    assert "1.235</b> lượt" in page and "Khối 5" in page and "lớp 5A" in page and "Bạn đọc khác" in page
    known = locked.isoformat().replace("+00:00", "Z")
    page = client.get(f"/reports/figures?{span}&unit={school}&known={known}").get_data(as_text=True)
    assert ">35</b> lượt" in page and "1.235 (+1.200)" in page
    page = client.get(f"/reports/figures?{span}&unit={school}&known={known}&later=1").get_data(as_text=True)
    assert "Ghi sau khi khóa" in page and "1.200" in page and "lớp 5A" not in page
    assert client.get(f"/reports/figures?{span}&unit={elsewhere}").status_code == 404
    for junk in (
        "measure=x&unit=abc&first=never",
        "grade=x&known=y&page=-1",
        f"by=nothing&unit={school}",
        "unit=999999",
    ):
        assert client.get(f"/reports/figures?{junk}").status_code in (200, 404)
    for junk in ("branch=999999", "owner=999999", f"below={elsewhere}", f"owner={elsewhere}"):
        assert client.get(f"/reports/figures?{span}&unit={province}&{junk}").status_code == 404, "no name is told"
    centres = f"{span}&unit={school}&library-kind=centre"
    assert ">0</b> lượt" in client.get(f"/reports/figures?{centres}").get_data(as_text=True)
    page = client.get(f"/reports/figures?{span}&unit={province}&owner={school}").get_data(as_text=True)
    assert "1.235</b> lượt" in page
    for dim in ("below", "unit", "month", "day", "kind", "sex", "branch"):
        assert client.get(f"/reports/figures?{span}&unit={province}&by={dim}").status_code == 200
    for measure in ("readers-active", "units-active", "titles", "shelves-built", "gift-money", "uses", "loans-overdue"):
        assert client.get(f"/reports/figures?measure={measure}&unit={province}").status_code == 200


def test_shelves_are_told_by_kind_and_one_built_by_mistake_is_told_as_taken_back(world: World) -> None:
    session, span = world.session(), {"first": date(2026, 1, 1), "last": clock.today()}
    wrong = shelves.shelf(world)
    locked = clock.now()
    keeping.close(session, world.doing(clock.now()), wrong, "mistake")
    shelves.shelf(world, shelves.school_class(world, "5A", 5), NewShelf("Tủ 5A"))
    kind = wrong.kind.value

    def told(**more: Any) -> list[int]:
        return sorted(one.quantity for one in records.records(session, ask(world, "shelves-built", **span, **more)))

    def figure(**more: Any) -> int:
        return asking.total(session, ask(world, "shelves-built", **span, **more))

    assert (figure(), figure(known_at=locked), told()) == (1, 1, [1])
    assert (figure(only={"kind": [kind]}), figure(only={"kind": ["grade"]})) == (1, 0)
    assert (told(only={"kind": [kind]}), told(only={"kind": ["grade"]})) == ([1], [])
    later = records.records(session, ask(world, "shelves-built", **span, known_at=locked), later=True)
    assert sorted(one.quantity for one in later) == [-1, 1]
    assert len(world.items(3)) == 3 and total_rows(session, world, "titles", span) == 1


def total_rows(session: Any, world: World, measure: str, span: dict[str, Any]) -> int:
    return records.records(session, ask(world, measure, **span)).total


def test_whoever_holds_one_branch_sees_figures_and_rows_of_that_branch(app: Flask, world: World) -> None:
    session, school = world.session(), world.school()
    own, other = (
        world.branch(),
        Branch(uid=clock.uuid7(), organisation=school, kind=world.branch().kind, name="Điểm lẻ"),
    )
    session.add(other)
    account = managing.open_account(session, "hoa", "Hoa", rotation.PASSWORD, own)
    managing.grant(session, account, RoleName.LIBRARIAN, school.id, branch_id=own.id)
    session.flush()
    came(world, 5)
    doing = world.doing(at(5))
    act = acts.write(session, doing, "visits", at(5)), doing.uid
    counting.visits(session, act, VisitKind.CLASS, 70, at(5), Frozen(other.id))
    session.commit()
    client = people.sign_in(app, "hoa")
    span = f"first=2026-09-01&last=2026-09-30&measure=visits&unit={school.id}"
    page = client.get(f"/reports/figures?{span}&by=branch").get_data(as_text=True)
    assert ">5</b> lượt" in page and "Điểm lẻ" not in page
    assert client.get(f"/reports/figures?{span}&branch={other.id}").status_code == 404
    page = client.get("/reports/standing?report=yearly&sort=year&last=2026-09-30").get_data(as_text=True)
    assert ">75<" not in page


def test_a_page_asks_for_the_marks_once(world: World) -> None:
    used(world, UseKind.TALLY, 3)
    one = ask(world)
    world.session.commit()
    read_only()
    session = world.session()
    with counted() as sent:
        assert [asking.total(session, one) for _ in range(3)] == [3, 3, 3]
    alone = session.get_bind().dialect.name == "sqlite"
    assert len([said for said in sent if "roll_mark" in str(said)]) == (1 if alone else 4)
    for_writing()
