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
from sqlalchemy import insert, select, text

from library.access import Scope
from library.catalogue import search
from library.catalogue.models import Contributor, Format, Record, Role
from library.core import clock
from library.core.db import db, read_only, table_of
from library.core.fold import search_text, sort_key
from library.holdings.models import Condition, Item, Ownership, PlaceKind, Register
from library.organisations.models import Organisation
from tests.bench.stage import on_each
from tests.bench.tables import milliseconds, quantile, table
from tests.support.world import World

FULL, SMALL, SCHOOLS = 1_000_000, 20_000, 50
ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x".split()
RHYMES = (
    "a ai an ang anh ao ác ách ay âm ân ấp ật ấy ăn ắc ăng em en eo ét ên ếch ình ia iên iếng iệt ịch im ong ói óc ôi ôn"
    " ông ộc ơi ơn ớp ủ ui un ung uân uê uốc uôn uý uyên ửa ức ừng ước ương ươi ưởng ưu"
).split()
FIRST = (
    "truyện sách học văn toán cổ tích em bé con chim hoa đất nước sông núi trăng bạn thầy trường lớp đọc thơ".split()
)
FAMILIES = "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý Nông Hà Triệu Đàm".split()
MIDDLE = "Văn Thị Đức Minh Thanh Ngọc Quốc Nhật Xuân Hữu Công Mai".split()
GIVEN = (
    "Ánh Bảo Cường Dung Giang Hà Hải Hùng Hương Khánh Lan Linh Long Mai Nam Nga Oanh Phúc Quân Sơn Tú Vân Yến".split()
)


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
    world = World(db.session())
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
    people = [
        {"record_id": number, "position": 0, "name": author, "role": Role.AUTHOR} for number, (_, author) in chunk
    ]
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


# Measuring

HEADS = ("database", "what", "questions", "p50 / p95 / longest ms")


def questions(count: int) -> tuple[list[str], list[str]]:
    """(two to four words out of titles and names, very common words and beginnings)."""
    chance = random.Random(11)
    several = []
    for title, author in islice(titles(count * 50), 0, count * 50, 50):
        words = (title.split() if chance.random() < 0.6 else author.split())[: chance.randint(2, 4)]
        several.append(" ".join(words if len(words) > 1 else [title.split()[0], author.split()[-1]]))
    return several, [*FIRST, "th", "tr", "ng", "ch", "s", "nguyễn", "ánh"]


def timed(work: Callable[[str], object], asked: Sequence[str]) -> list[float]:
    times = []
    for text_ in asked:
        begun = time.perf_counter()
        work(text_)
        times.append(time.perf_counter() - begun)
        db.session.rollback()
    return times


def _row(kind: str, what: str, times: Sequence[float]) -> tuple[object, ...]:
    told = (quantile(times, 0.5), quantile(times, 0.95), max(times))
    return kind, what, len(times), " / ".join(map(milliseconds, told))


def raw(text_: str) -> None:
    """What the index alone takes for the first ten thousand ids, by the driver."""
    question = search.Question(text_)
    asked = search.all_of(db.session(), question)
    driver = db.session.connection().connection.driver_connection
    assert driver
    if db.session.get_bind().dialect.name == "postgresql":
        where = "to_tsvector('simple', search_text) @@ to_tsquery('simple', %s)"
        driver.execute(f"SELECT id FROM record WHERE {where} LIMIT 10001", (asked,)).fetchall()
    else:
        driver.execute("SELECT rowid FROM record_search WHERE record_search MATCH ? LIMIT 10001", (asked,)).fetchall()


def measure(kind: str, app: Flask, count: int = 300) -> None:
    with app.app_context(), app.test_request_context():
        read_only()
        root = db.session.scalars(select(Organisation).where(Organisation.network_id == Organisation.id)).one()
        school = db.session.scalars(select(Organisation).where(Organisation.name == "Trường 7")).one()
        scope, ids = Scope(networks=frozenset({root.network_id or 0})), (root.id, school.id)
        works: Mapping[str, Callable[[str], object]] = {
            "the index alone": raw,
            "search: first twenty titles and how many": lambda text_: search.search(
                db.session(), text_, scope, limit=20
            ),
            "whole page of the province: copies, ways, facets": lambda text_: _look(text_, ids[0], scope),
            "whole page of a school": lambda text_: _look(text_, ids[1], scope),
        }
        several, common = questions(count)
        timed(works["the index alone"], common)
        rows = [
            _row(kind, f"{sort}, {what}", timed(work, asked))
            for sort, asked in (("two to four words", several), ("one common word", common))
            for what, work in works.items()
        ]
    table(f"Finding, {kind}", HEADS, rows)


def _look(text_: str, library_id: int, scope: Scope) -> object:
    from library.finding import looking
    from library.finding.asking import Asked

    return looking.look(db.session(), Asked(text_), library_id, scope, (), 20)


def main(count: int = FULL, only: str | None = None) -> None:
    on_each(only, f"{count:,} titles", lambda: fill(count), measure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.search_bench")
    parser.add_argument("titles", nargs="?", type=int, default=FULL)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    told = parser.parse_args(sys.argv[1:])
    main(told.titles, told.only)
