"""The tree of organisations: whose it is today, whose it was, who followed whom; and rights that follow at once."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from library.accounts.models import RoleName
from library.core import clock
from library.holdings import ledger
from library.organisations import codes, founding, tree
from library.organisations.models import BranchKind, Code, CodeKind, OrganisationKind, Parentage
from tests.support.people import DeskPage, account, sign_in
from tests.support.world import World

TODAY = clock.today()


def test_a_school_moves_under_another_parent_and_the_past_keeps_the_old_one(world: World) -> None:
    session, school, old = world.session(), world.school(), world.province()
    new = founding.found(session, OrganisationKind.PROVINCE, "Thư viện tỉnh Thái Nguyên", since=date(2025, 7, 1))
    moved_on = TODAY + timedelta(days=1)
    founding.put_under(session, school, new, moved_on)
    assert (school.id, old.id) in tree.parentage_on(session, TODAY)
    assert (school.id, new.id) in tree.parentage_on(session, moved_on)
    assert (school.id, old.id) not in tree.parentage_on(session, moved_on)
    session.refresh(school)
    assert school.network_id == new.network_id


def test_one_parent_at_a_time(world: World) -> None:
    session, school = world.session(), world.school()
    other = world.province("Tỉnh khác")
    session.add(Parentage(child_id=school.id, parent_id=other.id, from_on=TODAY + timedelta(days=2)))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_school_succeeds_another_with_its_copies_and_its_branch(world: World) -> None:
    session, old = world.session(), world.school("Trường Tiểu học Nông Thượng")
    new, item = world.school(), world.item(old)
    founding.succeed(session, old, new, TODAY)
    assert (old.successor_id, old.to_on) == (new.id, TODAY)
    branch = session.get_one(type(new.branches[0]), item.branch_id, populate_existing=True)
    assert (branch.organisation_id, branch.kind) == (new.id, BranchKind.SITE)
    assert ledger.astray(session) == []
    assert not [pair for pair in tree.parentage_on(session, TODAY) if pair[0] == old.id]


def test_a_ring_in_bad_data_ends_the_walk() -> None:
    assert tree.below([1], [(2, 1), (3, 2), (1, 3)]) == {1, 2, 3}
    assert tree.top_of(3, [(3, 2), (2, 1)]) == 1
    assert tree.top_of(3, [(3, 2), (2, 3)]) in (2, 3)


def test_rights_follow_the_tree_from_the_next_request_on(app: Flask, world: World) -> None:
    """What is kept in memory has a stamp: a school founded by another process is in scope at once."""
    account(world, "tu", RoleName.ADMINISTRATOR, world.province())
    client = sign_in(app, "tu")
    assert client.get("/people").status_code == 200
    reader = world.patron(library=world.school("Trường Tiểu học Đức Xuân"))
    assert client.get(f"/people/{reader.uid}").status_code == 200


def test_codes_are_told_apart_by_kind_and_check_digit() -> None:
    made = codes.payload(CodeKind.ITEM, 42, 627)
    assert (made, len(made)) == ("200420006275"[:11] + codes.check_digit("20042000627"), 12)
    assert codes.is_ours(made)
    wrong = [made[:place] + str((int(made[place]) + 1) % 10) + made[place + 1 :] for place in range(12)]
    assert not any(codes.is_ours(one) for one in wrong if one[0] == made[0])
    with pytest.raises(ValueError, match="no room"):
        codes.payload(CodeKind.CARD, 42, 1_000_000)


def test_a_code_means_what_it_meant_then(app: Flask, world: World) -> None:
    """A card taken out of use is unknown from that moment on; its number may be given again."""
    account(world)
    lan = world.patron()
    code = world.session.scalars(select(Code).where(Code.kind == CodeKind.CARD)).one()
    page = DeskPage(sign_in(app))
    assert page.scan(code.printed)["reader"]["uid"] == str(lan.uid)
    code.valid_to = clock.now()
    assert page.scan(code.printed)["what"] == "unknown"
    again = codes.register(world.session(), CodeKind.CARD, code.issuer_id, [code.folded], [code.printed], clock.now())
    assert len(again) == 1
    with pytest.raises(IntegrityError):
        codes.register(world.session(), CodeKind.CARD, code.issuer_id, [code.folded], [code.printed], clock.now())
