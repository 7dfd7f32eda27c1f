"""What is proved, asserted and short of a leg, by what the receiver says. Pure; tests/rotation/test_receiving_rules.py."""

import hashlib
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from library.core.errors import N_, Reason
from library.rotation.models import Method

Ids = frozenset[int] | set[int]
NOBODY: Ids = frozenset()


@dataclass(frozen=True)
class Line:
    """A copy on the list. `crate`: None for one that travels loose. `sampled`: drawn to be looked at."""

    item: int
    crate: int | None = None
    sampled: bool = False


@dataclass(frozen=True)
class Got:
    """What the receiver says. Item ids scanned, missing and damaged; crate ids with unbroken seals, and with broken ones."""

    method: Method
    seen: Ids = NOBODY
    crates: Ids = NOBODY
    counted: int | None = None
    missing: Ids = NOBODY
    damaged: Ids = NOBODY
    broken: Ids = NOBODY


@dataclass(frozen=True)
class Sorted:
    """Item ids. The first three share out the list; `strange` ones were scanned and do not stand on it."""

    proved: tuple[int, ...]
    asserted: tuple[int, ...]
    short: tuple[int, ...]
    strange: tuple[int, ...]


def sort(lines: Sequence[Line], got: Got) -> Sorted:
    """A scan is stronger than a word: what was scanned is there, though somebody called it missing."""
    listed = {line.item for line in lines}
    proved = listed & got.seen
    asserted = {line.item for line in lines if line.item not in proved | got.missing and _is_told(line, got)}
    short = listed - proved - asserted
    return Sorted(*(tuple(sorted(some)) for some in (proved, asserted, short, got.seen - listed)))


def _is_told(line: Line, got: Got) -> bool:
    """Whether something but a scan says that it came."""
    if got.method is Method.CRATES:
        return line.crate in got.crates - got.broken
    return got.method is not Method.SCAN_ALL


def check(lines: Sequence[Line], got: Got) -> list[Reason]:
    """Why this cannot be signed so: what to do first. Empty: it can."""
    found = [_nothing(got), *((_count(lines, got), _sample(lines, got)) if got.method is Method.COUNT else ())]
    return [reason for reason in found if reason]


def _nothing(got: Got) -> Reason | None:
    if got.method is Method.SCAN_ALL and not got.seen:
        return Reason("nothing-scanned", N_("Chưa quét cuốn nào. Quét từng cuốn, hoặc chọn cách nhận khác."))
    if got.method is Method.CRATES and got.broken and not (got.crates or got.seen):
        sentence = N_("Không thùng nào còn niêm phong từ lúc giao. Quét từng cuốn, hoặc chọn cách nhận khác.")
        return Reason("no-seal", sentence)
    if got.method is Method.CRATES and not (got.crates or got.seen):
        return Reason("no-crate", N_("Chưa quét thùng nào. Quét mã trên thùng, hoặc chọn cách nhận khác."))
    return None


def _count(lines: Sequence[Line], got: Got) -> Reason | None:
    """The count must agree with the list, less what is called missing."""
    proved = {line.item for line in lines} & got.seen
    there = len(lines) - len({line.item for line in lines} & got.missing - proved)
    if got.counted is None:
        return Reason("not-counted", N_("Cách này cần số cuốn đếm được."))
    if got.counted == there:
        return None
    sentence = N_("Đếm được %(counted)s, danh sách còn %(there)s. Đếm lại, hoặc ghi rõ cuốn nào thiếu.")
    return Reason("count-differs", sentence, {"counted": got.counted, "there": there})


def _sample(lines: Sequence[Line], got: Got) -> Reason | None:
    """A drawn copy that is not there spoils its crate: every copy in it must be scanned or called missing."""
    known = got.seen | got.missing
    if any(line.sampled and line.item not in known for line in lines):
        left = sum(line.sampled and line.item not in known for line in lines)
        return Reason("sample-open", N_("Còn %(count)s cuốn máy chọn chưa quét."), {"count": left})
    spoiled = {line.crate for line in lines if line.sampled and line.item not in got.seen}
    left = sum(line.crate in spoiled and line.item not in known for line in lines)
    if not left:
        return None
    sentence = N_("Có cuốn máy chọn mà không thấy. Quét hết thùng của cuốn ấy: còn %(count)s cuốn.")
    return Reason("crate-spoiled", sentence, {"count": left})


def draw(leg: UUID, items: Collection[int], percent: int) -> frozenset[int]:
    """Which copies to look at: the same whoever asks and however often, and nobody chooses them."""
    many = math.ceil(len(items) * percent / 100)
    mixed = sorted(items, key=lambda item: hashlib.sha256(f"{leg.hex} {item}".encode()).digest())
    return frozenset(mixed[:many])
