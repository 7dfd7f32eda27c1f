"""Digital resources: the links of a title, what the library's readers opened, and the door through which they go out."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, redirect, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import SQLAlchemyError

from library import access, audit
from library.access import Permission, for_everyone, here, needs, or_not_found, reads_first
from library.catalogue.models import Record
from library.cataloguing import telling
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Invalid, NotFound, Reason, Refused
from library.core.fold import fold
from library.core.forms import Reader
from library.core.paging import Page, page_number
from library.finding import online, queries
from library.finding.pages import FRONT_LINKS, library_at, open_page, open_scope
from library.inbox.acts import Doing
from library.loans import posting
from library.loans.forms import Posted
from library.organisations.models import Branch, Organisation
from library.promotion import digital
from library.promotion.club_frame import NotSo, again, page
from library.promotion.digital import KINDS, LICENCES, LONGEST, Aim, NewLink
from library.promotion.digital_models import DigitalLink, LinkKind
from library.uses.models import DocumentUse

bp = Blueprint("digital", __name__)
log = logging.getLogger(__name__)
A_PAGE = 50
AGAIN = timedelta(minutes=30)
"""The same title opened again by the same browser within this is one use."""
SEEN, MOST_SEEN = "opened", 12
"""In the signed cookie of the browser: which links it opened, and when. Nobody else keeps it."""
ROBOTS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|fetch|monitor|scan|curl|wget|python|java/|okhttp|httpclient|headless|"
    r"facebookexternalhit|zalo.*share|lighthouse|archiver",
    re.IGNORECASE,
)
PERIODS = ((30, N_("30 ngày qua")), (365, N_("12 tháng qua")))
Done = dict[str, Any]


# Going out


@bp.get("/go/<uuid:uid>", endpoint="go")
@for_everyone
@reads_first
def go(uid: UUID) -> Any:
    """To the stored address of this link, or of the title of this uid; nowhere else. `tv`: the library whose page it stood
    on. One use is counted, but for robots and for whoever was there a moment ago; a database that cannot be written just
    now keeps nobody from reading."""
    aim = digital.aim(db.session(), uid)
    if aim is None:
        raise NotFound
    branch_id = _branch(aim)
    if branch_id is not None and _is_reader() and _is_new(aim.record.uid):
        _count(uid, branch_id)
    answer = make_response(redirect(aim.address, 302))
    answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"] = "noindex, nofollow", "no-store"
    return answer


def _branch(aim: Aim) -> int | None:
    """Whose readers went: of the library of the page, of the person signed in, of whoever put the link there."""
    slug, session = request.args.get("tv", ""), db.session()
    mine = select(Branch.id).join(Organisation, Organisation.id == Branch.organisation_id).order_by(Branch.id).limit(1)
    in_network = Organisation.network_id == aim.record.network_id
    if slug and (
        found := session.scalar(mine.where(Organisation.slug == slug, in_network, Branch.closed_on.is_(None)))
    ):
        return found
    if current_user.is_authenticated and current_user.network_id == aim.record.network_id:
        return int(current_user.branch_id)
    return aim.branch_id or session.scalar(mine.where(Organisation.id == aim.record.network_id))


def _is_reader() -> bool:
    """Somebody who clicked on a page of ours: no robot, no browser that looks ahead, no picture of somebody else's page."""
    said = request.headers
    agent = said.get("User-Agent", "")
    ahead = any("prefetch" in said.get(name, "").lower() for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    from_us = said.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "same-site", "none")
    page_asked = said.get("Sec-Fetch-Dest", "document") == "document"
    return request.method == "GET" and bool(agent) and not ROBOTS.search(agent) and not ahead and from_us and page_asked


def _is_new(record: UUID) -> bool:
    """Remembers the title in the browser's own cookie."""
    now, key = int(clock.now().timestamp()), record.hex[-12:]
    told = cookie.get(SEEN)
    seen = {name: at for name, at in told.items() if now - at < AGAIN.total_seconds()} if isinstance(told, dict) else {}
    fresh = key not in seen
    seen.setdefault(key, now)
    cookie[SEEN] = dict(sorted(seen.items(), key=lambda pair: pair[1])[-MOST_SEEN:])
    return fresh


def _count(uid: UUID, branch_id: int) -> None:
    for_writing()
    try:
        aim = digital.aim(db.session(), uid)
        if aim is not None:
            digital.opened(db.session(), Doing.now(branch_id=branch_id), aim, branch_id)
            db.session.commit()
    except (SQLAlchemyError, Refused, OSError):
        db.session.rollback()
        log.exception("a link was opened and not counted")


# On the pages of titles


