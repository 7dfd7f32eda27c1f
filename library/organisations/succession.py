"""What organisations themselves take over: branches, those below, the network's name; and the plumbing's rows.

Codes stay their issuer's and counters of codes too: the old library's number stands inside what it printed, and it will
print no more. A branch keeps a trace of whose it was, by which `tree.branches_on` finds it for days before.
"""

from collections.abc import Iterable

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from library.audit import Trace
from library.core import clock
from library.jobs.models import Job
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, changed, hand_over
from library.organisations.models import BranchKind, Organisation, Parentage
from library.organisations.tree import BRANCH, SUCCEEDED
from library.staging.models import Load


def take_over(session: Session, what: Succession) -> Told:
    below, branches = _take_those_below(session, what), _take_branches(session, what)
    networked = _join_network(session, what)
    loads, jobs = hand_over(session, what, Load), hand_over(session, what, Job)
    session.add(Trace(at=clock.now(), actor=None, verb=SUCCEEDED, kind="organisation", subject=str(what.old.uid),
                      library_id=what.new.id))  # fmt: skip
    return [
        ("thư viện trực thuộc", below), ("cơ sở (nơi có kho sách)", branches),
        ("thư viện của mạng cũ sang mạng mới", networked), ("danh sách đã nạp", loads), ("việc dài đã xong", jobs),
    ]  # fmt: skip


def _take_those_below(session: Session, what: Succession) -> int:
    """Whoever stands under the old library on that day or later stands under the new one."""
    still = or_(Parentage.to_on.is_(None), Parentage.to_on > what.on)
    rows = session.scalars(select(Parentage).where(Parentage.parent_id == what.old.id, still)).all()
    for row in rows:
        _change_parent(session, row, what)
    ended = update(Parentage).where(Parentage.child_id == what.old.id, Parentage.to_on.is_(None))
    begun = ended.where(Parentage.from_on <= what.on).values(to_on=what.on)
    changed(session, begun)
    changed(session, ended.values(to_on=Parentage.from_on))
    return len({row.child_id for row in rows})


def _change_parent(session: Session, row: Parentage, what: Succession) -> None:
    if row.from_on >= what.on:
        row.parent_id = what.new.id
        return
    until, row.to_on = row.to_on, what.on
    session.flush()  # one open parent a child: close before opening
    session.add(Parentage(child_id=row.child_id, parent_id=what.new.id, from_on=what.on, to_on=until))
    session.flush()


def _take_branches(session: Session, what: Succession) -> int:
    """Sites of the new library from now on, under names of their own."""
    branches = list(what.old.branches)
    for branch in branches:
        session.add(Trace(at=clock.now(), actor=None, verb=SUCCEEDED, kind=BRANCH, subject=str(branch.uid),
                          library_id=what.old.id))  # fmt: skip
        branch.name = _free_name(branch.name, what.old.short_name, {other.name for other in what.new.branches})
        branch.kind, branch.organisation = BranchKind.SITE, what.new
    session.flush()
    return len(branches)


def _free_name(name: str, from_whom: str, taken: Iterable[str]) -> str:
    while name in taken:
        name = f"{name} ({from_whom})"
    return name


def _join_network(session: Session, what: Succession) -> int:
    """A whole network comes along: codes its libraries printed must be found from the desks of the other."""
    if what.network is None:
        return 0
    before, after = what.network
    joining = update(Organisation).where(Organisation.network_id == before).values(network_id=after)
    return changed(session, joining)


SUCCESSION["organisations"] = Part(
    take_over,
    moves=frozenset({"branch.organisation_id", "load.library_id", "job.library_id"}),
    leaves={
        "organisation.successor_id": "tells who took over from whom, also long ago",
        "organisation.network_id": "a library of the same network stays in it; a whole network goes over",
        "parentage.child_id": "whose the old library was, until that day",
        "parentage.parent_id": "who stood under the old library, until that day",
        "code.issuer_id": "a code means what it meant: the issuer's number stands in it, a card or label is found by it",
        "counter.library_id": "of codes: the old library prints no more; counters of registers go with `holdings`",
        "trace.library_id": "what was done in the old library was done there",
    },
)
