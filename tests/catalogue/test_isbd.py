"""A card says what is known, in ISBD's order, with no sign left over for what is not."""

from typing import Any

import pytest

from library.catalogue.isbd import areas, isbd
from library.catalogue.models import NumberKind, Role
from library.catalogue.writing import NewRecord


def card(title: str, part_number: str = "", part_title: str = "", **told: Any) -> NewRecord:
    """What a card says of a title, its part beside it."""
    return NewRecord(title, part_number=part_number, part_title=part_title, **told)


WHOLE = card(
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
    (card("Cây khế"), "Cây khế"),
    (card("Cây khế."), "Cây khế"),
    (card("Cây khế", subtitle="Cổ tích"), "Cây khế : Cổ tích"),
    (card("Cây khế", place="H.", publisher="Giáo dục", year=1998), "Cây khế. - H. : Giáo dục, 1998"),
    (card("Cây khế", publisher="Nhà xuất bản Trẻ", year=2001), "Cây khế. - Trẻ, 2001"),
    (card("Cây khế", place="TP.HCM", year=2001), "Cây khế. - Tp. Hồ Chí Minh, 2001"),
    (card("Cây khế", year=2001), "Cây khế. - 2001"),
    (card("Cây khế", place="Huế"), "Cây khế. - Huế"),
    (card("Cây khế", publisher="Trẻ"), "Cây khế. - Trẻ"),
    (
        card("Cây khế", place="Hà Nội ; Tp Hồ Chí Minh", publisher="NXB Trẻ ; NXB Kim Đồng", year=2001),
        "Cây khế. - H. ; Tp. Hồ Chí Minh : Trẻ : Kim Đồng, 2001",
    ),
    (card("Binh pháp", year=-500), "Binh pháp. - 500 tr. CN"),
    (card("Cây khế", extent="163tr.", dimensions="21cm"), "Cây khế. - 163 tr. ; 21 cm"),
    (card("Cây khế", extent="163"), "Cây khế. - 163 tr."),
    (card("Cây khế", extent="163 trang"), "Cây khế. - 163 tr."),
    (card("Cây khế", illustration="tranh màu"), "Cây khế. - tranh màu"),
    (card("Cây khế", dimensions="19x27"), "Cây khế. - 19x27"),
    (card("Cây khế", extent="24 tr.", series="Truyện tranh"), "Cây khế. - 24 tr. - (Truyện tranh)"),
    (card("Cây khế", series_number="3"), "Cây khế"),
    (card("Cây khế", series="Cổ tích", series_number="3"), "Cây khế. - (Cổ tích ; T.3)"),
    (
        card("Kính vạn hoa", "Tập 2", credits=(("Nguyễn Nhật Ánh", Role.AUTHOR),)),
        "Kính vạn hoa. T.2 / Nguyễn Nhật Ánh",
    ),
    (card("Kính vạn hoa", "Tập 2", "Những con gấu bông"), "Kính vạn hoa. T.2, Những con gấu bông"),
    (card("Đại Nam thực lục", "Quyển 3"), "Đại Nam thực lục. Q.3"),
    (card("Tạp chí", "Số xuân"), "Tạp chí. Số xuân"),
    (
        card("Văn 6", credits=tuple((name, Role.AUTHOR) for name in ("An", "Bình", "Chi", "Dung"))),
        "Văn 6 / An...",
    ),
    (
        card("Văn 6", credits=(("An", Role.CORRECTOR), ("Bình", Role.CHIEF_EDITOR), ("Chi", Role.TRANSLATOR))),
        "Văn 6 / Ch.b.: Bình ; Dịch: Chi ; H.đ.: An",
    ),
    (
        card("Thỏ và rùa", credits=(("Hà", Role.TEXT), ("Mai", Role.ARTIST), ("Lan", Role.TELLER))),
        "Thỏ và rùa / Kể: Lan ; Lời: Hà ; Tranh: Mai",
    ),
    (
        card("Cây khế", responsibility="Tô Hoài kể ; Mai vẽ", credits=(("Tô Hoài", Role.TELLER), ("Mai", Role.ARTIST))),
        "Cây khế / Tô Hoài kể ; Mai vẽ",
    ),
    (
        card("Cây khế", responsibility="Tô Hoài", credits=(("Tô Hoài", Role.AUTHOR), ("Mai", Role.TRANSLATOR))),
        "Cây khế / Tô Hoài ; Dịch: Mai",
    ),
    (
        card("Cây khế", edition="In lần thứ 2; có sửa chữa và bổ sung.", year=2002),
        "Cây khế. - In lần thứ 2, có sửa chữa và bổ sung. - 2002",
    ),
    (card("Cây khế", note="ĐTTS ghi: Tủ sách măng non."), "Cây khế. - ĐTTS ghi: Tủ sách măng non."),
    (card("Cây khế", note="Song ngữ\nThư mục: tr. 9", price=5000), "Cây khế. - Song ngữ. - Thư mục: tr. 9. - 5000đ"),
    (card("Cây khế", place="Hà Nội"), "Cây khế. - H."),
    (card("Cây khế", price=15_000), "Cây khế. - 15000đ"),
    (card("Cây khế", numbers=(("12345678", NumberKind.OTHER),)), "Cây khế"),
]


@pytest.mark.parametrize(("card", "told"), CASES, ids=[told for _, told in CASES])
def test_a_card(card: NewRecord, told: str) -> None:
    assert isbd(card) == told


def test_every_missing_part_leaves_no_sign_behind() -> None:
    from dataclasses import fields, replace

    empty = card("")
    for one in fields(NewRecord):
        if one.name == "title":
            continue
        told = isbd(replace(WHOLE, **{one.name: getattr(empty, one.name)}))
        assert not any(odd in told for odd in ("..", "  ", ": ;", ", ,", "- -", "()", " .", "/ .", ": ,")), one.name


def test_areas_stand_apart_for_a_page() -> None:
    assert areas(WHOLE)[2:4] == ["H. : Kim Đồng, 2020", "163 tr. : tranh màu ; 21 cm"]
