"""Class sets, teachers' sets, other institutions: they borrow in their own name, and a person answers for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from library.access import Scope
from library.core import clock
from library.core.errors import N_
from library.core.forms import Reader
from library.organisations.models import Organisation
from library.patrons import enrolling, queries
from library.patrons.enrolling import NewPatron
from library.patrons.models import GroupReader, Membership
from library.patrons.queries import Wanted

CODE = "TT"
MOST = 500


@dataclass(frozen=True)
class NewGroup:
    """`responsible` is a reader of the same library; `most` is how many books it may hold, None: as its category says."""

    uid: UUID
    name: str
    responsible: Membership | None
    most: int | None

    @classmethod
    def read(cls, source: Mapping[str, Any], found: Sequence[Membership]) -> Self:
        """`found` are the readers whom the words for the responsible person may mean. Raises Invalid."""
        reader = Reader(source)
        name = reader.text("full_name", longest=100)
        told = reader.text("responsible", required=False, longest=100)
        if told and not found:
            reader.complain("responsible", "nobody", N_("Không thấy ai tên hoặc thẻ như vậy ở thư viện này."))
        if len(found) > 1:
            reader.complain("responsible", "several", N_("Có nhiều người như vậy. Chọn một người ở dưới."))
        most = reader.number("most", 1, MOST) if str(source.get("most") or "").strip() else None
        reader.done()
        return cls(_uid(source), name, found[0] if told and found else None, most)

    def content(self) -> dict[str, Any]:
        """What must be the same when the same form arrives twice."""
        who = str(self.responsible.uid) if self.responsible else ""
        return {"do": "add-group", "told": [self.name, who, str(self.most)]}


def _uid(source: Mapping[str, Any]) -> UUID:
    try:
        return UUID(str(source.get("uid", "")))
    except ValueError:
        return clock.uuid7()


def meant(session: Session, library: Organisation, source: Mapping[str, Any], scope: Scope) -> Sequence[Membership]:
    """Readers of the library whom the typed words may mean, or the one that was picked; nine at most."""
    if picked := source.get("pick"):
        return [queries.by_uid(session, _uid({"uid": picked}), scope)]
    wanted = Wanted(library.id, str(source.get("responsible") or ""))
    if not wanted.words.strip():
        return ()
    ids = queries.named(session, wanted, scope).ids[:9]
    return session.scalars(queries.people(wanted, scope, ids)).all()


def found(session: Session, library: Organisation, new: NewGroup) -> tuple[Membership, str]:
    """The group as a reader, and the number of its card."""
    assert library.network_id
    category = enrolling.add_usual_categories(session, library.network_id)[CODE]
    ((made, card),) = enrolling.enrol(session, library, category.id, [NewPatron(new.name)])
    responsible = new.responsible.id if new.responsible else None
    session.add(GroupReader(membership_id=made, responsible_id=responsible, most=new.most))
    session.flush()
    return session.get_one(Membership, made), card


def of(session: Session, membership: Membership) -> GroupReader | None:
    query = select(GroupReader).where(GroupReader.membership_id == membership.id)
    return session.scalar(query.options(joinedload(GroupReader.responsible).joinedload(Membership.person)))


def answered_for(session: Session, membership: Membership) -> Sequence[Membership]:
    """Groups of the same library this reader answers for."""
    query = (
        select(Membership)
        .join(GroupReader, GroupReader.membership_id == Membership.id)
        .where(GroupReader.responsible_id == membership.id, Membership.to_on.is_(None))
        .where(Membership.library_id == membership.library_id)
        .options(joinedload(Membership.person))
    )
    return session.scalars(query.order_by(Membership.id)).all()
