"""Classes that come as a whole, with how many are in each."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.loans import queries
from library.patrons.models import Membership, SchoolClass
from library.promotion.visits_forms import Group


def groups(session: Session, library_id: int) -> list[Group]:
    """This school year's classes of the library, in order."""
    size = select(func.count()).where(Membership.class_id == SchoolClass.id, Membership.to_on.is_(None))
    order = {uid: place for place, (uid, _) in enumerate(queries.classes(session, library_id, clock.today()))}
    query = select(SchoolClass.uid, SchoolClass.name, SchoolClass.grade, size.scalar_subquery())
    found = [Group(*row) for row in session.execute(query.where(SchoolClass.uid.in_(order)))]
    return sorted(found, key=lambda one: order[one.uid])
