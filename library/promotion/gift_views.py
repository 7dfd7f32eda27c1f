"""A gift: counted on a phone in a moment, corrected; what became of it; its letter of thanks and its receipt."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from library.access import Permission, here, needs, or_not_found
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.core.errors import N_
from library.core.forms import Reader
from library.core.paging import page_number
from library.exports import answers
from library.holdings.models import Item
from library.labels.answers import pdf
from library.loans import posting
from library.organisations.models import Branch, Organisation
from library.promotion import (
    donors,
    drives,
    event_files,
    gift_changes,
    gift_copies,
    gift_fates,
    gift_forms,
    gift_funds,
    gift_papers,
    gift_plates,
    gift_sums,
    gifts,
)
from library.promotion.club_frame import branch_of
from library.promotion.drive_models import Drive
from library.promotion.gift_models import Fund, Gift, GiftSort, Worn
from library.promotion.gift_pages import (
    Complaints,
    account_name,
    branches,
    gift_here,
    library_of,
    may,
    note,
    once,
    posted,
    said,
    show,
    stands,
    tried,
)

bp = Blueprint("gifts", __name__)
PAPERS = {"letter": gift_papers.LETTER, "receipt": gift_papers.RECEIPT}


@bp.get("/gifts/new", endpoint="new")
@needs(Permission.PROMOTE)
def show_new() -> Any:
    """`drive`: the uid of the drive it is given in."""
    branch = branch_of(request.args)
    told = {"given_on": clock.today().isoformat(), "kind": "collective", "drive": request.args.get("drive", "")}
    return _form(None, branch, told, {})


def _form(gift: Gift | None, branch: Branch, told: posting.Source, wrong: Complaints) -> str:
    session = db.session()
    change = gift_changes.last_of(session, gift) if gift else None
    return show(
        "promotion/gift_form.html", gift=gift, told=told, complaints=wrong, branch=branch, kinds=donors.WORDS,
        nobody=gift_forms.NOBODY, givers=donors.listed(session, branch.organisation_id), drives=_drives(branch, gift),
        funds=gift_funds.open_funds(session, branch.organisation_id), worn=Worn, first=GiftSort.BOOK,
        branches=branches() if gift is None else [], undo=change and change.before and stands(change.act_id),
    )  # fmt: skip


def _drives(branch: Branch, gift: Gift | None = None) -> list[Drive]:
    """Those of the same library that are on, or over lately; always the one it is given in."""
    session, since = db.session(), clock.today().replace(day=1)
    ours = select(Branch.id).where(Branch.organisation_id == branch.organisation_id)
    found = drives.listed(session, here(), session.scalars(ours))
    mine = gift.drive_id if gift else None
    return [one for at, one in enumerate(found) if one.last_on >= since or at < 10 or one.id == mine]


def _read(reader: Reader, branch: Branch, gift: Gift | None, named: gift_forms.Naming) -> gifts.Given | None:
    return gift_forms.given(
        reader, _drives(branch, gift), gift_funds.open_funds(db.session(), branch.organisation_id), named,
        gift.donor if gift else None,
    )  # fmt: skip


def _checked(reader: Reader, branch: Branch, gift: Gift | None = None) -> Reader:
    """Complaints of all fields; nobody is made yet."""
    _read(reader, branch, gift, lambda *who: 0)
    return reader


def _told(reader: Reader, branch: Branch, gift: Gift | None = None) -> gifts.Given:
    found = _read(reader, branch, gift, lambda *who: donors.told(db.session(), branch.organisation_id, *who))
    assert found is not None
    return found


def _content(told: posting.Source) -> dict[str, str]:
    counts = [f"{sort}-{worn}" for sort in GiftSort for worn in Worn]
    names = ("given_on", "kind", "donor", "about", "shown", "drive", "money", "fund", "note", *counts)
    return {name: str(told.get(name) or "") for name in names}


@bp.post("/gifts", endpoint="give")
@needs(Permission.PROMOTE)
def give() -> Any:
    """`more`: the next gift of the same drive is asked for at once."""
    told = posting.source()
    reader, branch = Reader(told), branch_of(told)
    sent = posted(reader)

    def work() -> Any:
        assert sent is not None
        content = {"give": _content(told), "branch": branch.id}
        return once(sent, content, lambda: _given(reader, branch_of(told), sent, told))

    return tried(_checked(reader, branch), work, lambda wrong: _form(None, branch_of(told), told, wrong))


def _given(reader: Reader, branch: Branch, sent: Any, told: posting.Source) -> str:
    made = gifts.give(db.session(), posting.doing_at(sent, branch.id), _told(reader, branch))
    note("record-gift", "gift", made.uid, branch.organisation_id)
    more = url_for(".new", drive=told.get("drive") or None, branch=told.get("branch") or None)
    return said(_("Đã ghi quà số %(number)s.", number=made.number),
                more if told.get("more") else url_for(".show", uid=made.uid))  # fmt: skip


@bp.get("/gifts/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show_gift(uid: UUID) -> Any:
    return _page(gift_here(uid), {}, {})


def _page(gift: Gift, told: posting.Source, wrong: Complaints) -> str:
    session = db.session()
    branch = session.get_one(Branch, gift.branch_id)
    change = gift_changes.last_of(session, gift)
    became, copies = gift_fates.of_gift(session, gift), gift_fates.copies_of(session, gift)
    sums = gift_sums.of_gift(session, gift)
    plates = gift_plates.parts(sums.waiting + sum(map(gift_plates.wants_plate, copies)))
    return show(
        "promotion/gift.html", gift=gift, sum=sums, told=told, complaints=wrong, plates=plates,
        drive=session.get(Drive, gift.drive_id or 0), copies=copies, became=became,
        undos={one.act_id: stands(one.act_id) for one in became}, undo=change and stands(change.act_id), branch=branch,
        enters=may(Permission.EDIT_COPY, branch.organisation_id), today=clock.today(), made=change and change.before is None,
        **event_files.shown(session, gift, gifts.KIND),
    )  # fmt: skip


@bp.get("/gifts/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.PROMOTE)
def show_edit(uid: UUID) -> Any:
    gift = gift_here(uid)
    drive, fund = db.session.get(Drive, gift.drive_id or 0), db.session.get(Fund, gift.fund_id or 0)
    told = gift_forms.of_gift(gifts.as_told(gift), gift.donor, drive, fund)
    return _form(gift, db.session.get_one(Branch, gift.branch_id), told, {})


@bp.post("/gifts/<uuid:uid>", endpoint="change")
@needs(Permission.PROMOTE)
def change(uid: UUID) -> Any:
    """`do`: cancel, else the fields are saved."""
    gift, told = gift_here(uid), posting.source()
    branch = db.session.get_one(Branch, gift.branch_id)
    reader = Reader(told)
    sent, cancels = posted(reader), told.get("do") == "cancel"
    if not cancels:
        _checked(reader, branch, gift)

    def work() -> Any:
        assert sent is not None
        content = {"change-gift": str(uid), **({"cancel": True} if cancels else _content(told))}
        return once(sent, content, lambda: _cancelled(uid, sent) if cancels else _changed(uid, reader, sent))

    return tried(reader, work, lambda wrong: _form(gift_here(uid), branch, told, wrong))


def _changed(uid: UUID, reader: Reader, sent: Any) -> str:
    session, gift = db.session(), gift_here(uid)
    branch = session.get_one(Branch, gift.branch_id)
    gifts.change(session, posting.doing_at(sent, gift.branch_id), gift, _told(reader, branch, gift))
    note("change-gift", "gift", uid, branch.organisation_id)
    return said(_("Đã lưu."), url_for(".show", uid=uid))


def _cancelled(uid: UUID, sent: Any) -> str:
    session, gift = db.session(), gift_here(uid)
    gifts.cancel(session, posting.doing_at(sent, gift.branch_id), gift)
    note("cancel-gift", "gift", uid, library_of(session, gift.branch_id))
    return said(
        _("Đã hủy quà số %(number)s. Số liệu không còn tính quà này.", number=gift.number), url_for(".show", uid=uid)
    )


# What became of it


@bp.post("/gifts/<uuid:uid>/fates", endpoint="fate")
@needs(Permission.PROMOTE)
def settle(uid: UUID) -> Any:
    gift_here(uid)
    told = posting.source()
    reader = Reader(told)
    sent, became = posted(reader), gift_forms.became(reader)

    def work() -> str:
        session, gift = db.session(), gift_here(uid)
        assert sent is not None
        assert became is not None
        gift_fates.settle(session, posting.doing_at(sent, gift.branch_id), gift, became)
        note("settle-gift", "gift", uid, library_of(session, gift.branch_id))
        return said(_("Đã ghi %(count)s cuốn.", count=became.quantity), url_for(".show", uid=uid))

    def send() -> Any:
        assert sent is not None
        return once(sent, {"fate": str(uid), "told": str(became)}, work)

    return tried(reader, send, lambda wrong: _page(gift_here(uid), told, wrong))


UNKNOWN = N_("Sổ chưa có số: %(numbers)s.")


@bp.post("/gifts/<uuid:uid>/copies", endpoint="link")
@needs(Permission.PROMOTE)
def link(uid: UUID) -> Any:
    """Copies that stand in the register already, by their numbers."""
    gift, told = gift_here(uid), posting.source()
    reader = Reader(told)
    sent, numbers = posted(reader), gift_forms.accessions(reader)
    found = gift_fates.listed(db.session(), gift, list(numbers))
    _complain_of_unknown(reader, [spelled for folded, spelled in numbers.items() if folded not in found])

    def work() -> str:
        session, gift = db.session(), gift_here(uid)
        assert sent is not None
        gift_fates.link(session, posting.doing_at(sent, gift.branch_id), gift, list(found.values()))
        note("link-gift", "gift", uid, library_of(session, gift.branch_id))
        return said(_("Đã ghi %(count)s cuốn.", count=len(found)), url_for(".show", uid=uid))

    def send() -> Any:
        assert sent is not None
        return once(sent, {"link": str(uid), "numbers": sorted(numbers)}, work)

    return tried(reader, send, lambda wrong: _page(gift_here(uid), told, wrong))


def _complain_of_unknown(reader: Reader, unknown: Sequence[str]) -> None:
    if unknown:
        more = ", …" if len(unknown) > 8 else ""
        reader.complain("numbers", "unknown", UNKNOWN, numbers=", ".join(unknown[:8]) + more)


# Papers


@bp.get("/gifts/<uuid:uid>/<any(letter,receipt,plates):paper>.<any(pdf,docx):kind>", endpoint="paper")
@needs(Permission.PROMOTE)
def paper(uid: UUID, paper: str, kind: str) -> Any:
    """NotFound for the receipt of a gift without money, for plates of one without books, and for papers of one that was
    cancelled."""
    session, gift = db.session(), gift_here(uid)
    or_not_found(None if gift.cancelled or (paper == "receipt" and gift.receipt_no is None) else gift)
    library = session.get_one(Organisation, library_of(session, gift.branch_id))
    if paper == "plates":
        plates = gift_plates.of_gift(session, gift, library.name, page_number(request.args.get("phan")))
        or_not_found(plates if kind == "pdf" and plates else None)
        return pdf(gift_plates.sheets(plates), f"nhan-tang-{gift.number.replace('/', '-')}")
    docx = gift_papers.docx(session, PAPERS[paper], gift, library, account_name(gift_papers.taker(session, gift)))
    name = f"{'thu-cam-on' if paper == 'letter' else 'bien-nhan'}-{gift.number.replace('/', '-')}"
    return answers.paper(docx, name, name, kind == "docx")


@bp.post("/gifts/<uuid:uid>/letter", endpoint="thank")
@needs(Permission.PROMOTE)
def thank(uid: UUID) -> Any:
    """The letter gets its number and day, once."""
    gift_here(uid)
    reader = Reader(posting.source())
    sent = posted(reader)
    reader.done()
    assert sent is not None

    def work() -> str:
        session, gift = db.session(), gift_here(uid)
        library_id = library_of(session, gift.branch_id)
        number = gift_papers.thank(session, gifts.lock(session, gift.id), library_id, clock.today())
        note("thank-donor", "gift", uid, library_id)
        return said(_("Thư cảm ơn mang số %(number)s.", number=number), url_for(".show", uid=uid))

    return once(sent, {"thank": str(uid)}, work)


# Beside the title


def _donated(record: Record) -> list[gift_copies.Line]:
    return gift_copies.of_title(db.session(), record.id, here())


def _donated_open(record: Record, library: Organisation) -> list[str]:
    return gift_copies.of_title_in_public(db.session(), record.id, library.id)


def _donated_copy(item: Item) -> str:
    return gift_copies.of_copy(db.session(), item.id)


bp.add_app_template_global(_donated, "donated")
bp.add_app_template_global(_donated_copy, "donated_copy")
bp.add_app_template_global(_donated_open, "donated_open")
