"""One scan at the vehicle's door: a copy or a crate, on or off; and the sentence for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.core.errors import Reason
from library.holdings.models import Item, Place
from library.inbox.acts import Doing
from library.loans import facts
from library.loans.happened import Shelving
from library.loans.wording import hold_place
from library.mobile import crates_aboard, load_onward, loading
from library.mobile.crates_aboard import CrateCame
from library.mobile.load_onward import desk_of
from library.mobile.loading import Loaded, Unloaded
from library.mobile.models import StopVisit, Trip
from library.organisations.models import CodeKind
from library.rotation import crates
from library.rotation.models import Batch


@dataclass(frozen=True)
class Named:
    """A copy as it is told: what it is called, where it belongs."""

    item_id: int
    title: str
    code: str
    home: str


def on(session: Session, doing: Doing, trip: Trip, text: str, visit: StopVisit | None = None) -> dict[str, Any]:
    """The answer to a scan while loading. Raises TripIsOver, NotOfThisTrip."""
    found = _meant(session, doing, trip, text)
    if isinstance(found, int):
        named = name_of(session, found)
        told = loading.load(session, doing, trip, [found], visit)
        return _loaded(named, told, doing, visit, _waits(session, doing, trip, told))
    crate = crates.named_by(session, text, doing.at or clock.now(), trip.library_id)
    if crate is not None and _ours(trip, crate.batch_id, session):
        return _crate(crates_aboard.put_on(session, doing, trip, crate), doing, off=False)
    return _unknown(text, found)


def _waits(session: Session, doing: Doing, trip: Trip, told: Loaded) -> str:
    """Somebody waits for what is loaded, as the desk would say; it is not refused. '' for nobody, and for a late scan."""
    if doing.at is not None or not told.items or told.onward:
        return ""
    turn = load_onward.waits(session, trip, told.items[0])
    if turn is None:
        return ""
    place = hold_place(turn.place_name)
    place = place if turn.fetch_library_id == trip.library_id else f"{place}, {turn.library_name}"
    if turn.place_id in loading.places(trip):
        return str(_("Có bạn đọc đang chờ cuốn này, đến lấy ở %(place)s.", place=place))
    return str(
        _("Có bạn đọc đang chờ cuốn này ở %(place)s: muốn giữ cho người ấy thì dỡ xuống rồi quét ở quầy.", place=place)
    )


def off(session: Session, doing: Doing, trip: Trip, text: str) -> dict[str, Any]:
    """The answer to a scan while unloading."""
    found = _meant(session, doing, trip, text)
    if isinstance(found, int):
        named = name_of(session, found)
        return _unloaded(trip, named, loading.unload(session, doing, trip, [found]), doing)
    crate = crates.named_by(session, text, doing.at or clock.now(), trip.library_id)
    if crate is not None and _ours(trip, crate.batch_id, session):
        return _crate(crates_aboard.take_off(session, doing, trip, crate), doing, off=True)
    return _unknown(text, found)


def _unloaded(trip: Trip, named: Named, told: Unloaded, doing: Doing) -> dict[str, Any]:
    waits = told.onward.get(named.item_id)
    do = _kept(waits) if waits else _where(trip, named)
    do = _returned(do) if told.returned else do
    return {**_base("luu" if told.returned else "ok", doing, named), "word": _("Đã dỡ xuống"), "do": do}


def _returned(rest: str) -> str:
    return str(_("Cuốn này đang có người mượn: máy ghi đã trả. %(rest)s", rest=rest))


def _kept(goes: Shelving) -> str:
    where = {"who": goes.kept_for, "place": hold_place(goes.place)}
    return str(_("Có bạn đọc đang chờ: để riêng cho %(who)s, đến lấy ở %(place)s.", **where))


def _where(trip: Trip, named: Named) -> str:
    depot = trip.vehicle.depot.name
    if named.home == depot:
        return str(_("Để vào %(depot)s.", depot=depot))
    return str(
        _("Đang ghi ở %(depot)s. Sách thuộc %(home)s: mang về đó rồi quét ở quầy.", depot=depot, home=named.home)
    )


def _ours(trip: Trip, batch_id: int, session: Session) -> bool:
    return session.get_one(Batch, batch_id).library_id == trip.library_id


def _meant(session: Session, doing: Doing, trip: Trip, text: str) -> int | str | None:
    """The id of a copy; "card" or "two" for what is none; None for what nobody knows."""
    found = facts.resolve(session, text, desk_of(trip), doing.at or clock.now())
    if not found:
        return None
    one = facts.the_one(found)
    if one is None:
        return "two"
    return "card" if one.kind is CodeKind.CARD else one.id


def name_of(session: Session, item_id: int) -> Named:
    return names_of(session, [item_id])[0]


def names_of(session: Session, item_ids: Sequence[int]) -> list[Named]:
    """By title (one statement)."""
    query = (
        select(Item.id, Record.title, Record.part_number, Item.accession, Place.name)
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.home_id)
        .where(Item.id.in_(item_ids))
        .order_by(Record.title_sort, Item.id)
    )
    return [
        Named(item, f"{title} – {part}" if part else title, code or "", home)
        for item, title, part, code, home in session.execute(query)
    ]


def _base(outcome: str, doing: Doing, named: Named | None = None, act: UUID | None = None) -> dict[str, Any]:
    return {
        "outcome": outcome, "title": named.title if named else "", "code": named.code if named else "",
        "act": str(act or doing.uid), "reasons": [], "choices": [],
    }  # fmt: skip


def _loaded(named: Named, told: Loaded, doing: Doing, visit: StopVisit | None, waits: str) -> dict[str, Any]:
    """`waits`: that somebody waits for it, in a sentence."""
    if told.refused:
        return {
            **_base("khong", doing, named),
            "act": None,
            "word": _("Không xếp lên xe"),
            "do": said(told.refused[0][1]),
        }
    if told.already:
        return {**_base("ghi", doing, named), "act": None, "word": _("Đã ở trên xe"), "do": _("Máy không tính thêm.")}
    do = _("Trên xe có %(count)s cuốn.", count=told.aboard)
    if visit is not None:
        do = _("Cho điểm %(stop)s. %(rest)s", stop=visit.stop.name, rest=do)
    if goes := told.onward.get(named.item_id):
        do = f"{_kept(goes)} {do}"
    do = f"{waits} {do}" if waits else do
    if told.returned:
        do = _returned(do)
    if told.over:
        do = _("Xe chứa %(fits)s cuốn, đang quá %(over)s cuốn. %(rest)s", fits=told.fits, over=told.over, rest=do)
    outcome = "luu" if told.returned or told.over or waits else "ok"
    return {**_base(outcome, doing, named), "word": _("Đã lên xe"), "do": do}


def _crate(came: CrateCame, doing: Doing, off: bool) -> dict[str, Any]:
    name = _("Thùng %(number)s · đợt %(batch)s", number=came.crate.number, batch=came.batch.code)
    minded = said(came.why) if came.why else ""
    if not came.written:
        return {**_base("ghi" if came.leg else "khong", doing), "act": None, "word": name, "do": minded}
    where = came.visit.stop.name if came.visit else ""
    done = _("%(on)s trên %(all)s thùng của đợt đang ở trên xe.", on=came.on, all=came.all)
    do = _("Đã xuống xe. %(rest)s", rest=done) if off else done
    if where and not off:
        do = _("Cho điểm %(stop)s. %(rest)s", stop=where, rest=do)
    return {**_base("luu" if minded else "ok", doing), "word": name, "do": f"{do} {minded}".strip()}


def said(reason: Reason) -> str:
    return str(_(reason.sentence)) % dict(reason.facts)


def _unknown(text: str, found: str | int | None) -> dict[str, Any]:
    blank: dict[str, Any] = {
        "outcome": "hoi",
        "title": text[:60],
        "code": "",
        "act": None,
        "reasons": [],
        "choices": [],
    }
    if found == "card":
        return {**blank, "title": "", "word": _("Đây là thẻ bạn đọc"), "do": _("Ở đây chỉ quét sách và thùng.")}
    if found == "two":
        return {**blank, "word": _("Hai cuốn cùng mang mã này"), "do": _("Gõ đủ số đăng ký trên nhãn.")}
    return {**blank, "word": _("Mã lạ"), "do": _("Máy chưa biết mã này. Quét lại cho rõ, hoặc gõ số trên nhãn.")}


def codes_of(text: str, most: int = 3000) -> list[str]:
    """A pasted list: one code a line, or parted by commas, semicolons or tabs."""
    parts = (one.strip() for line in text.splitlines() for one in line.replace(";", ",").replace("\t", ",").split(","))
    return list(dict.fromkeys(filter(None, parts)))[:most]


@dataclass(frozen=True)
class Listed:
    """A pasted list, loaded: how many, what was left out and why, codes nobody knows."""

    told: Loaded
    left: tuple[tuple[Named, str], ...]
    unknown: tuple[str, ...]


def on_many(session: Session, doing: Doing, trip: Trip, codes: list[str], visit: StopVisit | None = None) -> Listed:
    """A list somebody answers for without scanning: what stands in the depot is aboard now."""
    found = {code: _meant(session, doing, trip, code) for code in codes}
    items = [one for one in found.values() if isinstance(one, int)]
    told = loading.load(session, doing, trip, items, visit, asserted=True)
    left = tuple((name_of(session, item), said(why)) for item, why in told.refused)
    return Listed(told, left, tuple(code for code, one in found.items() if not isinstance(one, int)))
