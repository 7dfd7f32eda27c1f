"""What a librarian has to see to this morning: who waits, what is to be sent, what is said to be lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.loans import compensation, holds, marks, transfers_asking
from library.loans.compensation import Asking
from library.loans.models import Harm, Loan, still_out
from library.patrons.models import Membership, Person
from library.welcome.demo_places import Standing

HOUSE = "Trường Tiểu học Xuất Hóa"
WAIT = (
    ("Hoàng Thị Mai Lan", "Kính vạn hoa", "Tập 1"),
    ("Bàn Văn Sinh", "Kính vạn hoa", "Tập 1"),
    ("Phùng Thị Mỷ", "Tuổi thơ dữ dội", "Tập 1"),
)
"""Who waits for what somebody else has."""
CLAIMED, LOST = "Lục Văn Khánh", "Nông Minh Khôi"
"""Says it is returned; says it is lost."""
ASKED, PRICE = 3, 35_000


@dataclass(frozen=True)
class Desk:
    """The house of the story and whoever works there."""

    session: Session
    library_id: int
    branch_id: int
    actor: UUID | None

    def doing(self) -> Doing:
        return Doing.now(self.actor, self.branch_id)


def add(session: Session, standing: Sequence[Standing], actors: dict[int, UUID]) -> None:
    """By the same functions as the pages."""
    number = next(n for n, one in enumerate(standing) if one.house.name == HOUSE)
    house = standing[number]
    desk = Desk(session, house.organisation.id, house.branch.id, actors.get(number))
    for name, title, part in WAIT:
        _wait(desk, name, title, part)
    _say(desk)
    _ask(desk, standing[0])


def _reader(desk: Desk, name: str) -> int:
    query = select(Membership.id).join(Person, Person.id == Membership.person_id)
    return desk.session.scalars(query.where(Person.full_name == name, Membership.library_id == desk.library_id)).one()


def _wait(desk: Desk, name: str, title: str, part: str) -> None:
    record = desk.session.scalars(select(Record.id).where(Record.title == title, Record.part_number == part)).first()
    if record:
        holds.place(desk.session, desk.doing(), record, _reader(desk, name), desk.branch_id)


def _oldest_loan(desk: Desk, name: str) -> Loan | None:
    mine = (Loan.membership_id == _reader(desk, name), still_out())
    return desk.session.scalars(select(Loan).where(*mine).order_by(Loan.due_on)).first()


def _say(desk: Desk) -> None:
    if loan := _oldest_loan(desk, CLAIMED):
        marks.claimed(desk.session, desk.doing(), loan.id, "Em nói đã để ở giá trả sách")
    if loan := _oldest_loan(desk, LOST):
        marks.lost(desk.session, desk.doing(), loan.id)
        compensation.ask(
            desk.session, desk.doing(), Asking(loan.item_id, Harm.LOST, PRICE, loan.id, loan.membership_id)
        )


def _ask(desk: Desk, province: Standing) -> None:
    """The provincial library asks for a few books on the shelf here."""
    to = province.stacks.id
    shelf = select(Item.id).where(Item.library_id == desk.library_id, Item.place_id == Item.home_id)
    for item in desk.session.scalars(shelf.order_by(Item.id.desc()).limit(ASKED)).all():
        transfers_asking.ask(desk.session, desk.doing(), item, to, anyway=True)
