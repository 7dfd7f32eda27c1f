"""Pages that find books: open ones for readers, and those of the staff with every copy."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement
from werkzeug.routing import RequestRedirect

from library import audit
from library.access import Permission, Scope, for_everyone, here, needs
from library.catalogue import search
from library.catalogue.levels import LEVELS
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.core.errors import Invalid, NotFound
from library.core.fold import clean, fold, same_title
from library.core.paging import Page, page_number
from library.finding import availability, marking, queries, telling
from library.finding.forms import SERIES_OF, NewCopies, check_free
from library.finding.queries import Book
from library.holdings import accessions
from library.holdings.models import Item
from library.inbox import once
from library.inbox.acts import Doing
from library.organisations.models import Organisation

bp = Blueprint("finding", __name__)
A_PAGE, A_STAFF_PAGE, SUGGESTED = 20, 50, 8
LONGEST = 200


# Open pages: the titles of one library's network, its own copies first, and nothing about people


@bp.get("/tim", endpoint="anywhere")
@for_everyone
def find_anywhere() -> Any:
    """The search page of this installation; where it serves several networks, a visitor chooses a library first."""
    if current_user.is_authenticated:
        return redirect(url_for("finding.search", slug=current_user.library_slug, q=_asked() or None))
    roots = queries.roots(db.session())
    if len(roots) == 1:
        return redirect(url_for("finding.search", slug=roots[0].slug, q=_asked() or None))
    return render_template("finding/libraries.html", libraries=roots, asked=_asked(), public=True, narrow=True)


@bp.get("/tv/<slug>", endpoint="front")
@for_everyone
def show_front(slug: str) -> Any:
    library = _library(slug)
    return _search_page(library, _new_books(library), asked="", fresh=True)


@bp.get("/tv/<slug>/tim", endpoint="search")
@for_everyone
def show_search(slug: str) -> Any:
    library, asked = _library(slug), _asked()
    if not asked:
        return _search_page(library, _new_books(library), asked="", fresh=True)
    scope, session = _open_scope(library), db.session()
    ways = _ways(library)
    first = queries.by_number(session, asked, Item.library_id == library.id)
    totals = dict(zip(ways, search.count(session, asked, scope, list(ways.values()), first), strict=True))
    way = _chosen_way(totals)
    page = _page_of(asked, scope, ways[way], first, totals[way])
    books = queries.books(session, page.rows, library.id)
    meant = _meant(asked, scope, books, ways["moi-noi"])
    return _search_page(library, books, asked=asked, page=page, totals=totals, way=way, meant=meant)


@bp.get("/tv/<slug>/goi-y", endpoint="suggestions")
@for_everyone
def suggest(slug: str) -> Any:
    """Titles for what is typed so far: [{title, author, url}], at most eight."""
    library, asked = _library(slug), _asked()
    if len(fold(asked)) < 2:
        return jsonify([])
    scope = _open_scope(library)
    ids = search.ids(db.session(), asked, scope, availability.there_is_a_copy(), limit=SUGGESTED)
    books = queries.records(db.session(), ids)
    return jsonify([_suggestion(library, record) for record in books])


def _suggestion(library: Organisation, record: Record) -> dict[str, str]:
    url = url_for("finding.book", slug=library.slug, uid=record.uid)
    return {"title": record.full_title, "author": record.author, "url": url}


@bp.get("/tv/<slug>/sach/<uuid:uid>", endpoint="book")
@for_everyone
def show_book(slug: str, uid: UUID) -> Any:
    library, session = _library(slug), db.session()
    record = queries.by_uid(session, uid, _open_scope(library).of_networks(Record.network_id))
    (book,) = queries.books(session, [record.id], library.id)
    if not book.spots:
        raise NotFound
    lines = [telling.line(spot, library) for spot in book.spots]
    asked = _asked()
    back = url_for("finding.search" if asked else "finding.front", slug=slug, q=asked or None)
    return _open_page("finding/book.html", library, book=book, lines=lines, asked=asked, back=back)


def _library(slug: str) -> Organisation:
    """The library of this address; the address of one that was merged leads to the one that took over."""
    library = queries.library_at(db.session(), slug)
    heir = queries.successor(db.session(), library)
    if heir is not None:
        assert request.endpoint and request.view_args
        raise RequestRedirect(url_for(request.endpoint, **{**request.view_args, "slug": heir.slug}, q=_asked() or None))
    return library


def _asked() -> str:
    return clean(request.args.get("q", ""))[:LONGEST]


def _open_scope(library: Organisation) -> Scope:
    """What a visitor may look at: the titles of this library's network."""
    return Scope(networks=frozenset({library.network_id or 0}))


