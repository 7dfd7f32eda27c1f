"""A province's figures of three years: `python -m tests.bench reports`, or `… .reports 20` for a twentieth of it.

300 units, 10,000,000 uses and 3,000,000 visits, written by SQL alone. The sums are made by the real functions; then every
kind of report is asked 40 times with a day on top that is in no sum yet, beside the same answer by raw SQL.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from library.core import clock
from library.core.db import db
from library.organisations import founding
from library.organisations.models import Branch, Organisation, OrganisationKind
from library.reports import asking, records, rolling, rolling_titles, tree
from library.reports.asking import Ask
from library.reports.measures import Ledger
from library.reports.standing import STANDING
from tests.bench.stage import on_each
from tests.bench.tables import quantile, table
from tests.support import people, rotation
from tests.support.world import World

DAYS = 1096
ASKED = 40


@dataclass(frozen=True)
class Size:
    uses: int
    visits: int
    units: int
    titles: int
    copies: int


FULL = Size(10_000_000, 3_000_000, 300, 20_000, 200_000)
SMALL = Size(200_000, 60_000, 60, 2_000, 10_000)
TOOK: dict[str, float] = {}


def smaller(times: int) -> Size:
    return Size(FULL.uses // times, FULL.visits // times, FULL.units, FULL.titles // times, FULL.copies // times)


# Filling


def fill(size: Size) -> None:
    world = World(db.session)
    _units(world, size.units)
    _copies(world, size)
    rotation.account(world, "tu")
    db.session.commit()
    begun = time.perf_counter()
    _bare("document_use", lambda: _uses(size, 0, size.uses, _first(), DAYS))
    _bare("visit", lambda: _visits(size.visits, 0, size.visits, _first(), DAYS))
    _analyse()
    TOOK["filled"] = time.perf_counter() - begun
    begun = time.perf_counter()
    TOOK["rows"] = rolling.rebuild(db.session(), 500_000)
    TOOK["rebuilt"] = time.perf_counter() - begun
    _today(size)
    _analyse()


def _first() -> date:
    return clock.today() - timedelta(days=DAYS)


def _units(world: World, count: int) -> None:
    """A province, ten units a commune: seven schools, a learning centre, a library of its own, the commune."""
    since = date(2020, 1, 1)
    province = founding.found(db.session(), OrganisationKind.PROVINCE, "Thư viện tỉnh Bắc Kạn", since=since)
    world._made["Thư viện tỉnh Bắc Kạn"] = province
    world._furnished(province)
    commune = province
    for number in range(1, count):
        if number % 10 == 1:
            commune = founding.found(db.session(), OrganisationKind.COMMUNE, f"Xã {number}", province, since=since)
            continue
        kind = OrganisationKind.LEARNING_CENTRE if number % 10 == 2 else OrganisationKind.SCHOOL
        founding.found(db.session(), kind, f"Đơn vị {number}", commune, since=since)
    db.session.commit()


def _copies(world: World, size: Size) -> None:
    each = max(size.copies // size.titles, 1)
    record = world.record("Sách số 0", world.province())
    world.items(each, world.province(), record=record)
    db.session.commit()
    columns = [column.name for column in record.__table__.columns if column.name not in ("id", "uid", "title_sort")]
    db.session.execute(
        text(
            f"{_numbers()} INSERT INTO record (uid, title_sort, {', '.join(columns)}) SELECT {_uid('1000000000 + i')}, "
            f"'a' || i, {', '.join(columns)} FROM record, n WHERE record.id = (SELECT min(id) FROM record)"
        ),
        {"first": 1, "count": size.titles - 1},
    )
    own = ("uid", "record_id", "accession", "accession_folded", "branch_id", "accessioned_on")
    columns = [one.name for one in Organisation.metadata.tables["item"].columns if one.name not in ("id", *own)]
    entered = (
        "date(:since, '+' || (i * 37 % 1096) || ' days')"
        if _sqlite()
        else "CAST(:since AS date) + CAST(i * 37 % 1096 AS int)"
    )
    db.session.execute(
        text(
            f"{_numbers()} INSERT INTO item ({', '.join((*own, *columns))}) SELECT {_uid('1000000000 + i')}, "
            f"1 + i % {size.titles}, 'B.' || i, 'B' || i, 1 + (i * 31) % {size.units}, {entered}, "
            f"{', '.join(columns)} FROM item, n WHERE item.id = (SELECT min(id) FROM item)"
        ),
        {"first": 1, "count": size.copies - each, "since": _first().isoformat() if _sqlite() else _first()},
    )
    db.session.commit()


def _sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def _numbers() -> str:
    if _sqlite():
        return "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :first + :count - 1) "
    return "WITH n AS (SELECT generate_series(CAST(:first AS bigint), CAST(:first + :count - 1 AS bigint)) AS i) "


def _uid(number: str) -> str:
    return f"printf('%032x', {number})" if _sqlite() else f"CAST(lpad(to_hex({number}), 32, '0') AS uuid)"


def _day(days: int, whole: int) -> str:
    """Rows come in the order of their days."""
    ahead = f"(i - :first) * {days} / {whole}"
    return f"date(:since, '+' || ({ahead}) || ' days')" if _sqlite() else f"CAST(:since AS date) + CAST({ahead} AS int)"


def _moment(day: str) -> str:
    return f"{day} || ' 02:00:00.000000'" if _sqlite() else f"CAST({day} AS timestamp) AT TIME ZONE 'UTC'"


def _bare(name: str, write: Callable[[], None]) -> None:
    """Without indexes that can be made afterwards."""
    if _sqlite():
        query = text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :t AND sql IS NOT NULL")
    else:
        db.session.execute(text("SET session_replication_role = replica"))
        query = text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :t AND indexdef NOT LIKE 'CREATE UNIQUE%'"
        )
    kept = db.session.execute(query, {"t": name}).all()
    for index, _ in kept:
        db.session.execute(text(f"DROP INDEX {index}"))
    write()
    for _, made in kept:
        db.session.execute(text(made))
    db.session.commit()


def _uses(size: Size, after: int, count: int, since: date, days: int, fresh: bool = False) -> None:
    """Of ten: six lent, two renewed or read in the house, two ticked on a shelf
    of a class."""
    act = "(SELECT min(id) FROM act)"
    day = _day(days, count)
    recorded = ":now" if fresh else _moment(day)
    spread = "(i * 7919 + i / 13)"
    statement = text(
        f"{_numbers()} INSERT INTO document_use (id, uid, act_id, item_id, kind, quantity, used_on, occurred_at, "
        "recorded_at, branch_id, place_id, class_name, grade, category, reading_level, class_mark, channel) SELECT i, "
        f"{_uid('i')}, {act}, CASE WHEN i % 10 < 8 THEN 1 + {spread} % {size.copies} END, "
        "CASE WHEN i % 10 < 6 THEN 'home' WHEN i % 10 = 6 THEN 'renewal' WHEN i % 10 = 7 THEN 'in-house' "
        f"ELSE 'class-read' END, 1, {day}, {_moment(day)}, {recorded}, 1 + {spread} % {size.units}, "
        f"CASE WHEN i % 10 > 7 THEN 1 + {spread} % (SELECT max(id) FROM place) END, "
        "'4A', CASE WHEN i % 17 > 1 THEN 1 + i % 5 END, CASE i % 17 WHEN 0 THEN 'GV' WHEN 1 THEN 'BD' ELSE 'HS' END, "
        f"1 + (i / 3) % 6, CAST((i / 7) % 10 AS text) || '95', 'desk' FROM n"
    )
    db.session.execute(statement, _values(after + 1, count, since, fresh))


def _visits(whole: int, after: int, count: int, since: date, days: int, fresh: bool = False) -> None:
    day = _day(days, count)
    recorded = ":now" if fresh else _moment(day)
    spread = "(i * 104729 + i / 11)"
    statement = text(
        f"{_numbers()} INSERT INTO visit (id, uid, act_id, kind, quantity, visited_on, occurred_at, recorded_at, branch_id, "
        f"grade, category, sex) SELECT i, {_uid('i')}, (SELECT min(id) FROM act), CASE i % 4 WHEN 0 THEN 'class' WHEN 1 "
        f"THEN 'kiosk' ELSE 'desk' END, CASE i % 4 WHEN 0 THEN 30 ELSE 1 END, {day}, {_moment(day)}, {recorded}, "
        f"1 + {spread} % (SELECT max(id) FROM branch), CASE WHEN i % 17 > 1 THEN 1 + i % 5 END, "
        "CASE i % 17 WHEN 0 THEN 'GV' WHEN 1 THEN 'BD' ELSE 'HS' END, CASE i % 2 WHEN 0 THEN 'm' ELSE 'f' END FROM n"
    )
    db.session.execute(statement, _values(after + 1, count, since, fresh))


def _values(first: int, count: int, since: date, fresh: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"first": first, "count": count, "since": since.isoformat() if _sqlite() else since}
    if fresh:
        now = clock.now()
        told["now"] = now.strftime("%Y-%m-%d %H:%M:%S.%f") if _sqlite() else now
    return told


def _today(size: Size) -> None:
    """A day that is in no sum yet: the day before was the last."""
    _uses(size, size.uses, size.uses // DAYS, clock.today(), 1, True)
    _visits(size.visits, size.visits, size.visits // DAYS, clock.today(), 1, True)
    db.session.commit()


def _analyse() -> None:
    if _sqlite():
        db.session.execute(text("ANALYZE"))
        db.session.commit()
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


# Measuring


def measure(kind: str, app: Flask) -> None:
    wanted = 300 if kind == "postgresql" else 500
    with app.app_context():
        rows = [_row(name, ask, wanted) for name, ask in _reports().items()]
        raw = [_row(name, ask, None) for name, ask in _raw().items()]
        db.session.remove()
    pages = [_row(name, ask, wanted) for name, ask in _pages(app).items()]
    with app.app_context():
        day = _a_day()
    first = [
        (f"{TOOK['rows']:,.0f} rows written by SQL", "1", f"{TOOK['filled']:.0f} s", "", ""),
        ("all sums made anew", "1", f"{TOOK['rebuilt']:.0f} s", "", ""),
        ("a day rolled up", "1", f"{day:.2f} s", "", "≤ 5 s"),
    ]
    table(f"Figures, {kind}", ("what", "times", "p50 / p95", "our processor", "wanted"), [*first, *rows, *pages, *raw])


def _row(name: str, ask: Callable[[], object], wanted: int | None) -> tuple[object, ...]:
    """By the clock, and how much of our own processor one answer took: on a busy machine the two are far apart."""
    took, worked = [], time.process_time()
    for _ in range(times := ASKED if wanted else 2):
        begun = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begun)
    mine = (time.process_time() - worked) / times
    told = f"≤ {wanted} ms" if wanted else ""
    half, most = (f"{quantile(took, share) * 1000:.0f}" for share in (0.5, 0.95))
    return name, str(times), f"{half} / {most} ms", f"{mine * 1000:.0f} ms", told


def _reports() -> dict[str, Callable[[], object]]:
    session, today = db.session(), clock.today()
    province = session.scalars(select(Organisation.id).order_by(Organisation.id)).first() or 0
    schools = session.scalars(select(Organisation.id).where(Organisation.kind == OrganisationKind.SCHOOL)).all()
    # Reports are of whole months, a span with odd days is asked for too.
    odd = today - timedelta(days=365)
    year, three = odd.replace(day=1), (today - timedelta(days=DAYS - 31)).replace(day=1)
    draw = random.Random(8)

    def by(measure: str, units: Sequence[int], first: date, *dims: str, **only: Any) -> Callable[[], object]:
        chosen = lambda: frozenset({draw.choice(units)})  # noqa: E731
        return lambda: asking.by(session, Ask(measure, chosen(), first, today, only=only), *dims)

    whole = [province]
    return {
        "province, a year: month × home/in-house": by("uses", whole, year, "month", "mode"),
        "province, a year: unit × month": by("uses", whole, year, "unit", "month"),
        "province, three years: month × library kind": by("uses", whole, three, "month", "library-kind"),
        "province, a year: reader group × book class": by("uses", whole, year, "group", "book-class"),
        "province, a year: unit × level": by("uses", whole, year, "unit", "level"),
        "province, a year from an odd day: month × home/in-house": by("uses", whole, odd, "month", "mode"),
        "province, pupils of a year by month": by("visits-pupils", whole, year, "month"),
        "province, visits of three years: unit": by("visits", whole, three, "unit"),
        "province, visits: month × sex": by("visits", whole, year, "month", "sex"),
        "province, 90 days by day": by("uses", whole, today - timedelta(days=90), "day"),
        "school, a year: month × reader group": by("uses", schools, year, "month", "group"),
        "school, a year: book class × home/in-house": by("uses", schools, year, "book-class", "mode"),
        "school, three years: month × level": by("uses", schools, three, "month", "level"),
        "school, a year by class (from the ledger)": by("uses", schools, year, "class", "month"),
        "school, a week": by("uses", schools, today - timedelta(days=6), "day", "mode"),
        "school, a year's titles": lambda: rolling_titles.most_read(
            session, _branches(session, draw.choice(schools)), year, today, 100),
        "province, rows behind a year": lambda: records.records(session, Ask("uses", frozenset(whole), year, today)),
        "school, rows behind a year": lambda: records.records(
            session, Ask("uses", frozenset({draw.choice(schools)}), year, today)),
        "the tree": lambda: tree.load(session),
    }  # fmt: skip


def _branches(session: Any, unit: int) -> Sequence[int]:
    found: Sequence[int] = session.scalars(select(Branch.id).where(Branch.organisation_id == unit)).all()
    return found


def _raw() -> dict[str, Callable[[], object]]:
    """The same from the ledger alone."""
    year = clock.today() - timedelta(days=365)
    month = "strftime('%Y-%m', used_on)" if _sqlite() else "date_trunc('month', used_on)"
    since = {"since": year.isoformat() if _sqlite() else year}
    asked = {
        "raw SQL, province, a year: month × kind": f"SELECT {month}, kind, sum(quantity) FROM document_use "
        "WHERE used_on >= :since GROUP BY 1, 2",
        "raw SQL, a school, a year: month × grade": f"SELECT {month}, grade, sum(quantity) FROM document_use "
        "WHERE used_on >= :since AND branch_id = 17 GROUP BY 1, 2",
    }
    return {name: lambda sql=sql: db.session.execute(text(sql), since).all() for name, sql in asked.items()}  # type: ignore[misc]


def _pages(app: Flask) -> dict[str, Callable[[], object]]:
    """What the province's account opens with a click: its board, every standing report of the whole province and of one
    school, the page of figures; and what everybody may read."""
    client, visitor = people.sign_in(app, "tu"), app.test_client()
    with app.app_context():
        school = select(Organisation.id).where(Organisation.kind == OrganisationKind.SCHOOL).order_by(Organisation.id)
        unit, root = db.session.scalars(school.limit(1)).one(), db.session.get_one(Organisation, 1).slug
    year = clock.today() - timedelta(days=365)
    asked = {
        "page of figures, a year by unit": f"/reports/figures?measure=uses&by=below&first={year}",
        "dashboard": "/reports/dashboard",
        **{
            f"standing, province: {code}": f"/reports/standing?report={code}"
            for code, one in STANDING.items()
            if not one.one
        },
        **{f"standing, school: {code}": f"/reports/standing?report={code}&unit={unit}" for code in STANDING},
    }
    pages = {name: (client, address) for name, address in asked.items()}
    pages["public page"] = visitor, f"/tv/{root}/so-lieu"
    return {name: lambda who=who, address=address: _opened(who, address) for name, (who, address) in pages.items()}  # type: ignore[misc]


def _opened(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


def _a_day() -> float:
    begun = time.perf_counter()
    for ledger in (Ledger.USE, Ledger.VISIT):
        while rolling.roll(db.session(), ledger, None, clock.now() + timedelta(hours=1)):
            db.session.commit()
    db.session.commit()
    return time.perf_counter() - begun


def main(size: Size = FULL, only: str | None = None) -> None:
    what = f"{size.uses:,} uses, {size.visits:,} visits, {size.units} units"
    on_each(only, what, lambda: fill(size), measure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reports")
    parser.add_argument("smaller", nargs="?", type=int, default=1)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    told = parser.parse_args(sys.argv[1:])
    main(smaller(told.smaller), told.only)
