"""Drives side by side, one drive, counting a whole drive at once; taking any act on gifts back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.forms import Reader
from library.core.numbers import written
from library.core.paging import Page, page_number
from library.exports.answers import book
from library.inbox import acts
from library.loans import posting
from library.organisations.models import Branch
from library.patrons import asked
from library.promotion import (
    donors,
    drives,
    event_files,
    gift_changes,
    gift_forms,
    gift_funds,
    gift_sums,
    gift_undoing,
    gifts,
)
from library.promotion.club_frame import branch_of
from library.promotion.drive_models import Drive
from library.promotion.gift_models import DonorKind, Fund, Gift, GiftSort, Worn
from library.promotion.gift_pages import (
    SORTS,
    WORN,
    Complaints,
    branches,
    drive_here,
    fund_here,
    library_of,
    name_of,
    note,
    once,
    posted,
    said,
    show,
    stands,
    tried,
)

bp = Blueprint("drives", __name__)
A_PAGE, LATELY = 30, 12


@bp.get("/drives", endpoint="list")
@needs(Permission.PROMOTE)
def show_list() -> Any:
    """Drives, gifts outside them, funds."""
    return list_page({}, {})


def list_page(told: posting.Source, wrong: Complaints) -> str:
    session, (libraries, library) = db.session(), asked.libraries()
    ours, number = branches(), page_number(request.args.get("page"))
    every = drives.listed(session, here(), [one.id for one in ours])
    shown = every[(number - 1) * A_PAGE : number * A_PAGE]
    funds = gift_funds.open_funds(session, library.id)
    return show(
        "promotion/drives.html", library=library, libraries=libraries, lib=asked.slug_of(library), funds=funds,
        told=told, complaints=wrong,
        drives=Page(shown, number, A_PAGE, len(every)), sums=gift_sums.by_drive(session, [one.id for one in shown]),
        balances=gift_funds.balances(session, [one.id for one in funds]), today=clock.today(), lately=_lately(ours),
        first_name=gift_funds.FIRST_NAME,
    )  # fmt: skip


def _lately(ours: Any) -> list[tuple[Gift, gift_sums.Sum]]:
    """The last gifts, with what became of them."""
    session = db.session()
    query = select(Gift).where(Gift.branch_id.in_([one.id for one in ours]), Gift.cancelled.is_(False))
    found = list(session.scalars(query.order_by(Gift.given_on.desc(), Gift.id.desc()).limit(LATELY)))
    sums = gift_sums.of_gifts(session, found)
    return [(one, sums[one.id]) for one in found]


@bp.get("/drives/new", endpoint="new")
@needs(Permission.PROMOTE)
def show_new() -> Any:
    library, today = asked.library(), clock.today()
    told = {"organiser": library.name, "first_on": today.isoformat(), "last_on": today.isoformat()}
    return _form(None, told, {})


def _form(drive: Drive | None, told: posting.Source, wrong: Complaints) -> str:
    session = db.session()
    library_id = library_of(session, drive.branch_id) if drive else asked.library().id
    seen = [one.name for one in drives.collectives_of(session, library_id)]
    undo = gift_changes.last_of(session, drive) if drive else None
    return show("promotion/drive_form.html", drive=drive, told=told, complaints=wrong, seen=seen, lib=request.args.get("lib"),
                branches=branches() if drive is None else [], undo=undo and stands(undo.act_id))  # fmt: skip


@bp.post("/drives", endpoint="open")
@needs(Permission.PROMOTE)
def open_drive() -> Any:
    told = posting.source()
    reader = Reader(told)
    sent, branch = posted(reader), branch_of(told)

    def work() -> Any:
        assert sent is not None
        return once(sent, {"open-drive": _content(told), "branch": branch.id}, lambda: _opened(reader, sent, branch))

    return tried(_checked(reader), work, lambda wrong: _form(None, told, wrong))


def _checked(reader: Reader) -> Reader:
    """Complaints of all fields, nobody made yet."""
    gift_forms.called(reader, lambda name: 0)
    return reader


def _content(told: posting.Source) -> dict[str, str]:
    names = ("name", "organiser", "first_on", "last_on", "goal_copies", "goal_money", "note", "collectives")
    return {name: str(told.get(name) or "") for name in names}


def _called(reader: Reader, library_id: int) -> drives.Called:
    session = db.session()
    told = gift_forms.called(reader, lambda name: donors.named(session, library_id, DonorKind.COLLECTIVE, name).id)
    assert told is not None
    return told


def _opened(reader: Reader, sent: Any, branch: Branch) -> str:
    made = drives.open_drive(
        db.session(), posting.doing_at(sent, branch.id), _called(reader, branch.organisation_id)
    )  # fmt: skip
    note("open-drive", "drive", made.uid, branch.organisation_id)
    return said(_("Đã mở đợt “%(name)s”.", name=made.name), url_for(".show", uid=made.uid))


@bp.get("/drives/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show_drive(uid: UUID) -> Any:
    session, drive = db.session(), drive_here(uid)
    found = _gifts(drive)
    sums = gift_sums.of_gifts(session, found)
    number = page_number(request.args.get("page"))
    shown = found[(number - 1) * A_PAGE : number * A_PAGE]
    return show(
        "promotion/drive.html", drive=drive, gifts=Page(shown, number, A_PAGE, len(found)), sums=sums,
        total=gift_sums.total(sums.values()), callers=drives.callers(session, drive), today=clock.today(),
        funds=gift_funds.open_funds(session, library_of(session, drive.branch_id)), silent=_silent(drive, found),
        **event_files.shown(session, drive, drives.KIND),
    )  # fmt: skip


def _gifts(drive: Drive) -> list[Gift]:
    query = select(Gift).where(Gift.drive_id == drive.id, Gift.cancelled.is_(False))
    return list(db.session.scalars(query.order_by(Gift.given_on.desc(), Gift.id.desc())))


def _silent(drive: Drive, found: list[Gift]) -> list[str]:
    """Collectives of the drive that gave nothing yet."""
    gave = {gift.donor_id for gift in found}
    return [name_of(one) for one in drive.collectives if one.id not in gave]


@bp.get("/drives/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.PROMOTE)
def show_edit(uid: UUID) -> Any:
    drive = drive_here(uid)
    return _form(drive, gift_forms.of_drive(drive), {})


@bp.post("/drives/<uuid:uid>", endpoint="change")
@needs(Permission.PROMOTE)
def change(uid: UUID) -> Any:
    """`do`: off to call it off, else the fields are saved."""
    drive_here(uid)
    told = posting.source()
    reader = Reader(told)
    sent, off = posted(reader), told.get("do") == "off"
    if not off:
        _checked(reader)

    def work() -> Any:
        assert sent is not None
        content = {"change-drive": str(uid), **({"off": True} if off else _content(told))}
        return once(sent, content, lambda: _called_off(uid, sent) if off else _changed(uid, reader, sent))

    return tried(reader, work, lambda wrong: _form(drive_here(uid), told, wrong))


def _changed(uid: UUID, reader: Reader, sent: Any) -> str:
    session, drive = db.session(), drive_here(uid)
    library_id = library_of(session, drive.branch_id)
    drives.change(session, posting.doing_at(sent, drive.branch_id), drive, _called(reader, library_id))
    note("change-drive", "drive", uid, library_id)
    return said(_("Đã lưu."), url_for(".show", uid=uid))


def _called_off(uid: UUID, sent: Any) -> str:
    session, drive = db.session(), drive_here(uid)
    drives.call_off(session, posting.doing_at(sent, drive.branch_id), drive)
    note("cancel-drive", "drive", uid, library_of(session, drive.branch_id))
    return said(_("Đã hủy đợt “%(name)s”. Số liệu không còn tính đợt này.", name=drive.name), url_for(".edit", uid=uid))


# Counting at once


@bp.get("/drives/<uuid:uid>/count", endpoint="count")
@needs(Permission.PROMOTE)
def show_count(uid: UUID) -> Any:
    return _sheet(drive_here(uid), {"given_on": clock.today().isoformat(), "sort": "book"}, {})


def _sheet(drive: Drive, told: posting.Source, wrong: Complaints) -> str:
    funds = gift_funds.open_funds(db.session(), library_of(db.session(), drive.branch_id))
    return show("promotion/drive_count.html", drive=drive, told=told, complaints=wrong, funds=funds, worn=Worn)


@bp.post("/drives/<uuid:uid>/count", endpoint="do_count")
@needs(Permission.PROMOTE)
def count(uid: UUID) -> Any:
    """A gift of each collective with a number, all of them one act."""
    drive, told = drive_here(uid), posting.source()
    reader = Reader(told)
    sent, counted = posted(reader), gift_forms.sheet(reader, drive, _fund(told, drive))

    def work() -> Any:
        assert sent is not None
        content = {"count-drive": str(uid), "told": [str(one) for one in counted]}
        return once(sent, content, lambda: _counted(drive_here(uid), counted, sent))

    return tried(reader, work, lambda wrong: _sheet(drive_here(uid), told, wrong))


def _fund(told: posting.Source, drive: Drive) -> Fund | None:
    funds = gift_funds.open_funds(db.session(), library_of(db.session(), drive.branch_id))
    return next((one for one in funds if str(one.uid) == told.get("fund")), next(iter(funds), None))


def _counted(drive: Drive, counted: list[gifts.Given], sent: Any) -> str:
    session = db.session()
    made = gifts.give_many(session, posting.doing_at(sent, drive.branch_id), counted)
    note("count-drive", "drive", drive.uid, library_of(session, drive.branch_id))
    copies = sum(gifts.counted(one) for one in made)
    return said(_("Đã ghi %(gifts)s phần quà, %(copies)s cuốn.", gifts=len(made), copies=written(copies)),
                url_for(".show", uid=drive.uid))  # fmt: skip


# Undoing


@bp.post("/drives/acts/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.PROMOTE)
def undo(uid: UUID) -> Any:
    """Any act on drives, gifts and funds in reach. `next`: where a form goes on."""
    act = or_not_found(acts.by_uid(db.session(), uid))
    if act.kind not in gift_undoing.KINDS:
        or_not_found(None)
    things = gift_undoing.things_of(db.session(), act)
    or_not_found(things or None)
    for one in things:
        fund_here(one.uid) if isinstance(one, Fund) else here_branch(one.branch_id)
    told = posting.source()
    reader = Reader(told)
    sent = posted(reader)
    reader.done()
    assert sent is not None

    def work() -> str:
        doing = posting.doing_at(sent, act.branch_id or 0)
        gift_undoing.undo(db.session(), doing, acts.by_uid(db.session(), uid) or act)
        note("undo-giving", "act", uid, library_of(db.session(), act.branch_id or 0))
        return said(_("Đã hoàn tác."), _address(things[0]))

    return once(sent, {"undo": str(uid)}, work)


def here_branch(branch_id: int) -> None:
    or_not_found(branch_id if here().holds_branch(branch_id) else None)


def _address(thing: gift_undoing.Thing) -> str:
    endpoint = "drives.show" if isinstance(thing, Drive) else "gifts.show" if isinstance(thing, Gift) else "funds.show"
    if isinstance(thing, Gift) and thing.cancelled and thing.drive_id:
        return url_for("drives.show", uid=db.session.get_one(Drive, thing.drive_id).uid)
    return url_for(endpoint, uid=thing.uid)


# The list


@bp.get("/drives/<uuid:uid>/list.xlsx", endpoint="workbook")
@needs(Permission.PROMOTE)
def workbook(uid: UUID) -> Any:
    """Who gave what, and what became of it, with the sum."""
    drive = drive_here(uid)
    found = _gifts(drive)[::-1]
    sums = gift_sums.of_gifts(db.session(), found)
    heads = (_("STT"), _("Số quà"), _("Ngày nhận"), _("Người tặng"), *map(_, SORTS.values()), *map(_, WORN.values()),
             _("Cộng cuốn"), _("Đã vào sổ"), _("Chuyển đi, hủy"), _("Chưa xếp"), _("Tiền (đ)"), _("Số biên nhận"))  # fmt: skip
    rows = [_row(at, one, sums[one.id]) for at, one in enumerate(found, 1)]
    whole = gift_sums.total(sums.values())
    rows.append([None, None, None, _("Cộng"), *_numbers(whole), whole.money, None])
    return book(heads, rows, _("Quà tặng"), f"quyen-gop-{drive.first_on:%Y%m%d}")


def _row(at: int, gift: Gift, total: gift_sums.Sum) -> list[Any]:
    return [at, gift.number, gift.given_on, name_of(gift.donor), *_numbers(total), gift.money, gift.receipt_no]


def _numbers(total: gift_sums.Sum) -> list[int]:
    sorts, worn = [total.sorts[one] for one in GiftSort], [total.worn[one] for one in Worn]
    return [*sorts, *worn, total.counted, total.entered, total.fates.total(), total.waiting]
