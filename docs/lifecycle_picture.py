"""The picture of docs/rotation.md: the life of a batch, drawn from `rotation.lifecycle.WAYS`; `make docs` writes it."""

from xml.sax.saxutils import escape

from library.rotation.lifecycle import ENDED, WAYS, Deed, Way
from library.rotation.models import BatchState

LINE = tuple(state for state in BatchState if state is not BatchState.CANCELLED)
"""From the top down; what is cancelled stands aside."""
WIDTH, STEP, BOX, HIGH, LEFT, TOP, ASIDE = 760, 64, 150, 34, 290, 16, 600
INK, PAPER, EDGE, ACCENT = "#22302b", "#ffffff", "#8a9690", "#0f6b4f"


def _y(state: BatchState) -> float:
    """The middle of its box; the cancelled one stands beside the middle of those that lead there."""
    if state in LINE:
        return TOP + LINE.index(state) * STEP + HIGH / 2
    leading = [_y(way.before) for way in WAYS if way.after is state]
    return sum(leading) / len(leading)


def _box(state: BatchState) -> str:
    x = LEFT if state in LINE else ASIDE
    edge = ACCENT if state in ENDED else EDGE
    return (
        f'<rect x="{x}" y="{_y(state) - HIGH / 2:.0f}" width="{BOX}" height="{HIGH}" rx="6" fill="{PAPER}" stroke="{edge}"/>'
        f'<text x="{x + BOX / 2:.0f}" y="{_y(state) + 5:.0f}" text-anchor="middle">{escape(state.value)}</text>'
    )


def _path(way: str, words: str, x: float, y: float, anchor: str = "start") -> str:
    return (
        f'<path d="{way}" fill="none" stroke="{INK}" stroke-width="1.4" marker-end="url(#head)"/>'
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{ACCENT}" font-size="12">{escape(words)}</text>'
    )


def _drawn(way: Way) -> str:
    """Down the line, back on the left, past others and in place on the right, aside to where it is cancelled."""
    y, to, words = _y(way.before), _y(way.after), way.deed.value
    right, middle = LEFT + BOX, LEFT + BOX / 2
    if way.deed is Deed.CANCEL:
        aside = f'd="M{right} {y:.0f}L{ASIDE - 3} {to:.0f}" stroke-dasharray="4 3"'
        return f'<path {aside} fill="none" stroke="{EDGE}" marker-end="url(#head)"/>'
    if way.before is way.after:
        return _path(f"M{right} {y - 8:.0f}h26v16h-23", words, right + 32, y + 4)
    apart = LINE.index(way.after) - LINE.index(way.before)
    if apart == 1:
        return _path(f"M{middle:.0f} {y + HIGH / 2:.0f}V{to - HIGH / 2 - 3:.0f}", words, middle + 8, y + HIGH / 2 + 19)
    if apart > 1:
        return _path(f"M{right} {y + 12:.0f}h70V{to:.0f}H{right + 3}", words, right + 76, to + 4)
    return _path(f"M{LEFT} {y:.0f}h-60V{to:.0f}H{LEFT - 3}", words, LEFT - 66, (y + to) / 2 + 4, "end")


def life() -> str:
    """An SVG with a box for every state and an arrow for every way."""
    height = TOP * 2 + STEP * (len(LINE) - 1) + HIGH
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="14" fill="{INK}"><title>The life of a batch; dashed: cancelled</title>'
        f'<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{INK}"/></marker></defs><rect width="{WIDTH}" height="{height}" fill="#f6f8f6"/>'
    )
    return "\n".join([head, *map(_drawn, WAYS), *map(_box, BatchState), "</svg>"]) + "\n"
