"""Putting a report together: every choice stands in the address, so that a page can be sent on and come back to."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.reports import builder, standing_pages, standing_periods, words
from library.reports.builder import Wish
from library.reports.measures import MEASURES, Ledger
from library.reports.saved_models import Every
from library.reports.standing_periods import SORTS, Sort
from library.reports.standing_question import Question

bp = Blueprint("report_builder", __name__)


def asked() -> tuple[Wish, Question]:
    """What the address asks. Raises NotFound for a unit that may not be seen."""
    question = standing_pages.question(db.session(), Sort.SCHOOL_YEAR)
    return builder.read(request.args, question.period.sort), question


@bp.get("/reports/build")
@needs(Permission.STATISTICS)
def show() -> Any:
    session = db.session()
    wish, question = asked()
    values: dict[str, Any] = {
        **builder.values(wish),
        "unit": sorted(question.units),
        **standing_periods.values(question.period),
    }
    return standing_pages.page(
        "reports/builder.html", wish=wish, asked=question, report=builder.report(session, wish, question), values=values,
        units=standing_pages.units(session, here()), measures=_measures(), dims=_dims(), cuts=_cuts(wish),
        every=every(), uid=clock.uuid7(), renewed=sorted(code for code, one in MEASURES.items() if one.renewed),
        take=lambda form: url_for("report_builder.take", form=form, **values), Sort=Sort,
    )  # fmt: skip


def _measures() -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, (code, words)) of every figure."""
    heads = {Ledger.USE: _("Lượt sách"), Ledger.VISIT: _("Lượt bạn đọc"), Ledger.HAPPENING: _("Hoạt động")}
    found: dict[str, list[tuple[str, str]]] = {}
    for code, one in MEASURES.items():
        found.setdefault(heads.get(one.ledger, _("Kho sách, bạn đọc, đơn vị")), []).append((code, _(one.words)))
    return list(found.items())


def _dims() -> list[tuple[str, str, str]]:
    """(dimension, its words, the figures it parts) of every way to part one."""
    return [
        (dim, _(words.DIM_WORDS[dim]), " ".join(code for code, one in MEASURES.items() if dim in one.dims))
        for dim in builder.DIMS
    ]


def _cuts(wish: Wish) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """(dimension, its words, values to choose from, the one chosen) of what the figure can be cut by."""
    chosen = dict(wish.only)
    return [
        (
            dim,
            _(words.DIM_WORDS[dim]),
            [(key, _(told)) for key, told in builder.choices(dim).items()],
            chosen.get(dim, ""),
        )
        for dim in builder.NARROW
        if dim in wish.measured.dims
    ]


def every() -> list[tuple[str, str]]:
    return [("", _("Khi tôi mở"))] + [
        (one.value, _("Hết mỗi %(period)s", period=_(SORTS[Sort(one.value)]).lower())) for one in Every
    ]


@bp.get("/reports/build/file")
@needs(Permission.STATISTICS)
def take() -> Any:
    """`form`: pdf, xlsx, csv."""
    wish, question = asked()
    told = builder.report(db.session(), wish, question)
    return standing_pages.taken(told, standing_pages.file_name(wish.measure, question.period))
