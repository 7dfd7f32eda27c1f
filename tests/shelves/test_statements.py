"""How many questions the database is asked for a shelf's page, however many books and pupils."""

import pytest
from flask import Flask

from tests.shelves.shelf_page import room
from tests.support.shelves import put
from tests.support.statements import counted
from tests.support.world import World


@pytest.mark.parametrize(("path", "most"), [("", 9), ("/scan", 9), ("/books", 10), ("/tally", 12)])
def test_a_page_of_a_shelf_asks_few_questions(app: Flask, world: World, path: str, most: int) -> None:
    here = room(app, world)
    put(world, here.shelf, world.items(20))
    for number in range(20):
        world.patron(f"Lý Thị Hoa{number}", class_name="4A")
    world.session.commit()
    address = f"/shelves/{here.shelf.uid}{path}"
    here.page.client.get(address)
    with counted() as said:
        assert here.page.client.get(address).status_code == 200
    assert len(said) <= most
