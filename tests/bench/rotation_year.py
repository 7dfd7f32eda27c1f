"""A province's year of rotation through the real functions: `python -m tests.bench rotation-year`, or `… .rotation_year 10`.

Sixty sites, eighty batches of two hundred copies, a van with four thousand books on a hundred and eighty trips; late and
lost things. Afterwards everything that must be true is looked at, copy by copy, and both audits run. A number after it
makes the year so many times smaller.
"""

import argparse
import sys
import time
from dataclasses import replace

from flask import Flask

from library.core.db import db
from tests.bench.stage import on_each
from tests.bench.tables import table
from tests.support import rotation_truths
from tests.support.rotation_year import YEAR, Count, Size, Year
from tests.support.world import World

PLAYED: list[tuple[Count, float]] = []
"""What the last filling did, and in how many seconds."""


def smaller(times: int) -> Size:
    """The same year with fewer of everything but days."""
    return replace(
        YEAR, sites=max(YEAR.sites // times, 4), batches=max(YEAR.batches // times, 4), copies=max(YEAR.copies // times, 10),
        books=max(YEAR.books // times, 60), trips=max(YEAR.trips // times, 6), stops=max(YEAR.stops // times, 4),
    )  # fmt: skip


def fill(size: Size) -> None:
    begun = time.perf_counter()
    year = Year(World(db.session), size)
    year.found()
    PLAYED.append((year.play(), time.perf_counter() - begun))


def measure(kind: str, app: Flask) -> None:
    """Nothing may be unexplained; both audits are asked as an operator asks them."""
    count, took = PLAYED[-1]
    begun = time.perf_counter()
    with app.app_context():
        wrong = rotation_truths.wrong(db.session())
        db.session.remove()
    looked = time.perf_counter() - begun
    for sentence in wrong:
        print(sentence)
    assert wrong == [], f"{len(wrong)} things are not as they must be"
    audits = [_audit(app, words) for words in (("holdings", "audit"), ("loans", "audit"))]
    rows = [
        ("batches, legs", f"{count.batches}, {count.legs}", "", ""),
        ("trips, visits of stops", f"{count.trips}, {count.visits}", "", ""),
        ("loans, returns", f"{count.loans}, {count.returns}", "", ""),
        ("short, lost, found again", f"{count.short}, {count.lost}, {count.found}", "", ""),
        ("follow later; visits left out; undone", f"{count.follows}, {count.skipped}, {count.undone}", "", ""),
        ("played", "1", f"{took:.0f} s", ""),
        ("everything looked at, copy by copy", "1", f"{looked:.0f} s", "nothing wrong"),
        *audits,
    ]
    table(f"A year of rotation, {kind}", ("what", "how many", "took", "wanted"), rows)


def _audit(app: Flask, words: tuple[str, str]) -> tuple[object, ...]:
    begun = time.perf_counter()
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output
    return " ".join(words), result.output.strip(), f"{time.perf_counter() - begun:.0f} s", "0 bản lệch"


def main(times: int = 1, only: str | None = None) -> None:
    size = smaller(times) if times > 1 else YEAR
    what = f"{size.sites} sites, {size.batches} batches of {size.copies}, {size.trips} trips"
    on_each(only, what, lambda: fill(size), measure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rotation_year")
    parser.add_argument("smaller", nargs="?", type=int, default=1)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    told = parser.parse_args(sys.argv[1:])
    main(told.smaller, told.only)
