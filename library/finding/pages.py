"""What the pages of this package share: the library of an address, what it asks for, the frame of an open page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.routing import RequestRedirect

from library.access import Scope
from library.catalogue import guessing, search
from library.catalogue.levels import LEVELS
from library.core.db import db
from library.core.fold import clean, fold, same_title
from library.finding import marking, queries
from library.finding.asking import LONGEST, NAMES, Asked, is_tidy
from library.finding.queries import Book
from library.organisations.models import Organisation, OrganisationKind

bp = Blueprint("finding", __name__)
FRONT_LINKS: list[Callable[[Organisation], tuple[str, str] | None]] = []
"""Filled by packages above: (words, address) of another open page that the library's front page leads to, or None."""


def front_links(library: Organisation) -> list[tuple[str, str]]:
    return [link for ask in FRONT_LINKS if (link := ask(library))]


def library_at(slug: str) -> Organisation:
    """The library of this address; the address of one that was merged leads to the one that took over."""
    library = queries.library_at(db.session(), slug)
    heir = queries.successor(db.session(), library)
    if heir is not None:
        assert request.endpoint and request.view_args
        raise RequestRedirect(address(request.endpoint, _said(), **{**request.view_args, "slug": heir.slug}))
    return library


def address(endpoint: str, words: Mapping[str, str], **places: Any) -> str:
    """Of a page, with what it asks for in the one order."""
    return f"{url_for(endpoint, **places)}?{urlencode(words)}" if words else url_for(endpoint, **places)


def _said() -> dict[str, str]:
    return {name: text for name, text in request.args.items() if name in (*NAMES.values(), "s")}


def asked_text() -> str:
    return clean(request.args.get("q", ""))[:LONGEST]


def asked_for() -> Asked:
    """What the address says; one with empty places, as a form sends it, leads to the tidy one."""
    asked = Asked.read(request.args)
    if not is_tidy(request.args):
        assert request.endpoint
        raise RequestRedirectOnce(address(request.endpoint, asked.words, **(request.view_args or {})))
    return asked


class RequestRedirectOnce(RequestRedirect):
    """Not remembered by browsers: only this way of asking was untidy."""

    code = 302


def open_scope(library: Organisation) -> Scope:
    """What a visitor may look at: the titles of this library's network."""
    return Scope(networks=frozenset({library.network_id or 0}))


def meant(asked: str, scope: Scope, books: Sequence[Book], only: Any = None) -> str | None:
    """With its marks what was typed without, or a guess when nothing answers."""
    if not books:
        return guessing.did_you_mean(db.session(), asked, scope, only)
    run = marking.run(books[0].record.title, search.Question(asked).words)
    return run if fold(run) == fold(asked) and not same_title(run, asked) else None


def mine_word(library: Organisation) -> str:
    """What readers call the page of their own books: children are em."""
    return str(_("Sách của em") if library.kind is OrganisationKind.SCHOOL else _("Sách của tôi"))


def open_page(template: str, library: Organisation, **values: Any) -> str:
    front, find = url_for("finding.front", slug=library.slug), url_for("finding.search", slug=library.slug)
    mine, own = url_for("finding.my_list", slug=library.slug), url_for("mine.show", slug=library.slug)
    nav = [(front, "house", _("Trang đầu"), request.endpoint == "finding.front"),
           (find, "search", _("Tìm sách"), request.endpoint == "finding.search"),
           (mine, "bookmark", _("Danh sách"), request.endpoint == "finding.my_list"),
           (own, "circle-user-round", mine_word(library), request.endpoint == "mine.show")]  # fmt: skip
    frame = {"nav": nav, "nav_foot": [], "place_name": library.name, "public": True, "narrow": True, "front": front}
    return render_template(template, library=library, levels=LEVELS, **frame, **values)
