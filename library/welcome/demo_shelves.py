"""Tủ sách lớp học of Trường Tiểu học Xuất Hóa: eight shelves built this term, filled from the stacks, read from.

By the same functions as the pages, at moments of the last weeks; the small ones count by colour, 5A has books of its own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.accounts import managing
from library.accounts.models import Account
from library.calendars.openings import last_open, next_open
from library.catalogue.models import LocalRecord, Record
from library.core import clock
from library.holdings import ledger, stays
from library.holdings.models import Condition, Item, Ownership, Register, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import deeds
from library.loans.deeds import How, Lending
from library.loans.dues import due_on
from library.loans.models import Hold, Loan
from library.patrons.models import SchoolClass
from library.shelves import building, handing, levels, light, tallying, tenures, turns
from library.shelves.building import NewShelf
from library.shelves.handing import Given
from library.shelves.light import LightBook
from library.shelves.models import HandoverKind, Shelf, ShelfMode
from library.uses.counting import Frozen
from library.welcome.demo_books import FAVOURITE, ON_THE_LABEL
from library.welcome.demo_people import Reader
from library.welcome.demo_places import Standing
from library.welcome.demo_year import card_of, terms_of

HOUSE = "Trường Tiểu học Xuất Hóa"
FILLED, FILL_AT, BREAK_AT = timedelta(days=37), time(13, 30), time(9, 5)
EACH_TITLE = 2
"""Copies of one title on one shelf."""


@dataclass(frozen=True)
class Part:
    """A shelf of the demo: whose, how large, how much is read from it."""

    class_name: str
    books: int
    mode: ShelfMode = ShelfMode.SCAN
    loans: int = 0
    keeper: str = ""
    """The login of the teacher; without one the keeper has no account."""


PARTS = (
    Part("1A", 36, ShelfMode.HONOUR), Part("2A", 32, ShelfMode.HONOUR), Part("3A", 34, loans=9), Part("3B", 30, loans=6),
    Part("4A", 38, loans=14), Part("4B", 34, loans=8), Part("5A", 40, loans=16, keeper="hoa"),
    Part("5B", 36, loans=11, keeper="thuy"),
)  # fmt: skip
LIGHT = (
    LightBook("Nhật ký lớp 5A năm ngoái"), LightBook("Hạt giống tâm hồn", "Nhiều tác giả", Ownership.PARENTS),
    LightBook("Mười vạn câu hỏi vì sao", "", Ownership.PARENTS), LightBook("Truyện cười dân gian Tày"),
    LightBook("Sổ tay côn trùng Ba Bể"), LightBook("Dạy con chữ Nùng", "", Ownership.DONOR, note="bác Nông Văn Tư"),
)  # fmt: skip
OF_PUPILS = (("Doraemon bóng đá, tập 1", "Nông Minh Khôi"), ("Thám tử lừng danh Conan, tập 3", "Hà Thị Bích"))
HELPERS_WEEKS = 8
OUT_OF_TEN, LATE_OF_TEN = 4, 1
"""Loans from a shelf that are still out, and of those how many are late."""


@dataclass
class Told:
    """What the shelves add to the demo's numbers."""

    loans: int = 0
    uses: int = 0
    out: int = 0
    late: int = 0


@dataclass
class House:
    """The school of the story, and what was taken already."""

    session: Session
    standing: Standing
    actor: UUID | None
    today: date
    rng: Random
    readers: Sequence[Reader]
    told: Told = field(default_factory=Told)

    def day(self, ago: int) -> date:
        """The open day so many days before today, or the last one before it."""
        return last_open(self.standing.calendar, self.today - timedelta(days=ago), self.today - timedelta(days=400))

    def after(self, day: date) -> datetime:
        """The next open day's last lesson; the same day's, if it would be today or later (holidays)."""
        following = next_open(self.standing.calendar, day + timedelta(days=1))
        return _moment(following if following < self.today else day, time(16, 20))

    def doing(self, at: datetime, actor: UUID | None = None) -> Doing:
        return Doing(clock.uuid7(), actor or self.actor, self.standing.branch.id, at=at)


def add(
    session: Session, standing: Sequence[Standing], actors: dict[int, UUID], readers: Sequence[Reader], today: date,
    rng: Random,
) -> Told:  # fmt: skip
    """Numbers of what was added."""
    number = next(n for n, one in enumerate(standing) if one.house.name == HOUSE)
    pupils = [one for one in readers if one.house == number]
    house = House(session, standing[number], actors.get(number), today, rng, pupils)
    keepers = iter([one.name for one in pupils if one.category == "GV"])
    free, filled_on = _free(house), house.day(FILLED.days)
    for part in PARTS:
        _shelf(house, part, filled_on, free, next(keepers))
    return house.told


