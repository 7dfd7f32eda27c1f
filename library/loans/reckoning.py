"""Which rules and which calendar hold for a reader, a copy and a desk, and what they come to."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.calendars.openings import Calendar, calendar_of
from library.core import versions
from library.loans.facts import CopyFacts, Desk, ReaderFacts
from library.organisations.models import Branch
from library.policies import limits, rulebook
from library.policies.limits import Over
from library.policies.models import RulesOf
from library.policies.rulebook import Rulebook
from library.policies.values import NO_LIMIT, Channel, Length, LengthKind, Values
from library.uses import settings


@dataclass(frozen=True)
class Law:
    """The rules of one scan, by a stamp that was read once. `branch_id`, `place_id`: whose calendar holds."""

    version: int
    book: Rulebook
    branch_id: int
    channel: Channel = Channel.DESK
    place_id: int | None = None

    def sort(self, copy: CopyFacts) -> int | None:
        return self.book.sort_of(copy.item_class_id, copy.record_kind, copy.format)

    def sort_name(self, copy: CopyFacts) -> str | None:
        sort = self.book.sorts.get(self.sort(copy) or 0)
        return sort.name if sort else None

    def values(self, category_id: int | None, copy: CopyFacts | None = None) -> Values:
        return self.book.resolve(category_id, self.sort(copy) if copy else None, self.channel).values

    def over(self, reader: ReaderFacts, sort: int | None) -> list[Over]:
        """The limits that one more book of this sort would pass. A group's own limit stands in for its category's."""
        held: Counter[int | None] = Counter()
        for one in reader.holds:
            if not one.on_site:
                held[self.book.sort_of(one.item_class_id, one.kind, one.format)] += one.count
        found = limits.over(self.book, reader.category_id, sort, self.channel, held)
        if reader.own_most is None:
            return found
        mine = [Over("most", held.total(), reader.own_most)] if held.total() >= reader.own_most else []
        return mine + [one for one in found if one.kind != "most"]

    def most(self, reader: ReaderFacts) -> int | None:
        """Books this reader may hold at once, of all sorts; None where nobody said or there is no limit."""
        most = self.values(reader.category_id).most if reader.own_most is None else reader.own_most
        return None if most == NO_LIMIT else most

    def calendar(self, session: Session, since: date) -> Calendar:
        return calendar_of(session, self.branch_id, since, self.place_id, version=self.version)


def law(
    session: Session, desk: Desk, reader: ReaderFacts | None = None, copy: CopyFacts | None = None,
    channel: Channel = Channel.DESK,
) -> Law:  # fmt: skip
    """One statement: the stamp. The desk's library decides whose rules hold where the three differ."""
    version = versions.of(session, rulebook.RULES)
    book = rulebook.of(session, desk.library_id, version)
    library, branch = desk.library_id, desk.branch_id
    if book.rules_of is RulesOf.COPY and copy and copy.library_id != library:
        library, branch = copy.library_id, copy.branch_id
    elif book.rules_of is RulesOf.READER and reader and reader.library_id != library:
        library, branch = reader.library_id, first_branch(session, reader.library_id) or branch
    if library != desk.library_id:
        book = rulebook.of(session, library, version)
    return Law(version, book, branch, channel, desk.place_id)


def counts_renewals(session: Session, desk: Desk, law: Law) -> bool:
    """Whether the desk's library counts a renewal as a use, whoever's rules allowed it."""
    return rulebook.of(session, desk.library_id, law.version).renewals_are_uses


def counts_visits(session: Session, desk: Desk, law: Law) -> bool:
    """Whether the desk's library counts a loan as a visit."""
    return settings.of(session, desk.library_id, law.version).loan_is_visit


def first_branch(session: Session, library_id: int) -> int | None:
    """Where a library's readers are at home as far as anybody knows."""
    return session.scalar(select(func.min(Branch.id)).where(Branch.organisation_id == library_id))


def as_recorded(values: Values) -> Values:
    """For a book that has gone out of the door though nobody said for how long: due the same day."""
    return values if values.length else replace(values, length=Length(LengthKind.DAYS, 0))


def penalty(values: Values) -> dict[str, object] | None:
    """What a late return will bring, kept with the loan: later rules do not make it harder."""
    if not values.suspension_days:
        return None
    most = NO_LIMIT if values.suspension_most is None else values.suspension_most
    return {
        "grace": values.grace_days, "counts": values.grace_counts, "per_day": values.suspension_days, "most": most,
    }  # fmt: skip
