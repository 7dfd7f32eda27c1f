"""What the minutes of a handover say: plain values for their template, from the lines as they were frozen."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.core.numbers import written
from library.documents import amounts, printing, stored
from library.documents.filling import Square
from library.holdings.models import Item, Ownership, Receipt
from library.labels import squares
from library.loans import compensation_papers as official
from library.organisations.models import Organisation
from library.patrons import school_years
from library.shelves import handing, ownership, papers, stock
from library.shelves.handing import Answering
from library.shelves.models import CountOutcome, Handover, HandoverKind, HandoverLine, Shelf, ShelfCount
from library.shelves.ownership import Owned

NAMED = 12
"""So many missing copies are named in the sentence; all stand in the list below it."""

ABOUT = {
    HandoverKind.FILL: "Giao sách vào %(shelf)s",
    HandoverKind.TEACHER: "Bàn giao %(shelf)s giữa hai giáo viên, năm học %(year)s",
    HandoverKind.YEAR_END: "Bàn giao %(shelf)s cuối năm học %(year)s",
}
GIVES = {
    HandoverKind.FILL: "đại diện thư viện",
    HandoverKind.TEACHER: "giáo viên giữ %(shelf)s",
    HandoverKind.YEAR_END: "giáo viên giữ %(shelf)s",
}
TAKES = {
    HandoverKind.FILL: "giáo viên giữ %(shelf)s",
    HandoverKind.TEACHER: "giáo viên nhận %(shelf)s",
    HandoverKind.YEAR_END: "đại diện thư viện",
}
STATES = {
    CountOutcome.FOUND: "Có",
    CountOutcome.WITH_READER: "Bạn đọc giữ",
    CountOutcome.MISSING: "Thiếu",
    CountOutcome.ASIDE: "Ở nơi khác",
    CountOutcome.EXTRA: "Thừa",
}
OTHERS = {CountOutcome.ASIDE: "đang ở nơi khác", CountOutcome.EXTRA: "thừa"}
"""Nobody signs for these, and nobody answers for them."""
OWNERS = {
    Owned.LIBRARY: "thư viện",
    Owned.DONATED: "quyên góp",
    Owned.CLASS: "của lớp",
    Owned.PUPIL: "cho mượn",
    Owned.BATCH: "luân chuyển",
}
"""Papers are in Vietnamese, whatever the pages speak."""


@dataclass(frozen=True)
class Line:
    """A copy of the minutes."""

    item_id: int
    outcome: CountOutcome
    code: str
    title: str
    record_id: int
    price: int | None
    owned: Owned


def lines(session: Session, one: Handover) -> list[Line]:
    """By title (one statement)."""
    query = (
        select(
            HandoverLine.item_id, HandoverLine.outcome, Item.accession, stock._code(), Record.title, Record.part_number,
            Record.id, Item.price, Record.price, Item.ownership, Item.library_id, Receipt.source,
        )
        .join(Item, Item.id == HandoverLine.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(Receipt, Receipt.id == Item.receipt_id)
        .where(HandoverLine.handover_id == one.id)
        .order_by(Record.title_sort, Item.id)
    )  # fmt: skip
    return [_line(row, one.library_id) for row in session.execute(query)]


def _line(row: Any, library_id: int) -> Line:
    item, outcome, accession, code, title, part, record, own, printed, ownership_, owner, source = row
    whose = ownership.owned(Ownership(ownership_), owner == library_id, source)
    told = f"{title} – {part}" if part else title
    return Line(item, outcome, accession or code or "", told, record, own or printed, whose)


def docx(session: Session, one: Handover, address: str) -> bytes:
    """The minutes from the library's template. `address`: where they are on the machine. Raises BadTemplate."""
    return stored.made(session, one.library_id, papers.HANDOVER_PAPER.name, values(session, one, address))


def pdf(session: Session, one: Handover, address: str) -> bytes:
    return printing.pdf(docx(session, one, address), f"Biên bản {one.number or ''}".strip())


def values(session: Session, one: Handover, address: str) -> dict[str, Any]:
    """All that the template may ask for (papers.HANDOVER)."""
    told, shelf = lines(session, one), session.get_one(Shelf, one.shelf_id)
    at = one.taken_at or one.given_at
    names = {"shelf": shelf.place.name, "year": school_years.label_of(clock.day_of(one.given_at))}
    given = [line for line in told if line.outcome in handing.SIGNED_FOR]
    library = session.get_one(Organisation, one.library_id)
    return {
        **head(session, library, clock.day_of(at)),
        "symbol": symbol(one, library),
        **_people(one, names),
        **_sums(given),
        "about": ABOUT[one.kind] % names,
        "shelf": names["shelf"],
        "when": moment(at),
        "owners": owners(given),
        "counted": counted(session, one),
        "with_reader": with_reader(told),
        "difference": difference(told, answering(session, one, told), one.given_name),
        "note": one.note or "không",
        "lines": len(told),
        "rows": rows(told),
        **_square(one, address),
    }


