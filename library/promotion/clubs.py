"""Clubs are founded, joined, meet and close; what they amount to follows them into the figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.errors import N_
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations.models import OrganisationKind
from library.patrons.models import Membership, Person, SchoolClass
from library.promotion import visits_follow
from library.promotion.club_frame import NotSo
from library.promotion.club_models import Club, ClubMeeting, ClubMember
from library.uses import counting, happenings
from library.uses.counting import Frozen
from library.uses.happenings import Fact, Measure
from library.uses.models import Visit, VisitKind

KIND = "club"
FOUND, CHANGE, JOIN, MEET, CHANGE_MEETING = "club", "club-change", "club-members", "club-meeting", "club-meeting-change"
ActRef = tuple[int, UUID]


@dataclass(frozen=True)
class NewClub:
    """What is said of a club. `heads`: how many belong to it, where no list is kept."""

    name: str
    founded_on: date
    topic: str = ""
    keeper: str = ""
    heads: int | None = None


@dataclass(frozen=True)
class Met:
    """One meeting."""

    on: date
    heads: int
    topic: str = ""
    as_visits: bool = False


@dataclass(frozen=True)
class Member:
    """Somebody of the list, as a page shows them."""

    uid: UUID
    name: str
    group: str
    since: date


def found(session: Session, doing: Doing, branch_id: int, new: NewClub) -> Club:
    """Raises NotSo where an open club has the name."""
    _check_name(session, branch_id, new.name, 0)
    act = _act(session, doing, FOUND)
    club = Club(uid=uuid5(doing.uid, KIND), branch_id=branch_id, act_id=act[0], cancelled=False, **_columns(new))
    session.add(club)
    session.flush()
    _settle(session, act, club)
    return club


def change(session: Session, doing: Doing, club: Club, new: NewClub) -> None:
    """Raises NotSo."""
    lock(session, club)
    _check_name(session, club.branch_id, new.name, club.id)
    first = session.scalar(select(func.min(ClubMeeting.met_on)).where(_stands(club)))
    if first and new.founded_on > first:
        raise NotSo("met-before", N_("Câu lạc bộ đã họp từ %(day)s."), day=f"{first:%d/%m/%Y}")
    if club.closed_on and new.founded_on > club.closed_on:
        raise NotSo("closed-before", N_("Câu lạc bộ đã đóng ngày %(day)s: ngày lập phải từ ngày ấy trở về trước."),
                    day=f"{club.closed_on:%d/%m/%Y}")  # fmt: skip
    for name, value in _columns(new).items():
        setattr(club, name, value)
    session.flush()
    _settle(session, _act(session, doing, CHANGE), club)


def close(session: Session, doing: Doing, club: Club, on: date | None) -> None:
    """The club ends that day; None: it goes on after all. Raises NotSo."""
    lock(session, club)
    if on is None:
        _check_name(session, club.branch_id, club.name, club.id)
    elif on < club.founded_on:
        raise NotSo("before-it-was", N_("Ngày phải từ %(day)s trở đi."), day=f"{club.founded_on:%d/%m/%Y}")
    _act(session, doing, CHANGE)
    club.closed_on = on
    session.flush()


def cancel(session: Session, doing: Doing, club: Club) -> None:
    """It was founded by mistake. Raises NotSo where it met, AlreadyUndone."""
    lock(session, club)
    if session.scalar(select(exists().where(_stands(club)))):
        raise NotSo("has-met", N_("Câu lạc bộ đã có buổi sinh hoạt. Hoàn tác các buổi ấy trước, hoặc đóng câu lạc bộ."))
    voiding = acts.void(session, doing, club.act_id)
    club.cancelled = True
    session.flush()
    _settle(session, (voiding, doing.uid), club)


def meet(session: Session, doing: Doing, club: Club, met: Met) -> ClubMeeting:
    """Raises NotSo on a day on which there was no such club."""
    lock(session, club)
    _check_day(club, met.on)
    act = _act(session, doing, MEET)
    made = ClubMeeting(
        uid=uuid5(doing.uid, MEET), club_id=club.id, act_id=act[0], cancelled=False, met_on=met.on, heads=met.heads,
        topic=met.topic or None, as_visits=met.as_visits,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _settle_meeting(session, act, club, made)
    return made


def change_meeting(session: Session, doing: Doing, meeting: ClubMeeting, met: Met) -> None:
    """Raises NotSo."""
    lock(session, meeting.club)
    session.refresh(meeting)
    if meeting.cancelled:
        raise NotSo("undone", N_("Buổi này đã hoàn tác rồi."))
    _check_day(meeting.club, met.on)
    meeting.met_on, meeting.heads, meeting.topic = met.on, met.heads, met.topic or None
    meeting.as_visits = met.as_visits
    session.flush()
    _settle_meeting(session, _act(session, doing, CHANGE_MEETING), meeting.club, meeting)


def undo_meeting(session: Session, doing: Doing, meeting: ClubMeeting) -> None:
    """It did not take place. Raises AlreadyUndone."""
    lock(session, meeting.club)
    voiding = acts.void(session, doing, meeting.act_id)
    meeting.cancelled = True
    session.flush()
    _settle_meeting(session, (voiding, doing.uid), meeting.club, meeting)


def join(session: Session, doing: Doing, club: Club, readers: Iterable[int], on: date) -> int:
    """Memberships of the club's library; how many are new on the list."""
    lock(session, club)
    here = set(session.scalars(select(ClubMember.membership_id).where(_belongs(club))))
    new = [one for one in dict.fromkeys(readers) if one not in here]
    if new:
        act = _act(session, doing, JOIN)
        session.add_all(
            ClubMember(uid=uuid5(doing.uid, f"join {one}"), club_id=club.id, membership_id=one, from_on=on, act_id=act[0])
            for one in new
        )  # fmt: skip
        session.flush()
    return len(new)