def _ways(library: Organisation) -> dict[str, ColumnElement[bool]]:
    return {
        "day": availability.there_is_a_copy([library.id]),
        "ngay": availability.there_is_one_free([library.id]),
        "moi-noi": availability.there_is_a_copy(),
    }


def _chosen_way(totals: dict[str, int]) -> str:
    """As asked; else what is here, or what is elsewhere when nothing is here."""
    wanted = request.args.get("o", "")
    if wanted in totals:
        return wanted
    return "moi-noi" if totals["moi-noi"] and not totals["day"] else "day"


def _page_of(
    asked: str, scope: Scope, only: ColumnElement[bool] | None, first: Sequence[int], total: int,
    size: int = A_PAGE,
) -> Page[int]:  # fmt: skip
    number = page_number(request.args.get("trang"))
    ids = search.ids(db.session(), asked, scope, only, first, size, (number - 1) * size) if total else []
    return Page(ids, number, size, total)


def _meant(asked: str, scope: Scope, books: Sequence[Book], only: ColumnElement[bool]) -> str | None:
    """With its marks what was typed without, or a guess when nothing answers."""
    if not books:
        return search.did_you_mean(db.session(), asked, scope, only)
    run = marking.run(books[0].record.title, search.Question(asked).words)
    return run if fold(run) == fold(asked) and not same_title(run, asked) else None


def _new_books(library: Organisation) -> list[Book]:
    return queries.books(db.session(), queries.newest(db.session(), library.id), library.id)


def _search_page(library: Organisation, books: list[Book], **values: Any) -> str:
    words = search.Question(values["asked"]).words
    lines = {book.record.id: [telling.line(spot, library) for spot in book.spots] for book in books}
    show = {"marked": lambda title: marking.marked(title, words), "lines": lines, "not_found": telling.not_found,
            "counted": search.COUNTED}  # fmt: skip
    return _open_page("finding/search.html", library, books=books, **show, **values)


def _open_page(template: str, library: Organisation, **values: Any) -> str:
    front, find = url_for("finding.front", slug=library.slug), url_for("finding.search", slug=library.slug)
    nav = [(front, "house", _("Trang đầu"), request.endpoint == "finding.front"),
           (find, "search", _("Tìm sách"), request.endpoint == "finding.search")]  # fmt: skip
    frame = {"nav": nav, "nav_foot": [], "place_name": library.name, "public": True, "narrow": True, "front": front}
    return render_template(template, library=library, levels=LEVELS, **frame, **values)


# Pages of the staff


@bp.get("/titles", endpoint="titles")
@needs(Permission.SEARCH)
def list_titles() -> Any:
    session, asked, scope = db.session(), _asked(), here()
    shared = _shares_titles()
    everywhere = request.args.get("o") == "mang" or not shared
    only = availability.is_kept() if everywhere else _ours()
    first = queries.by_number(session, asked, here().of_libraries(Item.library_id)) if asked else []
    (total,) = search.count(session, asked, scope, [only], first)
    page = _page_of(asked, scope, only, first, total, A_STAFF_PAGE)
    books = queries.books(
        session, page.rows, current_user.library_id, scope.libraries, scope.of_libraries(Item.library_id)
    )
    words = search.Question(asked).words
    meant = search.did_you_mean(session, asked, scope) if asked and not total else None
    return render_template(
        "finding/titles.html", asked=asked, page=page, books=books, everywhere=everywhere, shared=shared, meant=meant,
        marked=lambda title: marking.marked(title, words), counted=search.COUNTED,
    )  # fmt: skip


