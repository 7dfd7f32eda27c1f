"""The demo's week of lifelong learning: asked for by the officer, told by the units, in every state a sheet may have; and what
two communes told of their learning society."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta

from library.organisations.models import Organisation
from library.reports import campaigns, indicators, sheet_steps, sheets, society_telling
from library.reports.campaign_models import Campaign
from library.reports.campaigns import About
from library.reports.sheet_models import Sheet
from library.reports.sheets import Told
from library.reports.society_telling import Telling
from library.welcome.demo_teller import Teller

BEGAN, OVER = 16, 10
"""The week: so many days ago."""
NAME = "Tuần lễ hưởng ứng học tập suốt đời năm {year}"
THEME = "Đọc cùng con, học cùng cháu"
OFFICE, NOON = time(8, 30), time(13, 45)
TOPICS = "Chuyên đề cấp trường: Dạy trẻ tự chọn sách"


@dataclass(frozen=True)
class Answer:
    """What a unit does with its sheet. Days ago; `note`: why it was returned."""

    key: str
    keeper: str
    sent: int
    accepted: int | None = None
    returned: int | None = None
    note: str = ""


ANSWERS = (
    Answer("duc-xuan", "linh", 8, accepted=5),
    Answer("nong-thuong", "thao", 7, accepted=5),
    Answer("phu-thong", "yen", 6, returned=4, note="Buổi trưng bày ngày đầu tuần chưa thấy ghi. Xem lại dòng 2 giúp."),
    Answer("bac-kan", "mai", 4),
    Answer("ba-be", "cuc", 2),
)
DRAFT = "xuat-hoa"
"""Fills in its sheet and has not sent it; Nà Phặc has not begun."""

SOCIETY: Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]] = {
    "bac-kan": (
        {
            "population": 18_240, "households": 4_870, "clans": 61, "hamlets": 24, "units": 38, "workers": 9_120,
            "learning-families": 3_310, "learning-clans": 40, "learning-communities": 16, "learning-units": 30,
            "learning-citizens": 6_900, "trained-workers": 5_830,
        },
        {
            "population": 18_390, "households": 4_910, "clans": 61, "hamlets": 24, "units": 38, "workers": 9_250,
            "learning-families": 3_560, "learning-clans": 43, "learning-communities": 18, "learning-units": 32,
            "learning-citizens": 7_480, "trained-workers": 6_140,
        },
    ),
    "ba-be": (
        {
            "population": 7_410, "households": 1_780, "clans": 34, "hamlets": 19, "units": 14, "workers": 4_020,
            "learning-families": 1_090, "learning-clans": 19, "learning-communities": 11, "learning-units": 10,
            "learning-citizens": 2_130, "trained-workers": 1_870,
        },
        {
            "population": 7_460, "households": 1_795, "clans": 34, "hamlets": 19, "units": 14, "workers": 4_080,
            "learning-families": 1_210, "learning-clans": 22, "learning-communities": 13, "learning-units": 11,
            "learning-citizens": 2_420, "trained-workers": 2_060,
        },
    ),
}  # fmt: skip
"""Invented, of the year before and of this one."""
ASSOCIATION = {
    "bac-kan": (("Chi hội Tổ dân phố 4", 126), ("Chi hội Tổ dân phố 11", 98), ("Ban khuyến học dòng họ Nông", 64)),
    "ba-be": (("Chi hội thôn Pác Ngòi", 71), ("Chi hội thôn Bó Lù", 58)),
}
KEEPERS = {"bac-kan": "mai", "ba-be": "cuc"}


def launch(teller: Teller) -> Campaign:
    """Before the week begins, so that units know of it."""
    session, province = teller.session, teller.province
    first, last = teller.day(BEGAN), teller.day(OVER)
    about = About(NAME.format(year=first.year), first, last, teller.today + timedelta(days=2), THEME)
    branch = teller.standing[0].branch
    with teller.doing("can-bo", branch, BEGAN + 12, OFFICE) as doing:
        made = campaigns.make(session, doing, province.id, about, indicators.shipped()["htsd"].lines)
        below = campaigns.choices(session, province.id, teller.day(BEGAN + 12))
        campaigns.set_units(session, made, {one.unit.id for one in below})
    with teller.doing("can-bo", branch, BEGAN + 12, OFFICE) as doing:
        campaigns.launch(session, doing, made)
    return made


def answer(teller: Teller, campaign: Campaign) -> None:
    """Once the week's records are there."""
    by_unit = {one.organisation_id: one for one in campaigns.sheets_of(teller.session, campaign.id)}
    for one in ANSWERS:
        _answer(teller, campaign, by_unit[_unit(teller, one.key).id], one)
    _draft(teller, campaign, by_unit[_unit(teller, DRAFT).id])


def _unit(teller: Teller, key: str) -> Organisation:
    return next(one.organisation for one in teller.standing if one.library.key == key)


def _answer(teller: Teller, campaign: Campaign, sheet: Sheet, one: Answer) -> None:
    session, account = teller.session, teller.who(one.keeper).uid
    held = sheet_steps.lock(session, sheet.id)
    words = next(line for line in campaign.lines if line.code == "A12")
    with teller.doing(one.keeper, held.organisation.branches[0], one.sent, NOON) as doing:
        sheets.save(session, account, held, {words.id: Told(words=TOPICS)}, ["6=8"])
        sheets.send(session, doing, campaign, held, account)
    office = teller.standing[0].branch
    if one.accepted is not None:
        with teller.doing("can-bo", office, one.accepted, OFFICE) as doing:
            sheets.accept(session, doing, held)
    if one.returned is not None:
        with teller.doing("can-bo", office, one.returned, OFFICE) as doing:
            sheets.give_back(session, doing, held, one.note)


def _draft(teller: Teller, campaign: Campaign, sheet: Sheet) -> None:
    """One figure is another than the machine's, and says why."""
    held = sheet_steps.lock(teller.session, sheet.id)
    lines = {line.code: line for line in campaign.lines}
    filled = {
        lines["A8.2"].id: Told(96, reason="not-entered"),
        lines["A12"].id: Told(words=TOPICS),
    }
    with teller.doing("ha", held.organisation.branches[0], 1, NOON):
        sheets.save(teller.session, teller.who("ha").uid, held, filled)


def society(teller: Teller) -> None:
    """Two communes told of the year before at its end, and of this one last week; branches of the association only now."""
    for key, (before, now) in SOCIETY.items():
        _tell(teller, key, teller.today.year - 1, Telling(before), 9)
        _tell(teller, key, teller.today.year, Telling(now, new=ASSOCIATION[key]), 7)


def _tell(teller: Teller, key: str, year: int, telling: Telling, ago: int) -> None:
    unit = _unit(teller, key)
    with teller.doing(KEEPERS[key], unit.branches[0], ago, NOON) as doing:
        society_telling.tell(teller.session, doing, unit, year, telling)
