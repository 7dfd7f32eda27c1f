"""What can be asked for: every figure by its code, its words, its unit and the ledger it is added up from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from library.core.errors import N_
from library.uses.happenings import Measure
from library.uses.models import UseKind, VisitKind


class Ledger(StrEnum):
    """Where the rows behind a figure stand. The first three are added up by day; the others are looked at otherwise."""

    USE = "use"
    VISIT = "visit"
    HAPPENING = "happening"
    SHELF = "shelf"
    HOLDING = "holding"
    PEOPLE = "people"
    UNITS = "units"


TIME = frozenset({"day", "week", "month", "school-year", "year"})
PLACE = frozenset({"unit", "below", "branch", "library-kind"})
"""`unit`: who owned the branch that day; `below`: which unit right under the one asked for that was, or itself."""

_READER = frozenset({"grade", "category", "group", "class"})
DIMS: Mapping[Ledger, frozenset[str]] = {
    Ledger.USE: TIME | PLACE | _READER | {"kind", "mode", "book-class", "class-mark", "level", "channel", "place"},
    Ledger.VISIT: TIME | PLACE | _READER | {"kind", "sex", "access-need", "place"},
    Ledger.HAPPENING: TIME | PLACE | {"kind", "sort", "audience"},
    Ledger.SHELF: TIME | PLACE | {"kind"},
    Ledger.HOLDING: PLACE,
    Ledger.PEOPLE: frozenset(),
    Ledger.UNITS: frozenset({"library-kind"}),
}
"""What each ledger's figures may be broken down by."""


@dataclass(frozen=True)
class Measured:
    """`kinds` of rows that count: of uses and visits their kinds, of happenings their measure; empty: all.

    `pupils`: only of pupils. `renewed`: counts renewals too where the ask wants them. `stock`: how many there are on the
    last day, all rows until then added up.
    """

    code: str
    words: str
    unit: str
    ledger: Ledger
    kinds: frozenset[str] = frozenset()
    pupils: bool = False
    renewed: bool = False
    stock: bool = False

    @property
    def dims(self) -> frozenset[str]:
        return DIMS[self.ledger] - (TIME if self.stock else frozenset())

    @property
    def adds_up(self) -> bool:
        """Whether figures of parts may be added: not of people, nor of what is there on a day."""
        return self.ledger not in (Ledger.PEOPLE, Ledger.UNITS, Ledger.HOLDING)


_READ = (UseKind.HOME, UseKind.IN_HOUSE, UseKind.HONOUR, UseKind.CLASS_READ, UseKind.TALLY)
"""Documents used. A link that was opened is told apart; a renewal counts where the ask says so."""

_USES = (
    ("uses", N_("Lượt tài liệu phục vụ"), _READ),
    ("uses-home", N_("Lượt mượn về"), (UseKind.HOME, UseKind.HONOUR)),
    ("uses-in-house", N_("Lượt đọc tại chỗ"), (UseKind.IN_HOUSE, UseKind.TALLY)),
    ("uses-class", N_("Lượt đọc ở lớp"), (UseKind.CLASS_READ,)),
    ("uses-honour", N_("Lượt tự lấy sách ở tủ lớp"), (UseKind.HONOUR,)),
    ("uses-tally", N_("Lượt đếm theo thùng, theo màu"), (UseKind.TALLY,)),
    ("uses-digital", N_("Lượt mở tài liệu số"), (UseKind.DIGITAL,)),
    ("renewals", N_("Lượt gia hạn"), (UseKind.RENEWAL,)),
)
_RENEWED = frozenset({"uses", "uses-home"})

_VISITS = (
    ("visits", N_("Lượt bạn đọc"), (), False),
    ("visits-pupils", N_("Lượt học sinh"), (), True),
    ("visits-guests", N_("Lượt khách"), (VisitKind.GUEST,), False),
    ("visits-mobile", N_("Lượt bạn đọc của xe lưu động"), (VisitKind.STOP,), False),
    ("visits-sessions", N_("Lượt dự buổi học, buổi đọc"), (VisitKind.SESSION,), False),
)

