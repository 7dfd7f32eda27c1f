"""The learning society: numbers of communes, shares as sums over sums, targets, the tree of the year, every telling undone."""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from flask import Flask

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.inbox import acts
from library.organisations import founding
from library.organisations.models import Organisation, OrganisationKind
from library.reports import society, society_telling
from library.reports.society import Line
from library.reports.society_telling import NothingNew, Telling
from tests.support.people import account, commit, sign_in
from tests.support.world import World

YEAR = clock.today().year


def commune(world: World, name: str, since: date = date(2020, 1, 1)) -> Organisation:
    return founding.found(world.session(), OrganisationKind.COMMUNE, name, world.province(), since=since)


def tell(world: World, unit: Organisation, year: int = YEAR, **counts: int | None) -> acts.Doing:
    doing = world.doing(library=unit)
    telling = Telling({name.replace("_", "-"): value for name, value in counts.items()})
    society_telling.tell(world.session(), doing, unit, year, telling)
    return doing


def result(world: World, unit: Organisation, code: str, year: int = YEAR) -> society.Result:
    session = world.session()
    listed = society.lines(session, unit.network_id)
    units = society.told_by(session, unit.id, [year])[year]
    (found,) = [
        one
        for one in society.results(listed, society.counts(session, units, [year]), units, year)
        if one.line.code == code
    ]
    return found


def test_shares_are_sums_over_sums_of_those_who_told_both(world: World) -> None:
    """Bắc Giang asks for 70 per cent in 2025 and 85 in 2030."""
    province, first, second, third = world.province(), *(commune(world, f"Xã {at}") for at in "ABC")
    tell(world, first, households=1000, learning_families=900)
    tell(world, second, households=3000, learning_families=1500)
    tell(world, third, learning_families=700)
    found = result(world, province, "learning-families")
    assert (found.part, found.whole, found.told, found.among) == (2400, 4000, 2, 3), "no whole, no part"
    assert found.share == 60 and found.target == (2030, 850) and found.short == pytest.approx(25)
    assert society.aimed(found.line, 2024) == (2025, 700) and society.aimed(found.line, 2031) == (2030, 850)
    assert result(world, first, "learning-families").share == 90
    plain = result(world, province, "households")
    assert (plain.part, plain.told, plain.share) == (4000, 2, None)
    assert result(world, province, "learning-clans").part is None, "nobody told is not none"


def test_the_last_word_stands_until_it_is_taken_back(world: World) -> None:
    unit, session = commune(world, "Xã A"), world.session()
    tell(world, unit, clans=80)
    second = tell(world, unit, clans=90, hamlets=12)
    with pytest.raises(NothingNew):
        tell(world, unit, clans=90)
    assert result(world, unit, "clans").part == 90
    assert society_telling.lately(session, unit.id, YEAR)[0].act == second.uid
    society_telling.undo(session, world.doing(library=unit), unit, YEAR, second.uid)
    assert (result(world, unit, "clans").part, result(world, unit, "hamlets").part) == (80, None)
    with pytest.raises(acts.AlreadyUndone):
        society_telling.undo(session, world.doing(library=unit), unit, YEAR, second.uid)
    tell(world, unit, clans=None)
    assert result(world, unit, "clans").part is None


def test_branches_of_the_association_add_up_to_its_members(world: World) -> None:
    """Móng Cái counts 40.881 members, 39 per cent of its people."""
    unit, session = commune(world, "Phường Móng Cái"), world.session()
    tell(world, unit, population=104_823, members=7)
    doing = world.doing(library=unit)
    new = (("Chi hội thôn 1", 40_000), ("Chi hội thôn 2", 881))
    society_telling.tell(session, doing, unit, YEAR, Telling({}, new=new))
    found = result(world, unit, "members")
    assert (found.part, round(found.share or 0)) == (40_881, 39), "one by one is more than a round sum"
    assert result(world, unit, "association-branches").part == 2
    one, two = society.branches(session, unit.id)
    society_telling.tell(session, world.doing(library=unit), unit, YEAR, Telling({}, {one.id: None, two.id: 900}))
    assert (result(world, unit, "members").part, result(world, unit, "association-branches").part) == (900, 1)
    society_telling.undo(session, world.doing(library=unit), unit, YEAR, doing.uid)
    assert society.branches(session, unit.id) == [] and result(world, unit, "members").part == 7


def test_a_year_is_added_up_by_the_tree_of_its_end(world: World) -> None:
    """Two communes become one in July; the year before they are still two, and a commune entered late was there before."""
    province, session = world.province(), world.session()
    a, b = commune(world, "Xã A"), commune(world, "Xã B")
    late = commune(world, "Xã nhập sau", since=clock.today())
    merged = founding.found(session, OrganisationKind.COMMUNE, "Xã AB", province, since=date(YEAR, 1, 1))
    with clock.stopped_at(clock.now() - timedelta(days=2)):
        for year in (YEAR - 1, YEAR):
            for unit, many in ((a, 10), (b, 20), (late, 5)):
                tell(world, unit, year, hamlets=many)
        tell(world, merged, hamlets=28)
    for old in (a, b):
        founding.succeed(session, old, merged, clock.today())
    told = society.told_by(session, province.id, [YEAR - 1, YEAR])
    assert told == {YEAR - 1: [a.id, b.id, late.id], YEAR: [merged.id, late.id]}
    assert (result(world, province, "hamlets", YEAR - 1).part, result(world, province, "hamlets").part) == (35, 33)
    assert result(world, world.school(), "hamlets").among == 1, "who has no communes below tells for itself"


