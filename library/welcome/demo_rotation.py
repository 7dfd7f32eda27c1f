"""Luân chuyển in the demo: a rotation stock, fourteen sites, batches in every state. By the same functions as the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from library.catalogue.models import LocalRecord
from library.core import clock
from library.holdings import accessions
from library.holdings.accessions import NewItem
from library.holdings.models import Item, Place
from library.rotation import (
    agreements,
    batches,
    choosing,
    choosing_facts,
    closing,
    crates,
    extending,
    forwarding,
    legs,
    picking,
    receiving,
    sending,
    site_log,
    sites,
    stock,
    wishes,
)
from library.rotation.agreements import NewAgreement
from library.rotation.batches import NewBatch
from library.rotation.choosing import Wanted
from library.rotation.extending import Asked
from library.rotation.forwarding import Onward
from library.rotation.models import Batch, BatchLine, BatchState, Leg, LegLine, Method, Site, WishKind
from library.rotation.receiving import Got
from library.rotation.site_log import Counted
from library.rotation.sites import NewSite
from library.welcome.demo_books import LEVELS, Title
from library.welcome.demo_people import rows_of
from library.welcome.demo_points import POINTS, Point
from library.welcome.demo_teller import Teller

FOR_CHILDREN, FOR_OTHERS = 9, 4
"""Copies of a title."""
MORNING, NOON, EVENING = time(8, 10), time(13, 40), time(16, 15)
IN_A_CRATE = 20


@dataclass(frozen=True)
class Part:
    """A batch of the demo: where it goes, when it was planned, and how far it has come. Numbers of `POINTS`; days ago.

    `stays`: days at each site; `short`, `lost`, `damaged`: copies with which it went so.
    """

    theme: str
    way: tuple[int, ...]
    begun: int
    state: BatchState
    copies: int = 32
    stays: int = 90
    method: Method = Method.CRATES
    short: int = 0
    damaged: int = 0
    audiences: frozenset[str] = frozenset({"mau_giao", "thieu_nhi", "tieu_hoc"})
    asks: bool = False
    """The site asks to keep it longer."""


_S = BatchState
TEENS, BOTH = frozenset({"thieu_nien"}), frozenset({"thieu_nien", "thieu_nhi"})
PARTS = (
    Part("Sách hay đầu năm học", (2,), 330, _S.CLOSED, 40, 100, Method.SCAN_ALL, damaged=1),
    Part("Chuyện kể quê hương", (5,), 300, _S.CLOSED, 36, 95, Method.MANIFEST, short=1, audiences=BOTH),
    Part("Đọc cùng con", (6,), 250, _S.CLOSED, 24, 90, Method.COUNT),
    Part("Truyện tranh khoa học", (1, 2), 120, _S.SERVING, 36, 60, Method.SCAN_ALL),
    Part("Danh nhân và lịch sử", (3,), 110, _S.SERVING, 34, 95, Method.COUNT, audiences=TEENS),
    Part("Truyện thiếu nhi chọn lọc", (5,), 96, _S.SERVING, 40, 100, asks=True, audiences=BOTH),
    Part("Văn học tuổi mới lớn", (9,), 70, _S.SERVING, 32, 120, Method.MANIFEST, short=2, audiences=TEENS),
    Part("Sách mẫu giáo về thôn", (6,), 62, _S.SERVING, 24, 90, Method.CRATES,
         ),
    Part("Kể chuyện trước giờ học", (0,), 40, _S.SERVING, 40, 120, Method.SCAN_ALL, audiences=BOTH),
    Part("Tủ sách về xã Nà Phặc", (8,), 125, _S.RETURNING, 30, 110, Method.COUNT, audiences=BOTH),
    Part("Khám phá thế giới", (10,), 140, _S.RECONCILED, 24, 120, Method.CRATES, short=1, audiences=TEENS),
    Part("Truyện cổ các dân tộc", (4,), 12, _S.IN_TRANSIT, 30, 90, audiences=BOTH),
    Part("Sách Tết cho Chợ Rã", (7,), 7, _S.PACKED, 28, 90, audiences=BOTH),
    Part("Em yêu khoa học", (11,), 5, _S.PICKING, 30, 90, audiences=TEENS),
    Part("Sách cho điểm trường Bản Cháo", (12,), 3, _S.APPROVED, 18, 120),
    Part("Vui đọc mỗi ngày", (13,), 2, _S.PROPOSED, 26, 90, audiences=TEENS),
    Part("Sách nông nghiệp cho thanh niên", (11,), 1, _S.DRAFT, 16, 120, audiences=TEENS),
    Part("Đợt tháng Năm", (4,), 210, _S.CANCELLED, 20, 60, audiences=TEENS),
)  # fmt: skip


def add(teller: Teller, titles: Sequence[Title]) -> int:
    """Copies that were added for rotation."""
    depot = sites.depot(teller.session, teller.province)
    going = {one: FOR_OTHERS if one.audience == "thieu_nien" else FOR_CHILDREN for one in titles if one.travels}
    items = enter(teller, going, depot, 730)
    with teller.doing("tu", depot.branch_id, 700, MORNING) as doing:
        stock.join(teller.session, doing, teller.province.id, items, depot, seen=True)
    found = [_site(teller, point) for point in POINTS]
    _wishes(teller, found)
    for part in sorted(PARTS, key=lambda one: -one.begun):
        _play(teller, part, [found[number] for number in part.way], depot)
    _logs(teller, found)
    return len(items)


def enter(teller: Teller, titles: Mapping[Title, int], home: Place, ago: int) -> list[int]:
    """So many copies of every title, bought by the province, in its stacks; and the levels of children's books."""
    session, at = teller.session, datetime.combine(teller.day(ago), time(9), clock.HERE)
    stacks = teller.standing[0].stacks
    with teller.doing("nga", home.branch_id, ago, time(9)) as doing:
        receipt = accessions.receive(session, doing, teller.province, "Ngân sách tỉnh", at.date(), clock.now())
        _levels(teller, list(titles))
        new = [NewItem(one.id, stacks.id, "LC", price=_price(one)) for one, many in titles.items() for _ in range(many)]
        items = accessions.enter(session, receipt, teller.province, home.branch_id, new, clock.now())
    session.execute(update(Item).where(Item.receipt_id == receipt[2]).values(label_printed_at=at))
    return items


