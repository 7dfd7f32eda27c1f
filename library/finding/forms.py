"""Copies to be added to a title, as somebody typed them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Invalid, Reason
from library.core.fold import fold_code
from library.core.forms import Reader
from library.holdings.accessions import DIGITS, NewItem, label_of
from library.holdings.models import Item, Place, RegisterLine
from library.staging import values
from library.staging.values import BadValue

MOST = 500
SERIES_OF = {"STN": "TN", "SGK": "GK", "STK": "TK", "SNV": "NV"}
"""The usual series of accession numbers for a kind of book."""


@dataclass(frozen=True)
class NewCopies:
    """How many copies, where, and how they came. `first` is the number of the first (None: the next free one)."""

    uid: UUID
    quantity: int
    home: Place
    series: str
    first: int | None
    price: int | None
    source: str
    voucher: str
    received_on: date
    item_class_id: int | None = None
    parts: str | None = None

    @classmethod
    def read(cls, source: Mapping[str, str], homes: Sequence[Place], item_classes: Iterable[int] = ()) -> Self:
        """Raises Invalid, naming each field that cannot be read."""
        reader = Reader(source)
        quantity = reader.number("quantity", 1, MOST) or 0
        home = reader.choice("home", {str(place.id): place for place in homes})
        series, first = _series(reader), reader.number("first", 1, 9_999_999, required=False)
        price = _price(reader)
        came, voucher = reader.text("source", longest=200), reader.text("voucher", required=False, longest=100)
        day, parts = _day(reader), reader.text("parts", required=False, longest=200) or None
        item_class = reader.choice("item_class", {str(one): one for one in item_classes}, required=False)
        reader.done()
        assert home and day
        return cls(_uid(source), quantity, home, series, first, price, came, voucher, day, item_class, parts)

    def items(self, record_id: int) -> list[NewItem]:
        numbers = [self.first + at if self.first else None for at in range(self.quantity)]
        more: dict[str, Any] = {"item_class_id": self.item_class_id, "parts": self.parts}
        return [NewItem(record_id, self.home.id, self.series, number, self.price, **more) for number in numbers]

    def content(self, record: UUID) -> dict[str, Any]:
        """What must be the same when the same form arrives twice."""
        told = (self.quantity, self.home.id, self.series, self.first, self.price, self.source, self.received_on)
        sort = [self.item_class_id, self.parts] if self.item_class_id or self.parts else []
        return {"do": "add-copies", "record": str(record), "told": [str(one) for one in (*told, *sort)]}


def _uid(source: Mapping[str, str]) -> UUID:
    try:
        return UUID(source.get("uid", ""))
    except ValueError:
        return clock.uuid7()


def _series(reader: Reader) -> str:
    series = reader.text("series", longest=12).upper().rstrip(".")
    if series and not re.fullmatch(r"[A-ZĐ0-9]*[A-ZĐ](?:[.\-]?[A-ZĐ0-9]+)*", series):
        reader.complain("series", "series", N_("Sổ là các chữ cái đầu số đăng ký, như TN hay GK."))
    return series


def _price(reader: Reader) -> int | None:
    try:
        return values.price(reader.text("price", required=False))
    except BadValue as bad:
        reader.complain("price", "price", bad.sentence, **bad.facts)
        return None


def _day(reader: Reader) -> date | None:
    day = reader.day("received_on")
    if day and not date(1900, 1, 1) <= day <= clock.today():
        reader.complain("received_on", "day-range", N_("Ngày nhận chưa tới. Ngày viết như 31/12/2026."))
    return day


def check_free(session: Session, library_id: int, new: NewCopies) -> None:
    """Raises Invalid when one of the numbers asked for is in the register already."""
    if new.first is None:
        return
    numbers = range(new.first, new.first + new.quantity)
    labels = {fold_code(label_of(new.series, number, DIGITS)): number for number in numbers}
    used = select(Item.accession_folded).where(Item.library_id == library_id, Item.accession_folded.in_(labels))
    lines = select(RegisterLine.number).where(
        RegisterLine.library_id == library_id, RegisterLine.series == new.series,
        RegisterLine.number.between(numbers.start, numbers.stop - 1),
    )  # fmt: skip
    taken = {labels[key] for key in session.scalars(used) if key} | set(session.scalars(lines))
    if taken:
        sentence = N_("Số %(label)s đã có trong sổ. Để trống ô này thì máy đánh số tiếp theo.")
        raise Invalid({"first": Reason("number-used", sentence, {"label": label_of(new.series, min(taken))})})
