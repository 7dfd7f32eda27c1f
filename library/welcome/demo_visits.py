"""Who came to the libraries of the demo in this year and the one before: classes, guests, a counter at a door, a kiosk."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from library.core import clock
from library.inbox.acts import Doing
from library.promotion import gates, kiosks, visits
from library.promotion.gates import Shown
from library.promotion.visits import Entry, Heads
from library.uses.models import VisitKind
from library.uses.settings import USUAL
from library.welcome import seed
from library.welcome.demo_places import Standing, grade_of
from library.welcome.demo_teller import Teller

DAY, WEEK, YEAR = timedelta(days=1), timedelta(days=7), timedelta(days=365)
MORNING, OPENS, BREAK = time(9, 20), time(7, 30), time(9, 40)
A_WEEK, FEWER = 5, 0.95
"""Classes of a school that come in a week; of so many heads, a year ago fewer."""
LOANS_IN_CLASS = 0.006
"""Of a year's loans: read by a class that came in a month from which the demo has no loans."""
GATE_WEEKS, GATE_FIRST = 12, 20_418
KIOSK_DAYS, KIOSK_READERS = 10, 8
KIOSK_AT = "Trường Tiểu học Xuất Hóa"
KEEPERS = {
    "Cơ sở Bắc Kạn": "nga", "Cơ sở Phan Đình Phùng": "nga", "Thư viện phường Bắc Kạn": "mai", "Thư viện xã Ba Bể": "cuc",
    "Trung tâm học tập cộng đồng xã Nà Phặc": "doan", "Trường Tiểu học Xuất Hóa": "ha", "Điểm trường Khuổi Pái": "ha",
    "Trường Tiểu học Đức Xuân": "linh", "Trường Trung học cơ sở Nông Thượng": "thao",
    "Trường Trung học phổ thông Phủ Thông": "yen",
}  # fmt: skip
"""Who counts where."""


def add(teller: Teller) -> int:
    """Uses that were told with the visits."""
    uses = 0
    for house in teller.standing:
        for monday in _mondays(teller):
            days = _open(teller, house, monday)
            uses += _classes(teller, house, days) if house.library.is_school else _guests(teller, house, days)
    _gate(teller)
    _kiosk(teller)
    return uses


def _mondays(teller: Teller) -> Iterator[date]:
    """From the first week of the school year before on, and of the calendar year before."""
    day = min(seed.year_of(teller.today).before.first_on, date(teller.today.year - 1, 1, 4))
    day -= DAY * day.weekday()
    while day < teller.today:
        yield day
        day += WEEK


def _open(teller: Teller, house: Standing, monday: date) -> list[date]:
    """Days of that week on which it was open, all of them over."""
    week = [monday + DAY * at for at in range(7)]
    return [day for day in week if house.calendar.is_open(day) and day < teller.today]


def _count(teller: Teller, house: Standing, entry: Entry) -> None:
    ago = (teller.today - entry.on).days
    with teller.doing(KEEPERS[house.house.name], house.branch, ago, MORNING) as doing:
        visits.record(teller.session, doing, house.branch.id, entry)


def _classes(teller: Teller, house: Standing, days: list[date]) -> int:
    """Some classes in turn, each as a whole; read in class: in months before the demo's loans begin, so that one year may
    stand beside the other."""
    rng, uses = teller.rng, 0
    for day in days[:A_WEEK]:
        last_year = day < seed.year_of(teller.today).first_on
        name = rng.choice(house.house.classes)
        came = round((house.house.pupils - rng.randrange(5)) * (FEWER if last_year else 1))
        girls = came // 2
        read = rng.randrange(5, 13)
        in_class = round(house.house.loans * LOANS_IN_CLASS) if day < teller.today - YEAR else 0
        heads = (Heads(came - girls, "m"), Heads(girls, "f"))
        _count(teller, house, Entry(VisitKind.CLASS, day, heads, "pupil", name, grade_of(name), read, in_class))
        uses += read + in_class
    return uses


def _guests(teller: Teller, house: Standing, days: list[date]) -> int:
    """Of one day a week: those who came to read and not to borrow. At a learning centre: an evening's class."""
    rng = teller.rng
    centre = house.library.key == "na-phac"
    for day in days[:1]:
        people, read = rng.randrange(6, 16), rng.randrange(4, 12)
        kind = VisitKind.SESSION if centre else VisitKind.GUEST
        _count(teller, house, Entry(kind, day, (Heads(people),), "citizen", books=read))
        return read
    return 0


def _gate(teller: Teller) -> None:
    """At the door of the provincial library, read every Monday."""
    house = teller.standing[0]
    with teller.doing("nga", house.branch, GATE_WEEKS * 7 + 2, OPENS):
        gate = gates.make(teller.session, house.branch.id, "Cửa chính", True, True, 6)
    counter = GATE_FIRST
    for week in range(GATE_WEEKS, 0, -1):
        with teller.doing("nga", house.branch, week * 7 - 6, OPENS) as doing:
            gates.read(teller.session, doing, gate, Shown(counter))
        counter += teller.rng.randrange(150, 260)


def _kiosk(teller: Teller) -> None:
    """At the school's door on the last days it was open: some readers a day tell of themselves."""
    house = teller.standing[teller.house(KIOSK_AT)]
    mine = [one.membership for one in teller.readers if one.house == teller.house(KIOSK_AT) and one.category == "HS"]
    days = [day for ago in range(1, 120) if house.calendar.is_open(day := teller.day(ago))][:KIOSK_DAYS]
    for day in reversed(days):
        _stand(teller, house, day, teller.rng.sample(mine, KIOSK_READERS))


def _stand(teller: Teller, house: Standing, day: date, readers: Iterable[int]) -> None:
    """Opened in the morning, closed when the break is over."""
    session, began = teller.session, datetime.combine(day, OPENS, clock.HERE)
    with clock.stopped_at(began):
        stand = kiosks.found(session, kiosks.open_(session, teller.who("ha"), house.branch.id))
    assert stand
    for number, one in enumerate(readers):
        at = datetime.combine(day, BREAK, clock.HERE) + timedelta(seconds=50 * number)
        with clock.stopped_at(at):
            kiosks.reader(
                session, stand, Doing(clock.uuid7(at), stand.account, house.branch.id, stand.device), one, USUAL
            )
    with clock.stopped_at(began + timedelta(hours=9)):
        kiosks.close(session, stand)
