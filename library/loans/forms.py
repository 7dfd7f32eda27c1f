"""What a desk page sends: typed values, or every complaint."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from library.core.errors import N_
from library.core.forms import Reader
from library.loans.desk import Scan
from library.loans.wording import OVERRIDES

LONGEST_CODE = 200


def _uuid(reader: Reader, name: str, required: bool = True) -> UUID | None:
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
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        reader.complain(name, "moment", N_("Giờ của máy gửi chưa đọc được."))
        return None
    return moment.astimezone(UTC)


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
        uid, device = _uuid(reader, "uid"), _uuid(reader, "device")
        number = reader.number("number", 1, 2_000_000_000)
        raw_at, sent_at = _moment(reader, "at"), _moment(reader, "sent_at")
        if uid is None or device is None or number is None or raw_at is None or sent_at is None:
            return None
        return cls(uid, device, number, raw_at, sent_at)


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


def scan_of(reader: Reader) -> Scan:
    # The text goes on as it came: a keyboard's mangling is undone by `code_keys`, which wants it untouched.
    raw = str(reader.source.get("code") or "")[: LONGEST_CODE + 1]
    if not raw.strip():
        reader.complain("code", "required", N_("Chưa có mã nào."))
    if len(raw) > LONGEST_CODE:
        reader.complain("code", "too-long", N_("Mã dài quá."))
    return Scan(
        raw.strip(),
        _uuid(reader, "reader", required=False),
        reader.ticked("returns_only"),
        reader.text("answer", False, 40) or None,
        reader.choice("override", {value: value for value, _words in OVERRIDES}, required=False),
    )


@dataclass(frozen=True)
class UndoForm:
    """Take back the act named."""

    posted: Posted
    act: UUID

    @classmethod
    def read(cls, source: Mapping[str, Any]) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted, act = Posted.read(reader), _uuid(reader, "act")
        reader.done()
        assert posted is not None
        assert act is not None
        return cls(posted, act)
