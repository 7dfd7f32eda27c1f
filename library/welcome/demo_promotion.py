"""Reading promotion in the demo: what was held, taught, met for and given in the last two months, and the week that a campaign
asked about. All of it by the functions of the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from library.catalogue.models import Record
from library.core import clock
from library.holdings import accessions
from library.holdings.accessions import NewItem
from library.patrons.models import SchoolClass
from library.promotion import (
    challenges,
    clubs,
    commendations,
    digital,
    donors,
    drives,
    events,
    gift_fates,
    gift_funds,
    gifts,
    internet,
    lessons,
    online,
    trainings,
)
from library.promotion.challenge_models import MarkOf, Reach, Unit
from library.promotion.challenges import NewChallenge, NewMark, Ticks
from library.promotion.clubs import Met, NewClub
from library.promotion.commend_models import Whom
from library.promotion.digital import NewLink
from library.promotion.digital_models import LinkKind
from library.promotion.drives import Called
from library.promotion.gift_fates import Became
from library.promotion.gift_models import DonorKind, Fate, Gift, GiftSort, Worn
from library.promotion.gifts import Given, Line
from library.promotion.internet import Counted, Hours
from library.promotion.lessons import Told as Lesson
from library.welcome import demo_campaign, demo_visits
from library.welcome.demo_books import Title
from library.welcome.demo_campaign import BEGAN
from library.welcome.demo_places import CHILDREN, Standing
from library.welcome.demo_teller import Teller

MORNING, NOON, EVENING = time(8, 15), time(13, 30), time(16)
HOME = "Trường Tiểu học Xuất Hóa"
PROVINCE = "Cơ sở Bắc Kạn"
CHALLENGED = 4


@dataclass(frozen=True)
class Held:
    """An event: days ago, negative for one to come."""

    house: str
    code: str
    title: str
    ago: int
    people: Mapping[str, int]
    partners: str | None = None
    cost: int | None = None
    place: str | None = None


EVENTS = (
    Held(PROVINCE, "launch", "Lễ phát động Tuần lễ học tập suốt đời", BEGAN, {"delegates": 45, "pupils": 120, "teachers": 18},
         "Hội Khuyến học tỉnh, Sở Giáo dục và Đào tạo", 6_500_000, "Sân thư viện tỉnh"),
    Held(HOME, "display", "Trưng bày “Sách và khát vọng”", BEGAN - 1, {"pupils": 210, "teachers": 14}),
    Held(HOME, "storytelling", "Kể chuyện theo sách khối 4, 5", BEGAN - 3, {"pupils": 96, "parents": 31}, "Hội cha mẹ học sinh",
         850_000),
    Held("Trường Tiểu học Đức Xuân", "launch", "Phát động tuần lễ ở trường", BEGAN, {"pupils": 128, "delegates": 9}),
    Held("Trường Tiểu học Đức Xuân", "display", "Góc sách của em", BEGAN - 2, {"pupils": 118, "teachers": 7}),
    Held("Trường Trung học cơ sở Nông Thượng", "seminar", "Đọc sách để làm gì?", BEGAN - 2, {"pupils": 142, "teachers": 11}),
    Held("Trường Trung học phổ thông Phủ Thông", "author", "Giao lưu với nhà văn", BEGAN - 4, {"pupils": 160, "delegates": 4}),
    Held("Thư viện phường Bắc Kạn", "book-talk", "Giới thiệu sách nông nghiệp sạch", 12, {"citizens": 28}),
    Held("Thư viện xã Ba Bể", "festival", "Ngày hội đọc sách bên hồ", 11, {"citizens": 64, "pupils": 80, "disabled": 3}),
    Held(HOME, "book-stacking", "Thi xếp sách nghệ thuật", 44, {"pupils": 130}),
    Held(HOME, "broadcast", "Mỗi tuần một cuốn sách trên loa trường", 51, {"pupils": 245}),
    Held(HOME, "drawing", "Vẽ tranh theo sách", -6, {}, place="Sân trường"),
)  # fmt: skip


def add(teller: Teller, titles: Sequence[Title]) -> "Added":
    """Numbers of what was added."""
    campaign = demo_campaign.launch(teller)
    uses = demo_visits.add(teller)
    for one in sorted(EVENTS, key=lambda event: -event.ago):
        _event(teller, one)
    _taught(teller)
    _met(teller)
    _challenge(teller)
    copies = _given(teller, titles)
    clicks = _links(teller, titles)
    _internet(teller)
    demo_campaign.answer(teller, campaign)
    demo_campaign.society(teller)
    return Added(copies, uses + clicks)


@dataclass(frozen=True)
class Added:
    copies: int
    uses: int


def _house(teller: Teller, name: str) -> Standing:
    return teller.standing[teller.house(name)]


def _keeper(name: str) -> str:
    return demo_visits.KEEPERS[name]


def _event(teller: Teller, one: Held) -> None:
    """Recorded on the evening of its day; one to come, yesterday."""
    house = _house(teller, one.house)
    ago = _open_day(teller, house, one.ago)
    day = teller.day(ago)
    said: dict[str, Any] = {
        "type_code": one.code, "title": one.title, "first_on": day.isoformat(), "from_at": MORNING.isoformat(),
        "place": one.place, "partners": one.partners, "cost": one.cost, "people": dict(one.people), "as_visits": False,
    }  # fmt: skip
    with teller.doing(_keeper(one.house), house.branch, max(ago, 1), EVENING) as doing:
        events.record(teller.session, doing, house.branch.id, said)


def _open_day(teller: Teller, house: Standing, ago: int) -> int:
    """That day, or one of the days after it on which the house is open; in holidays that day all the same."""
    among = range(ago, ago - 4 if ago < 0 else max(ago - 4, 0), -1)
    return next((one for one in among if house.calendar.is_open(teller.day(one))), ago)


# Taught


def _taught(teller: Teller) -> None:
    """Safe on the net, in two schools; how to search, for teachers; a programme at a distance; lessons; a commendation."""
    _training(
        teller, HOME, ("internet-safety", "information-skills"), "Em dùng Internet an toàn", (14, 12), {"pupils": 48}
    )
    _training(
        teller, "Trường Tiểu học Đức Xuân", ("internet-safety",), "Internet an toàn cho học sinh", (13,), {"pupils": 54}
    )
    _training(teller, PROVINCE, ("staff",), "Ghi sổ và số liệu cho thủ thư trường", (30, 29), {"teachers": 22})
    _online(teller)
    _lessons(teller)
    _commended(teller)


def _training(
    teller: Teller, name: str, subjects: Sequence[str], title: str, days: Sequence[int], came: dict[str, int]
) -> None:
    house = _house(teller, name)
    said = {"title": title, "subjects": list(subjects), "people": {}, "as_visits": False, "place": "Phòng tin học"}
    held = [
        {"day": teller.day(ago).isoformat(), "from_at": NOON.isoformat(), "topic": None, "came": dict(came)}
        for ago in days
    ]
    with teller.doing(_keeper(name), house.branch, min(days), EVENING) as doing:
        trainings.record(teller.session, doing, house.branch.id, said, held)


def _online(teller: Teller) -> None:
    house = _house(teller, HOME)
    said = {"title": "Đọc sách cùng chuyên gia", "subject": "other", "platform": "Truyền hình trực tuyến",
            "first_on": teller.day(BEGAN - 1).isoformat()}  # fmt: skip
    with teller.doing("ha", house.branch, BEGAN - 1, EVENING) as doing:
        one = online.record(teller.session, doing, house.branch.id, said, {"pupils": 64})
    with teller.doing("ha", house.branch, BEGAN - 5, EVENING) as doing:
        online.count(teller.session, doing, one, teller.day(BEGAN - 5), {"pupils": 41, "teachers": 9})


LESSONS = (("4A", 1, 2), ("5A", 3, 3))
"""Class, weekday, tiết."""
LESSON_WEEKS = 6


def _class(teller: Teller, name: str) -> SchoolClass:
    here = teller.house(HOME)
    mine = next(one.now[0] for one in teller.readers if one.house == here and one.now and one.now[1] == name)
    return teller.session.get_one(SchoolClass, mine)


def _lessons(teller: Teller) -> None:
    """Two classes have one a week; all but this week's are confirmed."""
    house = _house(teller, HOME)
    for name, weekday, period in LESSONS:
        of, since = _class(teller, name), teller.day(LESSON_WEEKS * 7 + 7)
        with teller.doing("ha", house.branch, LESSON_WEEKS * 7 + 7, NOON):
            slot = lessons.add_slot(teller.session, house.branch.id, of, weekday, period, since)
            size = lessons.size_of(teller.session, of.id)
        for ago in range(LESSON_WEEKS * 7, 7, -1):
            day = teller.day(ago)
            if day.weekday() == weekday and house.calendar.is_open(day):
                with teller.doing("ha", house.branch, ago, EVENING) as doing:
                    lessons.tell(teller.session, doing, slot, day, Lesson(size - teller.rng.randrange(3)))


