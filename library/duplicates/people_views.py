"""Readers entered twice: looked at side by side, made one by one button, taken apart by another."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from library import audit
from library.access import Permission, here, needs
from library.core.db import db
from library.core.errors import N_, NotFound
from library.duplicates import people, people_likely
from library.duplicates.people_likely import Why
from library.inbox.acts import Doing
from library.patrons import asked, queries
from library.patrons.models import Person, PersonMerge

bp = Blueprint("twins", __name__)
LATELY, TITLES = 10, 5
HEADINGS = {
    Why.BIRTH: (N_("Cùng tên, cùng ngày sinh"), N_("Cùng họ tên và cùng ngày sinh, ở bất cứ lớp nào.")),
    Why.CODE: (N_("Cùng mã học sinh"), N_("Mã học sinh như nhau, chỉ khác cách gõ: thêm gạch, mất số 0 ở đầu.")),
    Why.CLASS: (
        N_("Cùng tên, cùng lớp"),
        N_("Cùng họ tên trong một lớp. Có khi là hai em thật: hỏi cô chủ nhiệm rồi mới gộp."),
    ),
}


@bp.get("/people/duplicates", endpoint="list")
@needs(Permission.EDIT_PATRON)
def show_list() -> Any:
    session, scope, why = db.session(), here(), _why(request.args.get("why"))
    libraries = queries.libraries(session, scope)
    library = queries.chosen(libraries, request.args.get("lib"), current_user.library_id)
    found, more = people_likely.pairs(session, library.id, scope, why)
    chips = [(each, _(words), each is why) for each, (words, _about) in HEADINGS.items()]
    return render_template(
        "duplicates/people.html", why=why, about=_(HEADINGS[why][1]), chips=chips, pairs=found, more=more,
        libraries=libraries, library=library, lately=_lately(), lib=asked.slug_of(library),
    )  # fmt: skip


def _why(text: str | None) -> Why:
    return Why(text) if text in set(Why) else Why.BIRTH


def _lately() -> list[PersonMerge]:
    """Merges the asker may take apart, the last ones first."""
    query = (
        select(PersonMerge).where(PersonMerge.undone_by.is_(None)).order_by(PersonMerge.id.desc()).limit(10 * LATELY)
    )
    found = db.session.scalars(query.options(joinedload(PersonMerge.kept), joinedload(PersonMerge.gone))).all()
    mine = people_likely.seen_whole(db.session(), {one.kept_id for one in found}, here())
    return [one for one in found if one.kept_id in mine][:LATELY]


@bp.post("/people/duplicates/merge", endpoint="merge")
@needs(Permission.EDIT_PATRON)
def merge() -> Any:
    kept, gone = _both()
    made = people.merge(db.session(), _doing(), kept, gone, end_cards=request.form.get("cards") == "end")
    audit.note(current_user.uid, "merge-people", "person", gone.uid, current_user.library_id)
    loans, name = sum(len(ids) for ids in made.moved["loans"].values()), kept.full_name
    db.session.commit()
    flash(
        _("Đã gộp vào %(name)s, %(count)s lượt mượn sang theo. Nhầm thì bấm Tách lại ở dưới.", name=name, count=loans),
        "success",
    )
    return redirect(_back(), 303)


@bp.post("/people/duplicates/apart", endpoint="apart")
@needs(Permission.EDIT_PATRON)
def keep_apart() -> Any:
    one, other = _both()
    people.keep_apart(db.session(), _doing(), one, other)
    audit.note(current_user.uid, "keep-people-apart", "person", other.uid, current_user.library_id)
    name = one.full_name
    db.session.commit()
    flash(_("Đã nhớ: hai bạn %(name)s là hai người, cặp này không hiện nữa.", name=name), "success")
    return redirect(_back(), 303)


@bp.post("/people/duplicates/split", endpoint="split")
@needs(Permission.EDIT_PATRON)
def split() -> Any:
    session = db.session()
    made = session.scalar(select(PersonMerge).where(PersonMerge.uid == _uid(request.form.get("merge", ""))))
    if made is None or made.kept_id not in people_likely.seen_whole(session, {made.kept_id}, here()):
        raise NotFound
    stay = people.since(session, made)
    titles = [loan.item.record.full_title for loan in stay]
    people.split(session, _doing(), made)
    audit.note(current_user.uid, "split-people", "person", made.gone.uid, current_user.library_id)
    name = made.kept.full_name
    session.commit()
    flash(_told_apart(name, titles), "success")
    return redirect(_back(), 303)


def _told_apart(name: str, titles: list[str]) -> str:
    """With what was lent since, which the librarian may have to put right by hand."""
    if not titles:
        return str(_("Đã tách %(name)s ra như trước.", name=name))
    listed = ", ".join(titles[:TITLES]) + ("…" if len(titles) > TITLES else "")
    sentence = _(
        "Đã tách %(name)s ra như trước. %(count)s lượt mượn từ lúc gộp ở lại với thẻ đã mượn: %(titles)s.",
        name=name, count=len(titles), titles=listed,
    )  # fmt: skip
    return str(sentence)


def _both() -> tuple[Person, Person]:
    """The two the form names, if the asker may see all of both."""
    session = db.session()
    uids = [_uid(request.form.get(name, "")) for name in ("kept", "gone")]
    found = {one.uid: one for one in session.scalars(select(Person).where(Person.uid.in_(uids)))}
    mine = people_likely.seen_whole(session, {one.id for one in found.values()}, here())
    if len(found) != len(set(uids)) or any(one.id not in mine for one in found.values()):
        raise NotFound
    return found[uids[0]], found[uids[1]]


def _doing() -> Doing:
    return Doing.now(current_user.uid, current_user.branch_id)


def _back() -> str:
    """The heading the form stood under."""
    return url_for(".list", why=_why(request.form.get("why")).value, lib=request.form.get("lib") or None)


def _uid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
