"""What sites and the library agreed to. The one that began last holds, as long as it is neither over, ended nor undone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation.models import Agreement, Site

KIND = "site-agreement"


@dataclass(frozen=True)
class NewAgreement:
    """`quota`: copies at once; `months`: a batch stays so long at most; `to_on`: the last day."""

    quota: int
    months: int
    from_on: date
    to_on: date
    number: str | None = None
    floats: bool = False
    float_cap: int | None = None
    signed_name: str | None = None


class NotAgreed(Refused):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(Reason(code, sentence))


def make(session: Session, doing: Doing, site: Site, new: NewAgreement) -> Agreement:
    """From its first day on it takes the place of the one before; one of the same first day is changed (a slip of the pen),
    and stays the one that its first act made. Raises NotAgreed."""
    if new.to_on <= new.from_on:
        raise NotAgreed("days", N_("Ngày hết hạn phải sau ngày bắt đầu."))
    act_id = acts.write(session, doing, KIND, doing.at or clock.now())
    same_day = select(Agreement).where(Agreement.site_id == site.id, Agreement.from_on == new.from_on)
    holding = session.scalar(same_day.where(holds()))
    made = holding or session.scalar(same_day) or Agreement(uid=clock.uuid7(), site_id=site.id)
    for name, value in vars(new).items():
        setattr(made, name, value)
    made.act_id, made.ended_on = holding.act_id if holding else act_id, None
    session.add(made)
    session.flush()
    return made


def changes(session: Session, site_id: int, from_on: date) -> bool:
    """Whether one that holds begins on that day: to agree on that day changes it."""
    mine = select(Agreement.id).where(Agreement.site_id == site_id, Agreement.from_on == from_on, holds())
    return session.execute(mine.limit(1)).first() is not None


def check_undo(session: Session, act_id: int) -> None:
    """An act that changed an agreement does not know what it said before. Raises NotAgreed."""
    if session.scalar(select(Act.kind).where(Act.id == act_id)) != KIND:
        return
    if session.execute(select(Agreement.id).where(Agreement.act_id == act_id).limit(1)).first() is None:
        raise NotAgreed("changed", N_("Lần này sửa thỏa thuận đã có. Muốn như trước thì ghi lại số cũ."))


def end(session: Session, agreement: Agreement, on: date) -> None:
    """Ended before its time: `on` is the first day on which it holds no more."""
    agreement.ended_on = on
    session.flush()


def holds() -> ColumnElement[bool]:
    """The WHERE for agreements that nobody took back."""
    return ~exists().where(Act.id == Agreement.act_id, Act.voided_by.is_not(None))


def current(session: Session, site_id: int, on: date) -> Agreement | None:
    """The one that holds on that day (one statement)."""
    return current_of(session, [site_id], on).get(site_id)


def current_of(session: Session, site_ids: Iterable[int], on: date) -> dict[int, Agreement]:
    """By site (one statement)."""
    begun = (Agreement.site_id.in_(list(site_ids)), Agreement.from_on <= on, holds())
    found: dict[int, Agreement] = {}
    for one in session.scalars(select(Agreement).where(*begun).order_by(Agreement.from_on)):
        found[one.site_id] = one  # the later one takes the place of the one before, also by being over
    return {site: one for site, one in found.items() if one.to_on >= on and (one.ended_on is None or one.ended_on > on)}


def of_site(session: Session, site_id: int) -> list[Agreement]:
    """Every one there was, the newest first."""
    query = select(Agreement).where(Agreement.site_id == site_id, holds())
    return list(session.scalars(query.order_by(Agreement.from_on.desc())))


def ending(session: Session, site_ids: Iterable[int], today: date, days: int) -> dict[int, Agreement]:
    """Those that hold today and will be over within so many days, by site."""
    until = today + timedelta(days=days)
    return {site: one for site, one in current_of(session, site_ids, today).items() if one.to_on <= until}
