"""The picture of docs/architecture.md, drawn from the table of layers; `make docs` writes it."""

from xml.sax.saxutils import escape

import library

WIDTH, ROW, GAP, LEFT = 860, 40, 8, 150
INK, PAPER, LINE, ACCENT = "#22302b", "#ffffff", "#c9d2cc", "#0f6b4f"
TELLS = {
    "welcome": "first page, demo",
    "finding": "looking books up",
    "labels": "work",
    "uses": "figures",
    "holdings": "things",
    "accounts": "who may",
    "patrons": "who and what",
    "calendars": "when",
    "organisations": "where",
    "staging": "plumbing: in",
    "access": "plumbing",
    "core": "plumbing",
}
"""What a row is about, by its first package."""


def _box(x: float, y: float, width: float, text: str, colour: str = LINE) -> str:
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{ROW - GAP}" rx="6" fill="{PAPER}" stroke="{colour}"/>'
        f'<text x="{x + width / 2:.0f}" y="{y + 21:.0f}" text-anchor="middle">{escape(text)}</text>'
    )


def _row(y: float, label: str, names: list[str], colour: str = LINE) -> str:
    width = (WIDTH - LEFT - GAP * (len(names) + 1)) / len(names)
    boxes = (_box(LEFT + GAP + at * (width + GAP), y, width, name, colour) for at, name in enumerate(names))
    return f'<text x="{LEFT - GAP}" y="{y + 21:.0f}" text-anchor="end" fill="#5b6b64">{escape(label)}</text>{"".join(boxes)}'


def rows() -> list[tuple[str, list[str], str]]:
    """From the browser down to the database."""
    layers = [(TELLS.get(row[0], ""), row, LINE) for row in reversed(library.layers())]
    return [
        ("browser", ["pages (work without scripts)", "desk: acts wait in IndexedDB until answered"], ACCENT),
        ("serving", ["web: gunicorn or waitress", "worker: jobs, step by step"], ACCENT),
        ("putting together", ["doors, statics, settings, assembly, readiness, backup"], ACCENT),
        *layers,
        ("truth", ["SQLite (one PC) or PostgreSQL (a province)", "files by their hash"], ACCENT),
    ]


def layers() -> str:
    """An SVG: rows of packages; imports point down only."""
    drawn = rows()
    height = ROW * len(drawn) + GAP
    parts = [_row(GAP + at * ROW, *row) for at, row in enumerate(drawn)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="14" fill="{INK}"><title>Layers of the program; imports point down only</title>'
        f'<rect width="{WIDTH}" height="{height}" fill="#f6f8f6"/>'
    )
    return "\n".join([head, *parts, "</svg>"]) + "\n"
