"""Where the communes of Viet Nam lie: the centre of each, as shipped (`data/commune_centres.csv`). No boundaries are known."""

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from library.organisations import communes

DATA = Path(__file__).parent / "data" / "commune_centres.csv"
At = tuple[float, float]
"""(latitude, longitude) in degrees, WGS 84."""


@cache
def _all() -> dict[str, At]:
    with DATA.open(encoding="utf-8", newline="") as rows:
        return {row["code"]: (float(row["lat"]), float(row["lon"])) for row in csv.DictReader(rows)}


def of(code: str | None) -> At | None:
    return _all().get(code or "")


def around(points: Iterable[At], margin: float = 0.12) -> list[tuple[str, At]]:
    """(name, centre) of those in the box of these points, so many degrees more at each side; none without points."""
    given = list(points)
    if not given:
        return []
    south, north = min(one[0] for one in given) - margin, max(one[0] for one in given) + margin
    west, east = min(one[1] for one in given) - margin, max(one[1] for one in given) + margin
    inside = [
        code for code, (north_of, east_of) in _all().items() if south <= north_of <= north and west <= east_of <= east
    ]
    return [(found.name, _all()[code]) for code in inside if (found := communes.by_code(code))]
