"""Areas of communes for a map without tiles: to each commune what lies nearest its centre. A help for finding one's way.

True boundaries are not known here, and these are not they: every map that shows them says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import cos, hypot, pi, radians, sin

from library.mobile import centres
from library.mobile.centres import At
from library.organisations import communes

NARROWER = cos(radians(16.2))
"""A degree of longitude by one of latitude, in the middle of the country: the same everywhere, so that areas meet."""
REACH, CORNERS = 0.1, 24
"""No area goes further from its centre (degrees of latitude, some 11 km); where nobody lies nearer, so many corners."""
EDGE = ""
"""Beyond it: nobody's."""
Corner = tuple[float, float, str]
"""(x, y, code of the commune beyond the edge that begins here, or EDGE), in degrees of latitude."""


@dataclass(frozen=True)
class Area:
    """Of a commune: its corners. `called`: the trip looked at calls there."""

    ring: tuple[At, ...]
    called: bool = False


@dataclass(frozen=True)
class Outlines:
    """Areas, and the edges at which the provinces they are of end."""

    areas: tuple[Area, ...] = ()
    rim: tuple[tuple[At, At], ...] = ()


NONE = Outlines()


def around(points: Iterable[At], called: Iterable[At] = (), margin: float = 0.3) -> Outlines:
    """Of the provinces these points lie in, so many degrees around them; `called`: points of the trip looked at."""
    given = [nearest(one) for one in points]
    if not given:
        return NONE
    provinces, marked = {_provinces()[one] for one in given}, {nearest(one) for one in called}
    known = _known()
    ys, xs = [known[one][1] for one in given], [known[one][0] for one in given]
    shown = [
        code for code, (x, y) in known.items()
        if _provinces()[code] in provinces
        and min(xs) - margin <= x <= max(xs) + margin and min(ys) - margin <= y <= max(ys) + margin
    ]  # fmt: skip
    areas = tuple(Area(tuple(_at(one) for one in ring(code)), code in marked) for code in shown)
    return Outlines(areas, tuple(edge for code in shown for edge in _rim(code, provinces)))


@lru_cache(maxsize=4096)
def nearest(at: At) -> str:
    """The code of the commune whose centre lies nearest."""
    x, y = at[1] * NARROWER, at[0]
    known = _known()
    return min(known, key=lambda code: hypot(known[code][0] - x, known[code][1] - y))


@cache
def ring(code: str) -> tuple[Corner, ...]:
    """What lies nearer to this centre than to any other, and within reach."""
    own = _known()[code]
    corners: list[Corner] = [
        (own[0] + REACH * cos(2 * pi * n / CORNERS), own[1] + REACH * sin(2 * pi * n / CORNERS), EDGE)
        for n in range(CORNERS)
    ]
    for other, at in _known().items():
        apart = hypot(at[0] - own[0], at[1] - own[1]) if abs(at[1] - own[1]) < 2 * REACH else 2 * REACH
        if 0 < apart < 2 * REACH:
            corners = _cut(corners, own, at, other)
    return tuple(corners)


def _cut(corners: Sequence[Corner], own: tuple[float, float], at: tuple[float, float], beyond: str) -> list[Corner]:
    """Without what lies nearer to `at`."""
    kept: list[Corner] = []
    for one, following in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        here, there = (_nearer(corner, own, at) for corner in (one, following))
        if here <= 0:
            kept.append(one)
        if (here <= 0) != (there <= 0):
            part = here / (here - there)
            x, y = one[0] + part * (following[0] - one[0]), one[1] + part * (following[1] - one[1])
            kept.append((x, y, beyond if here <= 0 else one[2]))
    return kept


def _nearer(corner: Corner, own: tuple[float, float], at: tuple[float, float]) -> float:
    """Above nought: `at` is nearer than `own`."""
    half_x, half_y = (own[0] + at[0]) / 2, (own[1] + at[1]) / 2
    return (corner[0] - half_x) * (at[0] - own[0]) + (corner[1] - half_y) * (at[1] - own[1])


def _rim(code: str, provinces: set[str]) -> list[tuple[At, At]]:
    corners = ring(code)
    sides = zip(corners, [*corners[1:], *corners[:1]], strict=True)
    return [(_at(one), _at(end)) for one, end in sides if one[2] == EDGE or _provinces()[one[2]] not in provinces]


def _at(corner: Corner) -> At:
    return round(corner[1], 4), round(corner[0] / NARROWER, 4)


@cache
def _provinces() -> dict[str, str]:
    return {one.code: one.province for one in communes.all_communes()}


@cache
def _known() -> dict[str, tuple[float, float]]:
    """(x, y) of the centre of each commune that is on the state's list too."""
    found = ((code, centres.of(code)) for code in _provinces())
    return {code: (at[1] * NARROWER, at[0]) for code, at in found if at}
