"""A school of a province with some books, and a visitor's browser."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from library.catalogue.models import Record, Role
from library.catalogue.writing import NewRecord, create
from library.core import clock
from library.holdings import places
from library.holdings.models import Item, PlaceKind
from library.loans import deeds
from library.loans.deeds import Lending
from library.organisations.models import Organisation
from library.uses.counting import Frozen
from tests.support.people import commit
from tests.support.world import World


@dataclass
class Books:
    """Hands to fill a library with."""

    world: World

    def title(
        self, title: str, author: str = "Tô Hoài", copies: int = 1, library: Organisation | None = None, **more
    ) -> Record:
        owner = library or self.world.school()
        new = NewRecord(title, ((author, Role.AUTHOR),), **more)
        record = create(self.world.session(), owner.network_id or 0, new)
        if copies:
            self.world.items(copies, owner, record=record)
        return record

    def items(self, record: Record) -> list[Item]:
        return list(self.world.session.query(Item).filter_by(record_id=record.id).order_by(Item.id))

    def lend(self, item: Item, days: int = 14, name: str = "Hoàng Thị Mai Lan") -> date:
        """To Lan of 5A; the day it is due."""
        due = clock.today() + timedelta(days=days)
        lan = self.world.patron(name, class_name="5A")
        with_patrons = places.first_of(self.world.session(), item.branch_id, PlaceKind.WITH_PATRONS)
        lending = Lending(item.id, item.uid, lan.id, due, Frozen(item.branch_id))
        deeds.lend(self.world.session(), self.world.doing(), lending, (with_patrons.id, item.branch_id), clock.now())
        return due


@pytest.fixture
def books(world: World) -> Books:
    return Books(world)


@pytest.fixture
def slug(world: World) -> str:
    return world.school().slug


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def look(visitor: FlaskClient, world: World) -> Callable[..., str]:
    """What a visitor sees at an address."""

    def at(address: str, status: int = 200, **asked: str) -> str:
        commit()
        answer = visitor.get(address, query_string=asked or None)
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        return answer.get_data(as_text=True)

    return at
