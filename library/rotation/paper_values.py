"""Plain values for the templates of papers, from what was signed. Papers are in Vietnamese, whatever the pages speak."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from library.accounts.models import Account
from library.core import clock
from library.core.numbers import written
from library.documents import amounts
from library.documents.filling import Square
from library.holdings.models import Condition, Place
from library.inbox.models import Act
from library.labels import squares, words
from library.loans import compensation_papers as official
from library.organisations.models import Organisation
from library.rotation import crates, legs, paper_lines, sending
from library.rotation.models import Batch, BatchLine, Crate, Leg, LegLine, LegOutcome, Method, Site
from library.rotation.paper_lines import Line, Settled

DOTS = "…" * 24
NO_NUMBER = "……"
NOWHERE = "…" * 8
BOX, CROSS = "□", "×"
FIRST = 3
"""Lines of the list that stand in the minutes themselves; longer lists follow on pages of their own."""
NAMED = 12
"""So many copies are named in a sentence; all stand in the list."""
STATES = {Condition.GOOD: "Tốt", Condition.WORN: "Cũ", Condition.DAMAGED: "Hỏng"}
FOLLOWS = {
    sending.ON_LOAN: "bạn đọc đang mượn",
    sending.HELD: "đang giữ cho bạn đọc",
    sending.NOT_FOUND: "chưa lấy được",
    sending.ELSEWHERE: "đang ở nơi khác",
    sending.STRAYED: "có người quét sau khi đóng thùng",
}


def of_minutes(session: Session, leg: Leg, address: str) -> dict[str, Any]:
    """For papers.MINUTES_PAPER."""
    lines = paper_lines.of_leg(session, leg)
    told = rows(lines, leg.received_at is not None)
    more = len(told) - FIRST if len(told) > FIRST + 2 else 0
    return {
        **_signed(session, leg, lines, address), "lines": len(told), "rows": told, "rest": more,
        "first": told[:FIRST] if more else told,
    }  # fmt: skip


def of_return(session: Session, leg: Leg, address: str) -> dict[str, Any]:
    """For papers.RETURN_PAPER."""
    settled = paper_lines.of_return(session, leg)
    signed = _signed(session, leg, paper_lines.of_leg(session, leg), address)
    about = f"Nhận lại tài liệu luân chuyển, đợt {signed['code']}"
    return {
        **signed,
        "about": about,
        "sums": _sums(leg, settled),
        "rows": [_return_row(*one) for one in enumerate(settled, 1)],
    }


def of_list(session: Session, leg: Leg, address: str) -> dict[str, Any]:
    """For papers.LIST_PAPER."""
    lines, to = paper_lines.of_leg(session, leg), _site(session, leg.to_site_id)
    head = _head(session, leg, lines, address)
    keeper = (to.keeper_name if to else None) or ""
    return {
        **head, "about": f"Đợt {head['code']}: {head['theme']}", "keeper": keeper or DOTS, "keeper_sign": keeper,
        "rows": rows(lines),
    }  # fmt: skip


def of_crate(session: Session, crate: Crate, leg: Leg) -> dict[str, Any]:
    """For papers.CRATE_PAPER."""
    batch, load = session.get_one(Batch, crate.batch_id), crates.load(session, crate)
    lines = [line for line in paper_lines.of_leg(session, leg) if line.crate_id == crate.id]
    of = [one for one in crates.loads(session, batch.id) if one.count]
    return {
        "issuer": batch.library.name.upper(), "code": batch.code, "theme": batch.theme, "number": crate.number,
        "of": len(of), "goes_from": _from_name(session, leg, batch), "goes_to": _to_name(session, leg, batch),
        "total": len(lines), "weight": kilograms(load.grams), "seal": crate.seal or NO_NUMBER,
        "packer": _who(session, crate.sealed_by), "packed_on": _day(crate.sealed_at) or NO_NUMBER,
        "square": Square(squares.matrix(load.code), 30.0), "square_says": words.in_fours(load.code), "rows": rows(lines),
    }  # fmt: skip


# Heads and people


def _head(session: Session, leg: Leg, lines: Sequence[Line], address: str) -> dict[str, Any]:
    batch = session.get_one(Batch, leg.batch_id)
    library = session.get_one(Organisation, batch.library_id)
    at = leg.received_at or leg.sent_at or clock.now()
    place = official.town(session, library.id) or NOWHERE
    return {
        "above": (official.above(session, library.id) or "").upper(), "issuer": library.name.upper(),
        "library": library.name, "place_day": f"{place}, {official.on_day(clock.day_of(at))}", "code": batch.code,
        "theme": batch.theme, "leg": leg_words(leg), "period": period(leg), "given_name": leg.given_name or "",
        "taken_org": _to_name(session, leg, batch, official_name=True),
        "about": f"Bàn giao tài liệu luân chuyển, đợt {batch.code}", **_counts(lines),
        "square": Square(squares.matrix(address)), "square_says": f"{batch.code}, {leg_words(leg)}",
    }  # fmt: skip


def _signed(session: Session, leg: Leg, lines: Sequence[Line], address: str) -> dict[str, Any]:
    """What both kinds of minutes say. The quantity is what was there: what is short is told beside it."""
    batch = session.get_one(Batch, leg.batch_id)
    there = [line for line in lines if line.outcome is not LegOutcome.SHORT]
    head = _head(session, leg, there, address)
    at = leg.received_at or leg.sent_at or clock.now()
    decision = batch.decision or ""
    return {
        **head, "symbol": f"{leg.minutes or NO_NUMBER}/BB-{official.initials(batch.library)}",
        "decision": f"Quyết định số {decision}" if decision[:1].isdigit() else decision, "when": moment(at),
        "at_place": head["taken_org"], "given_org": _from_name(session, leg, batch, official_name=True),
        "given_for": _given_for(session, leg, batch), "given_person": person(leg.given_name, leg.given_title),
        "taken_person": person(*_taker(session, leg)), "taken_sign": leg.taken_name or "", "how": how(session, leg, lines),
        "difference": difference(session, leg, lines), "carrier": leg.carrier or "",
    }  # fmt: skip


def _taker(session: Session, leg: Leg) -> tuple[str | None, str | None]:
    """Who signed, else who is expected to."""
    if leg.taken_name or leg.to_site_id is None:
        return leg.taken_name, leg.taken_title
    site = session.get_one(Site, leg.to_site_id)
    return site.keeper_name, site.keeper_title


def person(name: str | None, title: str | None) -> str:
    return ", ".join(filter(None, (name, title))) or DOTS


def _given_for(session: Session, leg: Leg, batch: Batch) -> str:
    """A site gives in the owner's name, by the minutes under which it took."""
    came = legs.before(legs.of(session, batch.id), leg) if leg.from_site_id else None
    if came is None or came.received_at is None:
        return ""
    return f", đại diện cho {batch.library.name} theo biên bản ngày {_day(came.received_at)}"


