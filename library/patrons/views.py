"""Pages on readers: the list, one reader, adding, changing, a new card."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, NotFound, Reason
from library.core.fold import clean, fold, given_name
from library.core.paging import page_number, page_of
from library.inbox import once
from library.inbox.models import Entry
from library.organisations.codes import is_ours
from library.organisations.models import Organisation
from library.patrons import changing, enrolling, groups, panels, queries
from library.patrons.forms import NO_GROUP, NewReader, read_change
from library.patrons.models import Membership, PatronGroup, Person
from library.patrons.queries import Group, Wanted

bp = Blueprint("patrons", __name__)
A_PAGE = 50


def _uuid_or_none(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def called(name: str, group: str) -> str:
    """em Lan · thầy cô Hoa · bạn đọc Mai"""
    words = {PatronGroup.PUPIL: N_("em %(name)s"), PatronGroup.TEACHER: N_("thầy cô %(name)s")}
    return str(_(words.get(PatronGroup(group), N_("bạn đọc %(name)s")), name=given_name(name)))


@bp.app_template_filter("fours")
def in_fours(code: str) -> str:
    """One of our own numbers in groups of four, as it stands on the card: 1004 2000 0179; others as they are."""
    return " ".join((code[:4], code[4:8], code[8:])) if is_ours(code) else code


# The list


EVERYWHERE = "*"
"""In addresses: every library where the asker may see readers."""


@bp.get("/people")
@needs(Permission.SEE_PATRONS)
def people() -> Any:
    session, scope = db.session(), here()
    libraries = queries.libraries(session, scope)
    everywhere = request.args.get("lib") == EVERYWHERE and len(libraries) > 1
    library = queries.chosen(libraries, None if everywhere else request.args.get("lib"), current_user.library_id)
    wanted = _wanted(None if everywhere else library.id)
    found = queries.named(session, wanted, scope) if wanted.words or everywhere else None
    page = page_of(
        session,
        queries.people(wanted, scope, found.ids if found else None),
        page_number(request.args.get("page")),
        A_PAGE,
    )
    return render_template(
        "patrons/people.html", libraries=libraries, library=library, wanted=wanted, page=page, everywhere=everywhere,
        cards=queries.cards(session, [one.id for one in page]), more=bool(found and found.more),
        classes=() if everywhere else queries.classes(session, library.id, clock.today(), scope),
        kinds=() if everywhere else queries.kinds(session, library.id, scope), may_add=_may(Permission.EDIT_PATRON, library.id),
        may_print=_may(Permission.PRINT_LABELS, library.id), may_bring=_may(Permission.IMPORT_PATRONS, library.id),
        address=lambda **more: _address(library, wanted, **more),
        page_address=lambda number: _address(library, wanted, page=number),
    )  # fmt: skip


def _wanted(library_id: int | None) -> Wanted:
    asked = request.args
    if library_id is None:
        return Wanted(None, clean(asked.get("q", ""))[:100], ended=asked.get("ended") == "1")
    return Wanted(
        library_id, clean(asked.get("q", ""))[:100], _uuid_or_none(asked.get("class")), asked.get("kind", "")[:20],
        asked.get("ended") == "1",
    )  # fmt: skip


def _address(library: Organisation, wanted: Wanted, **more: Any) -> str:
    """The same list with something changed; None leaves a condition out."""
    own = None if library.id == current_user.library_id else library.slug
    here_ = {"lib": EVERYWHERE if wanted.library_id is None else own, "q": wanted.words or None}
    narrowed = {"class": wanted.class_uid, "kind": wanted.kind or None, "ended": "1" if wanted.ended else None}
    return url_for("patrons.people", **{**here_, **narrowed, **more})


def _may(permission: Permission, library_id: int) -> bool:
    return access.scope(permission).holds_library(library_id)


# One reader


@bp.get("/people/<uuid:uid>")
@needs(Permission.SEE_PATRONS)
def person(uid: UUID) -> Any:
    return _person_page(queries.by_uid(db.session(), uid, here()))


def _person_page(reader: Membership) -> str:
    session, scope = db.session(), here()
    others = queries.elsewhere(session, reader, scope)
    group = groups.of(session, reader) if reader.category.group is PatronGroup.GROUP else None
    return render_template(
        "patrons/person.html", reader=reader, card=queries.cards(session, [reader.id]).get(reader.id),
        panels=panels.of(session, reader), may_edit=_may(Permission.EDIT_PATRON, reader.library_id),
        may_print=_may(Permission.PRINT_LABELS, reader.library_id), who=called(reader.person.full_name, reader.category.group),
        others=[(one, panels.of(session, one)) for one in others], group=group, answers_for=groups.answered_for(session, reader),
        may_move=scope.everything or len(scope.libraries) > 1,
    )  # fmt: skip


def _others_libraries(reader: Membership) -> list[Organisation]:
    """Where the asker may enrol this person too: libraries of the same network."""
    mine = queries.libraries(db.session(), access.scope(Permission.EDIT_PATRON))
    return [one for one in mine if one.id != reader.library_id and one.network_id == reader.library.network_id]


# Another school


@bp.get("/people/<uuid:uid>/move", endpoint="ask_move")
@needs(Permission.EDIT_PATRON)
def ask_move(uid: UUID) -> Any:
    reader = queries.by_uid(db.session(), uid, here())
    return _move_page(reader, request.args, {})


def _move_page(reader: Membership, told: Any, complaints: Any) -> str:
    libraries = _others_libraries(reader)
    to = next((one for one in libraries if one.slug == told.get("to")), libraries[0] if libraries else None)
    among = queries.groups(db.session(), to, clock.today(), here()) if to else {}
    return render_template(
        "patrons/move.html", reader=reader, libraries=libraries, to=to, groups=among, told=told, complaints=complaints,
        who=called(reader.person.full_name, reader.category.group),
    )  # fmt: skip


@bp.post("/people/<uuid:uid>/move", endpoint="move")
@needs(Permission.EDIT_PATRON)
def move(uid: UUID) -> Any:
    session = db.session()
    reader = queries.by_uid(session, uid, here(), lock=True)
    to = next((one for one in _others_libraries(reader) if one.slug == request.form.get("to")), None)
    group = queries.groups(session, to, clock.today(), here()).get(request.form.get("group", "")) if to else None
    if to is None or group is None:
        return _move_page(reader, request.form, {"group": Reason("group", NO_GROUP)}), 422
    arriving = changing.Arriving(to, group.category_id, group.class_id, group.until)
    made, _card = changing.move(session, reader, arriving)
    there = session.get_one(Membership, made).uid
    audit.note(current_user.uid, "end-membership", "membership", reader.uid, reader.library_id)
    audit.note(current_user.uid, "add-reader", "membership", there, to.id)
    session.commit()
    flash(_("Đã chuyển. Sách đang giữ vẫn ghi ở trường cũ, trường cũ nhận trả như thường."), "success")
    return redirect(url_for("patrons.person", uid=there), 303)


# Adding


@bp.get("/people/new", endpoint="new")
@needs(Permission.EDIT_PATRON)
def show_new() -> Any:
    library, groups = _place()
    told = {"uid": str(clock.uuid7()), "group": request.args.get("group", "")}
    added = _uuid_or_none(request.args.get("added"))
    reader = queries.by_uid(db.session(), added, here()) if added else None
    card = queries.cards(db.session(), [reader.id]).get(reader.id) if reader else None
    return _new_page(library, groups, told, added=reader, card=card)


def _place() -> tuple[Organisation, dict[str, Group]]:
    session, scope = db.session(), here()
    library = queries.chosen(queries.libraries(session, scope), request.values.get("lib"), current_user.library_id)
    return library, queries.groups(session, library, clock.today(), scope)


def _new_page(library: Organisation, groups: dict[str, Group], told: Any, **more: Any) -> str:
    page = {"complaints": {}, "namesakes": (), "known": False, "added": None, "card": None} | more
    may_print = _may(Permission.PRINT_LABELS, library.id) and _may(Permission.SEE_PATRONS, library.id)
    return render_template(
        "patrons/new.html", library=library, groups=groups, told=told, may_print=may_print,
        own=library.id == current_user.library_id, **page,
    )  # fmt: skip


@bp.post("/people", endpoint="add")
@needs(Permission.EDIT_PATRON)
def add() -> Any:
    """One person, one membership, one card, in one go; the same form twice adds one reader."""
    session = db.session()
    library, groups = _place()
    try:
        new = NewReader.read(request.form, groups)
        person_id = _known_person(session, library, new)
    except Invalid as told:
        return _new_page(library, groups, request.form, complaints=told.fields), 422
    if not new.anyway and (same := _namesakes(session, library, new)):
        return _new_page(library, groups, request.form, namesakes=same), 422
    if person_id is None and not new.anyway and (known := _known_by_birth(session, library, new)):
        if not new.same:
            return _new_page(library, groups, request.form, known=True), 422
        person_id = known.id
    uid = _enrol_once(session, library, new, person_id)
    session.commit()
    return redirect(_after(library, new, uid), 303)


def _known_person(session: Session, library: Organisation, new: NewReader) -> int | None:
    """Somebody of the network with this student code. Invalid if they read here already; and if they have another name,
    which is not told: a code alone shall not open who somebody is."""
    if not new.student_code:
        return None
    found = queries.by_student_code(session, library.network_id, new.student_code)
    if found is None or _is_repeated(session, new):
        return found.id if found else None
    if queries.open_at(session, found.id, library.id):
        sentence = N_("Mã này đã là của %(name)s.")
        raise Invalid({"student_code": Reason("student-code-used", sentence, {"name": found.full_name})})
    if fold(found.full_name) != fold(new.full_name):
        raise Invalid({"student_code": Reason("another-name", N_("Mã và tên chưa khớp nhau. Xem lại cả hai."))})
    return found.id


def _known_by_birth(session: Session, library: Organisation, new: NewReader) -> Person | None:
    """Somebody of the network of just this name and day of birth who does not read here."""
    if new.born_on is None or new.born_year_only or _is_repeated(session, new):
        return None
    found = queries.by_name_and_birth(session, library.network_id, new.full_name, new.born_on)
    here_already = found and queries.open_at(session, found.id, library.id)
    return None if here_already else found


def _message(new: NewReader) -> UUID:
    """A form that was sent, changed and sent again is another message than the first."""
    return uuid5(new.uid, once.fingerprint(new.content()))


def _is_repeated(session: Session, new: NewReader) -> bool:
    return session.scalar(select(Entry.uid).where(Entry.uid == _message(new))) is not None


def _namesakes(session: Session, library: Organisation, new: NewReader) -> Sequence[Membership]:
    if _is_repeated(session, new):
        return ()
    return queries.namesakes(session, library.id, fold(new.full_name), new.group.class_id)


def _enrol_once(session: Session, library: Organisation, new: NewReader, person_id: int | None) -> str:
    """The membership's uid."""
    uid, content = _message(new), new.content()
    answer = once.arrive(session, uid, current_user.uid, content)
    if answer is None:
        ((membership_id, _card),) = enrolling.enrol(session, library, new.group.category_id, [new.patron(person_id)])
        answer = {"membership": str(session.get_one(Membership, membership_id).uid)}
        once.keep_answer(session, uid, answer)
        audit.note(current_user.uid, "add-reader", "membership", answer["membership"], library.id)
    return str(answer["membership"])


