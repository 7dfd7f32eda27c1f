"""Titles and copies of the demo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from library.catalogue import writing
from library.catalogue.models import LocalRecord, NumberKind, Record, Role
from library.catalogue.writing import NewRecord
from library.core import clock
from library.holdings import accessions
from library.holdings.accessions import NewItem
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.welcome.demo_people import rows_of
from library.welcome.demo_places import Standing
from library.welcome.seed import Year

LABELS_WAIT = timedelta(days=200)
SAME = ("title", "publisher", "series", "ddc", "class_mark", "kind", "audience", "grade", "summary")
FAVOURITE = "Dế Mèn phiêu lưu ký"
IN_THE_STORY = ("Charlie Và Nhà Máy Sô Cô La", "Pippi Tất Dài")
"""Of the story, beside the classics."""
TRAVELS = ("mau_giao", "thieu_nhi", "tieu_hoc", "thieu_nien")
LEVELS = {"mau_giao": (1, 2), "thieu_nhi": (2, 3, 4, 5, 6), "tieu_hoc": (3,)}
ON_THE_LABEL = {
    "Truyện cổ tích Việt Nam": 45, "Góc sân và khoảng trời": 318, "Totto-chan bên cửa sổ": 415,
    "Những tấm lòng cao cả": 560, "Dế Mèn phiêu lưu ký": 627, "Hai vạn dặm dưới đáy biển": 641, "Hoàng tử bé": 777,
    "Đất rừng phương Nam": 871,
}  # fmt: skip
"""Accession numbers that pictures, exercises and tests speak of: TN.00627 is Dế Mèn, at Xuất Hóa."""


@dataclass(frozen=True)
class Title:
    """A record of the demo and how much it is liked; 1.0 is the best liked. `travels`: only the province has it, to send it
    round."""

    id: int
    title: str
    part: str
    audience: str
    class_mark: str
    kind: str
    pages: int
    liked: float
    travels: bool = False


@dataclass(eq=False)
class Copy:
    """A copy and, while the year goes by, who has it until when.

    From `kept_from` on only the story lends it: whoever has it then brings it back.
    """

    id: int
    uid: UUID
    house: int
    title: Title
    level: int | None
    since: date
    held_by: int | None = None
    due_on: date | None = None
    back_on: date | None = None
    renewals: int = 0
    touched_on: date | None = None
    kept_from: date | None = None
    renew_on: date | None = None
    wished: bool = False


def catalogue(session: Session, network_id: int, since: date, rng: Random) -> list[Title]:
    """All records with people and numbers; the network's. In the order of the list."""
    rows = list(rows_of("books.csv"))
    with clock.stopped_at(datetime.combine(since, time(8), clock.HERE)):
        ids = writing.insert_many(session, network_id, [_described(row) for row in rows])
    numbered = select(Record.id, Record.part_number).where(Record.network_id == network_id)
    parts = dict(session.execute(numbered).all())
    ranks = list(range(len(rows)))
    rng.shuffle(ranks)
    lines = zip(rows, ids, ranks, _travel(rows), strict=True)
    return [_title(row, one, parts[one] or "", _liked(row, rank), travels) for row, one, rank, travels in lines]


def _travel(rows: Sequence[dict[str, str]]) -> list[bool]:
    """Three in five of the children's books, but for the classics, which the story needs: what schools do not own is what
    may be sent to them."""
    told = [row["summary"] or row["title"] in IN_THE_STORY for row in rows]
    fit = [
        row["audience"] in TRAVELS and row["kind"] != "SGK" and not story for row, story in zip(rows, told, strict=True)
    ]
    numbers = iter(range(len(rows)))
    return [one and next(numbers) % 5 < 3 for one in fit]


def _described(row: dict[str, str]) -> NewRecord:
    credits = [(name.strip(), Role.AUTHOR) for name in row["author"].split(";") if name.strip()]
    credits += [(name.strip(), Role.TRANSLATOR) for name in row["translator"].split(";") if name.strip()]
    numbers = [(row["isbn"], NumberKind.ISBN), (row["ean"], NumberKind.EAN)]
    same: dict[str, Any] = {name: row[name] for name in SAME}
    return NewRecord(
        credits=tuple(credits), numbers=tuple(one for one in numbers if one[0]), part_number=row["part"],
        responsibility=row["author"].replace(";", ","), year=int(row["year"]) if row["year"] else None,
        extent=f"{row['pages']} tr." if row["pages"] else "", **same,
    )  # fmt: skip


def _title(row: dict[str, str], record: int, part: str, liked: float, travels: bool) -> Title:
    pages, mark = int(row["pages"] or 96), row["class_mark"] or row["ddc"]
    return Title(record, row["title"], part, row["audience"], mark, row["kind"], pages, liked, travels)


def _liked(row: dict[str, str], rank: int) -> float:
    """A few books are always out, most stand: the rank in a shuffled order, the story's classics near its head."""
    place: float = 2 + rank % 24 if row["summary"] else 4 + rank
    return float((3 + place * (row["title"] != FAVOURITE)) ** -0.8)