def _site(session: Session, site_id: int | None) -> Site | None:
    return session.get_one(Site, site_id) if site_id else None


def _from_name(session: Session, leg: Leg, batch: Batch, official_name: bool = False) -> str:
    return _end(session, leg.from_site_id, batch, official_name)


def _to_name(session: Session, leg: Leg, batch: Batch, official_name: bool = False) -> str:
    return _end(session, leg.to_site_id, batch, official_name)


def _end(session: Session, site_id: int | None, batch: Batch, official_name: bool) -> str:
    """A site by its name; the depot by its own, or on minutes by whose it is."""
    site = _site(session, site_id)
    if site is not None:
        return site.name
    return batch.library.name if official_name else session.get_one(Place, batch.depot_id).name


def _who(session: Session, act_id: int | None) -> str:
    query = select(Account.name).join(Act, Act.actor == Account.uid).where(Act.id == act_id)
    return session.scalar(query) or DOTS


# Sentences


def leg_words(leg: Leg) -> str:
    return f"chặng {leg.number}" if leg.to_site_id else f"chặng {leg.number}, về kho"


def period(leg: Leg) -> str:
    begins = clock.day_of(leg.received_at or leg.sent_at) if leg.sent_at else leg.planned_on
    if leg.to_site_id is None or leg.due_on is None:
        return f"từ {_of(begins)}"
    return f"từ {_of(begins)} đến {_of(leg.due_on)}"


