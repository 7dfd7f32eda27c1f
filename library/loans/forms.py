"""What a desk page sends: typed values, or every complaint."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from library.core import clock
from library.core.errors import N_
from library.core.forms import Reader
from library.loans.happened import Answer, Scan
from library.loans.wording import OVERRIDES
from library.policies.values import Channel

LONGEST_CODE = 200
AT_DESK = (Channel.DESK, Channel.CLASS)
"""Channels a desk's page may name: one reader after another, or a class as a whole."""
LONGEST_BOX = timedelta(days=60)
"""A drop box is emptied sooner than that."""


def uuid_or_none(text: object) -> UUID | None:
    """Of an address or a hidden field, where what is no uid names nothing."""
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


def uuid_of(reader: Reader, name: str, required: bool = False) -> UUID | None:
    """Of a form, where what is no uid is complained of."""
    text = reader.text(name, required, 40)
    try:
        return UUID(text) if text else None
    except ValueError:
        reader.complain(name, "uuid", N_("Mã của lượt này hỏng."))
        return None


def _moment(reader: Reader, name: str) -> datetime | None:
    """A moment in ISO 8601 with its zone, as a page's clock tells it."""
    text = reader.text(name, True, 40)
    try:
        moment = datetime.fromisoformat(text) if text else None
        if moment and moment.tzinfo:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year <= 2200:
        reader.complain(name, "moment", N_("Giờ của máy gửi chưa đọc được."))
        return None
    return moment


@dataclass(frozen=True)
class Posted:
    """Who made the message, when by their own clock, and how many they had made before."""

    uid: UUID
    device: UUID
    number: int
    raw_at: datetime
    sent_at: datetime

    @classmethod
    def read(cls, reader: Reader) -> Self | None:
        uid, device = uuid_of(reader, "uid", True), uuid_of(reader, "device", True)
        number = reader.number("number", 1, 2_000_000_000)
        raw_at, sent_at = _moment(reader, "at"), _moment(reader, "sent_at")
        if uid is None or device is None or number is None or raw_at is None or sent_at is None:
            return None
        return cls(uid, device, number, raw_at, sent_at)


def plain_posted(uid: UUID | None = None) -> Posted:
    """A form without scripts: made and sent now, by a device that is this request. `uid`: of its page, if that had one,
    which tells a second click."""
    now = clock.now()
    return Posted(uid or clock.uuid7(), clock.uuid7(), 1, now, now)


@dataclass(frozen=True)
class ScanForm:
    """One scan from the desk's page."""

    posted: Posted
    scan: Scan

    @classmethod
    def read(cls, source: Mapping[str, Any]) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted = Posted.read(reader)
        scan = scan_of(reader)
        reader.done()
        assert posted is not None
        return cls(posted, scan)


def scanned_text(reader: Reader, name: str = "code", required: bool = True) -> str:
    """As it came: a keyboard's mangling is undone by `code_keys`, which wants it untouched."""
    raw = str(reader.source.get(name) or "")[: LONGEST_CODE + 1].encode(errors="ignore").decode()
    if required and not raw.strip():
        reader.complain(name, "required", N_("Chưa có mã nào."))
    if len(raw) > LONGEST_CODE:
        reader.complain(name, "too-long", N_("Mã dài quá."))
    return raw.strip()


def scan_of(reader: Reader) -> Scan:
    """As the desk's page says it."""
    code = scanned_text(reader)
    item, answer = _answer(reader.text("answer", False, 60))
    return Scan(
        code,
        uuid_of(reader, "reader"),
        reader.ticked("returns_only"),
        answer,
        reader.choice("override", {value: value for value, _words in OVERRIDES}, required=False),
        channel=reader.choice("channel", {one.value: one for one in AT_DESK}, required=False) or Channel.DESK,
        returned_on=_returned_on(reader),
        amnesty=reader.ticked("amnesty"),
        item=item,
    )


def scan_away(reader: Reader, channel: Channel, answers: Collection[Answer], required: bool = True) -> Scan:
    """As a page away from the desk says it, at a shelf or a stop. `pupil`: whose name was tapped before; of what may be
    said to a question only `answers` count there, the rest is a no."""
    text = scanned_text(reader, "text", required)
    item, said = _answer(reader.text("answer", False, 60))
    pupil, answer = uuid_of(reader, "pupil"), next((one for one in answers if one == said), None)
    return Scan(text, pupil, reader.ticked("returns"), answer, channel=channel, item=item)


def _answer(text: str) -> tuple[str | None, str | None]:
    """Which copy was meant, and what was answered of it: "item-7", "yes", "item-7 yes"."""
    said = text.split()
    item = said.pop(0) if said and said[0].startswith("item-") else None
    return item, " ".join(said) or None


def _returned_on(reader: Reader) -> date | None:
    """The day a book came back in the drop box, not so long ago that it must be a slip. A day to come is today: the
    book is in the hand, whatever the calendar of that computer says."""
    day = reader.day("returned_on", required=False)
    if day and day < clock.today() - LONGEST_BOX:
        reader.complain("returned_on", "day", N_("Ngày trả phải trong 60 ngày vừa qua."))
        return None
    return day if day and day < clock.today() else None


@dataclass(frozen=True)
class UndoForm:
    """Take back the act named."""

    posted: Posted
    act: UUID

    @property
    def content(self) -> dict[str, Any]:
        """What makes a message the same one, sent again."""
        return {"undo": str(self.act), "number": self.posted.number}

    @classmethod
    def read(cls, source: Mapping[str, Any]) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted, act = Posted.read(reader), uuid_of(reader, "act", True)
        reader.done()
        assert posted is not None
        assert act is not None
        return cls(posted, act)
