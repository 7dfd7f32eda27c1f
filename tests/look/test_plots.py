"""Plots on a page: named, with a table of the same numbers, and no colour of their own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel

from library.core import plot_bars, plot_lines
from library.core.plot import Plot, Series

ROOT = Path(__file__).parents[2]
SERIES = [Series(name, [120, 40, None]) for name in ("mượn", "đọc", "<b>", "xe", "tủ")]


@pytest.fixture
def page() -> Iterator[Flask]:
    app = Flask("look", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    Babel(app, default_locale="vi")
    with app.test_request_context():
        yield app


def drawn(of: Plot, more: str = "") -> str:
    source = '{% from "plots.html" import plot with context %}{{ plot(of, "Lượt sách", first="Tháng"' + more + ") }}"
    return render_template_string(source, of=of)


@pytest.mark.parametrize("draw", [plot_bars.standing, plot_bars.lying, plot_lines.lines])
def test_every_plot_has_a_name_and_the_table_of_its_numbers(page: Flask, draw: type[Plot]) -> None:
    html = drawn(draw(["T9", "T10", "T11"], SERIES))
    assert 'role="img" aria-label="Lượt sách: T9: mượn 120, đọc 120' in html
    assert html.index("</svg>") < html.index("<details")
    assert re.findall(r'<td class="num">(.*?)</td>', html) == [*["120"] * 5, *["40"] * 5, *["–"] * 5]
    assert [name.split("</svg>")[-1] for name in re.findall(r"<span>(.*?)</span>", html)][:2] == ["mượn", "đọc"]
    assert "<b>" not in html.replace("<b>Lượt sách</b>", ""), "names are escaped"


def test_names_of_the_table_may_be_longer_and_links(page: Flask) -> None:
    made = plot_bars.standing(["T9", "T10"], [Series("lượt", [1, 2])])
    html = drawn(made, ', names=["09/2026", "10/2026"], hrefs=["/9", ""], note="Tháng 10 đọc nhiều hơn."')
    assert '<th scope="row"><a href="/9">09/2026</a></th>' in html and '<th scope="row">10/2026</th>' in html
    assert "Tháng 10 đọc nhiều hơn." in html and "plot-key" not in html
    assert "<details" not in drawn(made, ", table=false")


def test_what_is_drawn_has_its_style_and_styles_have_no_colours_of_their_own() -> None:
    css = (ROOT / "static/css/plots.css").read_text(encoding="utf-8")
    for name in (
        "bar",
        "fill",
        "bind",
        "bind-thin",
        "ground",
        "step",
        "line",
        "point",
        "value",
        "in",
        "name",
        "label",
        "end",
    ):
        assert f".plot-{name}" in css, name
    assert "#" not in css.split("@media print")[0]
