"""A book goes out, or stays out for longer: the rules are asked, then it is done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from library.inbox.acts import Doing
from library.loans import deeds, dues, holds, reckoning, rules
from library.loans.facts import CopyFacts, Desk, ReaderFacts
from library.loans.happened import Answer, Happened, Scan, What
from library.loans.reckoning import Law
from library.loans.rules import Verdict
from library.policies.values import Channel, Lending, Values
from library.uses.counting import Frozen


@dataclass(frozen=True)
class Meeting:
    """A reader and a copy at a desk, and what is told so far."""

    desk: Desk
    doing: Doing
    one: Scan
    told: Happened
    copy: CopyFacts
    reader: ReaderFacts
    today: date

    @property
    def is_late(self) -> bool:
        """It happened already: whatever a rule says is noted."""
        return self.doing.at is not None

    @property
    def channel(self) -> Channel:
        late_at_desk = self.is_late and self.one.channel is Channel.DESK
        return Channel.OFFLINE if late_at_desk else self.one.channel

    @property
    def own_wait(self) -> bool:
        """This reader is one of those who wait for the title without a copy kept for them here."""
        return self.copy.reader_waits and self.copy.kept_for != self.reader.membership_id

    @property
    def put_down(self) -> tuple[int, int]:
        """(place, branch) of the copy after it was read in the house: at home if that is here."""
        copy, here = self.copy, self.desk.branch_id
        return copy.home_id if copy.home_branch_id == here else copy.processing_place, here

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What the place itself says, beside the rules."""
        return ()

    def law(self, session: Session) -> Law:
        return reckoning.law(session, self.desk, self.reader, self.copy, self.channel)

    def frozen(self) -> Frozen:
        copy, reader = self.copy, self.reader
        return Frozen(
            self.desk.branch_id, reader.class_name, reader.grade, reader.category, copy.level, copy.class_mark,
            self.channel, self.desk.place_id,
        )  # fmt: skip


def stopped(met: Meeting, verdicts: Sequence[Verdict]) -> Happened | None:
    """Refusals before questions. A reason given by somebody who may overrule answers the questions beside it too."""
    if met.is_late:
        return None
    overruled = bool(met.one.override) and rules.may_be_overridden(verdicts)
    if rules.refusals(verdicts) and not overruled:
        return replace(met.told, what=What.REFUSED, verdicts=verdicts)
    if rules.questions(verdicts) and not overruled and not met.one.is_lending:
        return replace(met.told, what=What.QUESTION, verdicts=verdicts)
    return None


def passed_over(met: Meeting, verdicts: Sequence[Verdict]) -> tuple[deeds.Doubt, ...]:
    """Refusals and questions that did not stop the deed, and how they came not to: kept with the loan."""
    how = "late" if met.is_late else "overruled"
    answered = "late" if met.is_late else "answered"
    refused = [{"code": one.code, "how": how} for one in rules.refusals(verdicts)]
    return (*refused, *({"code": one.code, "how": answered} for one in rules.questions(verdicts)))


