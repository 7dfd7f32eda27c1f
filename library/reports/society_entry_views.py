"""A commune's numbers of a year on one page: typed, undone; and the list of lines with what is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import audit
from library.access import Permission, here, needs, or_not_found
from library.accounts.models import Account
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, Reason
from library.core.forms import Reader
from library.core.numbers import written
from library.loans import posting
from library.loans.forms import uuid_or_none
from library.organisations.models import Organisation
from library.reports import society, society_telling
from library.reports.sheet_forms import NOT_A_NUMBER, number_of
from library.reports.society import BRANCHES, MEMBERS, YEARS, Line
from library.reports.society_telling import Telling

bp = Blueprint("society_entry", __name__)
MOST = 2_000_000_000
MOST_NEW, LOOKED_BACK = 3, 10
"""Rows for branches that are not there yet; years in which a branch may have been said to be no more."""
TOO_MUCH = Reason("too-much", N_("Số này lớn hơn cả tổng số."))
NOT_A_SHARE = Reason("share", N_("Cần một tỉ lệ từ 0 đến 100, viết như 74,5."))


def unit_here(uid: UUID) -> Organisation:
    """In scope. Raises NotFound."""
    query = select(Organisation).where(Organisation.uid == uid, here().of_libraries(Organisation.id))
    return or_not_found(db.session.scalar(query))


def _year(number: int) -> int:
    return or_not_found(number if number in YEARS and number <= clock.today().year else None)


@bp.get("/reports/society/<uuid:uid>/<int:year>", endpoint="show")
@needs(Permission.SHEET)
def show(uid: UUID, year: int) -> Any:
    return _page(unit_here(uid), _year(year), {}, {})


def _page(unit: Organisation, year: int, told: Any, complaints: Mapping[str, Reason]) -> str:
    session, listed = db.session(), society.lines(db.session(), unit.network_id)
    stands = society.counts(session, [unit.id], [year - 1, year])
    members = society.members(session, [unit.id], range(year - LOOKED_BACK, year + 1))
    live = [one for one in society.branches(session, unit.id) if not _is_gone(members, unit.id, one.id, year)]
    lately = society_telling.lately(session, unit.id, year)
    whose = {one.by for one in lately if one.by}
    names = {one.uid: one.name for one in session.scalars(select(Account).where(Account.uid.in_(whose)))}
    return render_template(
        "reports/society_entry.html", unit=unit, year=year, lines=_ordered(listed), told=told, complaints=complaints,
        now=lambda code: stands.get((unit.id, year, code)), before=lambda code: stands.get((unit.id, year - 1, code)),
        branches=live, members=lambda one, of: members.get((unit.id, of, one.id)), new=range(MOST_NEW), lately=lately,
        names=names, added=(MEMBERS, BRANCHES) if live else (), written=written, fresh_uid=clock.uuid7,
        here_zone=clock.HERE, this_year=clock.today().year, wholes={one.code: one.label for one in listed},
    )  # fmt: skip


def _is_gone(members: Mapping[tuple[int, int, int], int | None], unit: int, branch: int, year: int) -> bool:
    """Whether the last that was said of the branch, in this year or before, is that there is none any more."""
    years = [one for one in range(year - LOOKED_BACK, year + 1) if (unit, one, branch) in members]
    return bool(years) and members[unit, years[-1], branch] is None


def _ordered(listed: Sequence[Line]) -> list[Line]:
    """Plain numbers first: they are what shares are taken of."""
    return sorted(listed, key=lambda one: one.whole is not None)


@bp.post("/reports/society/<uuid:uid>/<int:year>", endpoint="tell")
@needs(Permission.SHEET)
def tell(uid: UUID, year: int) -> Any:
    """`n-<line>` a number; `m-<branch>` its members, `x-<branch>` ticked: no more; `name-<n>`, `many-<n>` a new branch."""
    told = posting.source()
    unit, reader = unit_here(uid), Reader(told)
    year, posted = _year(year), posting.posted_of(told, reader)
    telling = _telling(told, reader, unit)

    def work() -> dict[str, Any]:
        one = unit_here(uid)
        assert posted is not None
        doing = posting.doing_at(posted, one.branches[0].id)
        count = society_telling.tell(db.session(), doing, one, year, telling)
        audit.note(current_user.uid, "tell-society", "library", one.uid, one.id)
        return {"act": str(doing.uid), "do": _("Đã ghi %(count)s số của năm %(year)s.", count=count, year=year)}

    content = {"society": str(uid), "year": year, "told": _sent(told)}
    return _do(reader, posted, content, work, unit, year, told)


def _do(reader: Reader, posted: Any, content: Any, work: Any, unit: Organisation, year: int, told: Any) -> Any:
    """Once; then the page again, with what is wrong where something is."""
    address = url_for("society_entry.show", uid=unit.uid, year=year)
    try:
        reader.done()
        return posting.answer_aloud(posted, content, work, lambda done: address)
    except (Invalid, society_telling.NotSo) as wrong:
        if request.is_json:
            raise
        db.session.rollback()
        fields = wrong.fields if isinstance(wrong, Invalid) else {"": wrong.reasons[0]}
        return _page(unit_here(unit.uid), year, told, fields), 422


def _telling(told: posting.Source, reader: Reader, unit: Organisation) -> Telling:
    session = db.session()
    listed, branches = society.lines(session, unit.network_id), society.branches(session, unit.id)
    added = (MEMBERS, BRANCHES) if branches else ()
    counts = {
        line.code: _number(told, reader, f"n-{line.code}")
        for line in listed
        if line.code not in added and f"n-{line.code}" in told
    }
    _check(listed, counts, reader)
    members = {
        one.id: None if reader.ticked(f"x-{one.uid}") else many
        for one in branches
        if (many := _number(told, reader, f"m-{one.uid}")) is not None or reader.ticked(f"x-{one.uid}")
    }
    return Telling(counts, members, _new(told, reader))


def _number(told: posting.Source, reader: Reader, name: str) -> int | None:
    try:
        value = number_of(str(told.get(name) or ""))
        if value is not None and value > MOST:
            raise ValueError(name)
        return value
    except ValueError:
        reader.complaints.setdefault(name, NOT_A_NUMBER)
        return None


def _check(listed: Sequence[Line], counts: Mapping[str, int | None], reader: Reader) -> None:
    """A part is no more than its whole, where both are told here."""
    for line in listed:
        part, whole = counts.get(line.code), counts.get(line.whole or "")
        if part is not None and whole is not None and part > whole:
            reader.complaints.setdefault(f"n-{line.code}", TOO_MUCH)


def _new(told: posting.Source, reader: Reader) -> list[tuple[str, int]]:
    rows = [(reader.text(f"name-{at}", False, 120), _number(told, reader, f"many-{at}")) for at in range(MOST_NEW)]
    return [(name, many or 0) for name, many in rows if name]


def _sent(told: posting.Source) -> dict[str, str]:
    """What was sent, as it was sent: a second click sends the same, whatever stands by then."""
    return {name: str(told[name]) for name in sorted(told) if name.startswith(("n-", "m-", "x-", "name-", "many-"))}


@bp.post("/reports/society/<uuid:uid>/<int:year>/undo", endpoint="undo")
@needs(Permission.SHEET)
def undo(uid: UUID, year: int) -> Any:
    """`act`: what is taken back."""
    told = posting.source()
    unit, reader = unit_here(uid), Reader(told)
    year, posted, act = _year(year), posting.posted_of(told, reader), uuid_or_none(told.get("act"))

    def work() -> dict[str, Any]:
        one = unit_here(uid)
        assert posted is not None
        doing = posting.doing_at(posted, one.branches[0].id)
        society_telling.undo(db.session(), doing, one, year, or_not_found(act))
        audit.note(current_user.uid, "undo-society", "library", one.uid, one.id)
        return {"do": _("Đã hoàn tác. Các số trước đó còn nguyên.")}

    return _do(reader, posted, {"undo-society": str(act)}, work, unit, year, {})


# The list of lines


def _root() -> Organisation:
    """Of one's own network, where one adds up for all of it. Raises NotFound for who stands further down."""
    session = db.session()
    own = session.get_one(Organisation, here().library(current_user.library_id))
    return session.get_one(Organisation, here().library(own.network_id or own.id))