def head(session: Session, library: Organisation, day: date) -> dict[str, str]:
    """What stands above the title of any paper of the library."""
    above = official.above(session, library.id)
    place = official.town(session, library.id) or "…………………"
    return {
        "above": (above or "").upper(), "issuer": library.name.upper(), "library": library.name,
        "place_day": f"{place}, {official.on_day(day)}",
    }  # fmt: skip


def symbol(one: Handover, library: Organisation) -> str:
    """12/2026/BB-THXH"""
    return f"{one.number or papers.NO_NUMBER}/BB-{official.initials(library)}"


def moment(at: datetime) -> str:
    """09 giờ 14 phút, ngày 05 tháng 10 năm 2026"""
    here = at.astimezone(clock.HERE)
    return f"{here:%H} giờ {here:%M} phút, {official.on_day(here.date())}"


def _people(one: Handover, names: Mapping[str, str]) -> dict[str, str]:
    return {
        "given_name": one.given_name, "given_as": GIVES[one.kind] % names, "taken_as": TAKES[one.kind] % names,
        "taken_name": one.taken_name or papers.DOTS, "taken_sign": one.taken_name or "",
    }  # fmt: skip


def _sums(given: Sequence[Line]) -> dict[str, Any]:
    worth = sum(line.price or 0 for line in given)
    unpriced = sum(line.price is None for line in given)
    return {
        "total": len(given), "titles": len({line.record_id for line in given}), "worth": written(worth),
        "worth_words": amounts.dong(worth), "unpriced": f"; {unpriced} bản chưa ghi giá" if unpriced else "",
    }  # fmt: skip


def owners(given: Iterable[Line]) -> str:
    """thư viện 38 bản; của lớp 3 bản"""
    found = Counter(line.owned for line in given)
    return "; ".join(f"{OWNERS[owned]} {found[owned]} bản" for owned in Owned if found[owned]) or "không có bản nào"


def counted(session: Session, one: Handover) -> str:
    count = session.get(ShelfCount, one.count_id) if one.count_id else None
    if count is None or count.ended_at is None:
        return "theo danh sách của tủ, chưa kiểm từng cuốn"
    return f"kiểm từng cuốn, xong ngày {clock.day_of(count.ended_at):%d/%m/%Y}"


def with_reader(told: Iterable[Line]) -> str:
    number = sum(line.outcome is CountOutcome.WITH_READER for line in told)
    return f"{number:02} bản, Bên B theo dõi tiếp" if number else "không"


def answering(session: Session, one: Handover, told: Iterable[Line]) -> dict[int, Answering]:
    """For each missing copy who signed for it last, before these minutes."""
    missing = [line.item_id for line in told if line.outcome is CountOutcome.MISSING]
    return handing.answering(session, one.shelf_id, missing, before=one.given_at) if missing else {}


def difference(told: Iterable[Line], answers: Mapping[int, Answering], giver: str) -> str:
    """thiếu 02 bản (TN.00012, TN.00015), Nguyễn Thị Thu trả lời; đang ở nơi khác 01 bản (TN.00100)"""
    by: dict[str, list[Line]] = {}
    others: dict[CountOutcome, list[Line]] = {}
    for line in told:
        if line.outcome is CountOutcome.MISSING:
            by.setdefault(answers[line.item_id].name or giver, []).append(line)
        elif line.outcome in OTHERS:
            others.setdefault(line.outcome, []).append(line)
    said = [f"thiếu {_named(some)}, {name} trả lời" for name, some in by.items()]
    said += [f"{words} {_named(others[outcome])}" for outcome, words in OTHERS.items() if outcome in others]
    return "; ".join(said) or "không"


def _named(some: Sequence[Line]) -> str:
    more = ", …" if len(some) > NAMED else ""
    return f"{len(some):02} bản ({', '.join(line.code or line.title for line in some[:NAMED])}{more})"


def rows(told: Iterable[Line]) -> list[dict[str, Any]]:
    return [
        {
            "number": at, "code": line.code, "title": line.title, "owner": OWNERS[line.owned].capitalize(),
            "price": written(line.price) if line.price is not None else "", "state": STATES[line.outcome],
        }
        for at, line in enumerate(told, 1)
    ]  # fmt: skip


def _square(one: Handover, address: str) -> dict[str, Any]:
    says = f"Biên bản {one.number}" if one.number else "Chưa ký nhận"
    return {"square": Square(squares.matrix(address)), "square_says": says}
