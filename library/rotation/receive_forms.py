"""What the pages of a batch on its way send: typed values, or every complaint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from library.core.errors import N_
from library.core.forms import Reader
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.loans.posting import Source
from library.rotation.models import Method

MOST_CODES = 2_000
LONGEST_CODE = 200


def codes_of(told: Source, reader: Reader) -> list[str]:
    """One code a line: a scanner types them so, with or without scripts. Also a list in JSON."""
    listed = posting.many(told, "code")
    lines = [*str(told.get("codes") or "").splitlines(), *listed]
    codes = list(dict.fromkeys(filter(None, (line.strip() for line in lines))))
    if len(codes) > MOST_CODES or any(len(code) > LONGEST_CODE for code in codes):
        reader.complain("codes", "too-many", N_("Dán nhiều mã quá. Mỗi lần nhiều nhất %(most)s mã."), most=MOST_CODES)
        return []
    return codes


def uids_of(told: Source, name: str) -> frozenset[UUID]:
    return frozenset(uid for text in posting.many(told, name) if (uid := uuid_or_none(text)))


@dataclass(frozen=True)
class ReceiveForm:
    """`missing`, `damaged`: copies by uid; `crates`, `broken`: crates by uid; `codes`: as scanned."""

    posted: Posted
    method: Method
    codes: Sequence[str]
    crates: frozenset[UUID]
    broken: frozenset[UUID]
    missing: frozenset[UUID]
    damaged: frozenset[UUID]
    counted: int | None
    name: str
    title: str

    @classmethod
    def read(cls, told: Source) -> Self:
        """Raises Invalid."""
        reader = Reader(told)
        posted, method = posting.posted_of(told, reader), reader.choice("method", {one.value: one for one in Method})
        codes = codes_of(told, reader)
        counted = reader.number("counted", 0, 100_000, required=False)
        name, title = reader.text("name", True, 100), reader.text("title", False, 100)
        reader.done()
        assert posted and method
        crates, broken, missing, damaged = (uids_of(told, one) for one in ("crate", "broken", "missing", "damaged"))
        return cls(posted, method, codes, crates, broken, missing, damaged, counted, name, title)

    @property
    def content(self) -> dict[str, Any]:
        """What makes it this message and no other."""
        some = {"crates": self.crates, "broken": self.broken, "missing": self.missing, "damaged": self.damaged}
        return {
            "method": self.method.value, "codes": list(self.codes), "counted": self.counted, "name": self.name,
            "title": self.title, **{name: sorted(map(str, uids)) for name, uids in some.items()},
        }  # fmt: skip


@dataclass(frozen=True)
class OnwardForm:
    """`to`: a site by uid; None on the page that sends home. `seen`: codes scanned, for a look only."""

    posted: Posted
    to: UUID | None
    due_on: date | None
    missing: frozenset[UUID]
    carrier: str
    name: str
    title: str

    @classmethod
    def read(cls, told: Source, home: bool) -> Self:
        """Raises Invalid."""
        reader = Reader(told)
        posted, to = posting.posted_of(told, reader), uuid_or_none(told.get("to"))
        if to is None and not home:
            reader.complain("to", "required", N_("Chọn điểm nhận."))
        due_on = reader.planned_day("due_on", required=False)
        carrier = reader.text("carrier", False, 100)
        name, title = reader.text("name", True, 100), reader.text("title", False, 100)
        reader.done()
        assert posted
        return cls(posted, None if home else to, due_on, uids_of(told, "missing"), carrier, name, title)

    @property
    def content(self) -> dict[str, Any]:
        return {
            "to": str(self.to or ""), "due_on": self.due_on and self.due_on.isoformat(), "carrier": self.carrier,
            "name": self.name, "title": self.title, "missing": sorted(map(str, self.missing)),
        }  # fmt: skip


@dataclass(frozen=True)
class ExtendForm:
    posted: Posted
    until_on: date
    why: str
    name: str

    @classmethod
    def read(cls, told: Source) -> Self:
        """Raises Invalid."""
        reader = Reader(told)
        posted, until_on = posting.posted_of(told, reader), reader.planned_day("until_on")
        why, name = reader.text("why", False, 300), reader.text("name", True, 100)
        reader.done()
        assert posted and until_on
        return cls(posted, until_on, why, name)

    @property
    def content(self) -> dict[str, Any]:
        return {"extend": self.until_on.isoformat(), "why": self.why, "name": self.name}


def posted_alone(told: Mapping[str, Any]) -> Posted:
    """For a form that says nothing else. Raises Invalid."""
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    reader.done()
    assert posted
    return posted
