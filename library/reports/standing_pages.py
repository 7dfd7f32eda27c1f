"""What pages of reports share: the question of a request, and what their template asks for."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, Scope, here
from library.core import clock
from library.core.errors import NotFound
from library.core.mime import CSV, XLSX
from library.labels.answers import file, pdf
from library.organisations.models import Organisation, OrganisationKind
from library.reports import addresses, sheets_xlsx, standing_pdf, standing_periods, tree
from library.reports.asking import Ask
from library.reports.standing_periods import SORTS, Period, Sort
from library.reports.standing_question import Question
from library.reports.standing_sheet import Report

ON_SCREEN = 300
"""Lines of a table; files have all of them."""


def question(session: Session, usual: Sort, day: bool = False) -> Question:
    """Of the address, cut to what may be seen. Raises NotFound for a unit that may not."""
    scope, own = here(), here().library(current_user.library_id)
    units = addresses.seen(session, scope, _wanted() or {own})
    period = standing_periods.read(request.args, usual, clock.today())
    if day:
        period = Period(Sort.ANY, period.last, period.last) if request.args.get("last") else _now()
    known = tree.load(session)
    made = Question(
        units, _name(session, units), period, known, own, scope, more=request.args.to_dict(),
        branches=addresses.within(known, scope, units),
    )  # fmt: skip
    return replace(made, whole=_sees_all(made))


def _now() -> Period:
    return Period(Sort.ANY, clock.today(), clock.today())


def _wanted() -> set[int]:
    return {int(one) for one in request.args.getlist("unit") if one.isascii() and one.isdigit() and len(one) < 19}


def _name(session: Session, units: frozenset[int]) -> str:
    names = session.scalars(select(Organisation.name).where(Organisation.id.in_(units)).order_by(Organisation.name))
    return ", ".join(names)


def _sees_all(asked: Question) -> bool:
    """Whether who asks may see each reader of these units anyway."""
    sees = access.scope(Permission.SEE_PATRONS)
    return sees.classes is None and all(sees.holds_library(one.owner) for one in asked.last.stands.values())


def units(session: Session, scope: Scope, schools: bool = False) -> Sequence[Organisation]:
    """To choose from: those that stand. `schools`: only these."""
    query = select(Organisation).where(scope.of_libraries(Organisation.id), Organisation.to_on.is_(None))
    query = query.where(Organisation.kind == OrganisationKind.SCHOOL) if schools else query
    return session.scalars(query.order_by(Organisation.name)).all()


def of_school(session: Session, asked: Question) -> Question:
    """The same of one school: the first one there is, where something else was asked."""
    schools = units(session, asked.scope, True)
    if not schools or any(one.id in asked.units for one in schools):
        return asked
    chosen = frozenset({schools[0].id})
    seen = addresses.within(asked.known, asked.scope, chosen)
    return replace(asked, units=chosen, name=schools[0].name, branches=seen)


def linker() -> Callable[[Ask | None], str]:
    """The address of the rows behind a figure: a table has thousands of them, so the beginning is made once."""
    begin = url_for("report_figures.show")
    return lambda ask: f"{begin}?{urlencode(addresses.values(ask), doseq=True)}" if ask else ""


def page(template: str, **told: Any) -> str:
    return render_template(
        template, link=linker(), sorts=SORTS, most=ON_SCREEN, period_values=standing_periods.values, there=there, **told
    )


def there(endpoint: str, **values: Any) -> str:
    """Its address; '' where nobody has made that page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def taken(report: Report, name: str) -> Response:
    """As a file of the form the address asks for. Raises NotFound for one we do not make."""
    kind = request.args.get("form", "pdf")
    if kind == "xlsx":
        return file(sheets_xlsx.xlsx(report), XLSX, f"{name}.xlsx")
    if kind == "csv":
        return file(sheets_xlsx.as_csv(report), CSV, f"{name}.csv")
    if kind == "pdf":
        return pdf(
            standing_pdf.pdf(report, _made(), _("Bảng dài quá một tập giấy: tải bảng tính để có đủ dòng.")), name
        )
    raise NotFound


def _made() -> str:
    now = clock.now().astimezone(clock.HERE)
    return str(_("Lập lúc %(moment)s, %(name)s", moment=f"{now:%H:%M %d/%m/%Y}", name=current_user.name))


def file_name(code: str, period: Period) -> str:
    return f"{code}-{period.first:%Y%m%d}-{period.last:%Y%m%d}"
