"""A library's figures for everybody, beside its public catalogue."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _

from library.access import for_everyone
from library.core import clock, plot_bars
from library.core.db import db
from library.core.numbers import written
from library.core.plot import Plot, Series
from library.finding.pages import FRONT_LINKS, library_at, open_page
from library.organisations.models import Organisation
from library.privacy.suppression import ALL, LEAST
from library.reports import public_figures, tree, words
from library.reports.dashboard import USES, VISITS
from library.reports.public_figures import Open

bp = Blueprint("public_figures", __name__)


@bp.get("/tv/<slug>/so-lieu")
@for_everyone
def show(slug: str) -> Any:
    library, session, today = library_at(slug), db.session(), clock.today()
    dim, known = public_figures.dim_of(session, library), tree.load(session)
    found = [public_figures.read(session, library, measure, dim, today, known) for measure in (VISITS, USES)]
    others = {None: _("nhóm khác, chưa rõ")}
    told = {one.measure: words.names(session, dim, one.rows) | others for one in found}
    return open_page(
        "reports/public.html", library, found=found, told=told, plots={one.measure: _plot(one) for one in found},
        titles={VISITS: _("Lượt bạn đọc"), USES: _("Lượt tài liệu")}, names=[f"{month:%m/%Y}" for month in found[0].months],
        since=_words(found[0].months), least=LEAST, ALL=ALL, written=written, by_kind=dim == "library-kind",
        others=dim == "group" and any(None in one.rows for one in found),
        back=url_for("finding.front", slug=library.slug),
    )  # fmt: skip


def _plot(one: Open) -> Plot | None:
    if not one.total and not any(one.sums):
        return None
    return plot_bars.standing([f"T{month.month}" for month in one.months], [Series(_("lượt"), one.sums)])


def _words(months: Sequence[date]) -> str:
    return f"{months[0]:%m/%Y} – {months[-1]:%m/%Y}" if len(months) > 1 else f"{months[0]:%m/%Y}"


def _on_the_front(library: Organisation) -> tuple[str, str] | None:
    return str(_("Số liệu")), url_for("public_figures.show", slug=library.slug)


FRONT_LINKS.append(_on_the_front)
