"""The parts of a page, drawn with nothing around them and with everything."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, flash, render_template, render_template_string
from flask_babel import Babel

from library.catalogue.covers import cover_art

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page() -> Iterator[Flask]:
    app = Flask("look", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.secret_key = "look"
    Babel(app, default_locale="vi")
    app.jinja_env.globals["cover_art"] = cover_art
    app.add_url_rule("/repair", "condition.report")  # where the desk's form for a damaged copy goes
    with app.test_request_context():
        yield app


def drawn(source: str, **values: object) -> str:
    return render_template_string('{% import "macros.html" as m with context %}' + source, **values)


def test_a_page_stands_without_anything_from_the_app(page: Flask) -> None:
    html = render_template_string('{% extends "base.html" %}{% block title %}Sách{% endblock %}')
    assert '<html lang="vi">' in html
    assert "<title>Sách – Tủ Sách</title>" in html
    assert 'class="skip"' in html
    assert "rail" not in html


def test_a_page_shows_where_we_are_and_who_works(page: Flask) -> None:
    html = render_template_string(
        '{% extends "base.html" %}',
        nav=[("/quay", "book", "Sách", True)],
        place_name="Trường Tiểu học Xuất Hóa",
        person_name="Cô Hà",
        today=date(2026, 11, 19),
        theme="dark",
        lang="en",
        links={"sign_out": "/out"},
    )
    for part in ('data-theme="dark"', 'lang="en"', 'aria-current="page"', "Thứ Năm, 19/11/2026", "Cô Hà", "/out"):
        assert part in html


def test_messages_are_told_politely(page: Flask) -> None:
    flash("Đã lưu.")
    flash("Chưa lưu được.", "error")
    html = render_template_string('{% extends "base.html" %}')
    assert 'aria-live="polite"' in html
    assert html.count("entry--note") == 2
    assert "is-khong" in html


def test_what_people_typed_is_never_markup(page: Flask) -> None:
    html = drawn(
        '{{ m.outcome_row("ok", title=bad, said=bad) }}{{ m.cover(bad, bad) }}{{ m.field("a", bad, bad) }}',
        bad="<script>",
    )
    assert "<script>" not in html


def test_a_field_tells_its_complaint_to_those_who_only_hear(page: Flask) -> None:
    html = drawn('{{ m.field("price", "Giá tiền", "35000d", error="Chỉ gõ số.", hint="đồng") }}')
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="f-price-error f-price-hint"' in html
    assert 'value="35000d"' in html


def test_a_password_is_never_written_back(page: Flask) -> None:
    assert "bí mật" not in drawn('{{ m.field("p", "Mật khẩu", "bí mật", type="password") }}')


def test_an_undone_row_stays_and_cannot_be_undone_again(page: Flask) -> None:
    html = drawn('{{ m.outcome_row("ok", title="Thạch Sanh", undo="/undo", undone=true) }}')
    assert "is-undone" in html
    assert "Thạch Sanh" in html
    assert "/undo" not in html


def test_a_refusal_lists_every_reason_with_its_way_out(page: Flask) -> None:
    html = drawn(
        '{{ m.result_banner("khong", "Chưa cho mượn được", "Hoàng tử bé", reasons=reasons) }}',
        reasons=[("Em đang giữ đủ 3 cuốn.", "Trả bớt 1 cuốn"), ("Thẻ hết hạn.", "Gia hạn thẻ")],
    )
    assert all(words in html for words in ("đủ 3 cuốn", "Trả bớt", "Thẻ hết hạn", "Gia hạn thẻ"))


@pytest.mark.parametrize(("held", "free", "covers", "slots"), [(0, 3, 0, 1), (2, 1, 2, 1), (3, 0, 3, 0), (9, 1, 5, 1)])
def test_books_stand_beside_free_places(page: Flask, held: int, free: int, covers: int, slots: int) -> None:
    books = [SimpleNamespace(title=f"Tập {at}", author="", kind="") for at in range(held)]
    html = drawn("{{ m.shelf(books, free) }}", books=books, free=free)
    assert (html.count("cover--shelf"), html.count('class="slot"')) == (covers, slots)


def test_progress_never_draws_more_than_sixty_spines(page: Flask) -> None:
    assert drawn("{{ m.progress(29, 31) }}").count('class="is-ok"') == 29
    assert drawn("{{ m.progress(400, 800) }}").count("<i") == 60


def test_words_follow_the_language_of_whoever_asks(page: Flask) -> None:
    """A macro file is read once: nothing in it may be translated on reading."""
    source = (ROOT / "templates/macros.html").read_text()
    outside = source
    while "{%- macro" in outside:
        start = outside.index("{%- macro")
        outside = outside[:start] + outside[outside.index("{%- endmacro -%}", start) + len("{%- endmacro -%}") :]
    assert "_(" not in outside


def test_the_empty_desk_is_a_form_that_works_by_itself(page: Flask) -> None:
    html = render_template("loans/desk.html")
    for part in ('id="scan" method="post"', 'name="code"', 'id="result"', 'id="rows"', 'id="t-row"', 'role="alert"'):
        assert part in html


def test_the_desk_draws_a_refusal_with_its_four_reasons(page: Flask) -> None:
    result = {
        "outcome": "khong",
        "word": "Chưa cho mượn được",
        "title": "Hoàng tử bé",
        "do": "",
        "reasons": [("Em đang giữ đủ 3 cuốn.", "Trả bớt 1 cuốn")],
        "overrides": [("a", "Cần cho bài học")],
    }
    html = render_template("loans/desk.html", result=result)
    assert '<button class="btn" name="override" value="a" form="scan">' in html
