"""What the pages of drives, gifts, funds and donors share: what is in reach, words, and forms that are posted once."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import current_app, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, or_not_found
from library.accounts.models import Account
from library.core.db import db
from library.core.errors import N_, Refused
from library.core.forms import Reader
from library.inbox.models import Act
from library.loans import posting
from library.loans.forms import Posted
from library.organisations.models import Branch
from library.promotion import donors
from library.promotion.club_frame import Complaints, again, branches, page, there
from library.promotion.drive_models import Drive
from library.promotion.gift_models import Donor, Fate, Fund, Gift, GiftSort, Worn

__all__ = ["Complaints", "again", "branches", "there"]
SORTS = {
    GiftSort.BOOK: N_("Sách truyện, tham khảo"), GiftSort.TEXTBOOK: N_("Sách giáo khoa"),
    GiftSort.MAGAZINE: N_("Báo, tạp chí"), GiftSort.OTHER: N_("Tài liệu khác"),
}  # fmt: skip
WORN = {Worn.GOOD: N_("Còn tốt"), Worn.WORN: N_("Cũ"), Worn.TORN: N_("Rách")}
FATES = {
    Fate.PASSED_ON: N_("Chuyển tặng nơi khác"), Fate.EXCHANGED: N_("Đổi lấy sách khác"),
    Fate.PULPED: N_("Bán giấy vụn, hủy"), Fate.CLASS_SHELF: N_("Đưa vào tủ lớp, ngoài sổ"),
}  # fmt: skip


def show(template: str, **told: Any) -> str:
    return page(
        template, sorts=SORTS, worn_words=WORN, fates=FATES, name_of=name_of, options_of=options_of,
        options_of_words=options_of_words, known=current_app.view_functions, **told,
    )  # fmt: skip


def options_of(things: Iterable[Any]) -> list[tuple[str, str]]:
    """Of a select: things with a uid and a name."""
    return [(str(one.uid), one.name) for one in things]


def options_of_words(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(value), str(_(said))) for value, said in words.items()]


def name_of(donor: Donor | None) -> str:
    """For those who work with gifts."""
    named = donors.full_name(donor)
    return named or str(_(donors.unnamed(donor))).capitalize()


# In reach


def drive_here(uid: UUID) -> Drive:
    query = select(Drive).where(Drive.uid == uid, here().of_branches(Drive.branch_id))
    return or_not_found(db.session.scalar(query))


def gift_here(uid: UUID) -> Gift:
    return or_not_found(db.session.scalar(select(Gift).where(Gift.uid == uid, here().of_branches(Gift.branch_id))))


def fund_here(uid: UUID) -> Fund:
    return or_not_found(db.session.scalar(select(Fund).where(Fund.uid == uid, here().of_libraries(Fund.library_id))))


def donor_here(uid: UUID) -> Donor:
    return or_not_found(db.session.scalar(select(Donor).where(Donor.uid == uid, here().of_libraries(Donor.library_id))))


def library_of(session: Session, branch_id: int) -> int:
    return session.scalars(select(Branch.organisation_id).where(Branch.id == branch_id)).one()


def account_name(actor: UUID | None) -> str:
    return db.session.scalar(select(Account.name).where(Account.uid == actor)) or ""


def stands(act_id: int) -> Act | None:
    """An act that can still be taken back."""
    voided = exists().where(Act.id == act_id, Act.voided_by.is_not(None))
    return db.session.scalar(select(Act).where(Act.id == act_id, ~voided))


# Posting


def posted(reader: Reader) -> Posted | None:
    return posting.posted_of(reader.source, reader)


def once(posted: Posted, content: Mapping[str, Any], work: Callable[[], str]) -> Any:
    """`work` tells where a form goes on; both ways of sending are answered once."""
    return posting.answer(posted, dict(content), lambda: {"to": work()}, lambda done: str(done["to"]))


def tried(reader: Reader, work: Callable[[], Any], form: Callable[[Complaints], str]) -> Any:
    """The answer of `work`, or the form again with what is wrong."""
    try:
        reader.done()
        return work()
    except Refused as wrong:
        if wrong.status not in (409, 422):
            raise
        return again(wrong, form)


def note(verb: str, kind: str, uid: UUID, library_id: int) -> None:
    audit.note(current_user.uid, verb, kind, uid, library_id)


def said(words: str, address: str) -> str:
    """Told on the next page of a form."""
    if not request.is_json:
        flash(words, "success")
    return address


def may(permission: Permission, library_id: int) -> bool:
    return access.scope(permission).holds_library(library_id)
