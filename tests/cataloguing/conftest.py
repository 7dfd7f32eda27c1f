"""cô Hà at her school, and a network with titles of the next school."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.catalogue.models import NumberKind, Record, Role
from library.catalogue.writing import NewRecord, create
from library.core.db import db
from library.holdings.models import Item
from library.staging.values import with_check_digit
from tests.support.people import account, commit, sign_in
from tests.support.world import World

ISBN = with_check_digit("978604212345")
EAN = with_check_digit("893524480123")


@pytest.fixture
def ha(app: Flask, world: World) -> Iterator[FlaskClient]:
    account(world)
    commit()
    return sign_in(app)


@pytest.fixture
def shared(world: World) -> Record:
    """A title of the network, described by the next school, with an ISBN and an 893 code."""
    world.school()
    new = NewRecord(
        "Dế Mèn phiêu lưu ký", (("Tô Hoài", Role.AUTHOR),), publisher="Kim Đồng", year=2019, price=45_000,
        ddc="895.9223", numbers=((ISBN, NumberKind.ISBN), (EAN, NumberKind.EAN)),
    )  # fmt: skip
    network = world.school().network_id
    assert network
    record = create(world.session(), network, new)
    commit()
    return record


def fields(html: str) -> dict[str, str]:
    """What a browser would send of the page: inputs and the chosen option of selects."""
    from html import unescape

    found, html = {}, html.partition("<main")[2]
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and 'type="file"' not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    for name, inside in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        found[name] = chosen[1] if chosen else ""
    return found


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def titles() -> list[Record]:
    db.session.expire_all()
    return list(db.session.scalars(select(Record).order_by(Record.id)))


def copies() -> list[Item]:
    db.session.expire_all()
    return list(db.session.scalars(select(Item).order_by(Item.id)))
