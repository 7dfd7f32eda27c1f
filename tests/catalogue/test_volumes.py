"""The volume in a title is found where it is plain, and nowhere else."""

import pytest

from library.catalogue import volumes
from library.catalogue.volumes import Volume


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Kính vạn hoa – Tập 2", Volume("Kính vạn hoa", "Tập 2")),
        ("Kính vạn hoa (Tập 2)", Volume("Kính vạn hoa", "Tập 2")),
        ("Kính vạn hoa T.2", Volume("Kính vạn hoa", "Tập 2")),
        ("Kính vạn hoa. Tập 2: Những con gấu bông", Volume("Kính vạn hoa", "Tập 2", "Những con gấu bông")),
        ("Hồi ức (Tập 1: Nguyệt lam phù thuỷ)", Volume("Hồi ức", "Tập 1", "Nguyệt lam phù thuỷ")),
        ("Tiếng Việt 3 tập hai", Volume("Tiếng Việt 3", "Tập 2")),
        ("Ngữ văn 6, tập 1", Volume("Ngữ văn 6", "Tập 1")),
        ("One Piece. Tập XII", Volume("One Piece", "Tập 12")),
        ("Gửi em, người bất tử - Tập 10", Volume("Gửi em, người bất tử", "Tập 10")),
        ("Ngữ Văn 11 - Tập 1 (Chân Trời Sáng Tạo)", Volume("Ngữ Văn 11 (Chân Trời Sáng Tạo)", "Tập 1")),
        ("Vở bài tập Toán 5 - Tập 1", Volume("Vở bài tập Toán 5", "Tập 1")),
        ("Harry Potter – Quyển 3", Volume("Harry Potter", "Quyển 3")),
    ],
)
def test_a_plain_volume_finds_its_own_field(title, expected):
    assert volumes.parted(title) == expected


@pytest.mark.parametrize(
    "title",
    ["Vở bài tập 2", "Tuyển tập 2", "Luyện tập 3", "Tập 1", "Conan (Tập 9-10)", "Ma pháp (Vol 2+3)", "Hộp Tập 1 + Tập 2",
     "Toán 5 T2", "Truyện tập năm 2020", "Cây khế", "1984", "Chitose - Tập 6.5"],
)  # fmt: skip
def test_what_may_be_read_in_two_ways_stays_as_written(title):
    assert volumes.parted(title) == Volume(title)


@pytest.mark.parametrize("part", ["Tập 2", "tập 2", "T.2", "2", "02", "II", "Tập hai", "Quyển 2"])
def test_a_volume_has_one_key_however_it_is_written(part):
    assert volumes.match_key("Kính vạn hoa", part) == "kinh van hoa tap 2"


def test_volumes_stand_in_the_order_of_their_numbers():
    keys = [volumes.title_sort("Kính vạn hoa", part) for part in ("", "Tập 2", "Tập 10", "Tập 100")]
    assert keys == sorted(keys)
