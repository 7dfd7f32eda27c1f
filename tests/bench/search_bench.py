"""Finding among many titles, beside the plain index: `python -m tests.bench search` or `… .search_bench 200000`.

Titles, words, people and copies are made by chance from a fixed seed: words of titles are spread as in a language (the
hundredth is a hundred times rarer than the first), half the copies stand with the province, the others in fifty schools.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from typing import Any
from uuid import UUID

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select, text

from library import create_app
from library.access import Scope
from library.catalogue import search
from library.catalogue.models import Contributor, Format, Record, Role
from library.core import clock
from library.core.db import db, read_only, table_of
from library.core.fold import search_text, sort_key
from library.holdings.models import Condition, Item, Ownership, PlaceKind, Register
from library.organisations.models import Organisation
from tests.bench.stage import database
from tests.bench.tables import milliseconds, quantile, table
from tests.support.world import World

FULL, SMALL, SCHOOLS = 1_000_000, 20_000, 50
ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x".split()
RHYMES = (
    "a ai an ang anh ao ác ách ay âm ân ấp ật ấy ăn ắc ăng em en eo ét ên ếch ình ia iên iếng iệt ịch im ong ói óc ôi ôn"
    " ông ộc ơi ơn ớp ủ ui un ung uân uê uốc uôn uý uyên ửa ức ừng ước ương ươi ưởng ưu"
).split()
FIRST = "truyện sách học văn toán cổ tích em bé con chim hoa đất nước sông núi trăng bạn thầy trường lớp đọc thơ".split()
FAMILIES = "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý Nông Hà Triệu Đàm".split()
MIDDLE = "Văn Thị Đức Minh Thanh Ngọc Quốc Nhật Xuân Hữu Công Mai".split()
GIVEN = "Ánh Bảo Cường Dung Giang Hà Hải Hùng Hương Khánh Lan Linh Long Mai Nam Nga Oanh Phúc Quân Sơn Tú Vân Yến".split()


def titles(count: int) -> Iterator[tuple[str, str]]:
    """(title, author)."""
    chance = random.Random(7)
    words = [*FIRST, *chance.sample([one + other for one in ONSETS for other in RHYMES], 1200)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    for number in range(count):
        said = chance.choices(words, cum_weights=weights, k=chance.randint(2, 7))
        author = " ".join(chance.choice(names) for names in (FAMILIES, MIDDLE, GIVEN))
        yield f"{' '.join(said).capitalize()}{f' {number % 97}' if number % 5 == 0 else ''}", author


def fill(count: int) -> Organisation:
    """Titles and copies straight into the tables; the library at the head of the network."""
    world = World(db.session)
    houses = [world.province(), *(world.school(f"Trường {number}") for number in range(SCHOOLS))]
    receipts = {one.id: world.items(1, one)[0].receipt_id for one in houses}
    rooms = [(one.id, one.branches[0].id, world.place(PlaceKind.STACKS, one).id, receipts[one.id]) for one in houses]
    db.session.commit()
    first = (db.session.scalar(select(Record.id).order_by(Record.id.desc()).limit(1)) or 0) + 1
    made = enumerate(titles(count), first)
    while chunk := list(islice(made, 20_000)):
        _write(chunk, rooms, houses[0].network_id or 0)
    _count_tables()
    return houses[0]


def _write(chunk: Sequence[tuple[int, tuple[str, str]]], rooms: Sequence[tuple[int, ...]], network_id: int) -> None:
    chance = random.Random(chunk[0][0])
    now = clock.now()
    records = [_record(number, one, network_id, now, chance) for number, one in chunk]
    people = [{"record_id": number, "position": 0, "name": author, "role": Role.AUTHOR} for number, (_, author) in chunk]
    items = [_item(number, chance.choice(rooms) if number % 2 else rooms[0], now) for number, _ in chunk]
    for model, rows in ((Record, records), (Contributor, people), (Item, items)):
        db.session.execute(insert(table_of(model)), rows)
    db.session.commit()


def _record(number: int, told: tuple[str, str], network: int, now: Any, chance: random.Random) -> dict[str, Any]:
    title, author = told
    return {
        "id": number, "uid": UUID(int=number), "network_id": network, "title": title, "title_sort": sort_key(title),
        "match_key": search_text(title), "search_text": " ".join(dict.fromkeys(search_text(f"{title} {author} NXB Kim Đồng").split())),
        "year": 1990 + number % 36, "language": chance.choice(("vie", "vie", "vie", "eng")), "publisher": "NXB Kim Đồng",
        "format": Format.AUDIO if number % 20 == 0 else Format.PRINT, "ddc": f"{chance.randrange(10)}{chance.randrange(100):02}.5",
        "audience": chance.choice(("tieu_hoc", "thcs", "thieu_nhi", None)), "made_at": now, "changed_at": now,
    }  # fmt: skip


def _item(number: int, room: Sequence[int], now: Any) -> dict[str, Any]:
    library, branch, place, receipt = room
    return {
        "id": number, "uid": UUID(int=number), "record_id": number, "library_id": library, "branch_id": branch,
        "register_status": Register.LISTED, "accession": f"TK.{number:07}", "accession_folded": f"TK{number:07}",
        "accessioned_on": now.date(), "receipt_id": receipt, "home_id": place, "place_id": place, "seen_at": now,
        "seen_uid": UUID(int=number), "ownership": Ownership.LIBRARY, "condition": Condition.GOOD, "not_for_loan": False,
    }  # fmt: skip


def _count_tables() -> None:
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        return
    db.session.execute(text("INSERT INTO record_search(record_search) VALUES ('optimize')"))
    db.session.commit()
