"""What is said of shelves when they are built and kept: typed values, or every complaint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from library.catalogue.levels import LEVELS
from library.core.errors import N_
from library.core.forms import Reader
from library.loans.forms import uuid_or_none
from library.shelves.building import NewShelf
from library.shelves.keeping import Keeper, Manner
from library.shelves.models import GoesWith, ShelfKind, ShelfMode
from library.shelves.turns import EACH, MOST_WEEKS

LONGEST_NAME = 80
KINDS = {one.value: one for one in ShelfKind}
MODES = {one.value: one for one in ShelfMode}
GOES = {one.value: one for one in GoesWith}
KIND_WORDS = {
    ShelfKind.CLASS: N_("của một lớp"), ShelfKind.ROOM: N_("của một phòng"), ShelfKind.GRADE: N_("của một khối"),
}  # fmt: skip
MODE_WORDS = {
    ShelfMode.SCAN: (N_("Quét từng cuốn"), N_("Biết em nào giữ cuốn nào. Cho lớp 3 trở lên.")),
    ShelfMode.HONOUR: (
        N_("Tự giác, đếm lượt theo màu"),
        N_("Em tự lấy, tự cất. Không ghi tên em nào. Cho lớp 1, lớp 2."),
    ),
}
GOES_WORDS = {
    GoesWith.ROOM: (N_("Tủ ở lại phòng"), N_("Lớp năm sau vào phòng này dùng tiếp.")),
    GoesWith.CLASS: (N_("Tủ theo lớp lên lớp trên"), N_("Tủ 1A thành tủ 2A, vẫn những em ấy.")),
}
WHY_CLOSED = {
    "not-used": N_("Lớp không dùng tủ nữa"),
    "merged": N_("Gộp vào tủ khác"),
    "left": N_("Chưa có ai giữ tủ"),
    "mistake": N_("Lập nhầm, không tính là tủ"),
}


def levels_of(texts: Sequence[str]) -> tuple[int, ...]:
    """Colour levels that were ticked; whatever is none is passed over."""
    return tuple(level for level in sorted(LEVELS) if str(level) in texts)


@dataclass(frozen=True)
class Parts:
    """What of a form comes more than once, or is a thing of the library's; keepers by their account's uid."""

    levels: tuple[int, ...] = ()
    keepers: Mapping[str, Keeper] = field(default_factory=dict)


def new_shelf(reader: Reader, parts: Parts) -> NewShelf:
    """A room's or grade's shelf, or a class's with everything said. Complaints stay in the reader."""
    kind = reader.choice("kind", KINDS) or ShelfKind.ROOM
    name = reader.text("name", longest=LONGEST_NAME)
    grade = reader.number("grade", 1, 12, required=kind is ShelfKind.GRADE)
    mode = reader.choice("mode", MODES) or ShelfMode.SCAN
    keeper = keeper_of(reader, parts.keepers)
    return NewShelf(name, kind, mode, GoesWith.ROOM, grade, parts.levels, keeper.account_id, keeper.name)


def keeper_of(reader: Reader, keepers: Mapping[str, Keeper]) -> Keeper:
    """Somebody with an account here, or by name alone; nobody."""
    chosen = reader.choice("keeper", keepers, required=False)
    return chosen or Keeper(reader.text("keeper_name", required=False, longest=100))


def manner(reader: Reader, levels: tuple[int, ...]) -> Manner:
    name, mode = reader.text("name", longest=LONGEST_NAME), reader.choice("mode", MODES) or ShelfMode.SCAN
    goes = reader.choice("goes_with", GOES) or GoesWith.ROOM
    return Manner(name, mode, goes, levels)


@dataclass(frozen=True)
class Turns:
    """Helpers from a day on: for how many weeks, how many a week, from whom."""

    first_on: date
    weeks: int
    each: int
    members: tuple[UUID, ...]


def turns(reader: Reader, today: date, ticked: Sequence[str]) -> Turns | None:
    first = reader.day("first_on", required=False) or today
    weeks, each = reader.number("weeks", 1, MOST_WEEKS), reader.number("each", 1, 6, required=False) or EACH
    members = tuple(uid for uid in map(uuid_or_none, ticked) if uid)
    if not members:
        reader.complain("member", "nobody", N_("Chọn ít nhất một em."))
    if not -7 <= (first - today).days <= 366:
        reader.complain("first_on", "day", N_("Ngày bắt đầu phải trong một năm tới."))
    return Turns(first, weeks, each, members) if weeks else None