_HAPPENINGS = (
    (Measure.EVENT, N_("Hoạt động đã tổ chức"), N_("buổi")),
    (Measure.EVENT_PEOPLE, N_("Người dự hoạt động"), N_("người")),
    (Measure.TRAINING, N_("Lớp bồi dưỡng, tập huấn"), N_("lớp")),
    (Measure.TRAINING_PEOPLE, N_("Người học các lớp tập huấn"), N_("người")),
    (Measure.TRAINING_TURNS, N_("Lượt dự các lớp tập huấn"), N_("lượt")),
    (Measure.ONLINE, N_("Chương trình học trực tuyến"), N_("chương trình")),
    (Measure.ONLINE_TURNS, N_("Lượt học trực tuyến"), N_("lượt")),
    (Measure.LESSON, N_("Tiết đọc thư viện"), N_("tiết")),
    (Measure.LESSON_PEOPLE, N_("Lượt học sinh dự tiết đọc"), N_("lượt")),
    (Measure.CLUB, N_("Câu lạc bộ đọc sách"), N_("câu lạc bộ")),
    (Measure.CLUB_MEETING, N_("Buổi sinh hoạt câu lạc bộ"), N_("buổi")),
    (Measure.CLUB_PEOPLE, N_("Lượt dự sinh hoạt câu lạc bộ"), N_("lượt")),
    (Measure.CHALLENGE_DONE, N_("Lượt đạt mốc thử thách đọc"), N_("lượt")),
    (Measure.COMMENDED_COLLECTIVE, N_("Tập thể được khen"), N_("tập thể")),
    (Measure.COMMENDED_PERSON, N_("Cá nhân được khen"), N_("người")),
    (Measure.DRIVE, N_("Tập thể phát động quyên góp"), N_("tập thể")),
    (Measure.GIFT_COPIES, N_("Sách, báo, tài liệu được tặng"), N_("quyển")),
    (Measure.GIFT_MONEY, N_("Tiền quyên góp"), N_("đồng")),
    (Measure.INTERNET_PLACES, N_("Chỗ truy cập Internet"), N_("chỗ")),
    (Measure.INTERNET_TURNS, N_("Lượt truy cập Internet"), N_("lượt")),
    (Measure.SERVICE_MINUTES, N_("Thời gian phục vụ"), N_("phút")),
)

_STATES = (
    ("shelves-built", N_("Tủ sách lớp học xây dựng mới"), N_("tủ"), Ledger.SHELF),
    ("units-active", N_("Đơn vị có tổ chức hoạt động"), N_("đơn vị"), Ledger.UNITS),
    ("readers-active", N_("Bạn đọc có đọc, có mượn"), N_("người"), Ledger.PEOPLE),
    ("copies", N_("Bản sách trong sổ"), N_("bản"), Ledger.HOLDING),
    ("titles", N_("Đầu sách"), N_("đầu sách"), Ledger.HOLDING),
    ("copies-added", N_("Bản sách nhập thêm"), N_("bản"), Ledger.HOLDING),
    ("copies-lost", N_("Bản sách mất"), N_("bản"), Ledger.HOLDING),
    ("readers", N_("Bạn đọc đang có thẻ"), N_("người"), Ledger.HOLDING),
    ("loans-overdue", N_("Lượt mượn quá hạn"), N_("lượt"), Ledger.HOLDING),
)


def _words(kinds: Iterable[StrEnum]) -> frozenset[str]:
    return frozenset(kind.value for kind in kinds)


def _all() -> Iterable[Measured]:
    for code, words, kinds in _USES:
        yield Measured(code, words, N_("lượt"), Ledger.USE, _words(kinds), renewed=code in _RENEWED)
    for code, words, came, pupils in _VISITS:
        yield Measured(code, words, N_("lượt"), Ledger.VISIT, _words(came), pupils)
    for measure, words, unit in _HAPPENINGS:
        stock = measure is Measure.INTERNET_PLACES
        yield Measured(measure.value, words, unit, Ledger.HAPPENING, _words([measure]), stock=stock)
    for code, words, unit, ledger in _STATES:
        yield Measured(code, words, unit, ledger)


MEASURES: Mapping[str, Measured] = {one.code: one for one in _all()}
"""By code. The order is that of lists people choose from."""

MODES: Mapping[str, str] = {
    UseKind.HOME: "home", UseKind.RENEWAL: "home", UseKind.HONOUR: "home", UseKind.IN_HOUSE: "in-house",
    UseKind.TALLY: "in-house", UseKind.CLASS_READ: "class", UseKind.DIGITAL: "digital",
}  # fmt: skip
"""How a use of each kind was made."""

MODE_WORDS: Mapping[str, str] = {
    "home": N_("Mượn về"), "in-house": N_("Đọc tại chỗ"), "class": N_("Đọc ở lớp"), "digital": N_("Tài liệu số"),
}  # fmt: skip
