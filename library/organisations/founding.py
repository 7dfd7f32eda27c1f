"""Founding organisations, giving them branches, letting one succeed another."""

from datetime import date

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import bump
from library.core.fold import fold
from library.inbox.models import Act
from library.jobs.models import Job, JobState
from library.organisations import inheriting, rules, tree
from library.organisations.inheriting import Succession, Told
from library.organisations.models import Branch, BranchKind, Counter, Organisation, OrganisationKind, Parentage

TREE = "tree"
"""The stamp of who stands under whom; rights are worked out anew when it grows."""


def slug_of(session: Session, name: str) -> str:
    """The name for addresses, with a number behind it if taken."""
    wanted = fold(name).replace(" ", "-")[:60] or "thu-vien"
    taken = set(session.scalars(select(Organisation.slug).where(Organisation.slug.like(f"{wanted}%"))))
    tries = (wanted if count == 1 else f"{wanted}-{count}" for count in range(1, len(taken) + 2))
    return next(slug for slug in tries if slug not in taken)


def found(
    session: Session,
    kind: OrganisationKind,
    name: str,
    parent: Organisation | None = None,
    short_name: str = "",
    since: date | None = None,
) -> Organisation:
    """A new organisation with its main branch, under `parent` from `since` (today) on."""
    since = since or clock.today()
    number = (session.scalar(select(func.max(Organisation.number))) or 0) + 1
    made = Organisation(
        uid=clock.uuid7(), kind=kind, name=name, short_name=short_name or name,
        slug=slug_of(session, name), number=number, from_on=since,
    )  # fmt: skip
    session.add(made)
    session.flush()
    made.network_id = made.id
    add_branch(session, made, name, BranchKind.MAIN)
    if parent:
        put_under(session, made, parent, since)
    return made


def add_branch(session: Session, organisation: Organisation, name: str, kind: BranchKind = BranchKind.SITE) -> Branch:
    branch = Branch(uid=clock.uuid7(), organisation=organisation, kind=kind, name=name)
    session.add(branch)
    session.flush()
    bump(session, TREE)
    return branch


def put_under(session: Session, child: Organisation, parent: Organisation, since: date) -> None:
    """From `since` on `child` stands under `parent` and shares its network's titles."""
    session.execute(
        update(Parentage).where(Parentage.child_id == child.id, Parentage.to_on.is_(None)).values(to_on=since)
    )
    session.add(Parentage(child_id=child.id, parent_id=parent.id, from_on=since))
    session.flush()
    moved = tree.below([child.id], tree.parentage_on(session, since))
    session.execute(update(Organisation).where(Organisation.id.in_(moved)).values(network_id=parent.network_id))
    bump(session, TREE)


def succeed(session: Session, old: Organisation, new: Organisation, on: date) -> Told:
    """`new` takes the place of `old` from `on`, with everything `old` had; what went over, in words with numbers.

    Facts keep the branch they happened at. In one transaction, however long: not while the desks are open. Asked
    again for the same two, it takes what somebody wrote in the very moment of the first time. Raises CannotSucceed.
    """
    session.flush()
    session.expire_all()
    _lock(session, old, new)
    again = old.successor_id == new.id and old.to_on is not None
    on = (old.to_on or on) if again else on
    rules.check(_ask(session, old, new, on, again))
    network = (old.network_id, new.network_id) if old.network_id and new.network_id else None
    what = Succession(old, new, on, network if network and network[0] != network[1] else None)
    old.to_on, old.successor_id = on, new.id
    session.flush()
    told = [one for part in inheriting.parts() for one in part.take_over(session, what)]
    bump(session, TREE)
    session.flush()
    session.expire_all()  # rows went over by statements of their own
    return told


def _lock(session: Session, old: Organisation, new: Organisation) -> None:
    """Counters before all else; then the two, so that nobody adds a row that names them meanwhile (PostgreSQL)."""
    both = sorted({old.id, new.id})
    counters = select(Counter).where(Counter.library_id.in_(both)).order_by(Counter.library_id, Counter.series)
    session.execute(counters.with_for_update()).all()
    query = select(Organisation).where(Organisation.id.in_(both)).order_by(Organisation.id).with_for_update()
    session.execute(query, execution_options={"populate_existing": True}).all()


def _ask(session: Session, old: Organisation, new: Organisation, on: date, again: bool) -> rules.Ask:
    heir = session.get(Organisation, old.successor_id) if old.successor_id else None
    above = select(Parentage.child_id, Parentage.parent_id).where(
        or_(Parentage.to_on.is_(None), Parentage.to_on > min(on, clock.today()))
    )
    return rules.Ask(
        old.name, new.name, on, clock.today(), old.id == new.id, old.from_on, new.from_on,
        None if again else old.to_on, heir.name if heir else "", new.to_on,
        old.id != new.id and new.id in tree.below([old.id], session.execute(above)),
        old.network_id != new.network_id and old.network_id != old.id,
        None if again else _last_done(session, old), _under_way(session, old, new),
    )  # fmt: skip


def _last_done(session: Session, library: Organisation) -> date | None:
    """The last day on which anything was done at a branch of the library."""
    branches = select(Branch.id).where(Branch.organisation_id == library.id)
    last = session.scalar(select(func.max(Act.occurred_at)).where(Act.branch_id.in_(branches)))
    return clock.day_of(last) if last else None


def _under_way(session: Session, *libraries: Organisation) -> int:
    """A list half written would go on in another register."""
    query = select(func.count(Job.id)).where(Job.library_id.in_([one.id for one in libraries]))
    return session.scalar(query.where(Job.state.in_((JobState.WAITING, JobState.RUNNING)))) or 0
