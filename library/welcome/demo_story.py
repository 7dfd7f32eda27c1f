"""Who of the cast has which book today: a few out, one late, one at the limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from library.calendars.openings import last_open
from library.welcome.demo_books import Copy
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
    """The story's loans; its copies are held back from chance for two months before today."""
    home = next(n for n, one in enumerate(standing) if one.house.name == "Trường Tiểu học Xuất Hóa")
    named = {reader.name: reader for reader in readers if reader.house == home}
    shelf = [copy for copy in copies if copy.house == home]
    by_label = {(copy.title.title, copy.title.part): copy for copy in reversed(shelf)}
    chosen = [(part, by_label[part.title, part.volume]) for part in PARTS]
    group = [copy for copy in reversed(shelf) if copy not in [one for _, one in chosen]][:SET_OF]
    for copy in [*(one for _, one in chosen), *group, *_kept_in(by_label)]:
        copy.kept_from = today - HELD_BACK
    lent = [_wish(standing[home], named[part.name], copy, part.ago, first, today) for part, copy in chosen]
    return lent + [_wish(standing[home], named[GROUP], copy, SET_AGO, first, today) for copy in group]


def _kept_in(by_label: Mapping[tuple[str, str], Copy]) -> list[Copy]:
    """On the shelf today, so that the first exercise finds them: lending Dế Mèn to Bảo."""
    titles = ("Dế Mèn phiêu lưu ký", "Đất rừng phương Nam", "Hoàng tử bé", "Truyện cổ tích Việt Nam")
    return [by_label[title, ""] for title in titles]


def _wish(house: Standing, reader: Reader, copy: Copy, ago: int, first: date, today: date) -> Wish:
    return Wish(last_open(house.calendar, today - timedelta(days=ago), first), copy, reader)