def _commended(teller: Teller) -> None:
    house, ago = _house(teller, HOME), 9
    said = {"day": teller.day(ago).isoformat(), "whom": Whom.COLLECTIVE, "name": "Lớp 5A", "given_by": HOME,
            "decision": f"18/QĐ-THXH-{teller.today.year}", "signer": "Hiệu trưởng",
            "reason": "Đọc nhiều sách nhất trong Tuần lễ học tập suốt đời"}  # fmt: skip
    with teller.doing("ha", house.branch, ago, EVENING) as doing:
        commendations.record(teller.session, doing, house.branch.id, said)


# Met, and challenged


def _met(teller: Teller) -> None:
    house, number = _house(teller, HOME), teller.house(HOME)
    new = NewClub("Câu lạc bộ Mọt sách Xuất Hóa", teller.day(60), "Truyện cổ các dân tộc", "Cô Hà")
    with teller.doing("ha", house.branch, 60, NOON) as doing:
        club = clubs.found(teller.session, doing, house.branch.id, new)
    mine = [one.membership for one in teller.readers if one.house == number and one.now and one.now[2] == 5][:18]
    with teller.doing("ha", house.branch, 59, NOON) as doing:
        clubs.join(teller.session, doing, club, mine, teller.day(59))
    topics = ("Sự tích hồ Ba Bể", "Thạch Sanh", "Truyện cổ Tày – Nùng", "Kể lại theo tranh")
    for ago, topic in zip((52, 38, 24, 10), topics, strict=True):
        with teller.doing("ha", house.branch, ago, EVENING) as doing:
            met = Met(teller.day(ago), 18 - teller.rng.randrange(5), topic)
            clubs.meet(teller.session, doing, club, met)


