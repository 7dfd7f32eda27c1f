"""A card says what is known, in ISBD's order, with no sign left over for what is not."""

import pytest

from library.catalogue.isbd import Card, areas, isbd
from library.catalogue.models import NumberKind, Role

WHOLE = Card(
    "Dế Mèn phiêu lưu ký", credits=(("Tô Hoài", Role.AUTHOR), ("Ngô Mạnh Lân", Role.ILLUSTRATOR)),
    subtitle="Truyện dài", edition="Tái bản lần 5", place="Hà Nội", publisher="NXB Kim Đồng", year=2020,
    extent="163 tr.", illustration="tranh màu", dimensions="21 cm", series="Tủ sách vàng", series_number="Tập 3",
    numbers=(("9786042123457", NumberKind.ISBN), ("8935244801231", NumberKind.EAN)), price=35_000,
)  # fmt: skip
CASES = [
    (
        WHOLE,
        (
            "Dế Mèn phiêu lưu ký : Truyện dài / Tô Hoài ; Minh họa: Ngô Mạnh Lân. - Tái bản lần 5. - H. : Kim Đồng, 2020."
            " - 163 tr. : tranh màu ; 21 cm. - (Tủ sách vàng ; T.3). - ISBN 9786042123457. - 35000đ"
        ),
    ),
    (Card("Cây khế"), "Cây khế"),
    (Card("Cây khế."), "Cây khế"),
    (Card("Cây khế", subtitle="Cổ tích"), "Cây khế : Cổ tích"),
    (Card("Cây khế", place="H.", publisher="Giáo dục", year=1998), "Cây khế. - H. : Giáo dục, 1998"),
    (Card("Cây khế", publisher="Nhà xuất bản Trẻ", year=2001), "Cây khế. - Trẻ, 2001"),
    (Card("Cây khế", place="TP.HCM", year=2001), "Cây khế. - Tp. Hồ Chí Minh, 2001"),
    (Card("Cây khế", year=2001), "Cây khế. - 2001"),
    (Card("Cây khế", place="Huế"), "Cây khế. - Huế"),
    (Card("Cây khế", publisher="Trẻ"), "Cây khế. - Trẻ"),
    (
        Card("Cây khế", place="Hà Nội ; Tp Hồ Chí Minh", publisher="NXB Trẻ ; NXB Kim Đồng", year=2001),
        "Cây khế. - H. ; Tp. Hồ Chí Minh : Trẻ : Kim Đồng, 2001",
    ),
    (Card("Binh pháp", year=-500), "Binh pháp. - 500 tr. CN"),
    (Card("Cây khế", extent="163tr.", dimensions="21cm"), "Cây khế. - 163 tr. ; 21 cm"),
    (Card("Cây khế", extent="163"), "Cây khế. - 163 tr."),
    (Card("Cây khế", extent="163 trang"), "Cây khế. - 163 tr."),
    (Card("Cây khế", illustration="tranh màu"), "Cây khế. - tranh màu"),
    (Card("Cây khế", dimensions="19x27"), "Cây khế. - 19x27"),
    (Card("Cây khế", extent="24 tr.", series="Truyện tranh"), "Cây khế. - 24 tr. - (Truyện tranh)"),
    (Card("Cây khế", series_number="3"), "Cây khế"),
    (Card("Cây khế", series="Cổ tích", series_number="3"), "Cây khế. - (Cổ tích ; T.3)"),
    (
        Card("Kính vạn hoa", "Tập 2", credits=(("Nguyễn Nhật Ánh", Role.AUTHOR),)),
        "Kính vạn hoa. T.2 / Nguyễn Nhật Ánh",
    ),
    (Card("Kính vạn hoa", "Tập 2", "Những con gấu bông"), "Kính vạn hoa. T.2, Những con gấu bông"),
    (Card("Đại Nam thực lục", "Quyển 3"), "Đại Nam thực lục. Q.3"),
    (Card("Tạp chí", "Số xuân"), "Tạp chí. Số xuân"),
    (
        Card("Văn 6", credits=tuple((name, Role.AUTHOR) for name in ("An", "Bình", "Chi", "Dung"))),
        "Văn 6 / An...",
    ),
    (
        Card("Văn 6", credits=(("An", Role.CORRECTOR), ("Bình", Role.CHIEF_EDITOR), ("Chi", Role.TRANSLATOR))),
        "Văn 6 / Ch.b.: Bình ; Dịch: Chi ; H.đ.: An",
    ),
    (
        Card("Thỏ và rùa", credits=(("Hà", Role.TEXT), ("Mai", Role.ARTIST), ("Lan", Role.TELLER))),
        "Thỏ và rùa / Kể: Lan ; Lời: Hà ; Tranh: Mai",
    ),
    (
        Card("Cây khế", responsibility="Tô Hoài kể ; Mai vẽ", credits=(("Tô Hoài", Role.TELLER), ("Mai", Role.ARTIST))),
        "Cây khế / Tô Hoài kể ; Mai vẽ",
    ),
    (
        Card("Cây khế", responsibility="Tô Hoài", credits=(("Tô Hoài", Role.AUTHOR), ("Mai", Role.TRANSLATOR))),
        "Cây khế / Tô Hoài ; Dịch: Mai",
    ),
    (
        Card("Cây khế", edition="In lần thứ 2; có sửa chữa và bổ sung.", year=2002),
        "Cây khế. - In lần thứ 2, có sửa chữa và bổ sung. - 2002",
    ),
    (Card("Cây khế", note="ĐTTS ghi: Tủ sách măng non."), "Cây khế. - ĐTTS ghi: Tủ sách măng non."),
    (Card("Cây khế", place="Hà Nội"), "Cây khế. - H."),
    (Card("Cây khế", price=15_000), "Cây khế. - 15000đ"),
    (Card("Cây khế", numbers=(("12345678", NumberKind.OTHER),)), "Cây khế"),
]


@pytest.mark.parametrize(("card", "told"), CASES, ids=[told for _, told in CASES])
def test_a_card(card: Card, told: str) -> None:
    assert isbd(card) == told


def test_every_missing_part_leaves_no_sign_behind() -> None:
    from dataclasses import fields, replace

    empty = Card("")
    for one in fields(Card):
        if one.name == "title":
            continue
        told = isbd(replace(WHOLE, **{one.name: getattr(empty, one.name)}))
        assert not any(odd in told for odd in ("..", "  ", ": ;", ", ,", "- -", "()", " .", "/ .", ": ,")), one.name


def test_areas_stand_apart_for_a_page() -> None:
    assert areas(WHOLE)[2:4] == ["H. : Kim Đồng, 2020", "163 tr. : tranh màu ; 21 cm"]
