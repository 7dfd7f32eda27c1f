"""What is sent by pages: as JSON by a script or a device, or as a plain form; the same act twice is one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import flash, jsonify, redirect, request
from flask_login import current_user

from library.core import clock
from library.core.db import db, once_more
from library.core.errors import N_, Reason, Refused
from library.core.forms import Reader
from library.inbox import acts, once, timing
from library.inbox.acts import Doing
from library.loans.forms import Posted, plain_posted, uuid_or_none

Source = Mapping[str, Any]
Told = dict[str, Any]


class AnotherAccount(Refused):
    """The page was opened by somebody else, who must sign in again to send what they made."""

    status = 401

    def __init__(self) -> None:
        super().__init__(Reason("another-account", N_("Trang này do tài khoản khác mở. Người đó vào lại là gửi được.")))


def json_object() -> dict[str, Any]:
    """The body, if it is a JSON object; an empty one otherwise, which the form then complains about."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def check_sender(source: dict[str, Any]) -> None:
    """A queue is sent only by the account that made it, even if another has signed in beside it meanwhile."""
    account = source.get("account")
    if account and account != str(current_user.uid):
        raise AnotherAccount


def source() -> Source:
    """What was sent, either way. Raises AnotherAccount for a queue of somebody else's."""
    if not request.is_json:
        return request.form
    told = json_object()
    check_sender(told)
    return told


def many(told: Source, name: str) -> list[str]:
    """Every value of a field that may come more than once."""
    if hasattr(told, "getlist"):
        return list(told.getlist(name))
    value = told.get(name)
    return [str(one) for one in value] if isinstance(value, list) else []


def posted_of(told: Source, reader: Reader) -> Posted | None:
    """Whole in a message of a script or a device; a plain form is made and sent now, and its hidden `uid` tells a second
    click."""
    if request.is_json or told.get("device"):
        return Posted.read(reader)
    return plain_posted(uuid_or_none(told.get("uid")))


def actor() -> UUID:
    return UUID(str(current_user.uid))


def doing_of(posted: Posted) -> Doing:
    """Who, where, when: now for a scan sent as it was made, else the moment by the corrected clock."""
    late = not timing.is_live(posted.raw_at, posted.sent_at)
    at = None
    if late:
        before = acts.last_of_device(db.session(), posted.device)
        (at,) = timing.corrected([posted.raw_at], posted.sent_at, clock.now(), before and before + clock.TICK)
    return Doing(posted.uid, current_user.uid, current_user.branch_id, posted.device, posted.number, posted.raw_at, at)


def doing_at(posted: Posted, branch_id: int) -> Doing:
    """The branch is that of the thing it is done to, whoever's account it is."""
    return replace(doing_of(posted), branch_id=branch_id)


def doing_now(posted: Posted, branch_id: int | None) -> Doing:
    """As `doing_at`, at the moment it is recorded: undoing happens when it is done, whenever it was asked for."""
    return Doing(posted.uid, actor(), branch_id, posted.device, posted.number, posted.raw_at)


def answered_once(
    posted_uid: UUID, content: dict[str, Any], work: Callable[[], dict[str, Any]], sender: UUID | None = None
) -> dict[str, Any]:
    """The first answer to this message, doing the work if it is new. One transaction, tried once more if that may help.
    `sender`: whose account, where nobody is signed in."""

    def attempt() -> dict[str, Any]:
        session = db.session()
        answer = once.arrive(session, posted_uid, sender or current_user.uid, content)
        if answer is None:
            answer = work()
            once.keep_answer(session, posted_uid, answer)
        db.session.commit()
        return answer

    return once_more(attempt)


def answer(posted: Posted, content: Told, work: Callable[[], Told], back: Callable[[Told], str]) -> Any:
    """Do it once; JSON is answered with what was done, a form goes on to `back` of it."""
    done = _done(posted, content, work)
    return jsonify(done) if request.is_json else redirect(back(done), 303)


def answer_aloud(posted: Posted, content: Told, work: Callable[[], Told], back: Callable[[Told], str]) -> Any:
    """The same, where the page that a form goes on to tells `do` of what was done on top."""
    done = _done(posted, content, work)
    if request.is_json:
        return jsonify(done)
    if done.get("do"):
        flash(done["do"], done.get("outcome", "ok"))
    return redirect(back(done), 303)


def _done(posted: Posted, content: Told, work: Callable[[], Told]) -> Told:
    return answered_once(posted.uid, {**content, "number": posted.number}, work)
