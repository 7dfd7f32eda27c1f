"""Founding organisations, giving them branches, letting one succeed another."""

from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import bump
from library.core.fold import fold
from library.organisations import tree
from library.organisations.models import Branch, BranchKind, Organisation, OrganisationKind, Parentage

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


def succeed(session: Session, old: Organisation, new: Organisation, on: date) -> None:
    """`new` takes the place of `old` from `on`: its children and branches; facts keep the branch they happened at."""
    old.to_on, old.successor_id = on, new.id
    children = [child for child, parent in tree.parentage_on(session, on) if parent == old.id]
    for child in session.scalars(select(Organisation).where(Organisation.id.in_(children))):
        put_under(session, child, new, on)
    for branch in list(old.branches):
        taken = {other.name for other in new.branches}
        branch.name = branch.name if branch.name not in taken else f"{branch.name} ({old.short_name})"
        branch.kind, branch.organisation = BranchKind.SITE, new
    bump(session, TREE)
    session.execute(update(Parentage).where(Parentage.child_id == old.id, Parentage.to_on.is_(None)).values(to_on=on))
    session.flush()