def test_a_network_edits_its_list(world: World) -> None:
    root, session = world.province(), world.session()
    assert society.lines(session, root.id) == society.shipped()
    own = [Line("units", "Cơ quan", "cơ quan"), Line("x", "Cơ quan có tủ sách", "cơ quan", "units", {2030: 505})]
    society.put_lines(session, root.id, own)
    assert society.lines(session, root.id) == own and society.target_years(own) == [2025, 2030]
    society.put_lines(session, root.id, own[:1])
    assert society.lines(session, root.id) == own[:1]


def test_the_pages_take_a_year_and_tell_the_province(app: Flask, world: World) -> None:
    unit, other, root = commune(world, "Xã Đức Xuân"), commune(world, "Xã Khác"), world.province()
    account(world, "mai", RoleName.LIBRARIAN, unit)
    account(world, "tu", RoleName.OFFICER, root)
    commit()
    mai, address = sign_in(app, "mai"), f"/reports/society/{unit.uid}/{YEAR}"
    sent = {"uid": str(clock.uuid7()), "n-households": "3.000", "n-learning-families": "2.232", "n-population": "10.000",
            "name-0": "Chi hội thôn Nà Pì", "many-0": "1.200"}  # fmt: skip
    assert mai.post(address, data=sent).status_code == 303
    assert mai.post(address, data=sent).status_code == 303, "a second click is the same"
    page = mai.get(address).get_data(as_text=True)
    assert 'value="2.232"' in page and "Chi hội thôn Nà Pì" in page and "cộng từ các chi hội" in page
    wrong = mai.post(address, data={"n-households": "10", "n-learning-families": "20", "n-clans": "mười"})
    text = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and "lớn hơn cả tổng số" in text and 'value="mười"' in text
    assert mai.post(address, data={"n-households": "3000"}).status_code == 422, "nothing new"
    assert mai.post(address, data={"name-0": "chi hội thôn nà pì", "many-0": "9"}).status_code == 422, (
        "it is there already"
    )
    (branch,) = society.branches(db.session(), unit.id)
    gone = {"uid": str(clock.uuid7()), f"x-{branch.uid}": "1"}
    before = f"/reports/society/{unit.uid}/{YEAR - 1}"
    assert mai.post(before, data=gone).status_code == 303
    assert "Chi hội thôn Nà Pì" in mai.get(address).get_data(as_text=True), "said later to have members again"
    assert "Chi hội thôn Nà Pì" not in mai.get(before).get_data(as_text=True)
    for far in (f"/reports/society/{other.uid}/{YEAR}", f"/reports/society/{unit.uid}/{YEAR + 1}"):
        assert mai.get(far).status_code == 404
    assert mai.get("/reports/society/lines").status_code == 403
    tu = sign_in(app, "tu")
    seen = tu.get("/reports/society?line=learning-families").get_data(as_text=True)
    assert "74,4 %" in seen and "còn thiếu 10,6 điểm so với 2030" in seen and "chưa báo" in seen and "1/2" in seen
    book = openpyxl.load_workbook(BytesIO(tu.get("/reports/society.xlsx").data)).active
    assert [root.name, "Gia đình học tập", "gia đình", 2232, 3000, "74,4", "70,0", "85,0", "1/2"] in [
        list(row) for row in book.values
    ]
    assert tu.get(address).status_code == 403
    act = society_telling.lately(db.session(), unit.id, YEAR)[0].act
    assert mai.post(address + "/undo", data={"act": str(act)}).status_code == 303
    assert "74,4 %" not in tu.get("/reports/society").get_data(as_text=True)


def test_an_officer_changes_targets_and_lines(app: Flask, world: World) -> None:
    root = world.province()
    account(world, "tu", RoleName.OFFICER, root)
    commit()
    tu, listed = sign_in(app, "tu"), society.shipped()
    form = {f"{name}-{one.code}": value for one in listed
            for name, value in (("label", one.label), ("unit", one.unit), ("whole", one.whole or ""))}  # fmt: skip
    form |= {"t2030-learning-clans": "84,5", "x-trained-workers": "1"}
    form |= {"label-new-0": "Trường có thư viện", "unit-new-0": "trường", "whole-new-0": "units", "t2030-new-0": "100"}
    assert tu.post("/reports/society/lines", data=form | {"t2030-members": "140"}).status_code == 422
    assert tu.post("/reports/society/lines", data=form | {"x-units": "1"}).status_code == 422, "others are shares of it"
    assert tu.post("/reports/society/lines", data=form).status_code == 303
    own = {one.label: one for one in society.lines(db.session(), root.id)}
    assert own["Dòng họ học tập"].targets == {2030: 845} and "Người lao động qua đào tạo" not in own
    assert own["Trường có thư viện"].whole == "units" and own["Trường có thư viện"].targets == {2030: 1000}
    assert 'value="84,5"' in tu.get("/reports/society/lines").get_data(as_text=True)
