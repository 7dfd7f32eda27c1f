"""Readers by name among half a million: `python -m tests.bench people` or `… .people_bench 20000`.

Names are made by chance from a fixed seed, families as they are spread in the country (a third Nguyễn). A hundred schools
of five thousand. A question is part of a name as people type it at a desk; the raw figure is the plain way without an
index of words (LIKE over the names of the readers in question), sent by the driver alone.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import insert, select, text

from library.core import clock
from library.core.db import db, read_only, table_of
from library.core.fold import fold, fold_words, name_key
from library.loans import queries
from library.organisations import founding
from library.organisations.models import Organisation, OrganisationKind
from library.patrons import words
from library.patrons.models import Membership, Person
from library.patrons.words import Among
from tests.bench.stage import on_each
from tests.bench.tables import milliseconds, quantile, table
from tests.support.world import World

FULL, SMALL, SCHOOL = 500_000, 20_000, 5_000
FAMILIES = {
    "Nguyễn": 31, "Trần": 11, "Lê": 9, "Phạm": 7, "Hoàng": 5, "Phan": 4, "Vũ": 4, "Đặng": 3, "Bùi": 3, "Đỗ": 2, "Hồ": 2,
    "Ngô": 2, "Dương": 2, "Lý": 2, "Nông": 2, "Hà": 1, "Triệu": 1, "Đàm": 1, "Sùng": 1, "Giàng": 1, "Vàng": 1, "Lò": 1,
    "Bàn": 1, "Ma": 1, "Thạch": 1, "H'": 1, "Y": 1,
}  # fmt: skip
MIDDLES = "Văn Thị Đức Minh Thanh Ngọc Quốc Nhật Xuân Hữu Công Mai Gia Bảo Khánh Thùy Phương A Thế Quang Anh".split()
GIVEN = (
    "An Anh Ánh Bảo Bình Châu Chi Cường Dung Duy Dũng Đạt Giang Hà Hải Hạnh Hiếu Hoa Hòa Hùng Hương Huy Khang Khánh Khoa"
    " Khôi Lan Linh Long Ly Mai Mạnh My Nam Nga Ngân Nhi Nhung Oanh Páo Phong Phúc Phương Quân Quyên Sơn Tâm Thảo Thắng"
    " Thủy Tiến Trang Trinh Trung Tú Tuấn Tùng Uyên Vân Việt Vy Xuân Yến Mẩy Niê Dế Sính"
).split()
HEADS = ("database", "among", "what", "questions", "p50 / p95 / longest ms")


def names(count: int, seed: int = 5) -> Iterator[str]:
    chance = random.Random(seed)
    families, weights = list(FAMILIES), list(FAMILIES.values())
    for _ in range(count):
        middle = [chance.choice(MIDDLES) for _ in range(chance.choice((1, 1, 1, 2, 2, 0)))]
        yield " ".join([chance.choices(families, weights)[0], *middle, chance.choice(GIVEN)])


def fill(count: int) -> list[int]:
    """Libraries of five thousand readers each, straight into the tables; the triggers write the words."""
    world = World(db.session())
    root = world.province()
    homes = [
        founding.found(db.session(), OrganisationKind.SCHOOL, f"Trường {n}", root).id for n in range(count // SCHOOL)
    ]
    kind, made, now = world.category(library=root), enumerate(names(count), 1), clock.today()
    db.session.commit()
    while chunk := list(islice(made, SCHOOL)):
        people = [
            {"id": n, "uid": UUID(int=n), "network_id": root.network_id, "full_name": name, "name_sort": name_key(name),
             "name_folded": fold(name), "born_year_only": False} for n, name in chunk
        ]  # fmt: skip
        readers = [
            {"id": n, "uid": UUID(int=n), "person_id": n, "library_id": homes[(n - 1) // SCHOOL], "category_id": kind,
             "from_on": now} for n, _ in chunk
        ]  # fmt: skip
        db.session.execute(insert(table_of(Person)), people)
        db.session.execute(insert(table_of(Membership)), readers)
        db.session.commit()
    _settle()
    return homes


def _settle() -> None:
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    else:
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def questions(count: int, seed: int = 5) -> Mapping[str, Sequence[str]]:
    """As typed at a desk, without marks."""
    chance = random.Random(seed + 1)
    full = [fold(name) for name in islice(names(count * 40, seed), 0, None, 40)]
    begun = [" ".join([*name.split()[:-1], name.split()[-1][: chance.randint(1, 2)]]) for name in full]
    two = [" ".join(chance.sample(parts, min(2, len(parts)))) for parts in map(str.split, full)]
    one = [chance.choice(fold_words(name)) for name in full]
    initials = ["".join(part[0] for part in name.split()).upper() for name in full]
    return {
        "whole names": full, "names not finished": begun, "two words of it, tên first or last": two,
        "one word (nguyen, thi, lan)": one, "two letters": [word[:2] for word in one if len(word) > 1],
        "first letters (NVA)": initials,
    }  # fmt: skip


def timed(work: Callable[[str], object], asked: Sequence[str]) -> list[float]:
    times = []
    for typed in asked:
        begun = time.perf_counter()
        work(typed)
        times.append(time.perf_counter() - begun)
    db.session.rollback()
    return times


def raw(library: int | None) -> Callable[[str], object]:
    """What was done before: every reader's name is looked at."""
    mark = "%s" if db.engine.dialect.name == "postgresql" else "?"
    where = f"m.library_id = {library} AND " if library else ""

    def ask(typed: str) -> object:
        parts = fold_words(typed)
        alike = " AND ".join([f"' ' || p.name_folded LIKE {mark}"] * len(parts))
        sql = (
            f"SELECT m.id FROM membership m JOIN person p ON p.id = m.person_id WHERE {where}m.to_on IS NULL AND {alike} "
            "ORDER BY p.name_sort LIMIT 51"
        )
        driver: Any = db.session.connection().connection.driver_connection
        return driver.execute(sql, tuple(f"% {part}%" for part in parts)).fetchall()

    return ask


