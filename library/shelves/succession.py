"""Shelves go on under the successor; minutes stay in the name in which they were signed."""

from sqlalchemy import delete, exists, update
from sqlalchemy.orm import Session, aliased

from library.documents.models import DocumentTemplate
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, changed, hand_over
from library.patrons.succession import merged
from library.shelves.models import HelperSession, ReadingEntry, ReadingMilestone, Shelf, ShelfHelper, SwapPlan


def take_over(session: Session, what: Succession) -> Told:
    hand_over(session, what, DocumentTemplate, same=("name",))  # documents, plumbing, knows of no successions
    hand_over(session, what, ReadingMilestone, same=("of_class", "books"))
    followed = sum(_follow(session, ended, kept) for ended, kept in merged(session, what).items())
    return [
        ("tủ sách lớp học", hand_over(session, what, Shelf)),
        ("kế hoạch đổi tủ", hand_over(session, what, SwapPlan)),
        ("dòng sổ đọc và phiên trực theo thẻ đã nhập", followed),
    ]


def _follow(session: Session, ended: int, kept: int) -> int:
    """What a reader of both ticked and whose turn it was, with the membership that goes on; one turn is not had twice."""
    twin = aliased(ShelfHelper)
    same = (twin.membership_id == kept, twin.shelf_id == ShelfHelper.shelf_id, twin.from_on == ShelfHelper.from_on)
    turns = delete(ShelfHelper).where(ShelfHelper.membership_id == ended, exists().where(*same))
    session.execute(turns.execution_options(synchronize_session=False))
    rows = (ReadingEntry, ShelfHelper, HelperSession)
    moves = (update(one).where(one.membership_id == ended).values(membership_id=kept) for one in rows)
    return sum(changed(session, move) for move in moves)


SUCCESSION["shelves"] = Part(
    take_over,
    moves=frozenset({"shelf.library_id", "swap_plan.library_id"}),
    leaves={
        "handover.library_id": "minutes were signed in the old library's name; they are found by their shelf",
        "document_template.library_id": "the successor's own template of that name wins",
        "reading_milestone.library_id": "the successor's own word on the same number of books wins",
    },
)
