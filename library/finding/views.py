"""Pages of the staff: every title with every copy they answer for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, select

from library import audit
from library.access import Permission, here, needs
from library.catalogue import guessing, search
from library.catalogue.levels import LEVELS
from library.catalogue.models import Record
from library.catalogue.search import Hits
from library.core import clock
from library.core.db import db
from library.core.errors import Invalid
from library.core.paging import Page, page_number
from library.finding import (
    availability,
    copies,
    facets,
    feeds,
    lists,
    marking,
    open_views,
    orders,
    popularity,
    queries,
    telling,
    way_views,
)
from library.finding.asking import Asked
from library.finding.forms import SERIES_OF, NewCopies, check_free
from library.finding.pages import address, asked_for, bp
from library.holdings import accessions
from library.holdings.models import Item, ItemClass
from library.inbox import once
from library.inbox.acts import Doing
from library.organisations.models import Organisation

__all__ = ["bp", "feeds", "lists", "open_views", "popularity", "way_views"]
A_STAFF_PAGE = 50


@bp.get("/titles", endpoint="titles")
@needs(Permission.SEARCH)
def list_titles() -> Any:
    session, asked, scope = db.session(), asked_for(), here()
    shared = _shares_titles()
    everywhere = asked.way == "mang" or not shared
    only = availability.is_kept() if everywhere else availability.is_kept(scope.of_libraries(Item.library_id))
    first = queries.by_number(session, asked.text, scope.of_libraries(Item.library_id)) if asked.text else []
    hits = _kept_hits(asked, everywhere, only, first)
    groups = facets.choices(facets.combinations(session, hits.ids, current_user.library_id), asked)
    wanted = facets.conditions(asked, current_user.library_id)
    hits = search.narrowed(session, hits, *wanted)
    ids = orders.page(session, hits, asked, scope, and_(only, *wanted), first, A_STAFF_PAGE)
    books = queries.books(session, ids, current_user.library_id, scope.libraries, scope.of_libraries(Item.library_id))
    words = search.Question(asked.text).words
    guessed = guessing.did_you_mean(session, asked.text, scope) if asked.text and not len(hits) else None
    return render_template(
        "finding/titles.html", asked=asked, page=Page(ids, asked.page, A_STAFF_PAGE, len(hits)), more=hits.more,
        books=books, everywhere=everywhere, shared=shared, meant=guessed, groups=groups, heads=facets.HEADS,
        orders=orders.NAMES, name_of=facets.name_of, marked=lambda title: marking.marked(title, words),
        address=lambda asked: address("finding.titles", asked.words),
    )  # fmt: skip


def _kept_hits(asked: Asked, everywhere: bool, only: ColumnElement[bool], first: Sequence[int]) -> Hits:
    """Titles we have or had, and those nobody has a copy of yet. Of a large network's titles those we have or had."""
    session, mine = db.session(), here().of_libraries(Item.library_id)
    hits = search.gather(session, asked.text, here(), first=first)
    if hits.more and not everywhere and copies.is_small(session, list(here().libraries)):
        inside = list(session.scalars(select(Item.record_id).where(mine).distinct()))
        return search.gather(session, asked.text, here(), only, first, inside)
    return Hits(copies.kept(session, hits.ids, None if everywhere else mine), hits.more)


def _shares_titles() -> bool:
    """Whether the list could hold titles of libraries that are not ours to work in."""
    if here().everything:
        return False
    return any(queries.shares_titles(db.session(), network, here().libraries) for network in here().networks)


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
        new = NewCopies.read(request.form, queries.homes(session, library.id), dict(_item_classes(library.id)))
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
    return render_template(
        "finding/add_copies.html", record=record, told=told, complaints=complaints, homes=homes,
        item_classes=_item_classes(library_id),
    )  # fmt: skip


def _item_classes(library_id: int) -> list[tuple[int, str]]:
    """Of the library's network, by name."""
    network = select(Organisation.network_id).where(Organisation.id == library_id).scalar_subquery()
    query = select(ItemClass.id, ItemClass.name).where(ItemClass.network_id == network).order_by(ItemClass.name)
    return [(one, name) for one, name in db.session.execute(query)]


def _home_name(place: Any) -> str:
    return f"{place.name} – {place.branch.name}"