def _of(day: date) -> str:
    return f"ngày {day:%d/%m/%Y}"


def _day(at: datetime | None) -> str:
    return f"{clock.day_of(at):%d/%m/%Y}" if at else ""


def moment(at: datetime) -> str:
    """09 giờ 14 phút, ngày 05 tháng 10 năm 2026"""
    here = at.astimezone(clock.HERE)
    return f"{here:%H} giờ {here:%M} phút, {official.on_day(here.date())}"


def _counts(lines: Collection[Line]) -> dict[str, Any]:
    worth, unpriced = paper_lines.worth(lines)
    used = len(paper_lines.crates_of(lines))
    return {
        "total": len(lines), "titles": len({line.record_id for line in lines}), "worth": written(worth),
        "worth_words": _lower(amounts.dong(worth)), "unpriced": f"; {unpriced} bản chưa ghi giá" if unpriced else "",
        "crates": f", {used} thùng" if used else "",
    }  # fmt: skip


def _lower(said: str) -> str:
    return said[:1].lower() + said[1:]


def how(session: Session, leg: Leg, lines: Sequence[Line]) -> str:
    """How it was received; before that, how it may be."""
    if leg.method is None:
        seals = _seals(session, lines, ~crates.opened(leg))
        return f"{_crates_words(seals)}; Bên B kiểm khi nhận" if seals else "theo danh mục; Bên B kiểm khi nhận"
    return METHODS[leg.method](session, leg, lines)


def _by_scan(session: Session, leg: Leg, lines: Sequence[Line]) -> str:
    return "quét từng bản"


def _by_crates(session: Session, leg: Leg, lines: Sequence[Line]) -> str:
    """quét mã 4 thùng còn niêm phong (số 00731, 00732); đếm lại thùng 4"""
    whole = {line.crate_id for line in lines if line.asserted and line.crate_id}
    opened = {line.crate for line in lines if line.crate_id and line.crate_id not in whole}
    seals = [one for one in _seals(session, lines) if one[0] in whole]
    said = [f"quét mã {len(seals)} thùng còn niêm phong{_numbers(seals)}"] if seals else []
    said += [f"đếm lại thùng {', '.join(str(one) for one in sorted(filter(None, opened)))}"] if opened else []
    return "; ".join(said) or "quét mã thùng"


def _by_count(session: Session, leg: Leg, lines: Sequence[Line]) -> str:
    query = select(LegLine.item_id).where(LegLine.leg_id == leg.id, LegLine.sampled)
    drawn = len(session.scalars(query).all())
    return f"đếm được {leg.counted or 0} bản, xem kỹ {drawn} bản do máy rút"


def _by_list(session: Session, leg: Leg, lines: Sequence[Line]) -> str:
    until = f"; đến hết {_of(leg.contest_until)} Bên B báo nếu thiếu" if leg.contest_until else ""
    return f"nhận theo danh mục{until}"


METHODS = {
    Method.SCAN_ALL: _by_scan, Method.CRATES: _by_crates, Method.COUNT: _by_count, Method.MANIFEST: _by_list,
}  # fmt: skip


