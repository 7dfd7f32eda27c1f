"""A thousand classroom shelves: `python -m tests.bench shelves` or `… .shelves 40`.

Twenty-five schools of forty classes, thirty pupils and sixty books each. Opened is the page of one shelf, through the
whole application; swapped are all the boxes of a school, every second tap committed by itself as telephones send it;
read is a photograph as telephones take them, with a label somewhere in it.
"""

import argparse
import random
import sys
import time
from io import BytesIO

import zxingcpp
from flask import Flask
from PIL import Image
from sqlalchemy import select

from library.accounts import managing
from library.accounts.models import Account, RoleName
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.holdings import ledger, stays
from library.holdings.models import Basis, Item, PlaceKind, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.labels import reading
from library.loans import deeds
from library.loans.deeds import Lending
from library.organisations.models import Organisation
from library.patrons import enrolling
from library.patrons.enrolling import NewPatron
from library.shelves import building, swap_giving, swaps
from library.shelves.building import NewShelf
from library.shelves.models import Shelf, SwapEvery, SwapMove
from library.shelves.swap_giving import Side
from library.shelves.swaps import Wanted
from library.uses.counting import Frozen
from tests.bench.people_bench import _settle, names
from tests.bench.stage import on_each
from tests.bench.tables import milliseconds, spread, table
from tests.support.people import PASSWORD, sign_in
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World

FULL, SMALL = 1_000, 80
CLASSES, PUPILS, BOOKS, LENT = 40, 30, 60, 10
"""Shelves of a school; pupils, books and open loans of each."""
STATEMENTS, SWAP_MS, PHOTO_MS = 15, 1_000, 300
"""What is promised: to open a shelf, to swap forty boxes, to read a photograph."""