@dataclass(frozen=True)
class Shown:
    """A link as a page of a title shows it. `host`: where it leads."""

    words: str
    href: str
    kind: LinkKind | None
    note: str = ""


def title_links(record: Record, library: Any) -> list[Shown]:
    """Of the title's description and of librarians, as this library shows them."""
    slug = getattr(library, "slug", None) or (current_user.library_slug if current_user.is_authenticated else None)
    library_id = getattr(library, "id", None) or current_user.library_id
    found = []
    if digital.address_or_none(telling.web_address(record)):
        words, note = telling.web_words(record)
        found.append(Shown(words, url_for("digital.go", uid=record.uid, tv=slug), None, note))
    for one in digital.of(db.session(), record.id, library_id):
        found.append(Shown(one.label, url_for("digital.go", uid=one.uid, tv=slug), one.kind, one.licence or ""))
    return found


bp.add_app_template_global(title_links, "title_links")
bp.add_app_template_global(lambda kind: _(KINDS[kind]) if kind else "", "link_kind")


# For readers


@bp.get("/tv/<slug>/tai-nguyen-so", endpoint="open_list")
@for_everyone
def show_open(slug: str) -> Any:
    """What this library's readers may read, hear and see on the net, whether or not a copy stands on a shelf; `q`, `kind`."""
    library, session = library_at(slug), db.session()
    text, kind = request.args.get("q", "").strip()[:100], _kind(request.args.get("kind"))
    which = [open_scope(library).of_networks(Record.network_id), digital.shown_by(library.id), *_wanted(text, kind)]
    total, number = digital.how_many(session, which), page_number(request.args.get("trang"))
    rows = digital.links(session, which, A_PAGE, (number - 1) * A_PAGE)
    told = {"page": Page(rows, number, A_PAGE, total), "q": text, "kind": kind, "kinds": KINDS}
    return open_page("promotion/digital_open.html", library, back=url_for("finding.front", slug=slug), **told)


def _wanted(text: str, kind: LinkKind | None) -> list[ColumnElement[bool]]:
    named = [Record.search_text.contains(fold(text), autoescape=True)] if text else []
    return named + ([DigitalLink.kind == kind] if kind else [])


def _on_the_front(library: Organisation) -> tuple[str, str] | None:
    which = [open_scope(library).of_networks(Record.network_id), digital.shown_by(library.id)]
    if not digital.links(db.session(), which, 1, 0):
        return None
    return _("Đọc, nghe trên mạng"), url_for("digital.open_list", slug=library.slug)


FRONT_LINKS.append(_on_the_front)
online.WAYS.extend((digital.with_links, digital.with_addresses))


# For the staff


def link_here(uid: UUID) -> DigitalLink:
    """Put there by a branch in scope. Raises NotFound."""
    query = select(DigitalLink).where(DigitalLink.uid == uid, here().of_branches(DigitalLink.branch_id))
    return or_not_found(db.session.scalar(query))


def record_here(uid: UUID) -> Record:
    return queries.by_uid(db.session(), uid, here().of_networks(Record.network_id))


@bp.get("/digital", endpoint="list")
@needs(Permission.SEARCH)
def show_list() -> Any:
    """Links of the network; `q`: of a title or a label; `kind`; how often readers of one's own libraries opened them."""
    session, text, kind = db.session(), request.args.get("q", "").strip()[:100], _kind(request.args.get("kind"))
    which = [here().of_networks(Record.network_id), *_wanted(text, kind)]
    total, number = digital.how_many(session, which), page_number(request.args.get("trang"))
    rows = digital.links(session, which, A_PAGE, (number - 1) * A_PAGE)
    today = clock.today()
    times = [digital.times(session, here().of_branches(DocumentUse.branch_id), today - timedelta(days=days), today)
             for days, _words in PERIODS]  # fmt: skip
    return page(
        "promotion/digital.html", page=Page(rows, number, A_PAGE, total), q=text, kind=kind, kinds=KINDS, times=times,
        periods=PERIODS, opened=_most_opened(times[-1]), may_edit=access.scope(Permission.EDIT_TITLE),
    )  # fmt: skip


def _kind(text: str | None) -> LinkKind | None:
    try:
        return LinkKind(text) if text else None
    except ValueError:
        return None


def _most_opened(times: Mapping[int, int]) -> list[tuple[Record, int]]:
    """The ten titles opened most."""
    best = sorted(times.items(), key=lambda pair: -pair[1])[:10]
    records = {one.id: one for one in queries.records(db.session(), [at for at, _many in best])}
    return [(records[at], many) for at, many in best if at in records]


@bp.get("/titles/<uuid:uid>/links", endpoint="of_title")
@needs(Permission.EDIT_TITLE)
def show_of_title(uid: UUID) -> Any:
    return _of_title(record_here(uid), {}, {})