def _challenge(teller: Teller) -> None:
    """Under way: loans of the grade count by themselves, and a teacher ticks."""
    house, number, of = _house(teller, HOME), teller.house(HOME), _class(teller, "4A")
    marks = (NewMark(MarkOf.READER, 3, "Mầm sách"), NewMark(MarkOf.READER, 8, "Cây sách"),
             NewMark(MarkOf.CLASS, 60, "Lớp ham đọc"))  # fmt: skip
    new = NewChallenge(
        "Khối 4 đọc 200 cuốn", Reach.GRADE, Unit.BOOKS, teller.day(40), teller.today + timedelta(days=20), marks,
        grades=(CHALLENGED,),
    )  # fmt: skip
    with teller.doing("ha", house.branch, 41, NOON) as doing:
        one = challenges.set_up(teller.session, doing, house.branch.id, new)
    here = [row.membership for row in teller.readers if row.house == number and row.now and row.now[0] == of.id][:12]
    for ago in (20, 6):
        with teller.doing("ha", house.branch, ago, EVENING) as doing:
            challenges.tick(teller.session, doing, one, Ticks(of.id, teller.day(ago), 1, here))


# Given

COLLECTIVES = (("Lớp 3A", 34, 9), ("Lớp 4A", 52, 12), ("Lớp 5A", 61, 8), ("Chi đoàn trường", 27, 4))
"""Name, good books, worn ones."""
OTHER = "Trường Trung học cơ sở Nông Thượng"
ENTERED, SPENT = 24, 380_000