def _row(kind: str, where: str, what: str, times: Sequence[float]) -> tuple[object, ...]:
    told = (quantile(times, 0.5), quantile(times, 0.95), max(times))
    return kind, where, what, len(times), " / ".join(map(milliseconds, told))


def measure(kind: str, app: Flask, count: int = 400) -> None:
    with app.app_context(), app.test_request_context():
        read_only()
        ids = list(db.session.scalars(select(Organisation.id).order_by(Organisation.id)))
        school = ids[len(ids) // 2]
        asked = questions(count)
        everything = [one for some in asked.values() for one in some]
        db.session.scalar(select(Membership.id).limit(1))
        rows = []
        for where, among, plain in (
            (f"a school of {SCHOOL:,}", Among(frozenset([school])), school),
            ("the province", Among(frozenset(ids)), None),
        ):
            look = lambda typed, among=among: words.find(db.session(), typed, among, 50)  # noqa: E731
            timed(look, everything[::7])
            rows += [_row(kind, where, what, timed(look, some)) for what, some in asked.items()]
            rows.append(_row(kind, where, "all of these", timed(look, everything)))
            rows.append(_row(kind, where, "raw: LIKE by the driver", timed(raw(plain), everything[::120])))
        desk = lambda typed: queries.readers_named(db.session(), school, typed)  # noqa: E731
        rows.append(_row(kind, "a school", "suggestions at the desk, with names", timed(desk, everything)))
    table(f"Readers by name, {kind}", HEADS, rows)


def main(count: int = FULL, only: str | None = None) -> None:
    on_each(only, f"{count:,} readers", lambda: fill(count), measure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.people_bench")
    parser.add_argument("readers", nargs="?", type=int, default=FULL)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    told = parser.parse_args(sys.argv[1:])
    main(told.readers, told.only)
