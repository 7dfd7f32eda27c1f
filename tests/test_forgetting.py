"""What is kept for a time only goes in time; acts and what came of them stay."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from library.accounts.models import SignIn
from library.core import clock
from library.core.db import db
from library.inbox.models import Act, Entry
from library.jobs import nightly, queue
from library.jobs.models import Job, JobState
from library.staging.models import Load, LoadRow, LoadState
from library.staging.verdicts import Verdict
from tests.support.people import DeskPage, account, sign_in
from tests.support.world import World


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_after_three_months_messages_lists_and_sessions_are_gone_and_acts_stay(app: Flask, world: World) -> None:
    account(world)
    page = DeskPage(sign_in(app))
    page.scan(world.item().accession or "")
    load = Load(
        uid=clock.uuid7(), kind="books", library_id=world.school().id, branch_id=world.branch().id, account=None,
        file_key="2" * 64, file_name="sach.xlsx", sheet=None, choices={}, state=LoadState.APPLIED, trouble=None,
        made_at=clock.now(),
    )  # fmt: skip
    world.session.add(load)
    world.session.flush()
    world.session.add(LoadRow(load_id=load.id, number=1, sheet="", cells=["Lan"], verdict=Verdict.NEW, notes=[]))
    job = queue.ask("staging.apply", {}, None, None)
    job.state, job.ended_at = JobState.DONE, clock.now()
    world.session.commit()
    before = count(Act)
    nightly.forget(clock.now() + timedelta(days=29))
    assert (count(Entry), count(LoadRow), count(Job), count(SignIn)) == (1, 1, 1, 1)
    nightly.forget(clock.now() + timedelta(days=100))
    assert (count(Entry), count(LoadRow), count(Job), count(SignIn)) == (0, 0, 0, 0)
    assert count(Act) == before


def test_it_is_done_once_a_day(app: Flask, world: World) -> None:
    world.session.commit()
    today = clock.today()
    assert nightly.is_due(today)
    nightly.forget(clock.now())
    assert not nightly.is_due(today)
    assert nightly.is_due(today + timedelta(days=1))


def test_a_great_deal_is_forgotten_a_little_at_a_time(app: Flask, world: World) -> None:
    world.session.commit()
    assert nightly.forget(clock.now(), most=3) == 3
    assert nightly.is_due(clock.today()), "there is more: the next call goes on"
    assert nightly.forget(clock.now()) > 3
    assert not nightly.is_due(clock.today())


def test_everybody_who_forgets_is_known(app: Flask) -> None:
    assert set(nightly.STEPS) == {
        "jobs",
        "inbox",
        "staging",
        "sign-ins",
        "one-time-codes",
        "exports",
        "title-loans",
        "scans",
        "spine-settlements",
        "lists",
        "pupil-details",
        "rollovers",
        "loans-of-readers",
        "readers-who-left",
        "looks",
    }
    assert nightly.forget_if_due in queue.MEANWHILE
