"""What is kept for a time only goes in time; acts and what came of them stay."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from library.accounts.models import SignIn
from library.core import clock
from library.core.db import db
from library.inbox.models import Act, Entry
from library.jobs import nightly, nights, nights_work, queue
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


def test_everybody_who_forgets_is_known(app: Flask) -> None:
    assert set(nightly.STEPS) == {
        "jobs",
        "nights",
        "inbox",
        "staging",
        "sign-ins",
        "one-time-codes",
        "exports",
        "title-loans",
        "scans",
        "spine-settlements",
        "lists",
        "reading-log",
        "pupil-details",
        "pupils-who-gave",
        "rollovers",
        "loans-of-readers",
        "losses-of-readers",
        "readers-who-left",
        "looks",
        "reader-sign-ins",
        "reader-pins",
        "helper-sessions",
        "shelf-owners",
        "shelf-turns",
        "visitors",
        "kiosks",
        "training-marks",
        "training-steps",
        "commended-names",
        "challenge-ticks",
        "club-members",
    }
    names = [nightly.PREFIX + name for name in nightly.STEPS]
    assert nights.in_order()[-len(names) :] == names, "the last of the night"
    assert nights_work.tonight in queue.MEANWHILE