def _given(teller: Teller, titles: Sequence[Title]) -> int:
    """A drive of the week; copies that came into the register."""
    session, house = teller.session, _house(teller, HOME)
    library, first = house.organisation.id, BEGAN
    with teller.doing("ha", house.branch, first + 1, NOON) as doing:
        callers = [donors.named(session, library, DonorKind.COLLECTIVE, name) for name, *_ in COLLECTIVES]
        told = Called(
            "Góp một cuốn sách nhỏ, đọc ngàn cuốn sách hay", HOME, teller.day(first), teller.day(BEGAN - 14), 250, 2_000_000,
            collectives=tuple(one.id for one in callers),
        )  # fmt: skip
        drive = drives.open_drive(session, doing, told)
        fund = gift_funds.open_fund(session, library, gift_funds.FIRST_NAME)
    made = []
    for at, (_name, good, worn) in enumerate(COLLECTIVES):
        lines = (Line(GiftSort.BOOK, Worn.GOOD, good), Line(GiftSort.BOOK, Worn.WORN, worn))
        given = Given(teller.day(first - at), callers[at].id, drive.id, lines, 250_000 + 75_000 * at, fund.id)
        made.append(_give(teller, house, first - at, given))
    lines = (Line(GiftSort.BOOK, Worn.GOOD, 11), Line(GiftSort.MAGAZINE, Worn.WORN, 20))
    made.append(_give(teller, house, first - 4, Given(teller.day(first - 4), None, drive.id, lines)))
    shop = donors.named(session, library, DonorKind.ORGANISATION, "Hiệu sách Phố Mới")
    _give(teller, house, first - 5, Given(teller.day(first - 5), shop.id, drive.id, (), 1_500_000, fund.id))
    _settled(teller, house, made)
    with teller.doing("ha", house.branch, 3, NOON) as doing:
        gift_funds.spend(session, doing, fund, teller.day(3), SPENT, "Băng dính, bìa bọc sách", "PC 07")
    _given_elsewhere(teller)
    return _entered(teller, house, made[2], titles)


def _given_elsewhere(teller: Teller) -> None:
    """A smaller drive of another school, all of it from one union."""
    house = _house(teller, OTHER)
    with teller.doing("thao", house.branch, BEGAN, NOON) as doing:
        union = donors.named(teller.session, house.organisation.id, DonorKind.COLLECTIVE, "Liên đội trường")
        told = Called(
            "Tặng bạn một cuốn sách", OTHER, teller.day(BEGAN), teller.day(BEGAN - 6), collectives=(union.id,)
        )
        drive = drives.open_drive(teller.session, doing, told)
        fund = gift_funds.open_fund(teller.session, house.organisation.id, gift_funds.FIRST_NAME)
    lines = (Line(GiftSort.BOOK, Worn.GOOD, 86), Line(GiftSort.TEXTBOOK, Worn.WORN, 24))
    with teller.doing("thao", house.branch, BEGAN - 3, EVENING) as doing:
        told_gift = Given(teller.day(BEGAN - 3), union.id, drive.id, lines, 1_820_000, fund.id)
        gifts.give(teller.session, doing, told_gift)


