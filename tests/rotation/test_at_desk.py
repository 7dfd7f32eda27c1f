"""A copy that comes in at a desk while it is away with a batch: the desk names the batch, and asks nothing of others."""

import pytest
from flask import Flask

from library.accounts.models import RoleName
from tests.rotation.way import items_of
from tests.support import rotation
from tests.support.people import DeskPage, sign_in
from tests.support.statements import counted
from tests.support.world import World

WORDS = "Thuộc đợt luân chuyển {}, đi theo đợt."


@pytest.fixture
def desk(app: Flask, world: World) -> DeskPage:
    rotation.account(world, "mai", RoleName.LIBRARIAN)
    return DeskPage(sign_in(app, "mai"))


def test_the_desk_names_the_batch_of_a_copy_that_stays_elsewhere(world: World, desk: DeskPage) -> None:
    leg = rotation.received(world)
    item = items_of(world, leg)[0]
    world.session.commit()
    with counted() as sent:
        assert WORDS.format(leg.batch.code) in str(desk.scan(item.accession or ""))
    assert len([one for one in sent if "rotation_line" in one]) == 1


def test_other_copies_are_not_asked_about(world: World, desk: DeskPage) -> None:
    stays_nowhere = rotation.stock(world, 1)[0]
    world.session.commit()
    with counted() as sent:
        assert "đi theo đợt" not in str(desk.scan(stays_nowhere.accession or ""))
    assert not [one for one in sent if "rotation_line" in one]
