"""Sites are founded at a library of the network or as a point without one, changed, closed and opened again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from library.core import clock
from library.holdings.models import Place, PlaceKind
from library.inbox.acts import Doing
from library.organisations import founding
from library.organisations.models import Branch, OrganisationKind
from library.rotation import sites
from library.rotation.models import SiteKind
from library.rotation.sites import PLACE, NewSite, SiteRefused
from tests.support import rotation
from tests.support.world import World


def doing(world: World) -> Doing:
    return Doing.now(None, world.branch(world.province()).id)


def test_a_library_of_the_network_becomes_a_site(world: World) -> None:
    school = world.school()
    new = NewSite(
        school.name, SiteKind.SCHOOL, world.branch(school), area="Khu vực Bắc Kạn", readers=412, grades=(2, 1),
        languages=("hmn",), latitude=22.1, longitude=105.9,
    )  # fmt: skip
    site = sites.found(world.session(), doing(world), world.province(), new)
    assert (site.branch_id, site.grades, site.languages) == (world.branch(school).id, [1, 2], ["hmn"])
    assert (site.place.kind, site.place.name, site.place.branch_id) == (PlaceKind.DEPOT, PLACE, site.branch_id)
    assert [one.id for one in sites.open_of(world.session(), world.province().id)] == [site.id]


def test_a_point_without_a_library_gets_a_branch_of_its_own(world: World) -> None:
    province = world.province()
    site = sites.found(world.session(), doing(world), province, NewSite("BĐ-VHX Xuân Dương", SiteKind.POST_POINT))
    assert site.branch.organisation_id == province.id
    kinds = set(world.session.scalars(select(Place.kind).where(Place.branch_id == site.branch_id)))
    assert {PlaceKind.DEPOT, PlaceKind.WITH_PATRONS, PlaceKind.IN_TRANSIT} <= kinds, "loans need these places"


def test_two_libraries_may_send_books_to_one_school(world: World) -> None:
    school, province = world.school(), world.province()
    commune = founding.found(world.session, OrganisationKind.COMMUNE, "Thư viện xã Xuất Hóa", province)
    new = NewSite("Trường Xuất Hóa", SiteKind.SCHOOL, world.branch(school))
    places = {sites.found(world.session(), doing(world), owner, new).place.name for owner in (province, commune)}
    assert len(places) == 2


def test_a_name_is_given_once(world: World) -> None:
    rotation.site(world, "Chợ Rã")
    with pytest.raises(SiteRefused, match="name-taken"):
        sites.found(world.session(), doing(world), world.province(), NewSite("CHỢ RÃ", SiteKind.SCHOOL))
    other = rotation.site(world, "Ba Bể")
    with pytest.raises(SiteRefused, match="name-taken"):
        sites.change(world.session(), other, NewSite("Chợ rã", SiteKind.SCHOOL))


def test_another_network_is_out_of_reach(world: World) -> None:
    other = world.province("Thư viện tỉnh Cao Bằng")
    new = NewSite("Cao Bằng", SiteKind.COMMUNE, world.branch(other))
    with pytest.raises(SiteRefused, match="network"):
        sites.found(world.session(), doing(world), world.province(), new)


def test_what_is_said_of_a_site_changes_but_not_where_its_books_stand(world: World) -> None:
    site = rotation.site(world, "Chợ Rã")
    place = site.place_id
    new = NewSite(
        "Chợ Rã mới", SiteKind.LEARNING_CENTRE, keeper_name="Bàn Văn Sơn", keeper_phone="0912345678", grades=(6,)
    )
    sites.change(world.session(), site, new)
    assert (site.name, site.kind, site.keeper_name, site.place_id) == (
        "Chợ Rã mới", SiteKind.LEARNING_CENTRE, "Bàn Văn Sơn", place,
    )  # fmt: skip
    assert site.latitude is None, "what is not said is not known any more"


def test_a_site_closes_when_its_books_have_left(world: World) -> None:
    site = rotation.site(world)
    leg = rotation.received(world, rotation.sent(world, rotation.packed(world, sites=[site], count=2)))
    with pytest.raises(SiteRefused, match="books-there"):
        sites.close(world.session(), doing(world), site, "Gộp xã")
    going = rotation.batch(world, [site])
    for stay in sites.staying(world.session(), site):
        assert stay
    from sqlalchemy import update

    from library.holdings.models import Stay

    world.session.execute(update(Stay).values(ended_at=clock.now() + timedelta(seconds=1)))
    with pytest.raises(SiteRefused, match="batch-coming"):
        sites.close(world.session(), doing(world), site, "Gộp xã")
    from library.rotation.models import Batch, BatchState

    for one in (leg.batch, going):
        world.session.get_one(Batch, one.id).state = BatchState.CLOSED
    world.session.flush()
    sites.close(world.session(), doing(world), site, "Gộp xã")
    assert (site.closed_on, site.closed_why) == (clock.today(), "Gộp xã")
    with pytest.raises(SiteRefused, match="closed"):
        sites.close(world.session(), doing(world), site, "Gộp xã")
    assert sites.open_of(world.session(), world.province().id) == []
    sites.reopen(world.session(), site)
    assert site.closed_on is None


def test_a_site_of_a_library_that_is_gone_stays_closed(world: World) -> None:
    site = rotation.school_site(world)
    sites.close(world.session(), doing(world), site, "Sáp nhập")
    site.branch.closed_on = clock.today()
    world.session.flush()
    with pytest.raises(SiteRefused, match="branch-closed"):
        sites.reopen(world.session(), site)


def test_a_point_opened_again_under_its_name_keeps_its_branch(world: World) -> None:
    province = world.province()
    first = sites.found(world.session(), doing(world), province, NewSite("Bành Trạch", SiteKind.VILLAGE))
    sites.change(world.session(), first, NewSite("Bành Trạch (cũ)", SiteKind.VILLAGE))
    again = sites.found(world.session(), doing(world), province, NewSite("Bành Trạch", SiteKind.VILLAGE))
    assert again.branch_id == first.branch_id
    assert again.place_id != first.place_id
    assert len(world.session.scalars(select(Branch).where(Branch.name == "Bành Trạch")).all()) == 1
