"""Lending at a stop: the desk's rules, the stop's own days, books from the vehicle and back on it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from library.calendars import opening_days
from library.core import clock
from library.holdings import ledger
from library.holdings.models import Item, Register, Transfer
from library.inbox.models import Act
from library.loans.happened import Answer, Scan, What
from library.loans.models import Hold, Loan
from library.mobile import at_stop_undo, stop_figures, stop_lending
from library.mobile.at_stop import NotSo
from library.mobile.stop_lending import Came
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from library.policies.values import Channel
from library.uses.models import DocumentUse, UseKind
from tests.mobile.van import LATER, Van, van
from tests.support.policies import lends
from tests.support.world import World


@pytest.fixture
def here(world: World) -> Van:
    made = van(world)
    made.open()
    return made


def scan(here: Van, text: str | None, who: Membership | None = None, **more: object) -> Came:
    one = Scan(text or "", who.uid if who else None, channel=Channel.VAN, **more)  # type: ignore[arg-type]
    came = stop_lending.scan(here.session, stop_lending.spot_of(here.session, here.visit), here.doing(), one)
    here.session.expire_all()
    return came


def card(here: Van, of: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == of.id)
    return here.session.scalars(query).one()


def loan(here: Van) -> Loan:
    return here.session.scalars(select(Loan)).one()


def test_due_is_the_next_visit_of_this_stop(here: Van) -> None:
    came = scan(here, here.books[0].accession, here.pupil)
    assert (came.told.what, came.comes) == (What.LENT, True)
    assert loan(here).due_on == clock.today() + LATER
    assert (loan(here).channel, loan(here).place_id, loan(here).branch_id) == (
        "van", here.stop.place_id, here.vehicle.branch_id,
    )  # fmt: skip


def test_without_another_visit_nobody_is_promised_one(here: Van) -> None:
    opening_days.set_openings(here.session, here.stop.place_id, [clock.today()], clock.today())
    came = scan(here, here.books[0].accession, here.pupil)
    assert (came.told.what, came.comes) == (What.LENT, False)
    assert loan(here).due_on > clock.today()


def test_a_card_opens_its_reader_and_a_pupil_of_the_school_is_no_stranger(here: Van) -> None:
    came = scan(here, card(here, here.pupil))
    assert came.told.what is What.READER
    assert came.told.reader
    assert came.told.reader.membership_id == here.pupil.id
    assert not came.told.verdicts


def test_a_stranger_of_the_network_is_asked_about(here: Van) -> None:
    other = here.world.patron("Hoàng A Páo", here.world.school("Trường Tiểu học Nà Phặc"))
    assert scan(here, card(here, other)).told.what is What.READER
    assert scan(here, here.books[0].accession, other).told.what is What.QUESTION
    assert scan(here, here.books[0].accession, other, answer=Answer.YES).told.what is What.LENT


def test_a_return_goes_back_on_the_vehicle(here: Van) -> None:
    scan(here, here.books[0].accession, here.pupil)
    assert here.place_of(here.books[0]) != here.vehicle.aboard_id
    came = scan(here, here.books[0].accession)
    assert (came.told.what, here.place_of(here.books[0])) == (What.RETURNED, here.vehicle.aboard_id)
    assert loan(here).ended_at is not None


def test_a_book_that_nobody_has_was_read_on_the_spot(here: Van) -> None:
    came = scan(here, here.books[0].accession)
    assert (came.told.what, came.told.counted) == (What.COUNTED, True)
    use = here.session.scalars(select(DocumentUse)).one()
    assert (use.kind, use.place_id, use.channel) == (UseKind.IN_HOUSE, here.stop.place_id, "van")
    assert not scan(here, here.books[0].accession).told.counted, "once in half an hour"


def test_a_book_of_the_school_comes_aboard_and_is_told_where_it_belongs(here: Van) -> None:
    own = here.world.item()
    came = scan(here, own.accession)
    assert (came.told.what, came.strange) == (What.ARRIVED, True)
    assert came.told.shelving
    assert came.told.shelving.library == here.world.school().name
    assert here.session.scalars(select(Transfer.reason)).all() == ["home"]
    assert here.place_of(own) == here.vehicle.aboard_id
    assert here.session.scalar(select(func.count(DocumentUse.id))) == 0


def test_a_renewal_goes_to_the_visit_after(here: Van) -> None:
    scan(here, here.books[0].accession, here.pupil)
    assert scan(here, here.books[0].accession, here.pupil).told.what is What.ASKED
    came = scan(here, here.books[0].accession, here.pupil, answer=Answer.RENEW)
    assert came.told.what is What.RENEWED
    assert (loan(here).renewals, loan(here).ended_at) == (1, None)


def test_the_limit_holds_at_a_stop_too(here: Van) -> None:
    lends(here.session, here.world.province().id, most=1)
    scan(here, here.books[0].accession, here.pupil)
    came = scan(here, here.books[1].accession, here.pupil)
    assert came.told.what is What.REFUSED
    assert stop_figures.figures(here.session, here.visit.id).lent == 1


def test_what_is_out_of_the_register_is_set_aside(here: Van) -> None:
    item = here.books[0]
    here.session.execute(update(Item).where(Item.id == item.id).values(register_status=Register.WRITTEN_OFF))
    assert scan(here, item.accession, here.pupil).told.what is What.SET_ASIDE


def test_nothing_is_lent_before_the_stop_is_open(world: World) -> None:
    closed = van(world)
    with pytest.raises(NotSo, match="visit-not-open"):
        scan(closed, closed.books[0].accession, closed.pupil)


def test_a_late_scan_of_an_open_stop_is_a_fact_with_doubts(here: Van) -> None:
    lends(here.session, here.world.province().id, most=0)
    now = clock.now()
    at = now - timedelta(seconds=1)
    here.visit.opened_at = at - timedelta(hours=1)
    here.session.flush()
    spot = stop_lending.spot_of(here.session, here.visit)
    one = Scan(here.books[0].accession or "", here.pupil.uid, channel=Channel.VAN)
    came = stop_lending.scan(here.session, spot, here.doing(at=now), one)
    assert came.told.what is What.LENT
    assert loan(here).channel == "van"
    assert loan(here).doubts


def test_what_was_lent_and_undone_is_nothing(here: Van) -> None:
    came = scan(here, here.books[0].accession, here.pupil)
    act = here.session.scalars(select(Act).where(Act.uid == came.told.act)).one()
    at_stop_undo.undo(here.session, here.doing(), act)
    here.session.expire_all()
    assert here.place_of(here.books[0]) == here.vehicle.aboard_id
    assert not stop_figures.figures(here.session, here.visit.id)
    assert ledger.astray(here.session) == []


def test_a_return_undone_lends_on(here: Van) -> None:
    scan(here, here.books[0].accession, here.pupil)
    came = scan(here, here.books[0].accession)
    act = here.session.scalars(select(Act).where(Act.uid == came.told.act)).one()
    at_stop_undo.undo(here.session, here.doing(), act)
    here.session.expire_all()
    assert loan(here).ended_at is None
    assert stop_figures.figures(here.session, here.visit.id).returned == 0


def test_a_book_kept_for_this_reader_is_lent_and_the_wait_is_over(here: Van) -> None:
    act = here.session.scalars(select(Act).order_by(Act.id.desc()).limit(1)).one()
    here.session.add(
        Hold(
            uid=clock.uuid7(), act_id=act.id, record_id=here.books[0].record_id, membership_id=here.pupil.id,
            branch_id=here.vehicle.branch_id, placed_at=clock.now(), item_id=here.books[0].id, captured_by=act.id,
            place_id=here.stop.place_id, ready_at=clock.now(),
        )
    )  # fmt: skip
    here.session.flush()
    other = here.world.patron("Lý Thị Mẩy", here.world.school(), "3A")
    assert scan(here, here.books[0].accession, other).told.what in (What.QUESTION, What.REFUSED)
    assert scan(here, here.books[0].accession, here.pupil).told.what is What.LENT
    assert here.session.scalars(select(Hold.ended_why)).one() == "fulfilled"


def test_a_book_that_comes_back_is_kept_for_who_fetches_it_at_the_stop(here: Van) -> None:
    act = here.session.scalars(select(Act).order_by(Act.id.desc()).limit(1)).one()
    scan(here, here.books[0].accession, here.pupil)
    waits = here.world.patron("Lý Thị Mẩy", here.world.school(), "3B")
    here.session.add(
        Hold(
            uid=clock.uuid7(), act_id=act.id, record_id=here.books[0].record_id, membership_id=waits.id,
            branch_id=here.vehicle.branch_id, placed_at=clock.now(), place_id=here.stop.place_id,
        )
    )  # fmt: skip
    here.session.flush()
    came = scan(here, here.books[0].accession)
    assert came.told.shelving
    assert (came.told.shelving.kept_for, came.told.shelving.place) == ("Lý Thị Mẩy, 3B", here.stop.place.name)
    hold = here.session.scalars(select(Hold)).one()
    assert (hold.item_id, here.place_of(here.books[0])) == (here.books[0].id, here.vehicle.aboard_id)
    undone = here.session.scalars(select(Act).where(Act.uid == came.told.act)).one()
    at_stop_undo.undo(here.session, here.doing(), undone)
    here.session.expire_all()
    assert here.session.scalars(select(Hold.item_id)).one() is None


def test_codes_nobody_knows_and_cards_that_were_lost(here: Van) -> None:
    assert scan(here, "8935244801234").told.what is What.UNKNOWN
    here.session.execute(
        update(Card).where(Card.membership_id == here.pupil.id).values(lost=True, ended_at=clock.now())
    )
    here.session.execute(update(Code).where(Code.printed == card(here, here.pupil)).values(valid_to=clock.now()))
    came = scan(here, card(here, here.pupil))
    assert (came.told.what, [one.code for one in came.told.reasons]) == (What.REFUSED, ["card-lost"])


def test_a_reader_is_named_by_class_and_by_name(here: Van) -> None:
    spot = stop_lending.spot_of(here.session, here.visit)
    classes = stop_lending.classes(here.session, spot)
    assert [name for _uid, name in classes] == ["3A", "3B"]
    assert [one.name for one in stop_lending.of_class(here.session, spot, classes[0][0])] == ["Ma Văn Bình"]
    assert [one.name for one in stop_lending.named(here.session, spot, "binh")] == ["Ma Văn Bình"]


def test_a_stop_for_anybody_knows_the_librarys_own_readers(world: World) -> None:
    made = van(world)
    made.stop.readers_of_id = None
    made.session.flush()
    spot = stop_lending.spot_of(made.session, made.visit)
    assert (spot.school, spot.libraries) == (None, (world.province().id,))
    assert stop_lending.classes(made.session, spot) == []
