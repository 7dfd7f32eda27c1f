import io

import pytest
from PIL import Image

from library.labels.barcodes import UnprintableBarcode
from library.labels.cards import CARDS, CardText, W, card_png, card_sheets, class_sheet
from tests.labels import paper_seen as seen


@pytest.mark.parametrize("dpi", [300, 203])
def test_two_readers_read_every_card_of_a_page(readers, dpi):
    cards = readers(10)
    (page,) = seen.pages(card_sheets(cards), dpi)
    assert seen.by_zxing(page) == seen.by_zbar(page) == [card.payload for card in cards]


@pytest.mark.parametrize("dpi", [300, 203])
def test_two_readers_read_every_pupil_of_a_class_sheet(readers, dpi):
    cards = readers(35)
    found = list(seen.pages(class_sheet("Lớp 4A", cards), dpi))
    wanted = [card.payload for card in cards]
    assert sorted(code for page in found for code in seen.by_zxing(page)) == wanted
    assert sorted(code for page in found for code in seen.by_zbar(page)) == wanted
    assert [len(seen.by_zxing(page)) for page in found] == [24, 11]


def test_bars_of_a_card_keep_their_module_and_their_quiet_zones(readers):
    (page,) = seen.pages(card_sheets(readers(10)), 300)
    for cell in CARDS.cells():
        beside_the_back = seen.crop(page, 300, cell.x + 22.2, cell.y + 34, W - 22.6, 9)
        left, bars, right = seen.bars_span(beside_the_back, 300)
        assert bars == pytest.approx(101 * 0.5, abs=0.2)
        assert min(left + 0.2, right + 0.4) >= 10 * 0.5
        assert left + 22.2 == pytest.approx(28.0, abs=0.2)


def test_bars_of_a_class_sheet_keep_ten_modules_from_the_name(readers):
    (page,) = seen.pages(class_sheet("Lớp 4A", readers(24)), 300)
    for column in (15.0, 111.0):
        for row in range(12):
            line = seen.bar_row(seen.crop(page, 300, column - 5, 30 + row * 20.6 + 3.2, 94, 10.5))
            bars = max(at for at, (dark, wide) in enumerate(line) if not dark and wide * 25.4 / 300 >= 3.7 and at < 40)
            assert sum(wide for _, wide in line[bars + 1 : -1]) * 25.4 / 300 == pytest.approx(101 * 0.375, abs=0.2)


def test_cards_are_the_size_of_cards_and_ten_fit_the_page():
    assert (CARDS.label_w, CARDS.label_h, CARDS.per_page) == (85.6, 54.0, 10)
    assert CARDS.fits
    assert CARDS.margin_left == pytest.approx((210 - 2 * 85.6) / 2)


def test_cut_marks_point_at_every_edge(readers):
    (page,) = seen.pages(card_sheets(readers(1), skip=9), 300)
    margin = seen.crop(page, 300, 0, 9, 210, 0.5).convert("L")
    row = margin.crop((0, 2, margin.width, 3)).tobytes()
    at, edges = 0, []
    for dark, wide in seen.runs(row):
        edges += [(at + wide / 2) * 25.4 / 300] if dark else []
        at += wide
    assert edges == pytest.approx([19.4, 105.0, 190.6], abs=0.2)


def test_used_places_stay_white(readers):
    (first, second) = seen.pages(card_sheets(readers(9), skip=3), 203)
    shares = [seen.dark_share(seen.crop(first, 203, c.x + 1, c.y + 1, W - 2, 52)) for c in CARDS.cells()]
    assert set(shares[:3]) == {0.0}
    assert min(shares[3:]) > 0.1
    assert len(seen.by_zxing(first)) == 7
    assert len(seen.by_zxing(second)) == 2


def test_a_card_tells_name_class_library_and_number_in_fours():
    card = CardText(
        "200420000019", "Đàm Quốc Bảo", "Thư viện Trường Tiểu học Xuất Hóa", "Lớp 4A", "năm học 2026 – 2027"
    )
    pdf = card_sheets([card])
    (said,) = seen.texts(pdf)
    for line in ("Thẻ bạn đọc", "Đàm Quốc Bảo", "Lớp 4A · năm học 2026 – 2027", "2004 2000 0019"):
        assert line in said
    assert pdf.count(b"/FontFile2") == 2
    assert b"Helvetica" not in pdf


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Đàm Quốc Bảo", ["Đàm Quốc Bảo"]),
        ("Nguyễn Thị Minh Khai", ["Nguyễn Thị Minh Khai"]),
        ("Nguyễn Phúc Bảo Anh Thảo Vy", ["Nguyễn Phúc", "Bảo Anh Thảo Vy"]),
        ("Y", ["Y"]),
        ("", []),
    ],
)
def test_long_names_stay_on_the_card(name, lines):
    card = CardText("200420000019", name, "TV", "Lớp 4A")
    said = [line for line in seen.texts(card_sheets([card]))[0].splitlines() if line.strip()]
    assert said[2 : 2 + len(lines)] == lines
    (page,) = seen.pages(card_sheets([card]), 300)
    assert seen.dark_share(seen.crop(page, 300, 19.4 + W - 3, 13.5 + 1, 2.5, 52)) == 0.0


def test_a_card_number_too_long_is_refused():
    with pytest.raises(UnprintableBarcode, match="thiếu"):
        card_sheets([CardText("HS-2026-XUATHOA-0001", "Lan", "TV")])
    with pytest.raises(UnprintableBarcode, match="thiếu"):
        class_sheet("4A", [CardText("HS-2026-XUATHOA-0001", "Lan", "TV")])


def test_a_class_sheet_tells_the_class_of_those_from_another():
    cards = [CardText("200420000019", "Lan", "TV", "Lớp 4A"), CardText("200420000020", "Bảo", "TV", "Lớp 5A")]
    (said,) = seen.texts(class_sheet("Lớp 4A", cards))
    assert said.count("Lớp 4A") == 1
    assert "Lớp 5A · 2004 2000 0020" in said
    assert "2 bạn đọc" in said


def test_an_empty_class_is_an_empty_sheet():
    (said,) = seen.texts(class_sheet("Lớp 4A", []))
    assert "0 bạn đọc" in said


def test_a_card_can_be_looked_at_on_the_screen(readers):
    image = Image.open(io.BytesIO(card_png(readers(1)[0])))
    assert image.size == (1011, 638)
    assert seen.by_zxing(image) == seen.by_zbar(image) == [readers(1)[0].payload]