def _after(library: Organisation, new: NewReader, uid: str) -> str:
    """To the card's sheet, or back to the empty form with the same class: a class is added name by name."""
    if request.form.get("then") == "card":
        return url_for("labels.cards", reader=uid)
    lib = None if library.id == current_user.library_id else library.slug
    return url_for("patrons.new", group=new.group_key, added=uid, lib=lib)


# Changing


@bp.get("/people/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.EDIT_PATRON)
def show_edit(uid: UUID) -> Any:
    reader = queries.by_uid(db.session(), uid, here())
    return _edit_page(reader, _groups_for(reader), _told(reader), {})


def _groups_for(reader: Membership) -> dict[str, Group]:
    """What may be chosen; what the reader is now stays among it, though the class may be of another year."""
    groups = queries.groups(db.session(), reader.library, clock.today(), here())
    now, name = reader.school_class, _group_key(reader)
    label = f"{now.name} – {reader.category.name}" if now else reader.category.name
    kept = Group(label, reader.category_id, reader.class_id)
    same = name in groups and groups[name].category_id == reader.category_id
    return groups if same else {name: kept} | {key: one for key, one in groups.items() if key != name}


def _group_key(reader: Membership) -> str:
    return f"lop-{reader.school_class.uid}" if reader.school_class else f"nhom-{reader.category.code}"


def _told(reader: Membership) -> dict[str, str]:
    days = {"expires_on": reader.expires_on, "blocked_until": reader.blocked_until}
    shown = {name: f"{day:%d/%m/%Y}" if day else "" for name, day in days.items()}
    return {"full_name": reader.person.full_name, "group": _group_key(reader), **shown}


def _edit_page(reader: Membership, groups: dict[str, Group], told: Any, complaints: Any) -> str:
    return render_template("patrons/edit.html", reader=reader, groups=groups, told=told, complaints=complaints)


@bp.post("/people/<uuid:uid>", endpoint="change")
@needs(Permission.EDIT_PATRON)
def change(uid: UUID) -> Any:
    reader = queries.by_uid(db.session(), uid, here(), lock=True)
    groups = _groups_for(reader)
    try:
        to = read_change(request.form, groups)
    except Invalid as told:
        return _edit_page(reader, groups, request.form, told.fields), 422
    for name in changing.change(db.session(), reader, to):
        audit.note(current_user.uid, f"change-{name.replace('_', '-')}", "membership", reader.uid, reader.library_id)
    db.session.commit()
    flash(_("Đã lưu."), "success")
    return redirect(url_for("patrons.person", uid=uid), 303)


@bp.post("/people/<uuid:uid>/end", endpoint="end")
@needs(Permission.EDIT_PATRON)
def end(uid: UUID) -> Any:
    reader = queries.by_uid(db.session(), uid, here(), lock=True)
    if reader.to_on is None:
        changing.end(db.session(), reader)
        audit.note(current_user.uid, "end-membership", "membership", reader.uid, reader.library_id)
        db.session.commit()
        flash(_("Đã cho thôi đọc ở thư viện này. Bấm “Cho đọc lại” nếu nhầm."), "success")
    return redirect(url_for("patrons.person", uid=uid), 303)


@bp.post("/people/<uuid:uid>/reopen", endpoint="reopen")
@needs(Permission.EDIT_PATRON)
def reopen(uid: UUID) -> Any:
    reader = queries.by_uid(db.session(), uid, here(), lock=True)
    if reader.to_on is not None:
        changing.reopen(db.session(), reader)
        audit.note(current_user.uid, "reopen-membership", "membership", reader.uid, reader.library_id)
        db.session.commit()
        flash(_("Đã cho đọc lại, thẻ cũ dùng tiếp."), "success")
    return redirect(url_for("patrons.person", uid=uid), 303)


@bp.get("/people/<uuid:uid>/card", endpoint="ask_card")
@needs(Permission.EDIT_PATRON)
def ask_card(uid: UUID) -> Any:
    reader = queries.by_uid(db.session(), uid, here())
    card = queries.cards(db.session(), [reader.id]).get(reader.id)
    return render_template(
        "patrons/card.html", reader=reader, card=card, who=called(reader.person.full_name, reader.category.group)
    )


@bp.post("/people/<uuid:uid>/card", endpoint="new_card")
@needs(Permission.EDIT_PATRON)
def new_card(uid: UUID) -> Any:
    """The old card, named by its number, opens nothing any more. A second click finds it gone and gives no third card."""
    reader = queries.by_uid(db.session(), uid, here(), lock=True)
    if reader.to_on is not None:
        raise NotFound
    now = queries.cards(db.session(), [reader.id]).get(reader.id)
    if request.form.get("lost", "") == (now or ""):
        changing.replace_card(db.session(), reader)
        audit.note(current_user.uid, "replace-card", "membership", reader.uid, reader.library_id)
        db.session.commit()
        flash(_("Thẻ cũ không dùng được nữa. Thẻ mới đã có mã, in ra là dùng được."), "success")
    return redirect(url_for("patrons.person", uid=uid), 303)
