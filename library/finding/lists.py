"""Somebody's own list of books: kept by their browser or with their account, shown as a bibliography, handed on as an
address.

The list of a browser stands in its signed cookie, so a reader without an account has one and we know nothing of it. Of
somebody who signed in it stands in the database; what the browser kept before is forgotten when they sign in
(`accounts.entering`), for many people use one computer. The address of a list carries the titles themselves: it works
for whoever gets it, for as long as the books are there.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library.access import for_everyone, local_address, reads_first
from library.catalogue.models import Record
from library.core.db import db, for_writing
from library.core.errors import NotFound
from library.finding import copies, kept_lists, queries
from library.finding.pages import bp, library_at, open_page, open_scope
from library.organisations.models import Organisation

MOST, KEY = 60, "list"
"""Titles of one list: what a cookie and an address can carry."""


def kept() -> list[UUID]:
    """The titles of this person's list, or of this browser's, as they were put on it."""
    if current_user.is_authenticated:
        return kept_lists.titles(db.session(), current_user.uid)
    return _of_browser()


def _of_browser() -> list[UUID]:
    return _read(session.get(KEY, ""))


def kept_here(uid: UUID) -> bool:
    return uid in kept()


def _read(text: str) -> list[UUID]:
    """Titles of a text of short uids; what is none is passed over."""
    found = (_uid(part) for part in str(text)[: MOST * 24].split("."))
    return list(dict.fromkeys(one for one in found if one))[:MOST]


def _uid(part: str) -> UUID | None:
    try:
        return UUID(bytes=urlsafe_b64decode(part + "=="))
    except (ValueError, Error):
        return None


def written(uids: Iterable[UUID]) -> str:
    """22 characters a title."""
    return ".".join(urlsafe_b64encode(one.bytes).decode().rstrip("=") for one in uids)


@bp.get("/tv/<slug>/danh-sach", endpoint="my_list")
@for_everyone
def show_list(slug: str) -> Any:
    """One's own list, or the one in the address (`s`)."""
    library, sent = library_at(slug), request.args.get("s")
    uids = kept() if sent is None else _read(sent)
    records = _records(library, uids)
    share = url_for("finding.my_list", slug=slug, s=written(one.uid for one in records), _external=True)
    show = {"mine": sent is None, "share": share, "sent": sent, "of_account": not _is_visitor()}
    return open_page("finding/list.html", library, records=records, **show)


def _is_visitor() -> bool:
    return not current_user.is_authenticated


def _records(library: Organisation, uids: Sequence[UUID]) -> list[Record]:
    """Those of the library's network that somebody can find there, in the order of the list."""
    network = open_scope(library).of_networks(Record.network_id)
    query = select(Record.uid, Record.id).where(Record.uid.in_(uids), network)
    ids: dict[UUID, int] = {row.uid: row.id for row in db.session.execute(query)} if uids else {}
    asked = [ids[uid] for uid in uids if uid in ids]
    return queries.records(db.session(), copies.presence(db.session(), asked, library.id).anywhere)


@bp.post("/tv/<slug>/danh-sach", endpoint="change_list")
@for_everyone
@reads_first
def change_list(slug: str) -> Any:
    """Put a title on the list, take one off it, keep a list somebody sent, or begin again."""
    library, deed = library_at(slug), request.form.get("deed", "")
    uid = _uid_of(request.form.get("uid", ""))
    change = _change_of_browser if _is_visitor() else _change_of_account
    change(library, deed, uid, _read(request.form.get("s", "")))
    back = local_address(request.form.get("next"), url_for("finding.my_list", slug=slug))
    return redirect(back, 303)


def _change_of_browser(library: Organisation, deed: str, uid: UUID | None, sent: Sequence[UUID]) -> None:
    uids = _of_browser()
    if deed == "add" and uid:
        _put(library, [*uids, uid])
    elif deed == "remove" and uid:
        session[KEY] = written(one for one in uids if one != uid)
    elif deed == "keep":
        _put(library, [*uids, *sent])
    elif deed == "empty":
        session.pop(KEY, None)


def _change_of_account(library: Organisation, deed: str, uid: UUID | None, sent: Sequence[UUID]) -> None:
    account: UUID = current_user.uid
    told = [*kept(), *([uid] if uid and deed == "add" else []), *(sent if deed == "keep" else ())]
    records = [one.id for one in _known(library, told)] if deed in ("add", "keep") else []
    for_writing()
    if deed in ("add", "keep"):
        kept_lists.put(db.session(), account, records)
    elif deed == "remove" and uid:
        kept_lists.remove(db.session(), account, uid)
    elif deed == "empty":
        kept_lists.empty(db.session(), account)
    db.session.commit()


def _uid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _put(library: Organisation, uids: Sequence[UUID]) -> None:
    """Raises NotFound when nothing of it is in this network's catalogue."""
    session.permanent = True
    session[KEY] = written(one.uid for one in _known(library, uids))


def _known(library: Organisation, uids: Sequence[UUID]) -> list[Record]:
    """As many as a list holds. Raises NotFound when nothing of it is in this network's catalogue."""
    records = _records(library, list(dict.fromkeys(uids)))
    if not records:
        raise NotFound
    if len(records) > MOST:
        flash(_("Danh sách đã đủ %(most)s cuốn. Bỏ bớt một cuốn rồi thêm.", most=MOST), "warning")
    return records[:MOST]
