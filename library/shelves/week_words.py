"""The week in words that leave the school: a message for all parents names no child, one about a book goes to one family."""

from collections.abc import Sequence

from flask_babel import gettext

from library.loans import wording
from library.shelves.swaps_told import Coming
from library.shelves.week import Late, Week


def _(sentence: str, **facts: object) -> str:
    return str(gettext(sentence, **facts))


def to_all(week: Week, library: str) -> str:
    """For the class's group of parents: numbers and days, nobody's name."""
    return "\n".join(filter(None, (_head(week, library), _read(week), _late(week.late), *map(_swap, week.swap))))


def _head(week: Week, library: str) -> str:
    first, last = wording.day(week.since), wording.day(week.today)
    return _(
        "Tủ sách lớp %(name)s, %(library)s, tuần %(first)s – %(last)s:",
        name=week.class_name, library=library, first=first, last=last,
    )  # fmt: skip


def _read(week: Week) -> str:
    if not (week.pupils and week.named):
        return _("- Cả lớp lấy sách %(uses)s lượt.", uses=week.sums.uses)
    return _(
        "- %(readers)s trên %(pupils)s em đã mượn hoặc đọc sách, cả lớp %(uses)s lượt.",
        readers=week.readers, pupils=len(week.pupils), uses=week.sums.uses,
    )  # fmt: skip


def _late(late: Sequence[Late]) -> str:
    """How many, not who."""
    if not late:
        return _("- Không còn cuốn nào trễ hẹn. Cảm ơn các em và gia đình.")
    return _("- Còn %(count)s cuốn trễ hẹn. Nhờ gia đình xem lại cặp và góc học tập của em.", count=len(late))


def _swap(one: Coming) -> str:
    day = wording.weekday_day(one.due_on)
    if one.gives:
        return _("- Đổi sách %(day)s: nhờ các em mang trả trước hôm đó.", day=day)
    return _("- Từ %(day)s lớp có hộp sách mới.", day=day)


def to_one(late: Late) -> str:
    """For one family."""
    return _(
        "Em %(name)s đang giữ %(title)s, hẹn trả %(day)s. Nhờ gia đình nhắc em mang đến lớp.",
        name=late.called, title=late.title, day=wording.day(late.due_on),
    )  # fmt: skip
