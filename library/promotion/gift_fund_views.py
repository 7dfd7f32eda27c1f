"""A fund: what came in, what was spent, what is left."""

from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from flask_babel import gettext as _

from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.forms import Reader
from library.core.numbers import written
from library.exports.answers import book
from library.loans import posting
from library.organisations.models import Organisation
from library.patrons import asked
from library.promotion import gift_forms, gift_funds
from library.promotion.drive_views import list_page
from library.promotion.gift_models import Fund
from library.promotion.gift_pages import Complaints, fund_here, name_of, note, once, posted, said, show, stands, tried

bp = Blueprint("funds", __name__)


@bp.post("/funds", endpoint="open")
@needs(Permission.PROMOTE)
def open_fund() -> Any:
    library, told = asked.library(), posting.source()
    reader = Reader(told)
    sent, name = posted(reader), reader.text("name", longest=100)

    def work() -> str:
        made = gift_funds.open_fund(db.session(), library.id, name)
        note("open-fund", "fund", made.uid, library.id)
        return said(_("Đã mở %(name)s.", name=made.name), url_for(".show", uid=made.uid))

    def send() -> Any:
        assert sent is not None
        return once(sent, {"open-fund": name, "lib": library.id}, work)

    return tried(reader, send, lambda wrong: list_page(told, wrong))


@bp.get("/funds/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show_fund(uid: UUID) -> Any:
    return _page(fund_here(uid), {}, {})


def _page(fund: Fund, told: posting.Source, wrong: Complaints) -> str:
    session = db.session()
    book = gift_funds.book(session, fund)
    return show(
        "promotion/fund.html", fund=fund, book=book, balance=gift_funds.balances(session, [fund.id])[fund.id], told=told,
        complaints=wrong, today=clock.today(), undos={one.act_id: stands(one.act_id) for one in book if one.act_id},
        library=session.get_one(Organisation, fund.library_id),
    )  # fmt: skip


@bp.post("/funds/<uuid:uid>", endpoint="spend")
@needs(Permission.PROMOTE)
def spend(uid: UUID) -> Any:
    fund, told = fund_here(uid), posting.source()
    branch_id = db.session.get_one(Organisation, fund.library_id).branches[0].id
    reader = Reader(told)
    sent, spent = posted(reader), gift_forms.spending(reader)

    def work() -> str:
        assert sent is not None
        assert spent is not None
        fund = fund_here(uid)
        gift_funds.spend(db.session(), posting.doing_at(sent, branch_id), fund, *spent)
        note("spend-fund", "fund", uid, fund.library_id)
        return said(_("Đã ghi chi %(amount)s đ.", amount=written(spent[1])), url_for(".show", uid=uid))

    def send() -> Any:
        assert sent is not None
        return once(sent, {"spend": str(uid), "told": str(spent)}, work)

    return tried(reader, send, lambda wrong: _page(fund_here(uid), told, wrong))


@bp.get("/funds/<uuid:uid>/book.xlsx", endpoint="workbook")
@needs(Permission.PROMOTE)
def workbook(uid: UUID) -> Any:
    fund = fund_here(uid)
    heads = (_("Ngày"), _("Nội dung"), _("Số biên nhận, chứng từ"), _("Thu (đ)"), _("Chi (đ)"), _("Còn (đ)"))
    rows = [[one.on, one.what or name_of(one.gift.donor if one.gift else None), one.number, one.came or None,
             one.spent or None, one.left] for one in gift_funds.book(db.session(), fund)]  # fmt: skip
    return book(heads, rows, _("Sổ quỹ"), f"so-quy-{clock.today():%Y%m%d}")
