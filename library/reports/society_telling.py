"""A unit tells its numbers of a year, and takes them back. Only what is other than before is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.core.fold import fold
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations.models import Organisation
from library.reports import society
from library.reports.society_models import SocietyBranch, SocietyCount, SocietyMembers

KIND = "society"


class NotSo(Refused):
    """It cannot be written like that."""

    status = 422


class NothingNew(NotSo):
    """What was sent is what stands already."""

    def __init__(self) -> None:
        super().__init__(Reason("nothing-new", N_("Các số này đã ghi như vậy rồi.")))


class ThereAlready(NotSo):
    """A branch of that name is in the list."""

    def __init__(self, name: str) -> None:
        sentence = N_("Đã có %(name)s trong danh sách. Ghi số hội viên vào dòng ấy.")
        super().__init__(Reason("there-already", sentence, {"name": name}))


@dataclass(frozen=True)
class Telling:
    """`counts` by line, None: no number any more. `members` by branch id, None: the branch is no more. `new`: (name,
    members) of branches that were not there before."""

    counts: Mapping[str, int | None]
    members: Mapping[int, int | None] = field(default_factory=dict)
    new: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True)
class Told:
    """What somebody told in one go."""

    act: UUID
    by: UUID | None
    at: datetime


def tell(session: Session, doing: Doing, unit: Organisation, year: int, telling: Telling) -> int:
    """How many numbers were written. Raises NothingNew, ThereAlready."""
    # One tells at a time: two who read the same would both find theirs new.
    session.execute(select(Organisation.id).where(Organisation.id == unit.id).with_for_update(key_share=True)).all()
    counts, members = _other(session, unit, year, telling)
    if not counts and not members and not telling.new:
        raise NothingNew
    _check_names(session, unit, [name for name, _many in telling.new])
    act = acts.write(session, doing, KIND, doing.at or clock.now())
    session.add_all(SocietyCount(organisation_id=unit.id, year=year, code=code, value=value, act_id=act)
                    for code, value in counts.items())  # fmt: skip
    for branch, many in members.items():
        session.add(SocietyMembers(organisation_id=unit.id, branch_id=branch, year=year, members=many, act_id=act))
    for at, (name, many) in enumerate(telling.new):
        made = SocietyBranch(uid=uuid5(doing.uid, f"branch {at}"), organisation_id=unit.id, name=name, act_id=act)
        session.add(SocietyMembers(organisation_id=unit.id, branch=made, year=year, members=many, act_id=act))
    session.flush()
    return len(counts) + len(members) + len(telling.new)


def _check_names(session: Session, unit: Organisation, names: Sequence[str]) -> None:
    taken = {fold(one.name) for one in society.branches(session, unit.id)} if names else set()
    for name in names:
        if fold(name) in taken:
            raise ThereAlready(name)
        taken.add(fold(name))


def _other(
    session: Session, unit: Organisation, year: int, telling: Telling
) -> tuple[dict[str, int | None], dict[int, int | None]]:
    """What is not so already. A number that branches add up to is theirs."""
    stands = society.counts(session, [unit.id], [year])
    before = society.members(session, [unit.id], [year])
    counts = {code: one for code, one in telling.counts.items() if stands.get((unit.id, year, code)) != one}
    members = {
        branch: many
        for branch, many in telling.members.items()
        if (unit.id, year, branch) not in before or before[unit.id, year, branch] != many
    }
    return counts, members


def undo(session: Session, doing: Doing, unit: Organisation, year: int, uid: UUID) -> None:
    """The numbers before stand again. Raises AlreadyUndone; Refused for another's or of another year."""
    found = next((one for one in lately(session, unit.id, year, 100) if one.act == uid), None)
    act = acts.by_uid(session, uid) if found else None
    if act is None:
        raise acts.AlreadyUndone
    acts.void(session, doing, act.id)
    session.flush()


def lately(session: Session, unit: int, year: int, most: int = 5) -> list[Told]:
    """What was told of the year and stands, the newest first (one statement)."""
    mine = or_(_wrote(SocietyCount, unit, year), _wrote(SocietyMembers, unit, year))
    query = select(Act).where(Act.kind == KIND, Act.voided_by.is_(None), mine).order_by(Act.id.desc()).limit(most)
    return [Told(act.uid, act.actor, act.recorded_at) for act in session.scalars(query)]


def _wrote(what: type[SocietyCount] | type[SocietyMembers], unit: int, year: int) -> ColumnElement[bool]:
    return Act.id.in_(select(what.act_id).where(what.organisation_id == unit, what.year == year))
