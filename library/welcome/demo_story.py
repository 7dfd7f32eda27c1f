"""Who of the cast has which book today: a few out, one late, one at the limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from library.calendars.openings import last_open
from library.welcome.demo_books import ON_THE_LABEL, Copy
from library.welcome.demo_people import Reader
from library.welcome.demo_places import Standing
from library.welcome.demo_year import Wish


@dataclass(frozen=True)
class Part:
    """A pupil, a book, and how many days ago it went home."""

    name: str
    title: str
    ago: int
    volume: str = ""


PARTS = (
    Part("Đàm Quốc Bảo", "Kính vạn hoa", 7, "Tập 1"),
    Part("Hoàng Thị Mai Lan", "Góc sân và khoảng trời", 5),
    Part("Bàn Văn Sinh", "Pippi Tất Dài", 8),
    Part("Lục Văn Khánh", "Sự tích hồ Ba Bể", 22),
    Part("Phùng Thị Mỷ", "Cây khế", 15),
    Part("Nông Minh Khôi", "Totto-chan bên cửa sổ", 24),
    Part("Nông Minh Khôi", "Cô Bé Matilda", 12),
    Part("Nông Minh Khôi", "Những tấm lòng cao cả", 11),
    Part("Hà Thị Bích", "Búp Sen Xanh", 9),
    Part("Hà Thị Bích", "Tuổi thơ dữ dội", 6, "Tập 1"),
    Part("Hà Thị Bích", "Charlie Và Nhà Máy Sô Cô La", 6),
    Part("Lý Thị Xuân", "Hai vạn dặm dưới đáy biển", 4),
)
"""Khôi holds three, one of them late; Bích holds three, none late; Khánh is a week late; Bảo may take two more."""
GROUP, SET_OF, SET_AGO = "Tập thể lớp 2A", 24, 30
HELD_BACK = timedelta(days=60)


def wishes(
    standing: Sequence[Standing], readers: Sequence[Reader], copies: Sequence[Copy], first: date, today: date
) -> list[Wish]:  # fmt: skip
    """The story's loans. Its copies, and those that exercises ask for by number, are held back from chance before today."""
    home = next(n for n, one in enumerate(standing) if one.house.name == "Trường Tiểu học Xuất Hóa")
    named = {reader.name: reader for reader in readers if reader.house == home}
    shelf = [copy for copy in copies if copy.house == home]
    labelled = [shelf[number - 1] for number in ON_THE_LABEL.values()]
    by_title = {(copy.title.title, copy.title.part): copy for copy in [*reversed(shelf), *labelled]}
    lent = [(named[part.name], by_title[part.title, part.volume], part.ago) for part in PARTS]
    taken = [*labelled, *(copy for _, copy, _ in lent)]
    group = [copy for copy in shelf if copy not in taken][:SET_OF]
    lent += [(named[GROUP], copy, SET_AGO) for copy in group]
    found = [_wish(standing[home], reader, copy, ago, first, today) for reader, copy, ago in lent]
    days = dict.fromkeys(labelled, today) | {wish.copy: wish.day for wish in found}
    for copy, day in days.items():
        copy.kept_from = last_open(standing[home].calendar, day - HELD_BACK, first)
    return [wish for wish in found if wish.copy.since < wish.day]


def _wish(house: Standing, reader: Reader, copy: Copy, ago: int, first: date, today: date) -> Wish:
    return Wish(last_open(house.calendar, today - timedelta(days=ago), first), copy, reader)