def _seals(session: Session, lines: Iterable[Line], *which: ColumnElement[bool]) -> list[tuple[int, str]]:
    """(crate id, number of its seal or '') of crates that were closed, of `which`."""
    used = {line.crate_id for line in lines if line.crate_id}
    query = select(Crate.id, Crate.seal).where(Crate.id.in_(used), Crate.sealed_at.is_not(None), *which)
    return [(row[0], row[1] or "") for row in session.execute(query.order_by(Crate.number))]


def _crates_words(seals: Sequence[tuple[int, str]]) -> str:
    return f"{len(seals)} thùng đã niêm phong{_numbers(seals)}"


def _numbers(seals: Sequence[tuple[int, str]]) -> str:
    told = [number for _, number in seals if number]
    return f" (số {', '.join(told)})" if told else ""


def difference(session: Session, leg: Leg, lines: Iterable[Line]) -> str:
    """thiếu 03 bản (LC.01877, …), Trường Tiểu học Đức Xuân trả lời; theo sau 01 bản (bạn đọc đang mượn: LC.00102)"""
    by: dict[str, list[str]] = {}
    for line in lines:
        if line.outcome is LegOutcome.SHORT:
            by.setdefault(line.answers_name or leg.batch.library.name, []).append(line.code or line.title)
    said = [f"thiếu {named(codes)}, {name} trả lời" for name, codes in by.items()]
    return "; ".join([*said, *_following(session, leg)]) or "không"


def _following(session: Session, leg: Leg) -> list[str]:
    """Copies of the list that did not set out with the first leg."""
    if leg.from_site_id is not None or leg.to_site_id is None:
        return []
    query = select(BatchLine).where(BatchLine.batch_id == leg.batch_id, BatchLine.follows.is_not(None))
    by: dict[str, list[str]] = {}
    for line in session.scalars(query.order_by(BatchLine.number)):
        by.setdefault(FOLLOWS.get(line.follows or "", "chưa đi"), []).append(line.item.accession or "")
    return [f"theo sau {named(codes)}: {why}" for why, codes in by.items()]


def named(codes: Sequence[str]) -> str:
    more = ", …" if len(codes) > NAMED else ""
    return f"{len(codes):02} bản ({', '.join(codes[:NAMED])}{more})"


def _sums(leg: Leg, settled: Collection[Settled]) -> str:
    back, lost = sum(one.back for one in settled), sum(one.lost for one in settled)
    rest = len(settled) - back - lost
    said = f"đã giao {len(settled)} bản = nhận lại {back} bản + mất {lost} bản"
    said += f" + chưa về {rest} bản" if rest else ""
    damaged = sum(one.damaged and one.back for one in settled)
    return said + (f"; trong số nhận lại có {damaged} bản hỏng" if damaged else "")


# Rows


def rows(lines: Iterable[Line], received: bool = False) -> list[dict[str, Any]]:
    """`received`: the last column says what was there; else it is left for a pen."""
    return [_row(at, line, received) for at, line in enumerate(lines, 1)]


def _row(at: int, line: Line, received: bool) -> dict[str, Any]:
    return {
        "number": at, "code": line.code, "title": line.title, "author": line.author, "published": line.published,
        "price": _price(line.price), "crate": line.crate or "", "state": STATES[line.condition],
        "tick": "thiếu" if line.outcome is LegOutcome.SHORT else "có" if received else BOX,
    }  # fmt: skip


def _return_row(at: int, one: Settled) -> Mapping[str, Any]:
    marks = {"given": True, "back": one.back, "lost": one.lost, "damaged": one.damaged, "paid": one.paid}
    told = {"number": at, "code": one.line.code, "title": one.line.title, "price": _price(one.line.price)}
    return {**told, **{name: CROSS if mark else "" for name, mark in marks.items()}}


def _price(price: int | None) -> str:
    return written(price) if price is not None else ""


def kilograms(grams: int) -> str:
    """12140 → 12,1 kg"""
    return f"{grams / 1000:.1f} kg".replace(".", ",")