@bp.get("/reports/society/lines", endpoint="lines")
@needs(Permission.CAMPAIGN)
def show_lines() -> Any:
    return _lines_page(_root(), None, {})


def _lines_page(root: Organisation, told: Any, complaints: Mapping[str, Reason]) -> str:
    listed = society.lines(db.session(), root.id)
    return render_template(
        "reports/society_lines.html", root=root, lines=listed, told=told, complaints=complaints, new=range(2),
        years=society.target_years(listed), written=written, wholes=[one for one in listed if one.whole is None],
    )  # fmt: skip


@bp.post("/reports/society/lines", endpoint="put_lines")
@needs(Permission.CAMPAIGN)
def put_lines() -> Any:
    """`label-`, `unit-`, `whole-`, `t<year>-` and `x-` (ticked: left out) by line; the same of `new-0`, `new-1`."""
    root, session = _root(), db.session()
    reader, listed = Reader(request.form), society.lines(session, root.id)
    years = society.target_years(listed)
    kept = [_line(reader, one.code, one, years) for one in listed if not reader.ticked(f"x-{one.code}")]
    fresh = [_line(reader, f"new-{at}", None, years) for at in range(2) if reader.text(f"label-new-{at}", False)]
    named = [*kept, *(_coded(one, {other.code for other in [*listed, *fresh]}) for one in fresh)]
    _wholes(reader, named)
    try:
        reader.done()
    except Invalid as wrong:
        return _lines_page(root, request.form, wrong.fields), 422
    society.put_lines(session, root.id, named)
    audit.note(current_user.uid, "set-society-lines", "library", root.uid, root.id)
    session.commit()
    flash(_("Đã lưu danh mục chỉ tiêu."), "success")
    return redirect(url_for("society_entry.lines"), 303)