def _moment(day: date, at: time, minutes: float = 0) -> datetime:
    return datetime.combine(day, at, clock.HERE) + timedelta(minutes=minutes)


def _free(house: House) -> list[tuple[Item, int | None, str]]:
    """(copy, level, title) of what nobody touched since the shelves were filled, mixed."""
    session, stacks = house.session, house.standing.stacks.id
    before = _moment(house.day(FILLED.days), FILL_AT)
    query = (
        select(Item, LocalRecord.reading_level, Record.title)
        .join(Record, Record.id == Item.record_id)
        .outerjoin(LocalRecord, (LocalRecord.record_id == Record.id) & (LocalRecord.library_id == Item.library_id))
        .where(Item.place_id == stacks, Item.home_id == stacks, Item.seen_at < before, Item.not_for_loan.is_(False))
        .where(Item.register_status == Register.LISTED, Item.condition != Condition.DAMAGED, Record.title != FAVOURITE)
        .where(Record.id.not_in(select(Hold.record_id)), Record.kind != "SGK")
        .order_by(Item.id)
    )
    kept = {f"TN.{number:05}" for number in ON_THE_LABEL.values()}
    found = [(item, level, title) for item, level, title in session.execute(query) if item.accession not in kept]
    house.rng.shuffle(found)
    return found


def _shelf(house: House, part: Part, on: date, free: list[tuple[Item, int | None, str]], keeper: str) -> None:
    of = _class(house, part.class_name)
    account = managing.by_login(house.session, part.keeper) if part.keeper else None
    shelf = _built(house, part, of, on, account, keeper)
    meant = levels.meant_for((), of.grade)
    items = _chosen(free, meant, part.books)
    _fill(house, shelf, items, on)
    if account:
        _handed_over(house, shelf, account, on)
    if part.mode is ShelfMode.HONOUR:
        _counted_by_colour(house, shelf, meant)
    _lend(house, shelf, of, items[: part.loans], on)
    if part.keeper == "hoa" and account:
        _own_books(house, shelf, of, on, account)


def _class(house: House, name: str) -> SchoolClass:
    """Of this school year: the one its pupils are in."""
    mine = next(one.now[0] for one in house.readers if one.now and one.now[1] == name)
    return house.session.get_one(SchoolClass, mine)


def _built(house: House, part: Part, of: SchoolClass, on: date, account: Account | None, keeper: str) -> Shelf:
    at = _moment(on, FILL_AT, -30)
    new = NewShelf(
        f"Tủ lớp {part.class_name}", mode=part.mode, keeper_id=account.id if account else None,
        keeper_name=account.name if account else keeper, levels=levels.meant_for((), of.grade),
    )  # fmt: skip
    with clock.stopped_at(at):
        return building.build(
            house.session, house.doing(at), house.standing.organisation, house.standing.branch.id, new, of
        )


def _chosen(free: list[tuple[Item, int | None, str]], meant: Sequence[int], count: int) -> list[Item]:
    """Of its levels first, then whatever there is; taken from what is free."""
    often: Counter[str] = Counter()
    taken: list[Item] = []
    for wanted in (True, False):
        for one in list(free):
            if len(taken) < count and (one[1] in meant) is wanted and often[one[2]] < EACH_TITLE:
                often[one[2]] += 1
                free.remove(one)
                taken.append(one[0])
    return taken


def _fill(house: House, shelf: Shelf, items: Iterable[Item], on: date) -> None:
    """Scanned one after another, four seconds each."""
    for number, item in enumerate(items):
        at = _moment(on, FILL_AT, 5 + shelf.id % 50 + number / 15)
        with clock.stopped_at(at):
            doing = house.doing(at)
            act = acts.write(house.session, doing, "fill-shelf", at), doing.uid
            stays.begin(house.session, act, (item.id, item.uid), shelf.place_id, "shelf", at)
            ledger.move(house.session, act, {item.id: item.uid}, (shelf.place_id, shelf.branch_id), Why.SHELVE, at)


def _handed_over(house: House, shelf: Shelf, teacher: Account, on: date) -> None:
    """Given by the librarian, accepted by the teacher the next day."""
    giver = house.session.scalars(select(Account).where(Account.uid == house.actor)).one()
    given, taken = _moment(on, time(16)), house.after(on)
    with clock.stopped_at(given):
        what = Given(HandoverKind.FILL, to_id=teacher.id)
        one = handing.give(house.session, house.doing(given), shelf, handing.person(giver, of_library=True), what)
    with clock.stopped_at(taken):
        handing.take(house.session, house.doing(taken, teacher.uid), one, handing.person(teacher))


