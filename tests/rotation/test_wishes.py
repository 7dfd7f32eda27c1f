"""Surveys are answered, answered again and taken back; what readers asked for is counted."""

from datetime import timedelta

import pytest

from library.core import clock
from library.core.fold import fold
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation import choosing_facts, undoing, wishes
from library.rotation.choosing import Wished
from library.rotation.models import Site, Survey, WishKind
from library.rotation.wishes import Asked, SurveyRefused
from tests.support import rotation
from tests.support.world import World

YEAR = timedelta(days=365)


def doing(world: World) -> Doing:
    return Doing.now(rotation.account(world).uid, world.branch(world.province()).id)


def survey(world: World, name: str = "Quý I") -> Survey:
    closes = clock.today() + timedelta(days=10)
    return wishes.open_survey(world.session(), doing(world), world.province().id, name, closes)


def told(world: World, site: Site) -> list[tuple[str, int]]:
    found = wishes.of_site(world.session(), site.id, clock.today() - YEAR)
    return sorted((one.text, one.quantity) for one in found)


def test_a_second_answer_takes_the_place_of_the_first(world: World) -> None:
    site, asked = rotation.site(world), survey(world)
    wishes.answer(
        world.session(), doing(world), site, asked, [Asked(WishKind.LEVEL, "3", 40), Asked(WishKind.WORDS, "Conan", 5)]
    )
    second = wishes.answer(world.session(), doing(world), site, asked, [Asked(WishKind.LEVEL, "3", 20)])
    assert told(world, site) == [("3", 20)]
    undoing.undo(world.session(), doing(world), world.session.get_one(Act, second))
    assert told(world, site) == [("3", 40), ("Conan", 5)]
    assert len({one.id for one in wishes.of_site(world.session(), site.id, clock.today() - YEAR)}) == 2


def test_a_survey_ends(world: World) -> None:
    site, asked = rotation.site(world), survey(world)
    with pytest.raises(SurveyRefused, match="name-taken"):
        survey(world, "quý i")
    with clock.stopped_at(clock.now() + timedelta(days=11)), pytest.raises(SurveyRefused, match="over"):
        wishes.answer(world.session(), doing(world), site, asked, [Asked(WishKind.WORDS, "Conan")])
    wishes.close_survey(world.session(), asked, clock.today())
    with pytest.raises(SurveyRefused, match="over"):
        wishes.answer(world.session(), doing(world), site, asked, [])
    wishes.extend_survey(world.session(), asked, clock.today())
    assert wishes.answer(world.session(), doing(world), site, asked, [])
    with pytest.raises(SurveyRefused, match="day"):
        wishes.extend_survey(world.session(), asked, clock.today() - timedelta(days=1))


def test_a_site_of_another_library_is_not_asked(world: World) -> None:
    site, asked = rotation.site(world), survey(world)
    site.library_id = world.school().id
    world.session.flush()
    with pytest.raises(SurveyRefused, match="not-asked"):
        wishes.answer(world.session(), doing(world), site, asked, [])


def test_what_was_asked_for_and_not_there_is_counted_and_taken_back(world: World) -> None:
    site = rotation.site(world)
    one = wishes.unmet(world.session(), doing(world), site, "Conan", 7)
    wishes.unmet(world.session(), doing(world), site, "sách học vẽ")
    assert told(world, site) == [("Conan", 7), ("sách học vẽ", 1)]
    undoing.undo(world.session(), doing(world), world.session.get_one(Act, one.act_id))
    assert told(world, site) == [("sách học vẽ", 1)]


def test_wishes_as_the_proposal_reads_them(world: World) -> None:
    site, first, second = rotation.site(world), survey(world), survey(world, "Quý II")
    record = world.record(library=world.province())
    wishes.answer(world.session(), doing(world), site, first, [Asked(WishKind.LEVEL, "1", 9)])
    wishes.answer(world.session(), doing(world), site, second, [
        Asked(WishKind.LEVEL, "3", 40), Asked(WishKind.LANGUAGE, "hmn", 5), Asked(WishKind.SUBJECT, "Cổ tích", 4),
        Asked(WishKind.TITLE, record.title, 1, record.id),
    ])  # fmt: skip
    wishes.unmet(world.session(), doing(world), site, "Truyện ma", 2)
    found = choosing_facts.wished(world.session(), [site.id], clock.today() - YEAR)[site.id]
    assert set(found) == {
        Wished(40, level=3), Wished(5, language="hmn"), Wished(4, words=fold("Cổ tích")), Wished(1, record_id=record.id),
        Wished(2, words=fold("Truyện ma")),
    }, "the answer to the survey before counts no more"  # fmt: skip