def _of_title(record: Record, told: Any, complaints: Mapping[str, Reason]) -> str:
    links = digital.of(db.session(), record.id, current_user.library_id)
    return page(
        "promotion/title_links.html", record=record, links=links, told=told, complaints=complaints, kinds=KINDS,
        licences=LICENCES, own={one.id for one in links if here().holds_branch(one.branch_id)},
        web=telling.web_address(record),
    )  # fmt: skip


@bp.post("/titles/<uuid:uid>/links", endpoint="put")
@needs(Permission.EDIT_TITLE)
def put(uid: UUID) -> Any:
    told = posting.source()
    record, reader = record_here(uid), Reader(told)
    posted, new = posting.posted_of(told, reader), _new(reader)

    def work() -> Done:
        title = record_here(uid)
        branch_id = current_user.branch_id if here().holds_branch(current_user.branch_id) else min(here().branches)
        made = digital.put(db.session(), posting.doing_at(_sure(posted), branch_id), title, branch_id, _sure(new))
        return _said(made, "put-link", _("Đã thêm liên kết “%(label)s”.", label=made.label))

    return _do(
        reader, posted, {"link": str(uid), "told": repr(new)}, work, uid, lambda wrong: _of_title(record, told, wrong)
    )


@bp.get("/digital/<uuid:uid>", endpoint="edit")
@needs(Permission.EDIT_TITLE)
def show_edit(uid: UUID) -> Any:
    one = link_here(uid)
    told = {name: getattr(one, name) for name in ("label", "address", "kind", "licence")}
    return _edit(one, told | {"kind": one.kind.value, "own_only": "" if one.shared else "1"}, {})


def _edit(link: DigitalLink, told: Any, complaints: Mapping[str, Reason]) -> str:
    return page(
        "promotion/title_link.html", link=link, record=link.record, told=told, complaints=complaints, kinds=KINDS,
        licences=LICENCES,
    )  # fmt: skip


@bp.post("/digital/<uuid:uid>", endpoint="change")
@needs(Permission.EDIT_TITLE)
def change(uid: UUID) -> Any:
    """`do`: remove it, or bring it back; else what the form says."""
    told = posting.source()
    link, reader, do = link_here(uid), Reader(told), told.get("do")
    posted, new = posting.posted_of(told, reader), None if do in _DEEDS else _new(reader)

    def work() -> Done:
        one = link_here(uid)
        doing = posting.doing_at(_sure(posted), one.branch_id)
        if do in _DEEDS:
            deed, words = _DEEDS[do]
            deed(db.session(), doing, one)
            return _said(one, f"{do}-link", _(words, label=one.label))
        digital.change(db.session(), doing, one, _sure(new))
        return _said(one, "change-link", _("Đã sửa liên kết “%(label)s”.", label=one.label))

    content = {"change-link": str(uid), "do": do, "told": repr(new)}
    return _do(reader, posted, content, work, link.record.uid, lambda wrong: _edit(link_here(uid), told, wrong))


_DEEDS: Mapping[Any, tuple[Callable[..., None], str]] = {
    "remove": (digital.remove, N_("Đã gỡ liên kết “%(label)s”. Lượt mở trước đây vẫn tính.")),
    "restore": (digital.bring_back, N_("Liên kết “%(label)s” hiện lại.")),
}


def _new(reader: Reader) -> NewLink | None:
    label, text = reader.text("label", longest=120), reader.text("address", longest=LONGEST)
    kind, licence = reader.choice("kind", {one.value: one for one in LinkKind}), reader.text("licence", False, 120)
    address = digital.address_or_none(text) if text else None
    if text and address is None:
        reader.complain("address", "address", N_("Địa chỉ viết như https://vi.wikisource.org/wiki/…"))
    return NewLink(label, address, kind, licence, not reader.ticked("own_only")) if label and address and kind else None


def _said(link: DigitalLink, verb: str, words: str) -> Done:
    audit.note(current_user.uid, verb, "record", link.record.uid, link.branch.organisation_id)
    return {"link": str(link.uid), "do": words, "outcome": "ok"}


def _do(reader: Reader, posted: Posted | None, content: Done, work: Callable[[], Done], record: UUID, form: Any) -> Any:
    """Once; then the links of the title, or the form with what is wrong."""
    try:
        reader.done()
        back = lambda done: url_for("digital.of_title", uid=record)  # noqa: E731
        return posting.answer_aloud(_sure(posted), content, work, back)
    except (Invalid, NotSo) as wrong:
        return again(wrong, form)


def _sure(value: Any) -> Any:
    """After `reader.done()` whatever was read is there."""
    assert value is not None
    return value
