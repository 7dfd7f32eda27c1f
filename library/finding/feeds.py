"""For programs: what came last (Atom), every title's address (sitemaps), and who may look where (robots.txt)."""

from datetime import UTC, datetime, time
from typing import Any

from flask import Response, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select

from library.access import for_everyone
from library.catalogue.models import Record
from library.core.db import db
from library.core.errors import NotFound
from library.finding import availability, online, queries
from library.finding.pages import bp, library_at
from library.holdings.models import Item
from library.organisations.models import Organisation

NEW, A_SITEMAP = 30, 50_000


@bp.get("/tv/<slug>/moi.atom", endpoint="feed")
@for_everyone
def show_feed(slug: str) -> Any:
    """The titles that came to a library last."""
    library = library_at(slug)
    arrived = _arrivals(library.id)
    records = queries.records(db.session(), list(arrived))
    entries = [(record, arrived[record.id]) for record in records]
    newest = max(arrived.values(), default=datetime(2000, 1, 1, tzinfo=UTC))
    return _xml("finding/feed.xml", "application/atom+xml", library=library, entries=entries, newest=newest)


def _arrivals(library_id: int) -> dict[int, datetime]:
    """Titles by the day their last copy came to the register, newest first."""
    latest = (
        select(Item.id, Item.record_id, Item.accessioned_on)
        .where(Item.library_id == library_id, Item.register_status.in_(availability.SHOWN))
        .order_by(Item.id.desc()).limit(NEW * 20).subquery()
    )  # fmt: skip
    query = select(latest.c.record_id, func.max(latest.c.accessioned_on)).group_by(latest.c.record_id)
    rows = db.session.execute(query.order_by(func.max(latest.c.id).desc()).limit(NEW))
    return {record_id: datetime.combine(day, time(), UTC) for record_id, day in rows}


@bp.get("/sitemap.xml", endpoint="sitemaps")
@for_everyone
def show_sitemaps() -> Any:
    """A sitemap for every fifty thousand titles of each network, under the library at its head."""
    query = select(Record.network_id, func.max(Record.id)).group_by(Record.network_id)
    largest: dict[int, int] = {row[0]: row[1] for row in db.session.execute(query)}
    parts = [
        (root, number)
        for root in _roots() if root.id in largest
        for number in range(1, -(-largest[root.id] // A_SITEMAP) + 1) if _has_part(root, number)
    ]  # fmt: skip
    return _xml("finding/sitemaps.xml", "application/xml", parts=parts)


def _roots() -> list[Organisation]:
    """Heads of networks; somebody who works here is told of their own only, as everywhere."""
    roots = queries.roots(db.session())
    if not current_user.is_authenticated:
        return list(roots)
    own = queries.library_at(db.session(), current_user.library_slug).network_id
    return [root for root in roots if root.id == own]


def _range(number: int) -> Any:
    return Record.id.between((number - 1) * A_SITEMAP + 1, number * A_SITEMAP)


def _has_part(root: Organisation, number: int) -> bool:
    query = select(Record.id).where(_range(number), Record.network_id == root.id)
    return db.session.scalar(query.limit(1)) is not None


@bp.get("/tv/<slug>/sitemap-<int:number>.xml", endpoint="sitemap")
@for_everyone
def show_sitemap(slug: str, number: int) -> Any:
    """Addresses of the titles with ids of that range which somebody can find in the network; at most fifty thousand."""
    library = library_at(slug)
    query = select(Record.uid, Record.changed_at).where(
        _range(number), Record.network_id == library.id, online.or_a_copy(library.id)
    )
    rows = db.session.execute(query.order_by(Record.id)).all() if 0 < number < 100_000 else []
    if not rows:
        raise NotFound
    return _xml("finding/sitemap.xml", "application/xml", library=library, rows=rows)


@bp.get("/robots.txt", endpoint="robots")
@for_everyone
def show_robots() -> Any:
    """Pages about titles may be read by programs; questions, lists and everything that needs an account may not."""
    words = (
        "User-agent: *\nAllow: /tv/\nAllow: /static/\nDisallow: /tv/*/tim\nDisallow: /tv/*/goi-y\n"
        f"Disallow: /tv/*/danh-sach\nDisallow: /\nSitemap: {url_for('finding.sitemaps', _external=True)}\n"
    )
    return Response(words, mimetype="text/plain")


def _xml(template: str, mimetype: str, **values: Any) -> Response:
    answer = Response(render_template(template, **values), mimetype=mimetype)
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
