"""What the pages of a stop send: typed values, or every complaint."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Self
from uuid import UUID

from library.core import clock
from library.core.errors import N_
from library.core.forms import Reader
from library.loans.forms import Posted, scan_away, uuid_of
from library.loans.happened import Answer, Scan
from library.mobile.at_stop import OTHERS, Books, Heads, Signed, Tally
from library.policies.values import Channel

MOST_AT_ONCE = 2000
"""Readers of one tap: a whole school in the yard."""
MOST_MONEY = 2_000_000_000
ANSWERS = frozenset({Answer.YES, Answer.RENEW, Answer.RETURN, Answer.PUT_BACK})
HEADS = {
    "pupil": Heads(0, "pupil"),
    "boy": Heads(0, "pupil", sex="m"),
    "girl": Heads(0, "pupil", sex="f"),
    "teacher": Heads(0, "teacher"),
    "citizen": Heads(0, "citizen"),
    "disabled": Heads(0, "citizen", access_need="disabled"),
    "blind": Heads(0, "citizen", access_need="blind"),
}
"""What a touch may mean, with nobody counted yet."""
OF_CLASSES = ("pupil", "boy", "girl")
LEVELS = tuple(range(1, 7))
BOXES = {
    "000": N_("Tổng hợp"),
    "100": N_("Kỹ năng sống"),
    "300": N_("Xã hội, truyện cổ"),
    "400": N_("Ngoại ngữ"),
    "500": N_("Khoa học"),
    "600": N_("Kỹ thuật, nông nghiệp"),
    "700": N_("Nghệ thuật, thể thao"),
    "800": N_("Văn học"),
    "900": N_("Lịch sử, địa lý"),
}
"""Boxes by the first figure of the class their books are of."""
Group = tuple[str, int | None]
"""A class: its name and grade."""


@dataclass(frozen=True)
class Tap:
    """One touch. `group`: the uid of the class it is of; `level`, `box`: of the documents."""

    posted: Posted
    what: str
    quantity: int
    group: UUID | None
    level: int | None
    box: str | None

    @classmethod
    def read(cls, source: Mapping[str, Any], posted: Posted | None = None) -> Self:
        """`posted`: of a form without scripts, made here. Raises Invalid."""
        reader = Reader(_with_quantity(source))
        posted = posted or Posted.read(reader)
        what = reader.choice("what", {one: one for one in (*HEADS, "book", *OTHERS)})
        most = MOST_MONEY if what == "gift-value" else MOST_AT_ONCE
        quantity = reader.number("quantity", 1, most)
        group, level = uuid_of(reader, "class"), reader.number("level", 1, LEVELS[-1], required=False)
        box = reader.choice("box", {one: one for one in BOXES}, required=False)
        reader.done()
        assert posted is not None
        assert what is not None
        assert quantity is not None
        return cls(posted, what, quantity, group, level, box)

    def tally(self, group: Group | None) -> Tally:
        if self.what == "book":
            return Tally(books=[Books(self.quantity, self.level, self.box)])
        if self.what in HEADS:
            return Tally(heads=[heads(self.what, self.quantity, group)])
        return Tally(others={self.what: self.quantity})

    @property
    def content(self) -> dict[str, Any]:
        told = (self.what, self.quantity, str(self.group), self.level, self.box)
        return {"count": [str(one) for one in told]}


def _with_quantity(source: Mapping[str, Any]) -> Mapping[str, Any]:
    """A button says all of it: "pupil 5", "book 1 level 2", "book 5 box 800", "gift-value money" (typed beside it)."""
    words = str(source.get("tap") or "").split()
    if len(words) < 2:
        return source
    quantity = str(source.get("money") or "").replace(".", "").strip() if words[1] == "money" else words[1]
    more = dict(zip(words[2::2], words[3::2], strict=False))
    return {"class": source.get("class"), **more, "what": words[0], "quantity": quantity} | _sender(source)


def _sender(source: Mapping[str, Any]) -> dict[str, Any]:
    names = ("uid", "device", "number", "at", "sent_at")
    return {name: source[name] for name in names if name in source}


def heads(what: str, quantity: int, group: Group | None) -> Heads:
    plain = HEADS[what]
    if group is None or what not in OF_CLASSES:
        return Heads(quantity, plain.category, sex=plain.sex, access_need=plain.access_need)
    return Heads(quantity, None, group[0], group[1], plain.sex)


@dataclass(frozen=True)
class StopScan:
    """One scan at a stop: a card, or a copy for whoever is open (`pupil`)."""

    posted: Posted
    one: Scan

    @classmethod
    def read(cls, source: Mapping[str, Any], posted: Posted | None = None) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted = posted or Posted.read(reader)
        one = scan_away(reader, Channel.VAN, ANSWERS)
        reader.done()
        assert posted is not None
        return cls(posted, one)


def signed_of(reader: Reader, required: bool = True) -> Signed | None:
    name = reader.text("signed_name", required, 100)
    title = reader.text("signed_title", False, 100)
    return Signed(name, title) if name else None


def moment_of(reader: Reader, name: str, day: date) -> datetime | None:
    """A time of that day, as a paper says it: 8:05, 08h05."""
    text = reader.text(name, True, 10).lower().replace("h", ":").replace(".", ":").removesuffix(":")
    hour, _, minute = text.partition(":")
    try:
        at = datetime.combine(day, time(int(hour), int(minute or 0)), clock.HERE) if text else None
    except ValueError:
        at = None
    if at is None:
        reader.complain(name, "time", N_("Giờ viết như 08:05."))
    return at
