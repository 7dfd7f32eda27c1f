"""Readers and their own books: card and number open what one holds, keeps for longer and waits for, and nothing else.

The computer is one that others use too. The page shows a first name only, is kept by no browser and closes by itself.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from flask_babel import gettext as _

from library.access import for_everyone, reads_first
from library.accounts import passwords
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, NotFound, Reason, Refused
from library.core.fold import clean, fold_code, given_name
from library.finding import queries
from library.finding.pages import library_at, mine_word, open_page, open_scope
from library.loans import self_books, self_pins, self_sessions, wording
from library.loans.self_sessions import Oneself
from library.organisations.models import Organisation

bp = Blueprint("mine", __name__)
KEPT = "reader"
WRONG = Reason("wrong-pin", N_("Số thẻ hoặc PIN chưa đúng. Quên PIN thì hỏi thủ thư."))


@bp.after_request
def keep_nowhere(answer: Response) -> Response:
    """Nobody's books stay in a browser that the next one uses."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


# In and out


def _who(library: Organisation) -> Oneself | None:
    """The reader of this request, if their page was touched lately."""
    token, touched = session.get(KEPT) or ("", 0)
    if not token or not self_sessions.is_fresh(touched, clock.now()):
        session.pop(KEPT, None)
        return None
    found = self_sessions.who(db.session(), token, library.id)
    if found is None:
        session.pop(KEPT, None)
    else:
        session[KEPT] = [token, clock.now().timestamp()]
    return found


def _wanted() -> str:
    """The title that somebody came for, as an address says it."""
    text = request.values.get("sach", "")
    try:
        return str(UUID(text))
    except ValueError:
        return ""


@bp.get("/tv/<slug>/cua-toi")
@for_everyone
def show(slug: str) -> Any:
    library = library_at(slug)
    oneself = _who(library)
    if oneself is None:
        return _door(library)
    at = db.session()
    wanted = _title(library, _wanted()) if _wanted() else None
    values = {
        "loans": self_books.loans(at, oneself.membership_id),
        "holds": self_books.holds_of(at, oneself.membership_id),
    }
    return open_page(
        "loans/self.html", library, mine=mine_word(library), called=given_name(oneself.full_name), wanted=wanted,
        words=wording, today=clock.today(), alone=int(self_sessions.ALONE.total_seconds()), longest=self_books.LONGEST_PAUSE,
        tomorrow=clock.today() + timedelta(days=1), **values,
    )  # fmt: skip


def _title(library: Organisation, uid: str) -> Record:
    return queries.by_uid(db.session(), UUID(uid), open_scope(library).of_networks(Record.network_id))


def _door(library: Organisation, wrong: Reason | None = None) -> str:
    return open_page(
        "loans/self_door.html", library, mine=mine_word(library), wrong=wrong, wanted=_wanted(), card=request.form.get("card", "")
    )  # fmt: skip


@bp.post("/tv/<slug>/cua-toi/vao", endpoint="sign_in")
@for_everyone
@reads_first
def sign_in(slug: str) -> Any:
    """As slow for a card nobody has, or one without a number, as for a wrong one; and told in the same words."""
    library, at = library_at(slug), db.session()
    card, pin = clean(request.form.get("card", ""))[:60], request.form.get("pin", "").strip()[:20]
    found = self_pins.by_card(at, library.id, card) if card else None
    tried, address = _tried(library, card, found and found[0]), f"reader {request.remote_addr or ''}"
    passwords.check_patience(at, tried, address)
    fits = passwords.matches(found[1] if found else None, pin)
    for_writing()
    if not fits or found is None:
        passwords.note_failure(db.session(), tried, address)
        db.session.commit()
        return _door(library, WRONG), 401
    token = self_sessions.begin(db.session(), found[0])
    db.session.commit()
    session[KEPT] = [token, clock.now().timestamp()]
    return redirect(url_for("mine.show", slug=slug, sach=_wanted() or None), 303)


def _tried(library: Organisation, card: str, membership_id: int | None) -> str:
    """At what somebody guesses: the reader, however the card is typed and whichever it is; else a card nobody has."""
    return f"reader {library.id} {fold_code(card)}" if membership_id is None else f"reader of {membership_id}"


@bp.post("/tv/<slug>/cua-toi/ra", endpoint="sign_out")
@for_everyone
def sign_out(slug: str) -> Any:
    library = library_at(slug)
    token, _touched = session.pop(KEPT, None) or ("", 0)
    self_sessions.end(db.session(), token)
    db.session.commit()
    return redirect(url_for("finding.front", slug=library.slug), 303)


# Deeds


def _doing(slug: str, deed: Callable[[Organisation, Oneself], str]) -> Any:
    """Do it and say so on one's own page; there too what a rule says no to: a child is not left with an error page."""
    library = library_at(slug)
    oneself = _who(library)
    if oneself is not None:
        try:
            words, colour = deed(library, oneself), "success"
            db.session.commit()
        except Refused as error:
            db.session.rollback()
            if isinstance(error, NotFound):
                raise
            words, colour = " ".join(wording.say(reason) for reason in error.reasons), "error"
        flash(words, colour)
    return redirect(url_for("mine.show", slug=slug, sach=None if oneself else _wanted() or None), 303)


def _uid(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        raise NotFound from None


@bp.post("/tv/<slug>/cua-toi/gia-han", endpoint="renew")
@for_everyone
def renew(slug: str) -> Any:
    def deed(library: Organisation, oneself: Oneself) -> str:
        loan, due = request.form.get("loan", ""), request.form.get("due", "")
        if not (loan.isascii() and loan.isdigit() and len(loan) < 19):
            raise NotFound
        day = self_books.renew(db.session(), library, oneself, int(loan), due)
        return str(_("Đã gia hạn. Hạn trả mới: %(day)s.", day=wording.weekday_day(day)))

    return _doing(slug, deed)


@bp.post("/tv/<slug>/cua-toi/giu-cho", endpoint="hold")
@for_everyone
def hold(slug: str) -> Any:
    def deed(library: Organisation, oneself: Oneself) -> str:
        record = _title(library, str(_uid("sach")))
        self_books.place(db.session(), library, oneself, record.id)
        return str(_("Đã giữ chỗ “%(title)s”. Có sách thì thư viện để riêng.", title=record.full_title))

    return _doing(slug, deed)


@bp.post("/tv/<slug>/cua-toi/bo-cho", endpoint="cancel")
@for_everyone
def cancel(slug: str) -> Any:
    def deed(library: Organisation, oneself: Oneself) -> str:
        self_books.cancel(db.session(), oneself, _uid("hold"))
        return str(_("Đã bỏ giữ chỗ."))

    return _doing(slug, deed)


@bp.post("/tv/<slug>/cua-toi/tam-ngung", endpoint="suspend")
@for_everyone
def suspend(slug: str) -> Any:
    """Passed over for some days without losing one's turn; no day: at once again."""

    def deed(library: Organisation, oneself: Oneself) -> str:
        until = self_books.suspend(db.session(), oneself, _uid("hold"), request.form)
        if until is None:
            return str(_("Chỗ này chờ tiếp từ hôm nay."))
        return str(_("Tạm ngưng đến hết %(day)s. Chỗ vẫn còn.", day=wording.weekday_day(until)))

    return _doing(slug, deed)
