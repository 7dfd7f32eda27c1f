"""Taking back a deed of the last minutes, as pages ask for it: JSON {act}, or a plain form that names the act."""

from flask import current_app, request
from flask_login import current_user
from sqlalchemy.orm import Session

from library.access import or_not_found
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.models import Act
from library.loans import deeds, posting
from library.loans.forms import UndoForm, plain_posted, uuid_or_none


class TooLateToUndo(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("too-late", N_("Lượt này quá giờ hoàn tác, hoặc do người khác làm.")))


def asked() -> UndoForm:
    """Raises Invalid, NotFound where no act is named, AnotherAccount for a queue of somebody else's."""
    told = posting.source()
    if request.is_json:
        return UndoForm.read(told)
    return UndoForm(plain_posted(), or_not_found(uuid_or_none(request.values.get("act"))))


def check_mine(session: Session, act: Act) -> None:
    """Raises AlreadyUndone; TooLateToUndo also for somebody else's."""
    if not deeds.may_be_undone(session, act, current_user.uid, current_app.config["UNDO_MINUTES"]):
        raise acts.AlreadyUndone if act.voided_by else TooLateToUndo
