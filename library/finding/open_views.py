"""Open pages: the titles of one library's network, its own copies first, and nothing about people."""

from typing import Any
from uuid import UUID

from flask import jsonify, redirect, render_template, url_for
from flask_login import current_user

from library.access import for_everyone
from library.catalogue import search
from library.catalogue.models import Record
from library.core.db import db
from library.core.errors import NotFound
from library.core.fold import fold
from library.finding import (
    alike,
    copies,
    described,
    facets,
    looking,
    marking,
    online,
    orders,
    queries,
    telling,
    ways,
)
from library.finding.lists import kept_here
from library.finding.pages import (
    address,
    asked_for,
    asked_text,
    bp,
    front_links,
    library_at,
    meant,
    open_page,
    open_scope,
)
from library.finding.queries import Book
from library.holdings.models import Item
from library.organisations.models import Organisation

A_PAGE, SUGGESTED = 20, 8


@bp.get("/tim", endpoint="anywhere")
@for_everyone
def find_anywhere() -> Any:
    """The search page of this installation; where it serves several networks, a visitor chooses a library first."""
    if current_user.is_authenticated:
        return redirect(url_for("finding.search", slug=current_user.library_slug, q=asked_text() or None))
    roots = queries.roots(db.session())
    if len(roots) == 1:
        return redirect(url_for("finding.search", slug=roots[0].slug, q=asked_text() or None))
    return render_template("finding/libraries.html", libraries=roots, asked=asked_text(), public=True, narrow=True)


@bp.get("/tv/<slug>", endpoint="front")
@for_everyone
def show_front(slug: str) -> Any:
    library = library_at(slug)
    return _search_page(library, _new_books(library), asked=asked_for(), fresh=True, doors=front_links(library))


@bp.get("/tv/<slug>/tim", endpoint="search")
@for_everyone
def show_search(slug: str) -> Any:
    library, asked = library_at(slug), asked_for()
    if not asked.anything:
        return _search_page(library, _new_books(library), asked=asked, fresh=True)
    scope, session = open_scope(library), db.session()
    first = queries.by_number(session, asked.text, Item.library_id == library.id)
    seen = looking.look(session, asked, library.id, scope, first, A_PAGE)
    books = queries.books(session, seen.page.rows, library.id)
    said = meant(asked.text, scope, books, online.or_a_copy(library.id)) if asked.text and not asked.chosen else None
    return _search_page(library, books, asked=asked, seen=seen, meant=said, groups=seen.groups)


@bp.get("/tv/<slug>/goi-y", endpoint="suggestions")
@for_everyone
def suggest(slug: str) -> Any:
    """Titles for what is typed so far: [{title, author, url}], at most eight."""
    library, text, session = library_at(slug), asked_text(), db.session()
    if len(fold(text)) < 2:
        return jsonify([])
    scope = open_scope(library)
    hits = search.gather(session, text, scope)
    likely = search.page(session, hits, text, scope, limit=SUGGESTED * 3)
    ids = copies.presence(session, likely, library.id).anywhere[:SUGGESTED]
    return jsonify([_suggestion(library, record) for record in queries.records(session, ids)])


def _suggestion(library: Organisation, record: Record) -> dict[str, str]:
    url = url_for("finding.book", slug=library.slug, uid=record.uid)
    return {"title": record.full_title, "author": record.author, "url": url}


@bp.get("/tv/<slug>/sach/<uuid:uid>", endpoint="book")
@for_everyone
def show_book(slug: str, uid: UUID) -> Any:
    library, session, text = library_at(slug), db.session(), asked_text()
    record = queries.by_uid(session, uid, open_scope(library).of_networks(Record.network_id))
    (book,) = queries.books(session, [record.id], library.id)
    if not book.spots and not online.among(session, [record.id], library.id):
        raise NotFound
    back = url_for("finding.search" if text else "finding.front", slug=slug, q=text or None)
    show: dict[str, Any] = {
        "lines": telling.lines(book.spots, library), "asked": text, "back": back,
        "alike": queries.records(session, alike.like(session, record, library.id)),
        "ways": ways.to_spots(session, book.spots, library.id), "kept": kept_here(record.uid),
        "described": described.as_linked_data(record, book, library), "whole": described.address_of(session, record, library),
    }  # fmt: skip
    return open_page("finding/book.html", library, book=book, **show)


def _new_books(library: Organisation) -> list[Book]:
    return queries.books(db.session(), queries.newest(db.session(), library.id), library.id)


def _search_page(library: Organisation, books: list[Book], **values: Any) -> str:
    words = search.Question(values["asked"].text).words
    lines = {book.record.id: telling.lines(book.spots, library) for book in books}
    show = {"marked": lambda title: marking.marked(title, words), "lines": lines, "not_found": telling.not_found,
            "orders": orders.NAMES, "heads": facets.HEADS, "name_of": facets.name_of,
            "address": lambda asked: address("finding.search", asked.words, slug=library.slug)}  # fmt: skip
    return open_page("finding/search.html", library, books=books, **show, **values)