def fill(count: int) -> None:
    world, made = World(db.session), names(count * PUPILS)
    for number in range(max(1, count // CLASSES)):
        school = world.school(f"Trường Tiểu học số {number}")
        lends(world.session, school.id, days=14, most=3)
        for login in (f"ha{number}", f"hoa{number}"):
            account = managing.open_account(world.session(), login, "Lường Thị Hà", PASSWORD, world.branch(school))
            managing.grant(world.session(), account, RoleName.LIBRARIAN, school.id)
        records = [world.record(f"Nhan đề số {at}", school) for at in range(BOOKS)]
        for at in range(CLASSES):
            _shelf(world, school, f"{at // 8 + 1}{'ABCDEGHI'[at % 8]}", records, [next(made) for _ in range(PUPILS)])
        db.session.commit()
    _settle()


def _shelf(world: World, school: Organisation, name: str, records: list[Record], pupils: list[str]) -> None:
    session, branch = world.session(), world.branch(school)
    of = enrolling.school_class(session, world.school_year(school), branch.id, name, int(name[0]))
    people = [NewPatron(one, class_id=of.id) for one in pupils]
    readers = enrolling.enrol(session, school, world.category(library=school), people)
    made = building.build(session, Doing.now(branch_id=branch.id), school, branch.id, NewShelf(f"Tủ lớp {name}"), of)
    items = world.items(BOOKS, school, record=records[int(name[0])])
    at, doing = clock.now(), Doing.now(branch_id=branch.id)
    act, uids = (acts.write(session, doing, "fill-shelf", at), doing.uid), {item.id: item.uid for item in items}
    stays.begin_many(session, act, uids, made.place_id, "shelf", at)
    ledger.move(session, act, uids, (made.place_id, branch.id), Why.SHELVE, at)
    with_patrons = world.place(PlaceKind.WITH_PATRONS, school).id, branch.id
    for (reader, _card), item in zip(readers[:LENT], items, strict=False):
        what = Lending(item.id, item.uid, reader, at.date(), Frozen(branch.id))
        deeds.lend(session, Doing.now(branch_id=branch.id), what, with_patrons, clock.now())


def measure(kind: str, app: Flask) -> None:
    rows = [_opening(app), _many(app), *_swapping(app)]
    if kind == "sqlite":
        rows.append(_photographs())
    table(
        f"Classroom shelves, {kind}",
        ("what", "how often", "statements", "p50 / p95 / p99 / longest ms", "wanted"),
        rows,
    )


def _opening(app: Flask, times: int = 200) -> tuple[object, ...]:
    """The page of a shelf, who has what, by its librarian."""
    with app.app_context():
        query = select(Shelf.uid).join(Organisation, Organisation.id == Shelf.library_id)
        uids = [str(uid) for uid in db.session.scalars(query.where(Organisation.name == "Trường Tiểu học số 0"))]
        db.session.rollback()
    client, chance, took, sent_most = sign_in(app, "ha0"), random.Random(7), [], 0
    client.get(f"/shelves/{uids[0]}")
    for _ in range(times):
        begun = time.perf_counter()
        with counted() as sent:
            assert client.get(f"/shelves/{chance.choice(uids)}").status_code == 200
        took.append(time.perf_counter() - begun)
        sent_most = max(sent_most, len(sent))
    return "open a shelf", times, sent_most, spread(took), f"≤ {STATEMENTS} statements"


def _many(app: Flask) -> tuple[object, ...]:
    """Five hundred copies change their shelf in one act: stays and movements."""
    with app.app_context():
        session = db.session()
        at, doing = clock.now(), Doing.now()
        items = {
            row[0]: row[1] for row in session.execute(select(Item.id, Item.uid).order_by(Item.id.desc()).limit(500))
        }
        place = session.scalars(select(Shelf).order_by(Shelf.id)).first()
        assert place
        begun = time.perf_counter()
        with counted() as sent:
            act = (acts.write(session, doing, "swap-boxes", at), doing.uid)
            stays.begin_many(session, act, items, place.place_id, "shelf", at)
            ledger.move(session, act, items, (place.place_id, place.branch_id), Why.RECEIVE, at, Basis.ASSERTION, at)
        took = time.perf_counter() - begun
        db.session.rollback()
    return "stays and places of 500 copies", 1, len(sent), milliseconds(took), "≤ 20 statements, ≤ 200 ms"


def _swapping(app: Flask) -> list[tuple[object, ...]]:
    """All boxes of a school: planned, given, taken."""
    with app.app_context():
        session = db.session()
        school = session.scalars(select(Organisation).where(Organisation.name == "Trường Tiểu học số 0")).one()
        begun = time.perf_counter()
        shelves = session.scalars(select(Shelf).where(Shelf.library_id == school.id).order_by(Shelf.id)).all()
        doing, wanted = (
            Doing.now(branch_id=shelves[0].branch_id),
            Wanted("Cả trường", shelves, SwapEvery.WEEK, clock.today()),
        )
        plan = swaps.plan(session, doing, school.id, wanted)
        session.commit()
        planned, rounds = time.perf_counter() - begun, plan.rounds
        both = [_account(name) for name in ("ha0", "hoa0")]
        given, taken, most = [], [], 0
        for move in session.scalars(select(SwapMove).where(SwapMove.plan_id == plan.id, SwapMove.round == 1)).all():
            given.append(_tap(move, Side.GIVE, both[0])[0])
        processor = time.process_time()
        for move in session.scalars(select(SwapMove).where(SwapMove.plan_id == plan.id, SwapMove.round == 1)).all():
            seconds, sent = _tap(move, Side.TAKE, both[1])
            taken.append(seconds)
            most = max(most, sent)
        processor = time.process_time() - processor
    moved = f"all {len(taken)} boxes of {BOOKS} in {milliseconds(sum(taken))} ms, {milliseconds(processor)} of the processor"
    return [
        (f"plan {len(shelves)} classes, {rounds} rounds", 1, "", milliseconds(planned), ""),
        ("a box is given", len(given), "", spread(given), ""),
        (f"a box is taken: {moved}", len(taken), most, spread(taken), f"all ≤ {SWAP_MS} ms"),
    ]  # fmt: skip


def _account(login: str) -> int:
    return db.session.scalars(select(Account.id).where(Account.login == login)).one()


def _tap(move: SwapMove, side: Side, account: int) -> tuple[float, int]:
    begun = time.perf_counter()
    with counted() as sent:
        doing = Doing.now(branch_id=db.session.get_one(Shelf, move.from_id).branch_id)
        told = swap_giving.say(db.session(), doing, move, side, account)
        db.session.commit()
    assert told.done == (side is Side.TAKE)
    return time.perf_counter() - begun, len(sent)


def photograph(code: str, turned: float, chance: random.Random) -> bytes:
    """Twelve million pixels of a table top, with a label of a tenth of its width somewhere, turned by some degrees."""
    label = Image.fromarray(zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128).to_image(scale=4))
    table_top = Image.effect_noise((1000, 750), 40).resize((4000, 3000)).convert("L")
    paper = Image.new("L", (label.width + 80, label.height + 120), 255)
    paper.paste(label, (40, 60))
    paper = paper.rotate(turned, expand=True, fillcolor=200)
    table_top.paste(
        paper, (chance.randrange(200, 4000 - paper.width - 200), chance.randrange(200, 3000 - paper.height - 200))
    )
    out = BytesIO()
    table_top.save(out, "JPEG", quality=85)
    return out.getvalue()


def _photographs(count: int = 20) -> tuple[object, ...]:
    chance, took, processor = random.Random(3), [], 0.0
    for at in range(count):
        code = f"42{at:08}"
        data = photograph(code, chance.choice((0, 4, -7, 90, 180)), chance)
        begun, worked = time.perf_counter(), time.process_time()
        found = reading.codes_in(data)
        took.append(time.perf_counter() - begun)
        processor += (time.process_time() - worked) / count
        assert found == [code], (found, code)
    what = f"read a photograph of 12 million pixels ({milliseconds(processor)} ms of the processor each)"
    return what, count, "", spread(took), f"≤ {PHOTO_MS} ms"


def main(count: int = FULL, only: str | None = None) -> None:
    on_each(only, f"{count:,} shelves of {BOOKS} books", lambda: fill(count), measure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.shelves")
    parser.add_argument("shelves", nargs="?", type=int, default=FULL)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    told = parser.parse_args(sys.argv[1:])
    main(told.shelves, told.only)
