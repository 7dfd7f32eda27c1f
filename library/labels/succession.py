"""Paper, printers, templates, the log and the signs of the old library are the successor's. What has a name that is
taken there keeps it with the old library's letters behind it."""

from typing import TypeVar

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from library.labels.models import LabelPaper, LabelPrinter, LabelRun, LabelTemplate, Sign
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, hand_over

NAMED = (LabelTemplate, LabelPaper, LabelPrinter)


def take_over(session: Session, what: Succession) -> Told:
    _rename(session, what, LabelTemplate)
    _rename(session, what, LabelPaper)
    _rename(session, what, LabelPrinter)
    moved = sum(hand_over(session, what, model) for model in NAMED)
    return [
        ("mẫu nhãn, mẫu giấy, máy in", moved),
        ("lần in nhãn", hand_over(session, what, LabelRun)),
        ("mã của kệ, lớp, thùng, điểm", hand_over(session, what, Sign)),
    ]


Named = TypeVar("Named", LabelTemplate, LabelPaper, LabelPrinter)


def _rename(session: Session, what: Succession, model: type[Named]) -> None:
    theirs = aliased(model)
    taken = exists().where(theirs.library_id == what.new.id, theirs.name == model.name)
    for one in session.scalars(select(model).where(model.library_id == what.old.id, taken)).all():
        names = set(session.scalars(select(model.name).where(model.library_id.in_((what.old.id, what.new.id)))))
        one.name = next(name for mark in what.marks() if (name := f"{one.name} ({mark})") not in names)
        session.flush()


SUCCESSION["labels"] = Part(
    take_over,
    moves=frozenset(f"{model.__tablename__}.library_id" for model in (*NAMED, LabelRun, Sign)),
)
