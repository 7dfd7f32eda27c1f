"""The moments that matter at a desk (peers.md §5, 1 to 11): scans and keys are counted and held to their targets.

A key is a key press or a click that is not part of a scan; letters of a name typed are counted apart. What the server took is
recorded with each moment (`pytest --junitxml` keeps it), not asserted: machines differ.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Request

from library.core import clock
from library.core.db import db
from library.holdings.models import Condition, Item, PlaceKind, Transfer
from library.inbox.acts import Doing
from library.loans import deeds, holds
from library.loans.models import Hold, Loan
from library.patrons.models import Membership
from library.uses.counting import Frozen
from library.uses.models import DocumentUse, UseKind
from tests.browser.conftest import Copy, DeskInBrowser, card_of, lent
from tests.support.people import commit
from tests.support.world import World

Open = Callable[..., DeskInBrowser]
FOCUSED = "document.activeElement && document.activeElement.id === 'code'"


@dataclass
class Hand:
    """Somebody at the desk whose scans and keys are counted."""

    desk: DeskInBrowser
    scans: int = 0
    keys: int = 0
    letters: int = 0
    took: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk.page.on("requestfinished", self._heard)

    def _heard(self, request: Request) -> None:
        if request.method == "POST" and "/desk/" in request.url:
            timing = request.timing
            self.took.append(timing["responseStart"] - timing["requestStart"])

    def scan(self, code: str) -> None:
        self.scans += 1
        self.desk.scan(code)

    def key(self, name: str) -> None:
        self.keys += 1
        self.desk.page.keyboard.press(name)

    def click(self, selector: str, text: str = "") -> None:
        self.keys += 1
        found = self.desk.page.locator(selector, has_text=text) if text else self.desk.page.locator(selector)
        found.first.click()

    def write(self, text: str) -> None:
        self.letters += len(text)
        self.desk.typed(text, gap=60)

    def until_board(self, text: str) -> None:
        shown = "(document.querySelector('#class-return .progress-head .num') || {}).textContent"
        self.desk.until(f"{shown} === '{text}'", 20)


@dataclass
class Room:
    """A class with cards and copies; `people` in the order of names."""

    people: list[Membership]
    cards: list[str]
    copies: list[Copy]


GIVEN = (
    "An Ánh Bảo Bích Bình Chi Cường Diệp Dũng Duyên Đạt Đông Giang Hà Hải Hiền Hoa Hùng Huy Hương Khánh Khôi Lan Linh Long Mai"
    " Minh Mỹ Nam Nga Oanh Phúc Quân Sinh Thảo"
).split()


@pytest.fixture
def room(school: World) -> Room:
    """5A: thirty-five pupils."""
    people = [school.patron(f"Nông Thị {given}", class_name="5A") for given in GIVEN]
    copies = [Copy(item.id, item.accession or "") for item in school.items(40)]
    commit()
    made = Room(people, [card_of(one) for one in people], copies)
    db.session.rollback()
    return made


@pytest.fixture
def hand(open_desk: Open, room: Room, record_property: Callable[[str, object], None]) -> Iterator[Hand]:
    made = Hand(open_desk())
    yield made
    took = sorted(made.took)
    middle = round(took[len(took) // 2], 1) if took else None
    told = {"scans": made.scans, "keys": made.keys, "letters": made.letters, "server_ms": middle, "answers": len(took)}
    for name, value in told.items():
        record_property(name, value)
    print(told)


def all_have_one(world: World, room: Room, count: int) -> None:
    """The first of the class have a book each since last week."""
    with_patrons = world.place(PlaceKind.WITH_PATRONS)
    last_week = clock.now() - timedelta(days=7)
    for number in range(count):
        item = db.session.get_one(Item, room.copies[number].id)
        what = deeds.Lending(
            item.id, item.uid, room.people[number].id, clock.today() + timedelta(days=7), Frozen(world.branch().id)
        )
        deeds.lend(db.session(), world.doing(last_week), what, (with_patrons.id, world.branch().id), last_week)
    commit()
    db.session.rollback()


def holders() -> dict[int, str]:
    """{copy: the last name of who has it}"""
    db.session.rollback()
    query = db.session.query(Loan).filter(Loan.ended_at.is_(None), Loan.voided.is_(False))
    found = {loan.item_id: loan.membership.person.full_name.split()[-1] for loan in query if loan.membership}
    db.session.rollback()
    return found


def test_1_three_books_to_a_pupil_with_a_card_take_four_scans(hand: Hand, room: Room) -> None:
    hand.scan(room.cards[0])
    for copy in room.copies[:3]:
        hand.scan(copy.code)
    hand.desk.word("cuốn thứ 3 trong 3")
    hand.scan(room.cards[1])
    hand.desk.word("Đang mượn cho")
    assert (hand.scans - 1, hand.keys) == (4, 0)
    assert len(lent()) == 3


def test_2_a_child_without_a_card_is_two_keys_and_a_scan_and_the_next_one_is_one_key(hand: Hand, room: Room) -> None:
    hand.click("#class-picker .pick", "5A")
    hand.desk.page.locator("#pupils .pick").first.wait_for()
    for number, name in enumerate(("Nông Thị Bảo", "Nông Thị Lan", "Nông Thị Thảo"), 1):
        hand.click("#pupils .pick", name)
        hand.desk.until(f"(document.querySelector('#reader-name') || {{}}).textContent === '{name}'")
        hand.scan(room.copies[number].code)
        hand.desk.until(f"document.querySelectorAll('#rows .entry.is-ok').length === {number}")
        assert (hand.scans, hand.keys) == (number, 1 + number), "the class is chosen once"
    assert holders() == {room.copies[1].id: "Bảo", room.copies[2].id: "Lan", room.copies[3].id: "Thảo"}


def test_2a_the_class_stays_chosen_when_the_reader_is_closed(hand: Hand, room: Room) -> None:
    hand.click("#class-picker .pick", "5A")
    hand.click("#pupils .pick", "Nông Thị Bảo")
    hand.desk.page.locator("#reader-name", has_text="Bảo").wait_for()
    assert hand.desk.page.locator(".mates [aria-current]").inner_text().startswith("Nông Thị Bảo")
    hand.key("Escape")
    hand.desk.page.locator("#class-picker [aria-current]", has_text="5A").wait_for()
    hand.desk.page.locator(".nobody #pupils .pick", has_text="Nông Thị Lan").wait_for()


def test_2b_with_the_class_as_buttons_every_child_is_one_key_and_a_scan(hand: Hand, room: Room) -> None:
    hand.click("#class-picker .pick", "5A")
    hand.key("Alt+l")
    hand.desk.count(".seats .seat", 35)
    before = hand.keys
    for number, name in enumerate(("Nông Thị Mai", "Nông Thị An")):
        hand.click(".seats .seat", name)
        hand.scan(room.copies[number].code)
        hand.desk.until(f"document.querySelectorAll('#rows .entry.is-ok').length === {number + 1}")
    assert (hand.scans, hand.keys - before) == (2, 2)
    assert holders() == {room.copies[0].id: "Mai", room.copies[1].id: "An"}


def test_3_three_books_of_different_readers_come_back_in_three_scans(hand: Hand, room: Room, school: World) -> None:
    all_have_one(school, room, 3)
    for copy in room.copies[:3]:
        hand.scan(copy.code)
    hand.desk.until("document.querySelectorAll('#rows .entry').length === 3")
    hand.desk.settled()
    assert (hand.scans, hand.keys) == (3, 0)
    assert lent() == []


def test_4_a_class_of_thirty_five_returns_with_one_key(hand: Hand, room: Room, school: World) -> None:
    all_have_one(school, room, 35)
    hand.click("#class-picker .pick", "5A")
    hand.until_board("0/35")
    for copy in room.copies[:34]:
        hand.scan(copy.code)
    hand.until_board("34/35")
    left = hand.desk.page.locator("#class-return .left").inner_text()
    assert "Nông Thị Thảo" in left
    hand.scan(room.copies[34].code)
    hand.until_board("35/35")
    assert hand.desk.page.locator("#class-return .left").count() == 0
    assert hand.desk.page.evaluate(FOCUSED)
    assert (hand.scans, hand.keys) == (35, 1)
    assert lent() == []


def test_5_the_same_class_borrows_with_a_scan_and_a_key_each(hand: Hand, room: Room) -> None:
    hand.click("#class-picker .pick", "5A")
    hand.key("Alt+l")
    hand.desk.count(".seats .seat", 35)
    before = hand.keys
    for number in range(35):
        if number == 0:
            hand.click(".seats .seat")
        else:
            hand.desk.until(f"document.querySelectorAll('.seat')[{number}].classList.contains('is-next')")
            hand.desk.page.wait_for_timeout(180)  # nobody lifts a book in less
            hand.key("Enter")
        hand.desk.until(f"!!document.querySelectorAll('.seat')[{number}].getAttribute('aria-current')")
        hand.scan(room.copies[number].code)
        hand.desk.until(f"document.querySelectorAll('.seat.is-served').length === {number + 1}")
    assert (hand.scans, hand.keys - before) == (35, 35)
    hand.desk.until("document.querySelectorAll('.seat')[0].innerText.includes('1/3')")
    assert "Dế Mèn" in hand.desk.page.locator(".seat").first.inner_text()
    assert [name for _item, name in sorted(holders().items())] == list(GIVEN)


def test_5b_or_with_two_scans_each_and_no_key(hand: Hand, room: Room) -> None:
    for card, copy in zip(room.cards[:5], room.copies, strict=False):
        hand.scan(card)
        hand.scan(copy.code)
    hand.desk.settled()
    assert (hand.scans, hand.keys) == (10, 0)
    assert len(lent()) == 5


def test_6_a_book_nobody_has_is_one_scan_and_counted(hand: Hand, room: Room) -> None:
    hand.scan(room.copies[0].code)
    hand.desk.word("không ai đang mượn cuốn này")
    assert hand.desk.page.locator("#result .result.is-ghi").count() == 1
    assert (hand.scans, hand.keys) == (1, 0)
    db.session.rollback()
    assert db.session.query(DocumentUse).filter_by(kind=UseKind.IN_HOUSE).count() == 1
    db.session.rollback()


def test_7_the_wrong_pupil_is_undone_by_one_key_also_after_the_next_card(hand: Hand, room: Room) -> None:
    hand.scan(room.cards[0])
    hand.scan(room.copies[0].code)
    hand.desk.word("Được mượn")
    hand.scan(room.cards[1])
    hand.desk.word("Đang mượn cho")
    hand.key("Control+z")
    hand.desk.word("Đã hoàn tác")
    assert hand.keys == 1
    assert lent() == []


def test_8_a_refusal_is_overridden_by_a_key_and_the_key_of_the_reason(hand: Hand, room: Room) -> None:
    hand.scan(room.cards[0])
    for copy in room.copies[:4]:
        hand.scan(copy.code)
    hand.desk.word("Chưa cho mượn được")
    before = hand.keys
    hand.key("F8")
    hand.key("1")
    hand.desk.word("Được mượn")
    assert hand.keys - before == 2
    assert len(lent()) == 4
    db.session.rollback()
    assert [loan.override for loan in db.session.query(Loan).order_by(Loan.id)] == [None, None, None, "lesson"]
    db.session.rollback()


def test_9_somebody_new_is_a_name_a_class_and_two_keys_and_borrows_at_once(hand: Hand, room: Room) -> None:
    hand.write("Sùng A Páo")
    hand.key("Alt+n")
    hand.desk.page.locator("#quick").wait_for()
    hand.write("5A")
    hand.key("Enter")
    hand.desk.word("Đã thêm Sùng A Páo, 5A")
    hand.scan(room.copies[0].code)
    hand.desk.word("Được mượn")
    assert (hand.scans, hand.keys) == (1, 2)
    assert holders() == {room.copies[0].id: "Páo"}


def test_10_a_damaged_book_is_a_scan_and_two_keys_and_stands_on_the_repair_shelf(
    hand: Hand, room: Room, school: World
) -> None:
    repair = school.place(PlaceKind.REPAIR).id
    all_have_one(school, room, 1)
    hand.scan(room.copies[0].code)
    hand.desk.word("Trả xong")
    hand.desk.settled()
    hand.key("Alt+r")
    hand.key("2")
    hand.desk.until("document.querySelector('#look p').textContent.includes('Sửa chữa')")
    assert (hand.scans, hand.keys) == (1, 2)
    db.session.rollback()
    item = db.session.get_one(Item, room.copies[0].id)
    assert (item.place_id, item.condition) == (repair, Condition.DAMAGED)
    db.session.rollback()


def test_11_a_reader_takes_a_book_that_was_already_on_its_way_to_them_in_two_scans(
    hand: Hand, room: Room, school: World
) -> None:
    """It waits in a crate for the truck to another library, where they wanted to fetch it; but they are here now."""
    other = school.branch(school.school("Trường Tiểu học Sông Cầu"))
    item = db.session.get_one(Item, room.copies[0].id)
    holds.place(db.session(), Doing.now(branch_id=other.id), item.record_id, room.people[0].id, other.id)
    commit()
    hand.desk.scan(room.copies[0].code)
    hand.desk.settled()
    db.session.rollback()
    assert [row.cancelled_at for row in db.session.query(Transfer)] == [None]
    db.session.rollback()
    hand.scan(room.cards[0])
    hand.scan(room.copies[0].code)
    hand.desk.word("Được mượn")
    assert (hand.scans, hand.keys) == (2, 0)
    db.session.rollback()
    assert [hold.ended_why for hold in db.session.query(Hold)] == ["fulfilled"]
    assert all(row.arrived_at or row.cancelled_at for row in db.session.query(Transfer))
    db.session.rollback()
