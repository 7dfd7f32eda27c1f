"""When a book may be lent: made-up facts in, every verdict out. Rows named as in the scenarios of circulation."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.access import Permission
from library.holdings.models import Condition, Register
from library.loans import rules
from library.loans.rules import Ask, Back, Copy, KeepLonger, Severity, Standing, Verdict, against, against_renewal
from library.policies.limits import Over
from library.policies.values import NO_LIMIT, Lending, Length, LengthKind, Stance, Values

TODAY = date(2026, 11, 19)
DAY = timedelta(days=1)
VALUES = Values(length=Length(LengthKind.DAYS, 14), most=3, renewals=1)
GOOD = Ask(TODAY, Standing(born_on=date(2015, 5, 1)), Copy(), VALUES)
FULL = (Over("most", 3, 3),)
TWELVE = date(2014, 3, 1)


def reader(**more: object) -> Ask:
    return replace(GOOD, reader=replace(GOOD.reader, **more))  # type: ignore[arg-type]


def copy(**more: object) -> Ask:
    return replace(GOOD, copy=replace(GOOD.copy, **more))  # type: ignore[arg-type]


def values(case: Ask = GOOD, **said: object) -> Ask:
    return replace(case, values=replace(case.values, **said))  # type: ignore[arg-type]


def over(*limits: Over, **said: object) -> Ask:
    return replace(values(**said), over=limits)


def heard(case: Ask) -> list[str]:
    """Code and what it does, as "debt?" for a question, "debt!" for a refusal, "debt" for what is only told."""
    marks = {Severity.REFUSE: "!", Severity.ASK: "?", Severity.TELL: ""}
    return [one.code + marks[one.severity] for one in against(case)]


ROWS = [
    ("all is well", GOOD, []),
    ("B3 nobody said how long or how many", values(length=None, most=None), ["no-terms!"]),
    ("B3 nobody said how many", values(most=None), ["no-terms!"]),
    ("B3 nobody said how long", values(length=None), ["no-terms!"]),
    ("B4 no limit is a thing somebody said", values(most=NO_LIMIT), []),
    ("C1 too many", over(*FULL), ["limit-reached!"]),
    ("C1 too many, ask", over(*FULL, over_limit=Stance.ASK), ["limit-reached?"]),
    ("C1 too many, ignored", over(*FULL, over_limit=Stance.IGNORE), []),
    ("C1 none at all", over(Over("most", 0, 0)), ["limit-reached!"]),
    ("C2 too many of this sort", over(Over("most_of_class", 2, 2)), ["class-limit-reached!"]),
    ("C4 two limits at once", over(Over("most", 5, 5), Over("most_of_group", 2, 2)),
     ["limit-reached!", "group-limit-reached!"]),
    ("C6 reading here has its own limit", values(reader(on_site=2, held=9), lending=Lending.ON_SITE, most_on_site=2),
     ["on-site-limit-reached!"]),
    ("C6 room for one more here", values(reader(on_site=1), lending=Lending.ON_SITE, most_on_site=2), []),
    ("C6 none may be read here", values(lending=Lending.ON_SITE, most_on_site=0), ["on-site-limit-reached!"]),
    ("C6 no limit to reading here", values(reader(on_site=99), lending=Lending.ON_SITE, most_on_site=NO_LIMIT), []),
    ("C6 what is held at home does not matter here", replace(values(lending=Lending.ON_SITE), over=FULL), []),
    ("C9 has another copy", copy(has_title=True, had_title=True), ["has-title"]),
    ("C9 had it before", copy(had_title=True), ["had-title"]),
    ("D3 expires today", reader(expires_on=TODAY), []),
    ("D3 expired yesterday", reader(expires_on=TODAY - DAY), ["card-expired!"]),
    ("D4 card lost", reader(card_lost=True), ["card-lost!"]),
    ("D5 blocked through today", reader(blocked_until=TODAY), ["blocked!"]),
    ("D6 blocked until yesterday", reader(blocked_until=TODAY - DAY), []),
    ("D7 blocked without an end", reader(blocked_until=date.max, blocked_why="nợ sách"), ["blocked!"]),
    ("D5 suspended", reader(suspended_until=TODAY), ["suspended!"]),
    ("D6 suspended until yesterday", reader(suspended_until=TODAY - DAY), []),
    ("D9 debt nobody minds", reader(debt=50_000), []),
    ("D9 debt at the limit", values(reader(debt=50_000), debt_most=50_000), []),
    ("D9 debt above it", values(reader(debt=50_001), debt_most=50_000), ["debt!"]),
    ("D9 any debt", values(reader(debt=1), debt_most=0), ["debt!"]),
    ("D9 debt without limit", values(reader(debt=10**9), debt_most=NO_LIMIT), []),
    ("D9 ask", values(reader(debt=1), debt_most=0, debt=Stance.ASK), ["debt?"]),
    ("D12 overdue, refuse", reader(overdue=2), ["overdue!"]),
    ("D12 overdue, ask", values(reader(overdue=2), overdue=Stance.ASK), ["overdue?"]),
    ("D12 overdue, ignore", values(reader(overdue=2), overdue=Stance.IGNORE), []),
    ("D13 late readers may read here", values(reader(overdue=2, suspended_until=TODAY), lending=Lending.ON_SITE), []),
    ("D14 too young, ask", values(replace(reader(born_on=TWELVE), copy=Copy(least_age=16))), ["too-young?"]),
    ("D14 too young, refuse", values(replace(reader(born_on=TWELVE), copy=Copy(least_age=16)), age=Stance.REFUSE),
     ["too-young!"]),
    ("D14 sixteen today", replace(reader(born_on=date(2010, 11, 19)), copy=Copy(least_age=16)), []),
    ("D14 sixteen tomorrow", replace(reader(born_on=date(2010, 11, 20)), copy=Copy(least_age=16)), ["too-young?"]),
    ("D15 no day of birth", replace(reader(born_on=None), copy=Copy(least_age=16)), ["age-unknown"]),
    ("D16 of another library", reader(elsewhere="Thư viện tỉnh"), ["reads-elsewhere?"]),
    ("left", reader(ended_on=TODAY), ["left!"]),
    ("E2 not for loan", copy(not_for_loan=True), ["not-for-loan!"]),
    ("E2 not for loan, ask", values(copy(not_for_loan=True), not_for_loan=Stance.ASK), ["not-for-loan?"]),
    ("E2 may be read here", values(copy(not_for_loan=True), lending=Lending.ON_SITE), []),
    ("E3 the sort is not lent", values(copy(sort="Tra cứu"), lending=Lending.NO), ["sort-not-lent!"]),
    ("E6 lost, ask", copy(is_lost=True), ["lost?"]),
    ("E6 lost, refuse", values(copy(is_lost=True), lost_copy=Stance.REFUSE), ["lost!"]),
    ("E6 lost, only told", values(copy(is_lost=True), lost_copy=Stance.IGNORE), ["lost"]),
    ("E8 parts", copy(parts="1 bản đồ"), ["parts?"]),
    ("J3 kept and ready", copy(kept_for_other=True, kept_ready=True), ["kept-for-other?"]),
    ("J5 kept, on its way", copy(kept_for_other=True), ["kept-for-other"]),
    ("written off", copy(register=Register.WRITTEN_OFF), ["written-off!"]),
    ("struck out", copy(register=Register.STRUCK_OUT), ["written-off!"]),
    ("in repair", copy(in_repair=True), ["in-repair?"]),
    ("damaged", copy(condition=Condition.DAMAGED), ["damaged"]),
    ("notes", replace(reader(note="Cận thị"), copy=Copy(note="Bìa rời")), ["copy-note", "reader-note"]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "found"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_row(case: Ask, found: list[str]) -> None:
    assert heard(case) == found


def test_e18_all_reasons_at_once_refusals_first() -> None:
    worst = Ask(
        TODAY, Standing(overdue=1, expires_on=TODAY - DAY, note="Cận thị"),
        Copy(not_for_loan=True, parts="2 đĩa", had_title=True), VALUES, over=FULL,
    )  # fmt: skip
    assert heard(worst) == [
        "not-for-loan!", "card-expired!", "overdue!", "limit-reached!", "parts?", "had-title", "reader-note",
    ]  # fmt: skip


def test_every_rule_is_seen_to_speak() -> None:
    every = (rules.somebody_said_how, *rules.OF_COPY, *rules.OF_READER)
    silent = [rule.__name__ for rule in every if not any(rule(case) for _, case, _ in ROWS)]
    assert silent == []


def test_what_nobody_may_overrule() -> None:
    never = {"no-terms", "left", "written-off"}
    for _, case, _ in ROWS:
        for one in against(case):
            if one.severity is Severity.REFUSE:
                assert (one.permission is None) == (one.code in never), one.code
    assert rules.may_be_overridden(against(over(*FULL)))
    assert not rules.may_be_overridden(against(replace(over(*FULL), copy=Copy(Register.WRITTEN_OFF))))
    assert not rules.may_be_overridden(against(copy(parts="1 bản đồ"))), "a question needs no permission"
    assert not rules.may_be_overridden(())


def sentence(found: Verdict) -> str:
    return found.reason.sentence % found.reason.facts


def test_sentences_say_what_was_counted() -> None:
    (full,) = against(over(Over("most", 5, 3)))
    assert sentence(full) == "Đang giữ đủ 5 cuốn, được giữ 3: trả bớt 3 cuốn là mượn được."
    (open_end,) = against(reader(blocked_until=date.max, blocked_why="chưa trả sách giáo khoa."))
    assert sentence(open_end) == "Đang ngừng mượn, chưa hẹn ngày mượn lại: chưa trả sách giáo khoa."
    (debt,) = against(values(reader(debt=1_250_000), debt_most=0))
    assert sentence(debt) == "Còn 1.250.000 đ đền bù chưa xong."
    (lost,) = against(copy(is_lost=True, lost_on=TODAY))
    assert lost.reason.facts["day"] == TODAY


STANDINGS = st.builds(
    Standing,
    held=st.integers(0, 9), on_site=st.integers(0, 5), overdue=st.integers(0, 3), debt=st.integers(0, 99),
    expires_on=st.none() | st.dates(TODAY - DAY * 3, TODAY + DAY * 3), card_lost=st.booleans(),
    blocked_until=st.none() | st.dates(TODAY - DAY * 3, TODAY + DAY * 3), note=st.none() | st.just("x"),
    born_on=st.none() | st.dates(date(2000, 1, 1), date(2020, 1, 1)), elsewhere=st.none() | st.just("y"),
)  # fmt: skip
COPIES = st.builds(
    Copy,
    register=st.sampled_from(Register), not_for_loan=st.booleans(), kept_for_other=st.booleans(), kept_ready=st.booleans(),
    parts=st.none() | st.just("1 đĩa"), least_age=st.none() | st.integers(6, 18), is_lost=st.booleans(),
)  # fmt: skip
LIMIT = st.sampled_from([None, 0, NO_LIMIT, 2])
SAID = st.builds(
    Values,
    lending=st.sampled_from(Lending), length=st.none() | st.just(Length(LengthKind.DAYS, 0)), most=LIMIT,
    most_on_site=LIMIT, debt_most=LIMIT, overdue=st.sampled_from(Stance), age=st.sampled_from(Stance),
    debt=st.sampled_from(Stance), lost_copy=st.sampled_from(Stance), over_limit=st.sampled_from(Stance),
)  # fmt: skip


@given(STANDINGS, COPIES, SAID)
def test_refusals_come_before_questions_and_silence_is_no(person: Standing, book: Copy, said: Values) -> None:
    found = against(Ask(TODAY, person, book, said))
    order = [one.severity for one in found]
    assert order == sorted(order, key=list(Severity).index)
    assert len({one.code for one in found}) == len(found)
    silent = (said.length is None or said.most is None) and said.lending is not Lending.ON_SITE
    assert silent == any(one.code == "no-terms" for one in found)
    if silent:
        assert not rules.may_be_overridden(found)
    for one in found:
        sentence(one)
        assert one.permission in (None, Permission.OVERRIDE)
        assert one.permission is None or one.severity is Severity.REFUSE


@given(STANDINGS, COPIES, SAID)
def test_nothing_is_counted_where_nothing_was_said(person: Standing, book: Copy, said: Values) -> None:
    """Empty says nothing, 0 stops everything, "no limit" stops nothing."""
    codes = {one.code for one in against(Ask(TODAY, person, book, replace(said, debt_most=None, most_on_site=None)))}
    assert not codes & {"debt", "on-site-limit-reached"}
    free = {
        one.code for one in against(Ask(TODAY, person, book, replace(said, debt_most=NO_LIMIT, most_on_site=NO_LIMIT)))
    }
    assert free == codes
    here = replace(said, lending=Lending.ON_SITE, most_on_site=0, over_limit=Stance.REFUSE)
    assert "on-site-limit-reached" in {one.code for one in against(Ask(TODAY, person, book, here))}


def test_age_is_counted_in_whole_years() -> None:
    assert rules.age_on(date(2008, 2, 29), date(2024, 2, 28)) == 15
    assert rules.age_on(date(2008, 2, 29), date(2024, 2, 29)) == 16
    assert rules.age_on(date(2008, 2, 29), date(2025, 2, 28)) == 16
    assert rules.age_on(date(2008, 2, 29), date(2025, 3, 1)) == 17


LONGER = KeepLonger(TODAY, TODAY + DAY, 0, Standing(), VALUES)


def kept(case: KeepLonger = LONGER, **said: object) -> KeepLonger:
    return replace(case, values=replace(case.values, **said))  # type: ignore[arg-type]


RENEWALS = [
    ("all is well", LONGER, []),
    ("F1 as often as allowed", replace(kept(renewals=2), renewals=2), ["renewed-enough"]),
    ("F1 once less", replace(kept(renewals=2), renewals=1), []),
    ("F2 never", kept(renewals=0), ["renewed-enough"]),
    ("F2 as often as they like", replace(kept(renewals=NO_LIMIT), renewals=99), []),
    ("F3 another waits", replace(LONGER, waited_for=True), ["waited-for"]),
    ("F6 late", replace(LONGER, due_on=TODAY - DAY), ["late"]),
    ("due today", replace(LONGER, due_on=TODAY), []),
    ("unseen, as often as seen", replace(LONGER, seen=False), []),
    ("unseen never", replace(kept(unseen_renewals=0), seen=False), ["unseen-enough"]),
    ("unseen once, done", replace(kept(unseen_renewals=1, renewals=5), seen=False, renewals=3, unseen=1),
     ["unseen-enough"]),
    ("unseen once, but shown today", replace(kept(unseen_renewals=1, renewals=5), renewals=3, unseen=1), []),
    ("unseen without limit", replace(kept(unseen_renewals=NO_LIMIT, renewals=99), seen=False, renewals=9, unseen=9), []),
    ("B3 nobody said", kept(length=None), ["no-terms"]),
    ("card expired", replace(LONGER, reader=Standing(expires_on=TODAY - DAY)), ["card-expired"]),
    ("suspended", replace(LONGER, reader=Standing(suspended_until=TODAY)), ["suspended"]),
    ("lost", replace(LONGER, is_lost=True), ["lost"]),
    ("being read in the house", replace(LONGER, on_site=True), ["on-site"]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "found"), [row[1:] for row in RENEWALS], ids=[row[0] for row in RENEWALS])
def test_renewing(case: KeepLonger, found: list[str]) -> None:
    assert [one.code for one in against_renewal(case)] == found


def test_f3_nobody_overrules_who_waits() -> None:
    assert not rules.may_be_overridden(against_renewal(replace(LONGER, waited_for=True)))
    assert rules.may_be_overridden(against_renewal(kept(renewals=0)))


def test_a_return_is_never_stopped_only_told() -> None:
    back = Back(
        returned=True, is_lost=True, lost_on=TODAY, claimed_on=TODAY, suspended_until=TODAY + DAY, parts="1 đĩa",
        condition=Condition.DAMAGED, note="Bìa rời", owed_for=True,
    )  # fmt: skip
    found = rules.on_return(back)
    assert {one.severity for one in found} == {Severity.TELL}
    assert [one.code for one in found] == [
        "found", "claimed", "owed-for", "suspended", "parts", "copy-note", "damaged",
    ]  # fmt: skip
    assert [one.code for one in rules.on_return(Back(returned=True, forgiven=True))] == ["amnesty"]
    assert rules.on_return(Back()) == ()
