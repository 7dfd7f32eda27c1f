"""A library whose every word holds a token is crawled for by every role of another library: the token is never seen."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Text, inspect, select

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import Base
from library.exports import writing
from library.exports.models import Export
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.jobs.models import Job
from library.loans import holds
from library.mobile.models import Route, Stop, Trip, Vehicle, VisitChange
from library.organisations import founding
from library.organisations.models import Code, Organisation, OrganisationKind
from library.patrons.models import Card
from library.rotation.models import Batch, Site, Survey
from library.staging.models import Load, LoadRow, LoadState
from library.staging.verdicts import Verdict
from tests.access import activity_things, rotation_things
from tests.access.test_every_route import uid_of
from tests.support.people import DeskPage, account, sign_in
from tests.support.policies import lends
from tests.support.world import World

MOST_PAGES = 1200
TOKEN = "Hoàngyến"
FOLDED = "hoangyen"
NO_UID = ("slug", "card", "accession", "other", "record", "reader", "load", "export")
LINK = re.compile(r"""(?:href|action|src|data-[a-z-]+)=["']([^"'#]+)""")


def canary(world: World, library: Organisation, public: str = TOKEN) -> dict[str, str]:
    """Fill the library with token-bearing rows; addresses and codes of its things. `public`: the name of its stop, which
    a network shares as it shares titles."""
    session = world.session()
    record = world.record(f"{TOKEN} bí mật", library)
    record.summary = record.publisher = record.series = f"{TOKEN} giấu kín"
    (item, other) = world.items(2, library, record=record)
    item.note = f"{TOKEN} ghi chú"
    reader = world.patron(f"Nguyễn {TOKEN}", library, class_name=f"5{TOKEN}")
    lends(session, library.id, days=14, most=3)
    load = Load(
        uid=clock.uuid7(), kind="books", library_id=library.id, branch_id=world.branch(library).id, account=None,
        file_key="1" * 64, file_name=f"{TOKEN}.xlsx", sheet=TOKEN, choices={}, state=LoadState.UNREADABLE,
        trouble={"sentence": TOKEN, "facts": {}}, made_at=clock.now(),
    )  # fmt: skip
    session.add(load)
    session.flush()
    session.add(LoadRow(load_id=load.id, number=1, sheet=TOKEN, cells=[TOKEN], verdict=Verdict.REFUSED, notes=[]))
    session.add(
        Job(uid=clock.uuid7(), kind="staging.apply", library_id=library.id, facts={"load": str(load.uid)}, trouble=TOKEN,
            lease_until=clock.now() + timedelta(days=1), made_at=clock.now())
    )  # fmt: skip
    holds.place(session, Doing.now(branch_id=item.branch_id), record.id, reader.id, item.branch_id)
    account(world, FOLDED, RoleName.LIBRARIAN, library).name = f"Cô {TOKEN}"
    export = Export(uid=clock.uuid7(), library_id=library.id, kind="books", form="csv", libraries=[library.id], written={},
                    made_at=clock.now(), finished_at=clock.now())  # fmt: skip
    session.add(export)
    writing.path_of(export.uid).parent.mkdir(exist_ok=True)
    writing.path_of(export.uid).write_text(f"Nhan đề\n{TOKEN} bí mật\n")
    rotation_things.add_all(world, library, TOKEN, public)
    activity_things.add(library, TOKEN)
    session.flush()
    card = session.scalar(
        select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == reader.id)
    )
    return {
        "record": str(record.uid), "reader": str(reader.uid), "load": str(load.uid),
        "export": str(export.uid), "slug": library.slug, **_rotating(library),
        "card": card or "", "accession": item.accession or "", "other": other.accession or "",
    }  # fmt: skip


def _rotating(library: Organisation) -> dict[str, str]:
    """Uids of what rotates and drives there."""
    one: Callable[[type[Any]], UUID] = lambda model: uid_of(model, library)  # noqa: E731
    found = {model.__name__: one(model) for model in (Site, Batch, Survey, Vehicle, Stop, Route, Trip, VisitChange)}
    found |= {"leg": rotation_things.leg_of(library), "crate": rotation_things.crate_of(library)}
    found |= {"visit": rotation_things.visit_of(library), "photo": rotation_things.trip_file_of(library)}
    found |= {name: activity_things.of(name, library) for name in activity_things.MODELS}
    return {name: str(uid) for name, uid in found.items()}


def addresses(app: Flask, found: dict[str, str]) -> set[str]:
    """Every GET route with its places filled with the canary's things, and plain ones with searching words."""
    paths = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static" or rule.rule.startswith("/tv/"):
            continue
        for uid in (found["record"], found["reader"], found["load"], found["export"]):
            paths.add(rule.rule.replace("<uuid:uid>", uid).replace("<step>", "1"))
    words = (
        "?q=bi+mat",
        "?q=giau+kin",
        f"?q={found['accession']}",
        f"?reader={found['reader']}",
        "?class=1",
        "?page=2",
    )
    return paths | {path + word for path in paths for word in words} | rotating_addresses(app, found)


