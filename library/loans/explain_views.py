"""The page that explains a loan: every value, the line it comes from, and the due date it would make today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select

from library import access
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, NotFound, Reason
from library.loans import facts, foretelling, reckoning, wording
from library.loans.dues import due_on
from library.loans.facts import CopyFacts, Desk, ReaderFacts
from library.loans.reckoning import Law
from library.loans.rules import Severity, Verdict
from library.loans.views import is_brief
from library.organisations.models import Branch, CodeKind, Organisation
from library.patrons import queries
from library.patrons.models import Membership
from library.patrons.queries import Wanted
from library.policies import explaining, table, words
from library.policies.explaining import Story
from library.policies.values import Channel, Lending, Values, Where, may_borrow
from library.policies.views import address_of, library_asked_for

bp = Blueprint("explain", __name__)
SHOWN = 12
"""Readers of one name to choose from."""


@dataclass(frozen=True)
class Asked:
    """What the page was asked about. `readers`: several answer to the name."""

    desk: Desk
    channel: Channel
    reader: ReaderFacts | None
    copy: CopyFacts | None
    readers: Sequence[Membership]
    complaints: Mapping[str, Reason]


@bp.get("/settings/rules/explain", endpoint="show")
@needs(Permission.RULES)
def show_explain() -> Any:
    libraries, library = library_asked_for()
    branches = _branches(library)
    asked, today = _asked(library, branches), clock.today()
    law = reckoning.law(db.session(), asked.desk, asked.reader, asked.copy, asked.channel)
    named = table.names(db.session(), law.book, library.network_id)
    where = _where(law, asked, named.categories)
    lines = {one.line.id: one for one in table.lines(db.session(), law.book, named, here())}
    return render_template(
        "policies/explain.html", libraries=libraries, library=library, lib=address_of(library), branches=branches,
        asked=asked, told=request.args, where=where, categories=named.categories, sorts=law.book.sorts.values(),
        lines=lines, stories=_by_group(explaining.explain(law.book.lines, where)), due=_due(law, asked, where, today),
        said=_desk_says(law, asked, where, today), is_named=where.category_id is not None,
        stops=_stops(law.book.resolve(where.category_id, where.item_class_id, where.channel).values),
        words=words, why=explaining.TOLD, whose=named.owners[law.book.owners[0]], today=today, rules_of=law.book.rules_of,
        cards=queries.cards(db.session(), [one.id for one in asked.readers]),
    )  # fmt: skip


def _branches(library: Organisation) -> Sequence[Branch]:
    query = select(Branch).where(Branch.organisation_id == library.id, Branch.closed_on.is_(None)).order_by(Branch.id)
    found = db.session.scalars(query).all()
    if not found or library.network_id is None:
        raise NotFound
    return found


def _asked(library: Organisation, branches: Sequence[Branch]) -> Asked:
    """Words that lead to nothing are told beside their field; the rest is explained all the same."""
    args = request.args
    branch = next((one for one in branches if str(one.uid) == args.get("branch")), branches[0])
    desk = Desk(library.id, library.network_id or 0, branch.id)
    complaints: dict[str, Reason] = {}
    readers = _readers(library, args.get("reader", "").strip(), complaints)
    reader = facts.reader(db.session(), readers[0].id, desk, clock.today()) if len(readers) == 1 else None
    copy = _copy(desk, args.get("copy", "").strip(), complaints, reader)
    channel = next((one for one in Channel if one.value == args.get("channel")), Channel.DESK)
    return Asked(desk, channel, reader, copy, readers if len(readers) > 1 else (), complaints)


def _readers(library: Organisation, text: str, complaints: dict[str, Reason]) -> Sequence[Membership]:
    """By card or name, of every library whose readers this person may see: a child may read at two."""
    scope = access.scope(Permission.SEE_PATRONS)
    if not text or not scope.holds_library(library.id):
        return ()
    wanted = Wanted(None, text)
    ids = queries.named(db.session(), wanted, scope).ids
    found = db.session.scalars(queries.people(wanted, scope, ids).limit(SHOWN)).unique().all() if ids else ()
    if not found:
        complaints["reader"] = Reason("unknown", N_("Không có bạn đọc nào tên hay thẻ như vậy."))
    return found


def _copy(desk: Desk, text: str, complaints: dict[str, Reason], reader: ReaderFacts | None) -> CopyFacts | None:
    if not text:
        return None
    found = [one for one in facts.resolve(db.session(), text, desk, clock.now()) if one.kind is CodeKind.ITEM]
    one = facts.the_one(found) if found else None
    if one is None:
        complaints["copy"] = Reason("unknown", N_("Không có bản sách nào mang mã này."))
        return None
    return facts.copy(db.session(), one.id, desk, clock.today(), reader.membership_id if reader else None)


def _where(law: Law, asked: Asked, categories: Mapping[int, str]) -> Where:
    """A reader or copy that was found goes before a kind that was chosen."""
    category = asked.reader.category_id if asked.reader else _among("category", categories)
    sort = law.sort(asked.copy) if asked.copy else _among("item_class", law.book.sorts)
    return Where(law.book.owners, category, sort, asked.channel)


def _among(name: str, known: Mapping[int, Any]) -> int | None:
    return next((one for one in known if str(one) == request.args.get(name)), None)


def _stops(values: Values) -> Reason | None:
    """Why no such book goes home with such a reader at all, whoever it is and whatever they hold."""
    if not may_borrow(values):
        return Reason("no-rule", N_("Không mượn được: chưa dòng nào nói đủ mượn trong bao lâu và giữ mấy cuốn."))
    if values.lending is not Lending.HOME:
        on_site = values.lending is Lending.ON_SITE
        return Reason("lending", N_("Chỉ đọc tại chỗ, không mang về.") if on_site else N_("Sách này không cho mượn."))
    if 0 in (values.most, values.most_of_class, values.most_of_group):
        return Reason("nought", N_("Không mượn được: giới hạn là 0 cuốn."))
    return None


def _due(law: Law, asked: Asked, where: Where, today: date) -> date | None:
    """The last day of a loan made now; None where nothing is lent. One's own wait does not shorten it."""
    values = law.book.resolve(where.category_id, where.item_class_id, where.channel).values
    if _stops(values):
        return None
    copy, reader = asked.copy, asked.reader
    expires = reader.standing.expires_on if reader else None
    own = bool(copy and reader and copy.reader_waits and copy.kept_for != reader.membership_id)
    return due_on(values, law.calendar(db.session(), today), today, expires, copy.waiting - own if copy else 0)


OUTCOMES = {Severity.REFUSE: "khong", Severity.ASK: "hoi", Severity.TELL: "luu"}


def _desk_says(law: Law, asked: Asked, where: Where, today: date) -> list[tuple[str, str, str]] | None:
    """(outcome, sentence, how it is passed) of every verdict on this reader; None where no reader is asked about."""
    if asked.reader is None:
        return None
    found = foretelling.verdicts(db.session(), law, asked.reader, asked.copy, where.item_class_id, today)
    return [(OUTCOMES[one.severity], wording.shown(one, is_brief()), _way(one)) for one in found]


def _way(verdict: Verdict) -> str:
    """How a desk gets past it."""
    if verdict.severity is Severity.TELL:
        return N_("chỉ nhắc")
    if verdict.severity is Severity.ASK:
        return N_("quầy hỏi, bấm một phím")
    return N_("vẫn cho mượn được, kèm lý do") if verdict.permission else N_("không ai cho qua được")


def _by_group(stories: Sequence[Story]) -> list[tuple[str, list[Story]]]:
    by_name = {one.name: one for one in stories}
    return [(title, [by_name[value.name] for value in values]) for title, values in words.GROUPS]
