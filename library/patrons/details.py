"""Parents' names and ethnicity: kept only by a library that asked for it and said why.

They are the library's own, beside the person, so that they can go alone: when the library stops asking, when the pupil
has long stopped reading there, or with the person.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.bulk import add_rows
from library.core.db import table_of
from library.jobs.nightly import forgets
from library.patrons.models import Membership, PupilDetail, PupilDetailRule

KEPT_FOR = timedelta(days=30)
SOME = 500
NOTHING: Mapping[str, str] = {"parents": "", "ethnicity": ""}


def rule(session: Session, library_id: int) -> PupilDetailRule | None:
    return session.get(PupilDetailRule, library_id)


def keeps(session: Session, library_id: int) -> bool:
    return (
        session.scalar(select(PupilDetailRule.library_id).where(PupilDetailRule.library_id == library_id)) is not None
    )


def switch_on(session: Session, library_id: int, why: str, account: UUID | None) -> None:
    found = rule(session, library_id) or PupilDetailRule(library_id=library_id, since=clock.now())
    found.why, found.account = why, account
    session.add(found)
    session.flush()


def switch_off(session: Session, library_id: int) -> int:
    """What was kept goes at once; of how many pupils it was."""
    session.execute(delete(PupilDetailRule).where(PupilDetailRule.library_id == library_id))
    gone = delete(PupilDetail).where(PupilDetail.library_id == library_id).returning(PupilDetail.person_id)
    return len(session.scalars(gone).all())


def of(session: Session, library_id: int, people: Collection[int]) -> dict[int, dict[str, str]]:
    """{person: {"parents": …, "ethnicity": …}} of those of whom something is kept."""
    query = select(PupilDetail.person_id, PupilDetail.parents, PupilDetail.ethnicity).where(
        PupilDetail.library_id == library_id, PupilDetail.person_id.in_(people)
    )
    rows = session.execute(query) if people else ()
    return {person: {"parents": parents, "ethnicity": ethnicity} for person, parents, ethnicity in rows}


def put(session: Session, library_id: int, told: Mapping[int, Mapping[str, str]]) -> None:
    """What is known of these persons from now on; where both are empty the row goes. Two statements."""
    forget(session, told, library_id)
    rows = [{"person_id": person, "library_id": library_id, **NOTHING, **one} for person, one in told.items()]
    add_rows(session, table_of(PupilDetail), [row for row in rows if row["parents"] or row["ethnicity"]])


def forget(session: Session, people: Iterable[int], library_id: int | None = None) -> None:
    """At one library, or wherever it is kept: for a person who is forgotten."""
    gone = delete(PupilDetail).where(PupilDetail.person_id.in_(list(people)))
    session.execute(gone if library_id is None else gone.where(PupilDetail.library_id == library_id))


@forgets("pupil-details")
def forget_old(session: Session, now: datetime) -> bool:
    """Of those who have not read at the library for a month."""
    reads = exists().where(
        Membership.person_id == PupilDetail.person_id, Membership.library_id == PupilDetail.library_id,
        (Membership.to_on.is_(None)) | (Membership.to_on > clock.day_of(now - KEPT_FOR)),
    )  # fmt: skip
    query = select(PupilDetail.person_id, PupilDetail.library_id).where(~reads).limit(SOME)
    old = session.execute(query).all()
    for library_id in {row.library_id for row in old}:
        forget(session, [row.person_id for row in old if row.library_id == library_id], library_id)
    return len(old) == SOME
