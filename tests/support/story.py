"""A library day told from outside: people with cards, books with labels, desks at two libraries, a calendar to turn.

Everything a reader or a librarian does goes through the pages as HTTP; only what was there before the day begins is put
into the database by hand. The clock stands at a Monday morning and moves half a minute with every deed.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.calendars import opening_days
from library.calendars.opening_days import Whose
from library.core import clock
from library.core.db import db
from library.holdings.models import Item, ItemCode, Place, PlaceKind, Transfer
from library.inbox.acts import Doing
from library.loans import holds
from library.loans.models import Hold, Loan
from library.organisations.models import Code, Organisation
from library.patrons.models import Card, Membership
from library.policies import rulebook, writing
from library.policies.values import Length, LengthKind
from tests.support.people import DeskPage, account, sign_in
from tests.support.world import World

MONDAY = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
"""Eight in the morning here; no holiday for weeks."""
HALF_A_MINUTE = timedelta(seconds=30)
HERE, THERE = "Trường Tiểu học Xuất Hóa", "Trường Tiểu học Đồng Hỷ"
USUAL = {"length": Length(LengthKind.DAYS, 14), "most": 5, "renewals": 1, "holds": 5}


@dataclass
class Story:
    """The first desk and its library are `HERE`, the second `THERE`; `lan`, `bao` and book `a` are there from the start."""

    app: Flask
    world: World
    moment: datetime = MONDAY
    people: dict[str, Membership] = field(default_factory=dict)
    books: dict[str, Item] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    _desks: dict[str, DeskPage] = field(default_factory=dict)
    _clients: dict[str, FlaskClient] = field(default_factory=dict)
    _clock: ExitStack = field(default_factory=ExitStack)

    # The clock

    def __enter__(self) -> Self:
        self._stand(self.moment)
        for login, name in (("ha", HERE), ("mai", THERE)):
            account(self.world, login, RoleName.LIBRARIAN, self.world.school(name))
        self.rules(**USUAL)
        self.reader("lan")
        self.reader("bao", "Nông Văn Bảo")
        self.book("a")
        self.commit()
        return self

    def __exit__(self, *error: object) -> None:
        self._clock.close()

    def _stand(self, moment: datetime) -> None:
        self.moment = moment
        self._clock.close()
        self._clock.enter_context(clock.stopped_at(moment))

    def tick(self) -> None:
        self._stand(self.moment + HALF_A_MINUTE)

    def days(self, count: int) -> None:
        """So many days later. Everybody signs in anew."""
        self.commit()
        self._stand(self.moment + timedelta(days=count))
        self._desks.clear()
        self._clients.clear()

    def day(self, offset: int) -> date:
        """A day counted from the first."""
        return clock.day_of(MONDAY) + timedelta(days=offset)

    def commit(self) -> None:
        db.session.commit()

    # What is there before

    def library(self, name: str = HERE) -> Organisation:
        return self.world.school(name)

    def rules(
        self,
        library: str = HERE,
        category: str | None = None,
        sort: int | None = None,
        channel: Any = None,
        **said: Any,
    ) -> None:
        """The library's line for these readers and books says this; the plain line keeps what it said besides."""
        plain = category is None and sort is None and channel is None
        owner = self.library(library) if library else self.world.province()
        before = self._said(owner.id) if plain else {}
        category_id = self.world.category(category) if category else None
        writing.say(self.world.session, owner.id, {**before, **said}, category_id, sort, channel)  # type: ignore[arg-type]

    def _said(self, owner_id: int) -> dict[str, Any]:
        line = writing.find(self.world.session, owner_id)  # type: ignore[arg-type]
        return dict(rulebook.line_of(line).said) if line else {}

    def reader(self, name: str, full_name: str = "Hoàng Thị Mai Lan", library: str = HERE, **more: Any) -> Membership:
        made = self.people[name] = self.world.patron(full_name, self.library(library))
        for column, value in more.items():
            setattr(made.person if column == "born_on" else made, column, value)
        query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == made.id)
        self.cards[name] = db.session.scalars(query).one()
        return made

    def book(self, name: str, library: str = HERE, like: str | None = None, **more: Any) -> Item:
        """A copy; of the same title as another one if `like` names it."""
        record = self.books[like].record if like else self.world.record(f"Nhan đề {name}", self.library(library))
        made = self.books[name] = self.world.item(self.library(library), record=record)
        for column, value in more.items():
            setattr(record if column in ("least_age", "kind", "format", "price") else made, column, value)
        printed = select(Code.printed).join(ItemCode, ItemCode.code_id == Code.id).where(ItemCode.item_id == made.id)
        self.codes[name], self.labels[name] = db.session.scalars(printed).one(), made.accession or ""
        return made

    def place(self, kind: PlaceKind, library: str = HERE) -> Place:
        return self.world.place(kind, self.library(library))

    def closed(self, first: int, last: int | None = None, library: str = HERE) -> None:
        branch = self.world.branch(self.library(library))
        opening_days.close(db.session(), Whose(branch_id=branch.id), self.day(first), self.day(last or first), "Nghỉ")

    def waits(self, name: str, book: str, library: str = HERE, **wish: Any) -> None:
        """The reader waits for the book's title, to be fetched at the library."""
        branch = self.world.branch(self.library(library)).id
        record = self.books[book].record_id
        holds.place(db.session(), Doing.now(branch_id=branch), record, self.people[name].id, branch, holds.Wish(**wish))
        self.commit()
        self.tick()

    # What people do

    def client(self, library: str = HERE) -> FlaskClient:
        if library not in self._clients:
            self.commit()
            self._clients[library] = sign_in(self.app, "ha" if library == HERE else "mai")
        return self._clients[library]

    def desk(self, library: str = HERE) -> DeskPage:
        if library not in self._desks:
            self._desks[library] = DeskPage(self.client(library))
        return self._desks[library]

    def scan(self, code: str, library: str = HERE, **more: Any) -> dict[str, Any]:
        self.tick()
        self.commit()
        self.said = self.desk(library).scan(code, **more)
        self.heard.append(self.said)
        return self.said

    def card(self, name: str, library: str = HERE) -> dict[str, Any]:
        return self.scan(self.cards[name], library)

    def take(self, name: str, library: str = HERE, **more: Any) -> dict[str, Any]:
        """The book is scanned with whoever's card lies open."""
        return self.scan(self.codes[name], library, **more)

    def lend(self, reader: str, *books: str, library: str = HERE, **more: Any) -> dict[str, Any]:
        self.card(reader, library)
        for book in books:
            self.take(book, library, **more)
        return self.said

    def give_back(self, *books: str, library: str = HERE, **more: Any) -> dict[str, Any]:
        """No reader's card lies there."""
        self.desk(library).reader = None
        for book in books:
            self.take(book, library, **more)
        return self.said

    def post(self, address: str, library: str = HERE, **data: Any) -> Any:
        self.tick()
        self.commit()
        return self.client(library).post(address, data=data)

    def page(self, address: str, library: str = HERE) -> str:
        self.commit()
        return str(self.client(library).get(address).get_data(as_text=True))

    # What is so now

    @property
    def what(self) -> str:
        return str(self.said["what"])

    @property
    def told(self) -> dict[str, str]:
        """Codes of the last answer with their severity."""
        return dict(self.said["verdicts"])

    @property
    def sentences(self) -> str:
        """Everything the last answer says."""
        return " ".join([self.said["word"], self.said["do"], *(one[0] for one in self.said["reasons"])])

    def loan(self, book: str = "a") -> Loan:
        """The newest loan of a copy."""
        db.session.rollback()
        query = select(Loan).where(Loan.item_id == self.books[book].id, Loan.voided.is_(False))
        return db.session.scalars(query.order_by(Loan.id.desc()).limit(1)).one()

    def loans(self, book: str = "a") -> list[Loan]:
        db.session.rollback()
        query = select(Loan).where(Loan.item_id == self.books[book].id, Loan.voided.is_(False))
        return list(db.session.scalars(query.order_by(Loan.id)))

    def due(self, book: str = "a") -> int:
        """The due date, in days from the first."""
        return (self.loan(book).due_on - clock.day_of(MONDAY)).days

    def hold(self, name: str) -> Hold:
        """The newest hold of a reader."""
        db.session.rollback()
        query = select(Hold).where(Hold.membership_id == self.people[name].id)
        return db.session.scalars(query.order_by(Hold.id.desc()).limit(1)).one()

    def keeps(self, name: str) -> str | None:
        """The book that is kept for a reader."""
        kept = self.hold(name).item_id
        return next((book for book, item in self.books.items() if item.id == kept), None)

    def item(self, book: str = "a") -> Item:
        db.session.rollback()
        return db.session.get_one(Item, self.books[book].id, populate_existing=True)

    def where(self, book: str = "a") -> tuple[PlaceKind, str]:
        """The kind of place, and the library's name."""
        place = db.session.get_one(Place, self.item(book).place_id)
        return place.kind, db.session.get_one(Organisation, place.branch.organisation_id).name

    def transfer(self, book: str = "a") -> Transfer | None:
        """The open request for a copy."""
        db.session.rollback()
        query = select(Transfer).where(
            Transfer.item_id == self.books[book].id, Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None)
        )
        return db.session.scalar(query)

    def going(self, book: str = "a") -> str | None:
        """The library a copy is asked to go to."""
        asked = self.transfer(book)
        place = db.session.get_one(Place, asked.to_id) if asked else None
        return db.session.get_one(Organisation, place.branch.organisation_id).name if place else None