def _shares_titles() -> bool:
    """Whether the list could hold titles of libraries that are not ours to work in."""
    if here().everything:
        return False
    return any(queries.shares_titles(db.session(), network, here().libraries) for network in here().networks)


def _ours() -> ColumnElement[bool]:
    """Titles we have or had, and those nobody has a copy of yet."""
    return availability.is_kept(here().of_libraries(Item.library_id))


@bp.get("/titles/<uuid:uid>", endpoint="title")
@needs(Permission.SEARCH)
def show_title(uid: UUID) -> Any:
    session, mine = db.session(), here().of_libraries(Item.library_id)
    record = queries.by_uid(session, uid, here().of_networks(Record.network_id))
    (book,) = queries.books(session, [record.id], current_user.library_id, here().libraries, ~mine)
    number = page_number(request.args.get("trang"))
    copies, total = queries.copies(session, record.id, mine, A_STAFF_PAGE, (number - 1) * A_STAFF_PAGE)
    page = Page(copies, number, A_STAFF_PAGE, total)
    return render_template(
        "finding/title.html", record=record, book=book, page=page, levels=LEVELS, near_day=telling.near_day,
        today=clock.today(), open_page=_open_address(record),
    )  # fmt: skip


def _open_address(record: Record) -> str:
    """Where readers see it."""
    return url_for("finding.book", slug=current_user.library_slug, uid=record.uid)


@bp.get("/titles/<uuid:uid>/copies", endpoint="add_copies")
@needs(Permission.EDIT_COPY)
def show_add_copies(uid: UUID) -> Any:
    record = queries.by_uid(db.session(), uid, here().of_networks(Record.network_id))
    library_id = here().library(current_user.library_id)
    series = SERIES_OF.get(record.kind or "") or queries.last_series(db.session(), library_id) or "TK"
    told = {"uid": str(clock.uuid7()), "quantity": "1", "series": series, "price": str(record.price or "")}
    return _copies_page(record, library_id, told | {"received_on": f"{clock.today():%d/%m/%Y}"}, {})


@bp.post("/titles/<uuid:uid>/copies", endpoint="do_add_copies")
@needs(Permission.EDIT_COPY)
def add_copies(uid: UUID) -> Any:
    session = db.session()
    record = queries.by_uid(session, uid, here().of_networks(Record.network_id))
    library = session.get_one(Organisation, here().library(current_user.library_id))
    try:
        new = NewCopies.read(request.form, queries.homes(session, library.id))
        first_time = once.arrive(session, new.uid, current_user.uid, new.content(record.uid)) is None
        if first_time:
            check_free(session, library.id, new)
    except Invalid as told:
        session.rollback()
        return _copies_page(record, library.id, request.form, told.fields), 422
    if first_time:
        labels = _enter(record, library, new)
        flash(_("Đã thêm %(count)s bản: %(labels)s.", count=len(labels), labels=_first_and_last(labels)), "success")
    session.commit()
    return redirect(url_for("finding.title", uid=uid), 303)


def _first_and_last(labels: Sequence[str]) -> str:
    return " – ".join(dict.fromkeys((labels[0], labels[-1])))


def _enter(record: Record, library: Organisation, new: NewCopies) -> list[str]:
    """Their accession numbers, in order."""
    session, now = db.session(), clock.now()
    doing = Doing(new.uid, current_user.uid, new.home.branch_id)
    more: dict[str, str | None] = {"voucher": new.voucher or None}
    receipt = accessions.receive(session, doing, library, new.source, new.received_on, now, **more)
    ids = accessions.enter(session, receipt, library, new.home.branch_id, new.items(record.id), now)
    labels = queries.labels(session, ids)
    once.keep_answer(session, new.uid, {"labels": labels})
    audit.note(current_user.uid, "add-copies", "record", record.uid, library.id)
    return labels


def _copies_page(record: Record, library_id: int, told: Any, complaints: Any) -> str:
    homes = [(place.id, _home_name(place)) for place in queries.homes(db.session(), library_id)]
    return render_template("finding/add_copies.html", record=record, told=told, complaints=complaints, homes=homes)


def _home_name(place: Any) -> str:
    return f"{place.name} – {place.branch.name}"
