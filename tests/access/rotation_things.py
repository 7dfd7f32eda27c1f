"""One of each thing of rotation and of the mobile library, for a library; every word of it may be a token."""

from datetime import date, time, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from library import files
from library.accounts.models import Account
from library.core import clock
from library.core.db import db
from library.inbox.models import Act
from library.mobile.models import (
    CrewRole,
    KitItem,
    Route,
    RouteStop,
    RouteVersion,
    StopVisit,
    Suspension,
    Trip,
    TripCrew,
    TripFile,
    VisitChange,
)
from library.organisations.models import Organisation
from library.rotation.models import (
    Agreement,
    Batch,
    BatchFile,
    BatchState,
    Crate,
    Extension,
    Leg,
    Site,
    Survey,
    Wish,
    WishKind,
)
from tests.support import rotation
from tests.support.world import World

PHOTO = b"\x89PNG\r\n\x1a\n"


def add_all(world: World, library: Organisation, word: str = "Ba Bể", public: str = "") -> None:
    """A site that stands in the library, a batch that serves there, another being planned; a vehicle, a stop, a trip.

    `word` stands in everything that is written; `public` instead where everybody may read it, as the stop's name."""
    site = rotation.site(world, f"Điểm {word} {library.id}", library, owner=library)
    site.note = site.keeper_name = site.area = site.keeper_phone = word
    items = rotation.stock(world, 3, library, title=f"Sách luân chuyển {word}")
    batch = rotation.batch(world, [site], items, theme=f"Chủ đề {word}", owner=library)
    batch.note = batch.decision = word
    leg = rotation.received(world, rotation.sent(world, rotation.packed(world, batch)), by="thao")
    leg.note = leg.carrier = leg.given_name = word
    rotation.batch(world, [site], state=BatchState.DRAFT, theme=f"Dự kiến {word}", owner=library)
    _papers(world, site, batch, leg, word)
    add_van(world, library, word, public or word)
    world.session.flush()


def _papers(world: World, site: Site, batch: Batch, leg: Leg, word: str) -> None:
    today, act = clock.today(), batch.act_id
    survey = Survey(uid=clock.uuid7(), library_id=site.library_id, name=f"Khảo sát {word}", opened_on=today,
                    closes_on=today + timedelta(days=30), act_id=act)  # fmt: skip
    world.session.add(survey)
    world.session.flush()
    world.session.add_all([
        Agreement(uid=clock.uuid7(), site_id=site.id, number=word, quota=100, months=6, floats=False, from_on=today,
                  to_on=today + timedelta(days=365), signed_name=word, act_id=act),
        Wish(uid=clock.uuid7(), site_id=site.id, survey_id=survey.id, kind=WishKind.WORDS, text=word, quantity=2,
             wished_on=today, act_id=act),
        Extension(uid=clock.uuid7(), leg_id=leg.id, until_on=today + timedelta(days=120), before_on=today, why=word,
                  asked_at=clock.now(), asked_name=word, act_id=act),
        BatchFile(uid=clock.uuid7(), batch_id=batch.id, leg_id=leg.id, key=_kept(), name=f"{word}.png", kind="signed",
                  act_id=act),
    ])  # fmt: skip


def add_van(world: World, library: Organisation, word: str, public: str) -> None:
    van = rotation.vehicle(world, f"Xe {word}", library, plate=word, note=word)
    stop = rotation.stop(world, public, library, library, address=word, parking=word, contact_name=word)
    trip = rotation.trip(world, van, stops=[stop])
    trip.incidents = word
    (visit,) = rotation.visits_of(world, trip)
    visit.note = word
    route = Route(uid=clock.uuid7(), library_id=library.id, name=f"Tuyến {word}", vehicle_id=van.id)
    world.session.add(route)
    world.session.flush()
    version = RouteVersion(
        route_id=route.id, from_on=date(2026, 1, 1), calendar={"every_weeks": 2, "weekdays": [2]}, leaves_at=time(6),
        back_at=time(17), km=60, act_id=trip.act_id,
    )  # fmt: skip
    world.session.add(version)
    world.session.flush()
    today = clock.today()
    world.session.add_all([
        RouteStop(version_id=version.id, number=1, stop_id=stop.id, from_at=time(8), to_at=time(10)),
        KitItem(uid=clock.uuid7(), vehicle_id=van.id, number=1, name=f"Máy chiếu {word}", quantity=1, serial="",
                for_blind=False),
        Suspension(uid=clock.uuid7(), library_id=library.id, stop_id=stop.id, first_on=today - timedelta(days=40),
                   last_on=today - timedelta(days=39), why=word, act_id=trip.act_id),
        VisitChange(uid=clock.uuid7(), library_id=library.id, act_id=trip.act_id, kind="skip", why=word,
                    facts={"visits": []}, made_at=clock.now()),
        TripFile(uid=clock.uuid7(), trip_id=trip.id, visit_id=visit.id, key=_kept(), name=f"{word}.png", kind="photo",
                 act_id=trip.act_id),
    ])  # fmt: skip


def _kept() -> str:
    return files.keep(BytesIO(PHOTO))


def goes_along(world: World, who: Account, library: Organisation) -> None:
    """Somebody goes with every trip of the library: a van crew reaches no other."""
    for trip in world.session.scalars(select(Trip).where(Trip.library_id == library.id)).all():
        world.session.add(
            TripCrew(trip_id=trip.id, number=9, role=CrewRole.LIBRARIAN, account_id=who.id, name=who.name)
        )
    world.session.flush()


def below(model: type[Any], parent: type[Any], key: Any, library: Organisation) -> UUID:
    """The first `model` that hangs on a `parent` of the library."""
    query = select(model.uid).join(parent, parent.id == key).where(parent.library_id == library.id)
    return db.session.scalars(query.order_by(model.id)).first() or uuid4()


def leg_of(library: Organisation) -> UUID:
    return below(Leg, Batch, Leg.batch_id, library)


def crate_of(library: Organisation) -> UUID:
    return below(Crate, Batch, Crate.batch_id, library)


def wish_of(library: Organisation) -> UUID:
    return below(Wish, Site, Wish.site_id, library)


def agreement_of(library: Organisation) -> UUID:
    return below(Agreement, Site, Agreement.site_id, library)


def batch_file_of(library: Organisation) -> UUID:
    return below(BatchFile, Batch, BatchFile.batch_id, library)


def visit_of(library: Organisation) -> UUID:
    return below(StopVisit, Trip, StopVisit.trip_id, library)


def trip_file_of(library: Organisation) -> UUID:
    return below(TripFile, Trip, TripFile.trip_id, library)


def extension_of(library: Organisation) -> UUID:
    query = select(Extension.uid).join(Leg, Leg.id == Extension.leg_id).join(Batch, Batch.id == Leg.batch_id)
    return db.session.scalars(query.where(Batch.library_id == library.id)).first() or uuid4()


def act_of(library: Organisation) -> UUID:
    """What a leg of the library was received by."""
    query = select(Act.uid).join(Leg, Leg.receive_act == Act.id).join(Batch, Batch.id == Leg.batch_id)
    return db.session.scalars(query.where(Batch.library_id == library.id)).first() or uuid4()