def leave(session: Session, doing: Doing, member: ClubMember, on: date) -> None:
    """No longer on the list."""
    if member.to_on is None:
        _act(session, doing, JOIN)
        member.to_on = max(on, member.from_on)
        session.flush()


# Asking


def standing(session: Session, club: Club, most: int = 100) -> Sequence[ClubMeeting]:
    """Meetings, the newest first."""
    query = select(ClubMeeting).where(_stands(club)).order_by(ClubMeeting.met_on.desc(), ClubMeeting.id.desc())
    return session.scalars(query.limit(most)).all()


def sums(session: Session, clubs: Iterable[int], since: date) -> dict[int, tuple[int, int, date]]:
    """{club: (meetings, people who came, the last day)} since that day (one statement)."""
    query = select(ClubMeeting.club_id, func.count(), func.sum(ClubMeeting.heads), func.max(ClubMeeting.met_on))
    query = query.where(
        ClubMeeting.club_id.in_(list(clubs)), ClubMeeting.cancelled.is_(False), ClubMeeting.met_on >= since
    )
    found = session.execute(query.group_by(ClubMeeting.club_id))
    return {club: (int(many), int(came), last) for club, many, came, last in found}


def members(session: Session, club: Club) -> list[Member]:
    """Who belongs to it today, in the order of names (one statement)."""
    query = (
        select(ClubMember.uid, Person.full_name, SchoolClass.name, ClubMember.from_on)
        .join(Membership, Membership.id == ClubMember.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(_belongs(club), Membership.to_on.is_(None))
        .order_by(Person.name_sort, ClubMember.id)
    )
    return [Member(uid, name, group or "", since) for uid, name, group, since in session.execute(query)]


def sizes(session: Session, clubs: Iterable[Club]) -> dict[int, int]:
    """How many belong to each: its list, else what was said (one statement)."""
    every = list(clubs)
    query = (
        select(ClubMember.club_id, func.count())
        .join(Membership, Membership.id == ClubMember.membership_id)
        .where(
            ClubMember.club_id.in_([one.id for one in every]), ClubMember.to_on.is_(None), Membership.to_on.is_(None)
        )
        .group_by(ClubMember.club_id)
    )
    listed = {key: value for key, value in session.execute(query)}  # noqa: C416
    return {one.id: listed.get(one.id) or one.heads or 0 for one in every}


def lock(session: Session, club: Club) -> None:
    """The club as it is now, and nobody else changes it meanwhile."""
    session.flush()
    session.refresh(club, with_for_update={"of": Club, "key_share": True})
    if club.cancelled:
        raise NotSo("undone", N_("Câu lạc bộ này đã hoàn tác rồi."))


# Inside


def _columns(new: NewClub) -> dict[str, object]:
    return {
        "name": new.name, "founded_on": new.founded_on, "topic": new.topic or None, "keeper": new.keeper or None,
        "heads": new.heads,
    }  # fmt: skip


def _act(session: Session, doing: Doing, kind: str) -> ActRef:
    return acts.write(session, doing, kind, doing.at or clock.now()), doing.uid


def _belongs(club: Club) -> ColumnElement[bool]:
    return (ClubMember.club_id == club.id) & ClubMember.to_on.is_(None)


def _stands(club: Club) -> ColumnElement[bool]:
    return (ClubMeeting.club_id == club.id) & ClubMeeting.cancelled.is_(False)


def _check_name(session: Session, branch_id: int, name: str, besides: int) -> None:
    same = select(Club.id).where(
        Club.branch_id == branch_id, Club.name == name, Club.closed_on.is_(None), Club.cancelled.is_(False)
    )
    if session.scalar(same.where(Club.id != besides)):
        raise NotSo("name-taken", N_("Đã có câu lạc bộ tên “%(name)s” đang hoạt động."), name=name)


def _check_day(club: Club, on: date) -> None:
    if on < club.founded_on or (club.closed_on is not None and on > club.closed_on):
        raise NotSo("not-then", N_("Ngày ấy câu lạc bộ chưa lập hoặc đã đóng."))


def _settle(session: Session, act: ActRef, club: Club) -> None:
    facts = [] if club.cancelled else [Fact(Measure.CLUB, 1, club.founded_on, club.branch_id)]
    happenings.settle(session, act, KIND, club.uid, facts)


def _settle_meeting(session: Session, act: ActRef, club: Club, one: ClubMeeting) -> None:
    facts = [
        Fact(Measure.CLUB_MEETING, 1, one.met_on, club.branch_id),
        Fact(Measure.CLUB_PEOPLE, one.heads, one.met_on, club.branch_id),
    ]
    happenings.settle(session, act, KIND, one.uid, [] if one.cancelled else facts)
    _settle_visits(session, act, club, one)


def _settle_visits(session: Session, act: ActRef, club: Club, one: ClubMeeting) -> None:
    """What stood is taken back, what holds now is written, and a counter at the door follows; nothing where both are the
    same."""
    counts, stood = one.as_visits and not one.cancelled, _visits_of(session, one)
    if ([(one.met_on, one.heads)] if counts else []) == stood:
        return
    if one.visits_act_id is not None:
        counting.undo(session, one.visits_act_id)
    if counts:
        at = clock.now() if one.met_on == clock.today() else datetime.combine(one.met_on, time(12), clock.HERE)
        category = "pupil" if club.branch.organisation.kind is OrganisationKind.SCHOOL else "citizen"
        frozen = Frozen(club.branch_id, category=category)
        counting.visits(session, act, VisitKind.SESSION, one.heads, at, frozen, str(one.uid))
    one.visits_act_id = act[0] if counts else None
    session.flush()
    days = {day for day, _heads in stood} | ({one.met_on} if counts else set())
    visits_follow.follow(session, act, club.branch_id, {(day, None) for day in days})


def _visits_of(session: Session, one: ClubMeeting) -> list[tuple[date, int]]:
    """(day, people) that stand."""
    back = aliased(Visit)
    query = select(Visit.visited_on, Visit.quantity).where(
        Visit.act_id == one.visits_act_id, Visit.quantity > 0, ~exists().where(back.reverses_id == Visit.id)
    )
    return [(day, heads) for day, heads in session.execute(query)]