def _doubts(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    return (*rules.refusals(verdicts), *rules.questions(verdicts))


def lend(session: Session, met: Meeting) -> Happened:
    law = met.law(session)
    values = law.values(met.reader.category_id, met.copy)
    case = rules.Ask(
        met.today, met.reader.standing, met.copy.standing(met.reader.membership_id, law.sort_name(met.copy)), values,
        met.channel, law.over(met.reader, law.sort(met.copy)),
    )  # fmt: skip
    verdicts = rules.in_order([*rules.against(case), *met.verdicts])
    if no := stopped(met, verdicts):
        return no
    done = replace(met.told, verdicts=verdicts, act=met.doing.uid, doubts=_doubts(verdicts) if met.is_late else ())
    if values.lending is Lending.ON_SITE and values.most_on_site is None:
        return _read_here(session, met, done)
    return _hand_over(session, met, law, reckoning.as_recorded(values), done)


def _read_here(session: Session, met: Meeting, done: Happened) -> Happened:
    """Nobody counts how many are read in the house at once: no loan, one use, with the facts of who reads."""
    seen = deeds.seen(met.copy, late=False)
    item, how = (met.copy.id, met.copy.uid), deeds.How(frozen=met.frozen())
    act_id, counted = deeds.take_in(session, met.doing, item, met.put_down, done.at, seen, how)
    _settle_holds(session, met, act_id)
    return replace(done, what=What.READ_HERE, counted=counted)


def _hand_over(session: Session, met: Meeting, law: Law, values: Values, done: Happened) -> Happened:
    copy, reader, on_site = met.copy, met.reader, values.lending is Lending.ON_SITE
    verdicts = list(done.verdicts)
    due = met.today if on_site else _due(session, met, law, values, verdicts)
    what = deeds.Lending(
        copy.id, copy.uid, reader.membership_id, due, met.frozen(), reader.class_id, passed_over(met, verdicts),
        met.one.override if rules.refusals(verdicts) else None, met.channel, law.sort(copy), on_site,
        None if on_site else reckoning.penalty(values), met.desk.place_id,
        reckoning.counts_visits(session, met.desk, law),
    )  # fmt: skip
    act = deeds.lend(
        session, met.doing, what, (copy.patrons_place, met.desk.branch_id), done.at, deeds.seen(copy, late=False)
    )
    _settle_holds(session, met, act[0])
    was = reader.standing
    now = replace(was, on_site=was.on_site + on_site, held=was.held + (not on_site))
    after = replace(reader, standing=now, limit=law.most(reader))
    return replace(done, what=What.LENT, reader=after, due_on=due, on_site=on_site, verdicts=rules.in_order(verdicts))


def _due(session: Session, met: Meeting, law: Law, values: Values, verdicts: list[Verdict]) -> date:
    """The last day; shorter, and said so, where many wait for the title."""
    calendar, expires = law.calendar(session, met.today), met.reader.standing.expires_on
    usual = dues.due_on(values, calendar, met.today, expires)
    waiting = met.copy.waiting - met.own_wait
    due = dues.due_on(values, calendar, met.today, expires, waiting) if waiting > 0 else usual
    if due < usual:
        verdicts.append(rules.wanted_by_many(waiting))
    return due


def _settle_holds(session: Session, met: Meeting, act_id: int) -> None:
    """Whoever this copy was kept for waits on, or no longer, as was answered; this reader's own wait is over."""
    copy, at = met.copy, met.told.at
    is_past = met.is_late and at <= copy.seen_at  # seen since: whoever it is kept for now has it still
    if copy.kept_for is not None and copy.kept_for != met.reader.membership_id and not is_past:
        cancels = met.one.answer == Answer.CANCEL_HOLD
        (holds.cancel_kept if cancels else holds.put_back)(session, copy.id, act_id, at)
    if copy.reader_waits:
        holds.fulfil(session, copy.record_id, met.reader.membership_id, act_id, at)


def renew(session: Session, met: Meeting, seen: bool = True) -> Happened:
    """The reader keeps it; `seen`: they showed it, and the days of this desk or stop hold from now on. Unseen, the desk
    names the loan's own place."""
    copy, reader = met.copy, met.reader
    assert copy.loan_id is not None
    assert copy.due_on is not None
    law = met.law(session)
    values = law.values(reader.category_id, copy)
    verdicts = rules.against_renewal(keeping(session, copy, reader, values, met.today, seen))
    if no := stopped(met, verdicts):
        return no
    values, calendar = reckoning.as_recorded(values), law.calendar(session, met.today)
    due = dues.renewed_due(values, calendar, met.today, copy.due_on, reader.standing.expires_on)
    where = (copy.patrons_place, met.desk.branch_id) if seen else None
    counts = reckoning.counts_renewals(session, met.desk, law)
    doubts, frozen = passed_over(met, verdicts), met.frozen() if counts else None
    what = deeds.Renewing(copy.loan_id, due, doubts, met.one.override, frozen, met.desk.place_id)
    deeds.renew(session, met.doing, (copy.id, copy.uid), what, where, met.told.at, deeds.seen(copy, late=False))
    return replace(met.told, what=What.RENEWED, act=met.doing.uid, due_on=due, verdicts=verdicts)


def keeping(
    session: Session, copy: CopyFacts, reader: ReaderFacts, values: Values, today: date, seen: bool = True
) -> rules.KeepLonger:
    """What matters where this reader wants to keep the copy they have."""
    assert copy.due_on
    waited_for = copy.waiting > 0 and holds.blocks_renewal(
        session, copy.record_id, copy.id, reader.membership_id, today, values.renew_past_holds
    )
    return rules.KeepLonger(
        today, copy.due_on, copy.renewals or 0, reader.standing, values, copy.unseen_renewals or 0, seen, waited_for,
        copy.lost_at is not None and not seen, bool(copy.on_site),
    )  # fmt: skip
