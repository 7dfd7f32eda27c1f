"""Readers' cards, by tens on a page or each on a plastic one, and the sheet of a class for the desk."""

from typing import Any
from uuid import UUID

from flask import request

from library.access import Permission, here, needs
from library.core.db import db
from library.core.errors import N_, Reason, Refused
from library.labels import cards, readers
from library.labels.answers import as_uuid, bp, drawn, may_print, pdf


class NoCards(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("no-cards", N_("Chưa chọn ai, hoặc những người đã chọn chưa có thẻ.")))


@bp.get("/labels/cards.pdf", endpoint="cards")
@needs(Permission.SEE_PATRONS)
def print_cards() -> Any:
    """Cards of the readers named (`reader`, any number), or of a whole class (`class`).

    `start`: the first free place of the page; `paper`: cr80 for plastic cards, one a page.
    """
    class_uid = request.args.get("class")
    chosen = readers.wanted(
        [as_uuid(one) for one in request.args.getlist("reader")], as_uuid(class_uid) if class_uid else None
    )
    found = readers.cards(db.session(), chosen, may_print(here()))
    if not found:
        raise NoCards
    start, plastic = request.args.get("start", "1"), request.args.get("paper") == cards.PLASTIC.code
    paper = cards.PLASTIC if plastic else cards.CARDS
    skip = int(start) - 1 if start in map(str, range(1, paper.per_page + 1)) else 0
    return pdf(drawn(lambda: cards.card_sheets(found, skip, paper)), "the-ban-doc")


@bp.get("/labels/classes/<uuid:class_uid>.pdf", endpoint="class_sheet")
@needs(Permission.SEE_PATRONS)
def print_class_sheet(class_uid: UUID) -> Any:
    """For the desk: everybody of a class with their barcode, for forgotten cards."""
    scope = may_print(here())
    one = readers.class_named(db.session(), class_uid, scope)
    found = readers.cards(db.session(), readers.wanted((), class_uid), scope)
    return pdf(drawn(lambda: cards.class_sheet(readers.class_words(one.name), found)), "ma-vach-lop")