def rotating_addresses(app: Flask, found: dict[str, str]) -> set[str]:
    """Pages of rotation and of vehicles, with each of the canary's things in their place; of activities, with their own."""
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    mine = [rule for rule in rules if rule.startswith(("/rotation", "/van")) and "<uuid:uid>" in rule]
    own = {name for name in found if name in activity_things.MODELS}
    uids = [one for name, one in found.items() if name not in NO_UID and name not in own]
    of_activities = {
        rule.replace("<uuid:uid>", found[name])
        for name in own
        for rule in rules
        if rule.startswith(f"/{name}/<uuid:uid>")
    }
    return {rule.replace("<uuid:uid>", uid) for rule in mine for uid in uids} | of_activities


def crawl(client: FlaskClient, start: set[str], avoid: str) -> dict[str, str]:
    """Pages by address, links followed within this server; so many at most."""
    seen: dict[str, str] = {}
    waiting = sorted(start)
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop()
        if path in seen or avoid in path:
            continue
        answer = client.get(path)
        seen[path] = answer.get_data().decode(errors="replace")
        answer.close()
        assert answer.status_code < 500, path
        if answer.mimetype == "text/html":
            links = {unescape(link) for link in LINK.findall(seen[path])}
            waiting.extend(link for link in links if link.startswith("/") and not link.startswith(("/static", "//")))
        if location := answer.headers.get("Location"):
            waiting.append(urlsplit(location).path)
    return seen


def leaks(text: str) -> bool:
    return TOKEN.casefold() in text.casefold() or FOLDED in text.casefold()


@pytest.mark.parametrize("role", [role for role in RoleName if role is not RoleName.CLASS_HELPER])
def test_nobody_of_another_library_sees_the_canary(app: Flask, world: World, role: RoleName) -> None:
    cage = founding.found(world.session(), OrganisationKind.SCHOOL, f"Trường {TOKEN}", short_name=TOKEN)
    found = canary(world, world._furnished(cage))
    world.items(2)
    account(world, "ha", role, world.province() if role is RoleName.ADMINISTRATOR else world.school())
    world.session.commit()
    client = sign_in(app)
    pages = crawl(client, {"/", "/titles", "/desk", "/people", *addresses(app, found)}, avoid=f"/tv/{found['slug']}")
    assert len(pages) > 20
    assert [path for path, text in pages.items() if leaks(text)] == []
    page = DeskPage(client)
    for code in (found["card"], found["accession"], found["other"]):
        assert not leaks(page.send(page.posted(code=code)).get_data(as_text=True))
        assert not leaks(page.send(page.posted(code=code, reader=found["reader"])).get_data(as_text=True))


@pytest.mark.parametrize("role", [RoleName.LIBRARIAN, RoleName.HELPER, RoleName.TEACHER, RoleName.SCHEDULER])
def test_the_next_school_shares_titles_and_nothing_else(app: Flask, world: World, role: RoleName) -> None:
    """In one network titles are common; readers, classes, notes, lists and accounts are not."""
    cage = world.school("Trường Tiểu học Sông Cầu")
    found = canary(world, cage, public="Chợ Sông Cầu")
    session = world.session()
    record = world.session.scalars(select(Item.record_id)).first()
    assert record
    from library.catalogue.models import Record

    for one in session.scalars(select(Record)):
        one.title, one.summary, one.publisher, one.series = "Tên chung", None, None, None
        one.search_text = "ten chung"
    account(world, "ha", role)
    world.session.commit()
    client = sign_in(app)
    pages = crawl(client, {"/", "/titles", "/desk", "/people", *addresses(app, found)}, avoid="/nowhere")
    assert [path for path, text in pages.items() if leaks(text)] == []


def test_the_canary_would_be_seen(app: Flask, world: World) -> None:
    """The test can fail: the canary's own librarian sees the token."""
    cage = founding.found(world.session(), OrganisationKind.SCHOOL, f"Trường {TOKEN}")
    found = canary(world, world._furnished(cage))
    world.session.commit()
    pages = crawl(sign_in(app, FOLDED), {"/titles", "/people", f"/people/{found['reader']}"}, avoid="/nowhere")
    assert sum(leaks(text) for text in pages.values()) >= 3


def test_every_table_with_words_is_declared() -> None:
    """A table that holds text says by which path it belongs to somebody."""
    for mapper in Base.registry.mappers:
        table = mapper.class_
        has_words = any(isinstance(column.type, Text) for column in inspect(table).columns)
        assert not has_words or getattr(table, "__scope__", None), table.__name__