def _line(reader: Reader, code: str, before: Line | None, years: Sequence[int]) -> Line:
    label, unit = reader.text(f"label-{code}", longest=120), reader.text(f"unit-{code}", longest=40)
    whole = reader.text(f"whole-{code}", False) or None
    targets = {year: tenths for year in years if (tenths := _tenths(reader, f"t{year}-{code}")) is not None}
    return Line(code, label, unit, whole, targets if whole else {})


def _tenths(reader: Reader, name: str) -> int | None:
    text = reader.text(name, False, 6).removesuffix("%").strip().replace(",", ".")
    if not text:
        return None
    try:
        tenths = round(float(text) * 10) if text.replace(".", "", 1).isdigit() and text.isascii() else -1
    except ValueError:
        tenths = -1
    if not 0 <= tenths <= 1000:
        reader.complaints.setdefault(name, NOT_A_SHARE)
        return None
    return tenths


def _coded(line: Line, taken: set[str]) -> Line:
    """A code of its own, which stays when the words change."""
    code = f"own-{clock.uuid7().hex[-10:]}"
    assert code not in taken
    return Line(code, line.label, line.unit, line.whole, line.targets)


def _wholes(reader: Reader, listed: Sequence[Line]) -> None:
    """A whole is a plain number of the list."""
    plain = {one.code for one in listed if one.whole is None}
    for line in listed:
        if line.whole is not None and line.whole not in plain:
            reader.complaints.setdefault(
                f"whole-{line.code}", Reason("whole", N_("Tổng số phải là một dòng số đếm có trong danh mục."))
            )
