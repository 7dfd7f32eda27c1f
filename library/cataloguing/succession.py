"""Lists of scanned codes that wait to be saved; of a code somebody scanned for both libraries the counts are added."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, aliased

from library.cataloguing.models import ScanLine
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, changed, hand_over


def take_over(session: Session, what: Succession) -> Told:
    theirs = aliased(ScanLine)
    both = (
        select(ScanLine.id, ScanLine.quantity, theirs.id.label("there"))
        .join(theirs, (theirs.account == ScanLine.account) & (theirs.code == ScanLine.code))
        .where(ScanLine.library_id == what.old.id, theirs.library_id == what.new.id)
    )
    for row in session.execute(both).all():
        more = update(ScanLine).where(ScanLine.id == row.there).values(quantity=ScanLine.quantity + row.quantity)
        changed(session, more)
        changed(session, delete(ScanLine).where(ScanLine.id == row.id))
    return [("dòng quét đang chờ ghi", hand_over(session, what, ScanLine))]


SUCCESSION["cataloguing"] = Part(
    take_over,
    moves=frozenset({"scan_line.library_id"}),
    leaves={"spine_settlement.library_id": "kept for a week, to be taken back by those who settled it"},
)
