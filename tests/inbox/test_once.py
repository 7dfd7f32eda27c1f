"""A message counts once."""

import pytest
from sqlalchemy import select

from library.core import clock
from library.inbox import acts, once
from library.inbox.acts import Doing
from library.inbox.models import Act, Entry
from tests.support.world import World

ME, OTHER = clock.uuid7(), clock.uuid7()


def test_the_first_answer_is_given_again(world: World) -> None:
    session, uid = world.session(), clock.uuid7()
    assert once.arrive(session, uid, ME, {"code": "1", "reader": None}) is None
    once.keep_answer(session, uid, {"outcome": "ok"})
    assert once.arrive(session, uid, ME, {"reader": None, "code": "1"}) == {"outcome": "ok"}
    assert session.scalar(select(Entry.arrivals).where(Entry.uid == uid)) == 2, "a repeat writes"


def test_the_same_name_for_something_else_is_refused(world: World) -> None:
    session, uid = world.session(), clock.uuid7()
    once.arrive(session, uid, ME, {"code": "1"})
    with pytest.raises(once.AnotherContent):
        once.arrive(session, uid, ME, {"code": "2"})
    with pytest.raises(once.AnotherSender):
        once.arrive(session, uid, OTHER, {"code": "1"})


def test_an_act_is_undone_once(world: World) -> None:
    session = world.session()
    act = acts.write(session, Doing.now(), "lend", clock.now())
    voiding = acts.void(session, Doing.now(), act)
    assert session.get_one(Act, act, populate_existing=True).voided_by == voiding
    with pytest.raises(acts.AlreadyUndone):
        acts.void(session, Doing.now(), act)


def test_uids_sort_by_time() -> None:
    made = [clock.uuid7() for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == 2000
    assert {uid.version for uid in made} == {7}