def _counted_by_colour(house: House, shelf: Shelf, meant: Sequence[int]) -> None:
    """Some taps on the open days of the last two weeks, and the class's visits."""
    tenure = tenures.current(house.session, shelf.id)
    for day in sorted({house.day(ago) for ago in range(1, 15)}):
        for number in range(house.rng.randrange(4, 11)):
            at = _moment(day, BREAK_AT, number + shelf.id % 3 / 4)
            with clock.stopped_at(at):
                tallying.tap(house.session, house.doing(at), shelf, tenure, house.rng.choice(list(meant)))
            house.told.uses += 1
        at = _moment(day, BREAK_AT, 25 + shelf.id % 5)
        with clock.stopped_at(at):
            tallying.came(house.session, house.doing(at), shelf, tenure, house.rng.randrange(15, 25))


def _lend(house: House, shelf: Shelf, of: SchoolClass, items: Sequence[Item], filled: date) -> None:
    """One book each; most are back."""
    readers = _readers(house, of, filled)[: len(items)]
    for number, (item, reader) in enumerate(zip(items, readers, strict=False)):
        stays_out = number % 10 < OUT_OF_TEN
        late = stays_out and number % 10 < LATE_OF_TEN
        ago = 20 + number % 5 if late or not stays_out else 2 + number % 7
        _loan(house, shelf, item, reader, _moment(house.day(ago), BREAK_AT, number + shelf.id % 9 / 10), not stays_out)


def _readers(house: House, of: SchoolClass, since: date) -> list[Reader]:
    """Pupils of the class but for the story's, those who had least since then first. Chance gives nobody more than two
    at once (demo_year), and one more is within the terms."""
    mine = [one for one in house.readers if one.now and one.now[0] == of.id and not one.cast]
    query = select(Loan.membership_id).where(Loan.membership_id.in_([one.membership for one in mine]))
    lately = query.where(Loan.ended_at.is_(None) | (Loan.ended_at >= _moment(since, time(0))))
    had = Counter(house.session.scalars(lately))
    fit = [one for one in mine if one.since <= since]
    return sorted(fit, key=lambda one: (had[one.membership], one.membership))


def _loan(house: House, shelf: Shelf, item: Item, reader: Reader, at: datetime, comes_back: bool) -> None:
    day, calendar = at.date(), house.standing.calendar
    due = due_on(terms_of(reader).values, calendar, day, card_of(reader, day))
    assert reader.now
    frozen = Frozen(
        shelf.branch_id, reader.now[1], reader.now[2], reader.category, channel="class", place_id=shelf.place_id,
        reading_level=_level(house.session, item), class_mark=item.record.class_mark or item.record.ddc,
    )  # fmt: skip
    what = Lending(item.id, item.uid, reader.membership, due, frozen, reader.now[0], channel="class")
    with clock.stopped_at(at):
        deeds.lend(house.session, house.doing(at), what, (house.standing.with_patrons.id, shelf.branch_id), at)
    house.told.loans += 1
    house.told.uses += 1
    if comes_back:
        back = _moment(min(last_open(calendar, due - timedelta(days=2), day), house.day(1)), BREAK_AT, 15 + item.id % 9)
        with clock.stopped_at(back):
            here = shelf.place_id, shelf.branch_id
            deeds.take_in(house.session, house.doing(back), (item.id, item.uid), here, back, how=How())
    else:
        house.told.out += 1
        house.told.late += due < house.today


def _level(session: Session, item: Item) -> int | None:
    query = select(LocalRecord.reading_level).where(LocalRecord.library_id == item.library_id)
    return session.scalar(query.where(LocalRecord.record_id == item.record_id))


def _own_books(house: House, shelf: Shelf, of: SchoolClass, on: date, teacher: Account) -> None:
    """Parents' and pupils' books on the light list, and who helps in which week."""
    members = {one.name: one.membership for one in house.readers if one.now and one.now[0] == of.id}
    lent = [LightBook(title, "", Ownership.PUPIL, members[name]) for title, name in OF_PUPILS]
    at = house.after(on) + timedelta(minutes=10)
    with clock.stopped_at(at):
        light.add(house.session, house.doing(at, teacher.uid), shelf, [*LIGHT, *lent])
    weeks = turns.open_weeks(house.session, shelf.branch_id, shelf.place_id, house.day(14), HELPERS_WEEKS)
    names = turns.pupils(house.session, of.id)
    turns.write(house.session, shelf.id, turns.plan([one.membership_id for one in names], weeks, turns.EACH), weeks[0])