def _give(teller: Teller, house: Standing, ago: int, told: Given) -> Gift:
    with teller.doing("ha", house.branch, ago, EVENING) as doing:
        return gifts.give(teller.session, doing, told)


def _settled(teller: Teller, house: Standing, made: Sequence[Gift]) -> None:
    """Worn magazines are pulped; some books stand on a class shelf."""
    for gift, fate, many, where in ((made[4], Fate.PULPED, 20, None), (made[0], Fate.CLASS_SHELF, 9, "Lớp 3A")):
        with teller.doing("ha", house.branch, 6, NOON) as doing:
            gift_fates.settle(teller.session, doing, gift, Became(fate, many, teller.day(6), where))


def _entered(teller: Teller, house: Standing, gift: Gift, titles: Sequence[Title]) -> int:
    """Some of a class's books stand in the register by now."""
    fitting = [one for one in titles if one.audience in CHILDREN and not one.travels and one.kind != "SGK"][:ENTERED]
    with teller.doing("ha", house.branch, 5, NOON) as doing:
        at = clock.now()
        receipt = accessions.receive(
            teller.session, doing, house.organisation, donors.source_of(gift.donor), gift.given_on, at
        )
        new = [NewItem(one.id, house.stacks.id, "TN") for one in fitting]
        items = accessions.enter(teller.session, receipt, house.organisation, house.branch.id, new, at)
        gift_fates.entered(teller.session, receipt[0], gift, items)
    return len(items)


# The net

LINKS = (
    (
        "Dế Mèn phiêu lưu ký",
        "Nghe đọc trọn bộ",
        "https://vov.vn/van-hoa/doc-truyen",
        LinkKind.AUDIO,
        "Miễn phí cho trường học",
    ),
    ("Góc sân và khoảng trời", "Bài giảng điện tử", "https://igiaoduc.vn/bai-giang", LinkKind.LESSON, "CC BY-NC 4.0"),
)
CLICKS = ((21, 6), (15, 11), (13, 9), (9, 4), (4, 7))
"""Days ago, how often."""


def _links(teller: Teller, titles: Sequence[Title]) -> int:
    """How often they were opened."""
    session, house, clicks = teller.session, _house(teller, HOME), 0
    known = {one.title: one.id for one in reversed(titles)}
    for title, label, address, kind, licence in LINKS:
        record = session.get(Record, known.get(title, titles[0].id))
        assert record
        with teller.doing("ha", house.branch, 35, NOON) as doing:
            link = digital.put(session, doing, record, house.branch.id, NewLink(label, address, kind, licence))
        clicks += sum(_opened(teller, house, link.uid, ago, many) for ago, many in CLICKS)
    return clicks


def _opened(teller: Teller, house: Standing, uid: UUID, ago: int, many: int) -> int:
    aim = digital.aim(teller.session, uid)
    assert aim
    for _ in range(many):
        with teller.doing("ha", house.branch, ago, NOON) as doing:
            digital.opened(teller.session, replace(doing, actor=None), aim, house.branch.id)
    return many


def _internet(teller: Teller) -> None:
    """A room of the province and one of a commune, with their turns of two months."""
    for name, places in ((PROVINCE, 12), ("Thư viện xã Ba Bể", 4)):
        house = _house(teller, name)
        with teller.doing(_keeper(name), house.branch, 70, NOON) as doing:
            hours = Hours("23456", 8 * 60, 17 * 60)
            internet.put(teller.session, doing, house.branch, places, hours, teller.day(70), "")
        for ago in range(60, 0, -3):
            if house.calendar.is_open(teller.day(ago)):
                _turns(teller, house, ago, places)


def _turns(teller: Teller, house: Standing, ago: int, places: int) -> None:
    counted = Counted(teller.rng.randrange(places, places * 3), teller.day(ago), "citizens", 540)
    with teller.doing(_keeper(house.house.name), house.branch, ago, EVENING) as doing:
        internet.count(teller.session, doing, house.branch.id, counted)