def enter_all(
    session: Session, standing: Sequence[Standing], titles: Sequence[Title], year: Year, today: date, rng: Random
) -> list[Copy]:
    """Copies of every house, in four deliveries; primary schools give reading levels."""
    copies: list[Copy] = []
    for number, house in enumerate(standing):
        chosen = _chosen(house, titles, rng)
        levels = _levels(session, house, chosen, rng)
        for at, source, some in _deliveries(house, chosen, year, today):
            copies += _enter(session, house, number, some, at, source, levels)
    return copies


def _chosen(house: Standing, titles: Sequence[Title], rng: Random) -> list[Title]:
    """As many copies as the house has: every fitting title once, then more of those that are liked."""
    here = house.library.audiences
    fitting = [title for title in titles if title.audience in here and not title.travels]
    once = rng.sample(fitting, min(len(fitting), house.house.copies))
    more = rng.choices(fitting, [title.liked**0.5 for title in fitting], k=house.house.copies - len(once))
    chosen = once + more
    rng.shuffle(chosen)
    if house.house.name == "Trường Tiểu học Xuất Hóa":
        _put_in_place(chosen)
    return chosen


def _put_in_place(chosen: list[Title]) -> None:
    taken = set(ON_THE_LABEL.values())
    for name, number in ON_THE_LABEL.items():
        at = next(
            place
            for place, title in enumerate(chosen)
            if title.title == name and (place + 1 == number or place + 1 not in taken)
        )
        chosen[at], chosen[number - 1] = chosen[number - 1], chosen[at]


def _levels(session: Session, house: Standing, chosen: Sequence[Title], rng: Random) -> dict[int, int]:
    """Reading levels by record, where the library is a primary school; told once for all its houses."""
    if not house.library.is_school or "mau_giao" not in house.library.audiences:
        return {}
    titles = {title.id: title for title in chosen}
    query = select(LocalRecord.record_id, LocalRecord.reading_level).where(
        LocalRecord.library_id == house.organisation.id
    )
    known = {record: level for record, level in session.execute(query) if level is not None}
    fresh = {one: rng.choice(LEVELS[titles[one].audience]) for one in sorted(titles) if one not in known}
    rows = [
        {"library_id": house.organisation.id, "record_id": one, "reading_level": level} for one, level in fresh.items()
    ]
    if rows:
        session.execute(insert(LocalRecord), rows)
    return known | fresh


def _deliveries(
    house: Standing, chosen: Sequence[Title], year: Year, today: date
) -> list[tuple[date, str, Sequence[Title]]]:  # fmt: skip
    """When, from whom, which copies: three older deliveries and a small one this autumn."""
    ends = [round(len(chosen) * share) for share in (0.45, 0.75, 0.93, 1)]
    dates = [date(today.year - 5, 9, 20), date(today.year - 3, 10, 12), date(today.year - 2, 3, 5)]
    dates.append(year.first_on if year.first_on < today else year.before.first_on)
    own = "Nhà trường mua" if house.library.is_school else "Thư viện mua"
    sources = (own, "Thư viện tỉnh cấp", "Bạn đọc tặng", own)
    starts = [0, *ends[:-1]]
    return [(day, source, chosen[a:b]) for day, source, a, b in zip(dates, sources, starts, ends, strict=True) if b > a]


def _enter(
    session: Session, house: Standing, number: int, some: Sequence[Title], on: date, source: str, levels: dict[int, int]
) -> list[Copy]:  # fmt: skip
    at = datetime.combine(on, time(8, 30), clock.HERE)
    with clock.stopped_at(at):
        doing = Doing(clock.uuid7(), branch_id=house.branch.id, at=at)
        receipt = accessions.receive(session, doing, house.organisation, source, on, at)
        new = [NewItem(title.id, house.stacks.id, _series(house, title), price=_price(title)) for title in some]
        ids = accessions.enter(session, receipt, house.organisation, house.branch.id, new, at)
    _labelled(session, receipt[2], at)
    mine = select(Item.id, Item.uid).where(Item.receipt_id == receipt[2])
    uids = dict(session.execute(mine).all())
    return [Copy(one, uids[one], number, title, levels.get(title.id), on) for one, title in zip(ids, some, strict=True)]


def _labelled(session: Session, receipt_id: int, at: datetime) -> None:
    """Older copies carry their labels; this autumn's wait for them in the queue."""
    if clock.now() - at > LABELS_WAIT:
        session.execute(update(Item).where(Item.receipt_id == receipt_id).values(label_printed_at=at))


def _series(house: Standing, title: Title) -> str:
    """TN for children's books, GK for textbooks, TK for the rest; a primary school keeps one register for all."""
    return "TN" if house.library.one_series else {"STN": "TN", "SGK": "GK"}.get(title.kind, "TK")


def _price(title: Title) -> int:
    return 15_000 + title.pages * 300 // 1000 * 1000
