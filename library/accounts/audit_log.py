"""The log as people read it: whose deeds, of which kind, on which day; names of readers only for those who may see them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from library.access import Scope
from library.accounts import audit_words, staff
from library.accounts.audit_words import Group
from library.accounts.models import Account, RoleName
from library.audit import Trace
from library.catalogue.models import Record
from library.core import clock
from library.organisations.models import Branch, Organisation
from library.patrons.models import Membership, Person

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """What of the log is wanted; None for all."""

    library_id: int
    who: UUID | None = None
    group: Group | None = None
    day: date | None = None


@dataclass(frozen=True)
class Line:
    """One deed, told."""

    at: datetime
    said: str
    who: str


def traces(asked: Asked) -> Select[Trace]:
    """The newest first."""
    wanted = [Trace.library_id == asked.library_id]
    if asked.who:
        wanted.append(Trace.actor == asked.who)
    if asked.group:
        wanted.append(_of_group(asked.group))
    if asked.day:
        begin = datetime.combine(asked.day, time(), clock.HERE)
        wanted += [Trace.at >= begin, Trace.at < begin + DAY]
    return select(Trace).where(*wanted).order_by(Trace.at.desc(), Trace.id.desc())


def _of_group(group: Group) -> ColumnElement[bool]:
    exact = [verb for verb in group.told if not verb.endswith("-")]
    begins = [Trace.verb.startswith(verb, autoescape=True) for verb in group.told if verb.endswith("-")]
    return or_(Trace.verb.in_(exact), *begins)


def people(session: Session, library_id: int) -> Sequence[tuple[UUID, str]]:
    """Whose deeds one may ask for: everybody who has or had an account here."""
    query = select(Account.uid, Account.name).where(Account.library_id == library_id).order_by(Account.name, Account.id)
    return [(uid, name) for uid, name in session.execute(query)]


def told(session: Session, found: Sequence[Trace], readers: Scope) -> list[Line]:
    """A few statements, however many lines. `readers`: where names of readers may be seen."""
    names = _names(session, found, readers)
    return [_line(one, names) for one in found]


Names = Mapping[str, Mapping[str, str]]


def _line(trace: Trace, names: Names) -> Line:
    sentence, how = audit_words.sentence_of(trace.verb)
    nameless = audit_words.GONE if trace.actor else audit_words.MACHINE
    who = names["account"].get(str(trace.actor)) or gettext(nameless)
    what = names[trace.kind].get(trace.subject) or gettext(audit_words.SUBJECTS.get(trace.kind, trace.kind))
    facts = {"who": who, "what": what, "how": _how(how), "verb": trace.verb, "count": trace.subject}
    return Line(trace.at, str(gettext(sentence)) % facts, who)


def _how(part: str) -> str:
    """A role in its own words, anything else as it stands."""
    return gettext(staff.TELLS[RoleName(part)][0]) if part in set(RoleName) else part


def _names(session: Session, found: Sequence[Trace], readers: Scope) -> Names:
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for one in found:
        wanted["account"] |= {one.actor} if one.actor else set()
        wanted[one.kind] |= set(_uid_of(one.subject))
    names: dict[str, Mapping[str, str]] = defaultdict(dict)
    for kind, uids in wanted.items():
        if uids and kind in _NAMED:
            names[kind] = _NAMED[kind](session, uids)
    if wanted["membership"]:
        names["membership"] = _readers(session, wanted["membership"], readers)
    return names


def _uid_of(subject: str) -> Iterator[UUID]:
    try:
        yield UUID(subject)
    except ValueError:
        return


def _plainly(uid: InstrumentedAttribute[UUID], name: Any) -> Callable[[Session, Iterable[UUID]], Mapping[str, str]]:
    def look(session: Session, uids: Iterable[UUID]) -> Mapping[str, str]:
        return {str(one): words for one, words in session.execute(select(uid, name).where(uid.in_(list(uids))))}

    return look


_NAMED = {
    "account": _plainly(Account.uid, Account.name),
    "record": _plainly(Record.uid, "“" + Record.title + "”"),
    "library": _plainly(Organisation.uid, Organisation.name),
    "organisation": _plainly(Organisation.uid, Organisation.name),
    "branch": _plainly(Branch.uid, Branch.name),
}


def _readers(session: Session, uids: Iterable[UUID], readers: Scope) -> Mapping[str, str]:
    query = select(Membership.uid, Person.full_name).join(Person, Person.id == Membership.person_id)
    mine = readers.of_libraries(Membership.library_id)
    if readers.classes is not None:
        return {}
    return {str(uid): name for uid, name in session.execute(query.where(Membership.uid.in_(list(uids)), mine))}
