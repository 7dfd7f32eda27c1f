"""Reports that are kept: who sees them, when they are made by themselves, what came of it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload

from library.access import Scope
from library.core import clock
from library.core.errors import NotFound
from library.organisations.models import Organisation
from library.organisations.tree import below, parentage_on
from library.reports import addresses, builder, standing_periods, standing_sheet, tree
from library.reports.builder import Wish
from library.reports.saved_models import Every, SavedReport, SavedResult
from library.reports.standing_periods import Period, Sort
from library.reports.standing_question import Question


def visible(library_id: int, account: UUID) -> tuple[object, ...]:
    """The WHERE for reports somebody of this library sees: their own, and those shared with it."""
    return (
        SavedReport.library_id == library_id, SavedReport.dropped_at.is_(None),
        or_(SavedReport.account == account, SavedReport.shared),
    )  # fmt: skip


def listed(session: Session, library_id: int, account: UUID) -> Sequence[SavedReport]:
    query = select(SavedReport).where(*visible(library_id, account))  # type: ignore[arg-type]
    return session.scalars(query.order_by(SavedReport.name, SavedReport.id)).all()


def by_uid(session: Session, uid: UUID, library_id: int, account: UUID, lock: bool = False) -> SavedReport:
    """Raises NotFound for one that was dropped, or that somebody else keeps to themselves."""
    query = select(SavedReport).where(SavedReport.uid == uid, *visible(library_id, account))  # type: ignore[arg-type]
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found


def latest(session: Session, reports: Iterable[SavedReport]) -> dict[int, SavedResult]:
    """{report: the result of its last period}."""
    query = select(SavedResult).where(SavedResult.report_id.in_([one.id for one in reports]))
    return {one.report_id: one for one in session.scalars(query.order_by(SavedResult.last_on))}


def results(session: Session, report_id: int) -> Sequence[SavedResult]:
    query = select(SavedResult).where(SavedResult.report_id == report_id)
    return session.scalars(query.order_by(SavedResult.last_on.desc())).all()


def result(session: Session, report_id: int, uid: UUID) -> SavedResult:
    query = select(SavedResult).where(SavedResult.report_id == report_id, SavedResult.uid == uid)
    found = session.scalar(query.options(joinedload(SavedResult.report)))
    if found is None:
        raise NotFound
    return found


def keep(
    session: Session, uid: UUID, library_id: int, account: UUID, name: str, wish: Wish, units: Iterable[int],
    every: Every | None, shared: bool, branches: frozenset[int] | None = None,
) -> SavedReport:  # fmt: skip
    """Once: the same uid again is the report that was kept then, if it is the same person's. `branches`: the only ones that
    this account may see; None: all of the units."""
    if (known := session.scalar(select(SavedReport).where(SavedReport.uid == uid))) is not None:
        return by_uid(session, known.uid, library_id, account)
    made = SavedReport(
        uid=uid, library_id=library_id, account=account, name=name, wish=builder.as_plain(wish, sorted(units), branches),
        every=every, shared=shared, made_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


# By themselves


def due(session: Session, today: date, but: Collection[int] = ()) -> tuple[SavedReport, Period] | None:
    """The next report whose last period is over and not made yet: of a new one the period before it was saved. `but`: ids of
    those that could not be made."""
    for every in Every:
        period = standing_periods.of(Sort(every.value), today).moved(-1)
        made = exists().where(SavedResult.report_id == SavedReport.id, SavedResult.first_on == period.first,
                              SavedResult.last_on == period.last)  # fmt: skip
        query = select(SavedReport).where(SavedReport.every == every, SavedReport.dropped_at.is_(None), ~made)
        query = query.where(SavedReport.id.not_in(list(but)))
        found = session.scalar(query.order_by(SavedReport.id).limit(1))
        if found is not None:
            return found, period
    return None


def make(session: Session, report: SavedReport, period: Period) -> SavedResult:
    """The table of that period, as known now. Nobody looks: people are told by the rule for everybody."""
    scope = Scope(below([report.library_id], parentage_on(session, clock.today())))
    units = frozenset(_still(session, scope, report.wish["units"])) or frozenset({report.library_id})
    seen = report.wish.get("branches")  # of whoever kept it: the night sees no more than they did
    only = None if seen is None else frozenset(seen)
    question = Question(
        units, names(session, units), period, tree.load(session), report.library_id, scope, branches=only
    )
    with force_locale("vi"):  # nobody's page: in the first language
        told = standing_sheet.as_plain(builder.report(session, builder.of_plain(report.wish), question))
    made = SavedResult(uid=clock.uuid7(), report_id=report.id, first_on=period.first, last_on=period.last,
                       made_at=clock.now(), told=told)  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _still(session: Session, scope: Scope, units: Iterable[int]) -> Iterator[int]:
    """Units that still stand below the library, or whose successor does."""
    for one in units:
        with suppress(NotFound):
            yield from addresses.seen(session, scope, [one])


def names(session: Session, units: Iterable[int]) -> str:
    query = select(Organisation.name).where(Organisation.id.in_(list(units))).order_by(Organisation.name)
    return ", ".join(session.scalars(query))
