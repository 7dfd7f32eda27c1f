"""The places of a branch."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.holdings.models import Place, PlaceKind
from library.organisations.models import Branch

USUAL = (
    (PlaceKind.STACKS, N_("Kho sách")),
    (PlaceKind.PROCESSING, N_("Bàn xử lý")),
    (PlaceKind.HOLD_SHELF, N_("Giá giữ chỗ")),
    (PlaceKind.REPAIR, N_("Giá sửa chữa")),
    (PlaceKind.IN_TRANSIT, N_("Đang trên đường")),
    (PlaceKind.WITH_PATRONS, N_("Bạn đọc đang giữ")),
    (PlaceKind.UNKNOWN, N_("Chưa rõ ở đâu")),
)


def furnish(session: Session, branch: Branch) -> dict[PlaceKind, Place]:
    """The places every branch has; those already there are kept."""
    have = {place.kind: place for place in session.scalars(select(Place).where(Place.branch_id == branch.id))}
    for kind, name in USUAL:
        if kind not in have:
            have[kind] = Place(uid=clock.uuid7(), branch_id=branch.id, kind=kind, name=name)
            session.add(have[kind])
    session.flush()
    return have


def place_named(session: Session, branch_id: int, name: str, kind: PlaceKind = PlaceKind.STACKS) -> Place:
    """The branch's place of that name, made if it is new."""
    found = session.scalar(select(Place).where(Place.branch_id == branch_id, Place.name == name))
    if found is None:
        found = Place(uid=clock.uuid7(), branch_id=branch_id, kind=kind, name=name)
        session.add(found)
        session.flush()
    return found


def first_of(session: Session, branch_id: int, kind: PlaceKind) -> Place:
    """The branch's first place of a kind (its only one, for in transit, with patrons and unknown)."""
    query = select(Place).where(Place.branch_id == branch_id, Place.kind == kind, Place.closed_on.is_(None))
    return session.scalars(query.order_by(Place.id).limit(1)).one()
