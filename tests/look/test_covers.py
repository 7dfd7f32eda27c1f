"""A cover is drawn from the title alone, the same each time, and its words stay on it."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.catalogue.covers import PAIRS, ROOM, cover_art, motif_of, pair_of, width
from library.core.fold import clean

STATIC = Path(__file__).parents[2] / "static"
WORDS = st.text(st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxyẾộữ –:,.!?0123456789ABCM"), max_size=120)


def test_the_same_title_has_the_same_colours_however_it_is_typed() -> None:
    assert pair_of("Dế Mèn phiêu lưu ký") == pair_of("  DẾ MÈN   phiêu lưu ký ") == pair_of("de men phieu luu ky")


def test_colours_are_spread_over_titles() -> None:
    assert {pair_of(f"Kính vạn hoa – Tập {number}") for number in range(60)} == set(PAIRS)


@given(WORDS)
def test_no_title_runs_over_the_edge(title: str) -> None:
    art = cover_art(title, "Nguyễn Nhật Ánh", "truyện dài")
    assert len(art.lines) <= 5
    assert all(width(text, art.size) <= ROOM for text, _ in art.lines)
    assert all(0 < baseline < 100 for _, baseline in art.lines)


@given(WORDS)
def test_a_short_title_is_never_cut(title: str) -> None:
    art = cover_art(title)
    runs = clean(title).replace(" –", "\u00a0–").split(" ")  # a dash stays with the word before it
    if len(title) <= 20 and all(width(run, art.size) <= ROOM for run in runs):
        assert "…" not in "".join(text for text, _ in art.lines)


@pytest.mark.parametrize(
    ("kind", "motif"),
    [
        ("Truyện tranh", "brocade"),
        ("truyện cổ tích", "scales"),
        ("Thiếu nhi", "grass"),
        ("Khoa học", "orbits"),
        ("Sách giáo khoa", "page"),
        ("Văn học", "hills"),
        ("895.9223", "hills"),
        ("398.2", "scales"),
        ("", "spines"),
    ],
)
def test_the_motif_tells_the_kind_of_book(kind: str, motif: str) -> None:
    assert motif_of(kind) == motif


def test_every_colour_and_motif_is_drawn_somewhere() -> None:
    drawn = set(re.findall(r'id="motif-([a-z]+)"', (STATIC / "img/drawings.svg").read_text()))
    kinds = ("giáo khoa", "lịch sử", "cổ tích", "thiếu nhi", "khoa học", "văn học", "")
    assert {motif_of(kind) for kind in kinds} <= drawn
    styles = (STATIC / "css/base.css").read_text()
    assert all(f".pair-{pair} " in styles for pair in PAIRS)


def test_the_author_gives_way_to_a_long_title() -> None:
    assert cover_art("Cây khế", "Tô Hoài").author is not None
    assert cover_art("Mười vạn câu hỏi vì sao – Thế giới động vật hoang dã quanh ta", "Nhiều tác giả").author is None