def _price(title: Title) -> int:
    return 9_000 + 500 * (title.pages // 3)


def _levels(teller: Teller, titles: Sequence[Title]) -> None:
    library = teller.province.id
    known = set(teller.session.scalars(select(LocalRecord.record_id).where(LocalRecord.library_id == library)))
    rows = [
        {"library_id": library, "record_id": one.id, "reading_level": teller.rng.choice(LEVELS[one.audience])}
        for one in titles if one.audience in LEVELS and one.id not in known
    ]  # fmt: skip
    if rows:
        teller.session.execute(insert(LocalRecord), rows)


# Sites


def _site(teller: Teller, point: Point) -> Site:
    place = next(row for row in rows_of("places.csv") if row["code"] == point.commune)
    branch = teller.standing[teller.house(point.house)].branch if point.house else None
    number = POINTS.index(point)
    new = NewSite(
        point.name, point.kind, branch, point.area, point.person, point.title, f"0209 38{number:02} 1{number:02}",
        point.readers, point.grades, latitude=round(float(place["lat"]) + 0.006 * (number % 4), 4),
        longitude=round(float(place["lon"]) + 0.007 * (number % 3), 4), from_on=teller.day(690),
    )  # fmt: skip
    with teller.doing("tu", teller.standing[0].branch, 690, MORNING) as doing:
        site = sites.found(teller.session, doing, teller.province, new)
    if not point.house:
        site.branch.commune_code = point.commune
    ago = 350 if number % 5 == 4 else 200  # some agreements are about to end
    said = NewAgreement(
        point.quota, 6, teller.day(ago), teller.day(ago - 365), f"TT-{number + 1:02}/LC", number == 0, 20
    )
    with teller.doing("tu", teller.standing[0].branch, ago, NOON) as doing:
        agreements.make(teller.session, doing, site, said)
    return site


def _point(site: Site) -> Point:
    return next(one for one in POINTS if one.name == site.name)


def _wishes(teller: Teller, found: Sequence[Site]) -> None:
    """A survey that is open, half of the sites have answered; and what was asked for and not there."""
    root = teller.standing[0].branch
    with teller.doing("tu", root, 9, MORNING) as doing:
        survey = wishes.open_survey(
            teller.session, doing, teller.province.id, "Nhu cầu sách học kỳ tới", teller.day(-12)
        )
    asked = [wishes.Asked(WishKind.LEVEL, "3", 20), wishes.Asked(WishKind.WORDS, "truyện tranh khoa học", 10)]
    for site in found[::2]:
        with teller.doing(_point(site).keeper, site.branch, 6, NOON) as doing:
            wishes.answer(teller.session, doing, site, survey, asked)
    for number, words in enumerate(("Conan", "truyện ma", "sách dạy nấu ăn", "Doraemon", "sách trồng hồi, quế")):
        site = found[number * 2 + 1]
        with teller.doing(_point(site).keeper, site.branch, 4 + number, NOON) as doing:
            wishes.unmet(teller.session, doing, site, words, 2 + number)


def _logs(teller: Teller, found: Sequence[Site]) -> None:
    """Sites count by touch, two days a week of the last eight."""
    for number, site in enumerate(found):
        for ago in range(2 + number % 3, 56, 4):
            visits = teller.rng.randrange(6, 28)
            with teller.doing(_point(site).keeper, site.branch, ago, NOON) as doing:
                told = Counted(visits, visits + teller.rng.randrange(0, 14))
                site_log.count(teller.session, doing, site, told)


# A batch


def _play(teller: Teller, part: Part, way: Sequence[Site], depot: Place) -> None:
    """From its plan to where it is today."""
    batch = _planned(teller, part, way, depot)
    if part.state in (_S.DRAFT, _S.PROPOSED, _S.APPROVED, _S.CANCELLED):
        return
    _picked(teller, part, batch)
    if part.state in (_S.PICKING, _S.PACKED):
        return
    ago = _gone(teller, part, batch)
    if part.state is _S.IN_TRANSIT:
        return
    for number, site in enumerate(way):
        _came(teller, part, batch, ago - 2, short=part.short if number == 0 else 0)
        if number + 1 < len(way):
            ago -= part.stays
            _on(teller, batch, site, way[number + 1], ago, part.stays)
    _ask(teller, part, batch, way[-1])
    if part.state is not _S.SERVING:
        _goes_home(teller, part, batch, way[-1], ago - 2 - part.stays)


def _planned(teller: Teller, part: Part, way: Sequence[Site], depot: Place) -> Batch:
    session, on = teller.session, teller.day(part.begun)
    wanted = Wanted(part.copies, each=2, years_apart=3, audiences=part.audiences)
    until = on + timedelta(days=8 + (part.stays + 3) * len(way))
    new = NewBatch(part.theme, depot, way, on, until, wanted=wanted.plain(), decision=_decision(part, on.year))
    with teller.doing("tu", depot.branch_id, part.begun, MORNING) as doing:
        batch = batches.make(session, doing, teller.province, new)
        chosen = choosing.choose(choosing_facts.of(session, batch), wanted)
        batches.add(session, doing, batch, {one.item_id: one.why for one in chosen})
    if part.state is _S.DRAFT:
        return batch
    with teller.doing("tu", depot.branch_id, part.begun, NOON) as doing:
        batches.propose(session, doing, batch)
    if part.state is _S.CANCELLED:
        with teller.doing("tu", depot.branch_id, part.begun - 2, NOON) as doing:
            batches.cancel(session, doing, batch, "Xe hỏng, dời sang năm học mới")
    elif part.state is not _S.PROPOSED:
        with teller.doing("dieuphoi", depot.branch_id, part.begun - 1, NOON) as doing:
            batches.approve(session, doing, batch, teller.who("dieuphoi").name)
    return batch


def _decision(part: Part, year: int) -> str:
    return f"{10 + PARTS.index(part)}/QĐ-TVT/{year}"


def _picked(teller: Teller, part: Part, batch: Batch) -> None:
    """Crates of twenty; the last one is still open where picking goes on, and half of the list is to be fetched."""
    session, branch = teller.session, batch.depot.branch_id
    items = _lines(session, batch)
    if part.state is _S.PICKING:
        items = items[: len(items) // 2]
    for start in range(0, len(items), IN_A_CRATE):
        some = items[start : start + IN_A_CRATE]
        with teller.doing("tu", branch, max(part.begun - 3, 1), NOON) as doing:
            crate = crates.new(session, doing, batch)
            picking.pick_many(session, doing, batch, some, crate)
        if part.state is not _S.PICKING:
            with teller.doing("tu", branch, max(part.begun - 3, 1), NOON) as doing:
                crates.seal(session, doing, crate, f"N{crate.id + 1200:05}")


def _lines(session: Session, batch: Batch) -> list[int]:
    query = select(BatchLine.item_id).where(BatchLine.batch_id == batch.id, BatchLine.closed_at.is_(None))
    return list(session.scalars(query.order_by(BatchLine.number)))


def _gone(teller: Teller, part: Part, batch: Batch) -> int:
    """Sent out; how many days ago. One that is on its way left yesterday."""
    ago = 1 if part.state is _S.IN_TRANSIT else part.begun - 5
    leg = legs.next_(legs.of(teller.session, batch.id))
    assert leg
    with teller.doing("tu", batch.depot.branch_id, ago, MORNING) as doing:
        sending.send(teller.session, doing, leg, teller.signer("tu", title="Cán bộ luân chuyển"), "Xe 97A-001.23")
    return ago


def _came(teller: Teller, part: Part, batch: Batch, ago: int, short: int) -> None:
    session = teller.session
    leg = legs.current(legs.of(session, batch.id))
    assert leg
    assert leg.to_site
    point = _point(leg.to_site)
    with teller.doing(point.keeper, leg.to_site.branch, ago, NOON) as doing:
        got = _got(session, leg, part, short)
        receiving.receive(session, doing, leg, teller.signer(point.keeper, point.person, point.title), got)


def _got(session: Session, leg: Leg, part: Part, short: int) -> Got:
    rows = session.scalars(select(LegLine).where(LegLine.leg_id == leg.id).order_by(LegLine.item_id)).all()
    items = [row.item_id for row in rows]
    drawn = receiving.sample(session, leg, leg.batch, items) if part.method is Method.COUNT else frozenset[int]()
    missing = set([one for one in items if one not in drawn][:short])
    there = set(items) - missing
    return Got(
        part.method, there if part.method is Method.SCAN_ALL else drawn & there,
        {row.crate_id for row in rows if row.crate_id} if part.method is Method.CRATES else frozenset(),
        len(there) if part.method is Method.COUNT else None, missing,
    )  # fmt: skip


def _on(teller: Teller, batch: Batch, site: Site, to: Site, ago: int, stays: int) -> None:
    point = _point(site)
    with teller.doing(point.keeper, site.branch, ago, MORNING) as doing:
        onward = Onward(to, teller.day(ago - stays), carrier="Xe máy, cô Hà đưa sang")
        forwarding.hand_on(teller.session, doing, batch, teller.signer(point.keeper, point.person, point.title), onward)


def _ask(teller: Teller, part: Part, batch: Batch, site: Site) -> None:
    leg = legs.current(legs.of(teller.session, batch.id))
    if not part.asks or leg is None or leg.due_on is None:
        return
    point = _point(site)
    with teller.doing(point.keeper, site.branch, 1, MORNING) as doing:
        asked = Asked(leg.due_on + timedelta(days=30), point.person, "Các lớp đang đọc dở, xin giữ thêm một tháng")
        extending.ask(teller.session, doing, leg, asked)


# Home again


def _goes_home(teller: Teller, part: Part, batch: Batch, site: Site, ago: int) -> None:
    session, point = teller.session, _point(site)
    ago = max(ago, 1)
    with teller.doing(point.keeper, site.branch, ago, MORNING) as doing:
        forwarding.hand_on(session, doing, batch, teller.signer(point.keeper, point.person, point.title), Onward(None))
    if part.state is _S.RETURNING:
        return
    home = legs.current(legs.of(session, batch.id))
    assert home
    items = list(session.scalars(select(LegLine.item_id).where(LegLine.leg_id == home.id).order_by(LegLine.item_id)))
    with teller.doing("dieuphoi", batch.depot.branch_id, ago - 2, NOON) as doing:
        got = Got(Method.SCAN_ALL, seen=set(items), damaged=set(items[: part.damaged]))
        receiving.receive(session, doing, home, teller.signer("dieuphoi", title="Cán bộ kho"), got)
    with teller.doing("tu", batch.depot.branch_id, ago - 4, NOON) as doing:
        outcomes = {one.item_id: one.allowed[0] for one in closing.copies(session, batch) if one.outcome is None}
        closing.reconcile(session, doing, batch, outcomes)
    if part.state is _S.CLOSED:
        with teller.doing("dieuphoi", batch.depot.branch_id, ago - 5, EVENING) as doing:
            closing.close(session, doing, batch)
