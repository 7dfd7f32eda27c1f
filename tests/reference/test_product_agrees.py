"""The product agrees with the reference model, over random histories, whatever the order of arrival."""

from datetime import date, datetime, time
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import db
from library.holdings import ledger, stays
from library.holdings.models import Basis, Item, Place, PlaceKind, Stay, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import coming, deeds, settling
from library.loans.deeds import Lending
from library.loans.models import EndWhy, Loan
from library.uses import counting, desk_visits
from library.uses.counting import Frozen
from library.uses.models import DocumentUse, Visit, VisitKind, Visitor
from tests.reference.histories import Deed, history, upload_order
from tests.reference.model import Ended, Fact, Truth, came, told
from tests.support.world import LONG_AGO, World

DUE = date(2026, 12, 1)


class Stage:
    """Places and readers, and the product's doors to act through."""

    def __init__(self, world: World) -> None:
        self.session: Session = world.session()
        self.world = world
        here, other = world.school(), world.school("Trường Tiểu học Sông Cầu")
        shelf = Place(uid=UUID(int=7), branch_id=world.branch(here).id, kind=PlaceKind.CLASS_SHELF, name="Tủ 5A")
        self.session.add(shelf)
        self.session.flush()
        self.places = {
            "stacks": world.place(PlaceKind.STACKS, here),
            "shelf": shelf,
            "elsewhere": world.place(PlaceKind.STACKS, other),
            "with-patrons": world.place(PlaceKind.WITH_PATRONS, here),
            "unknown": world.place(PlaceKind.UNKNOWN, here),
        }
        self.readers = [world.patron("Lan").id, world.patron("Bảo").id]
        self.spare: list[Item] = []
        self.record = world.record()

    def item(self) -> Item:
        if not self.spare:
            self.spare = self.world.items(100, record=self.record)
        return self.spare.pop()

    def do(self, item: Item, deed: Deed) -> None:
        doing = Doing(deed.act, branch_id=item.branch_id, at=deed.at)
        if deed.why == "stay":
            act = acts.write(self.session, doing, "stay", deed.at), deed.act
            self._stay(act, item, deed)
            return
        place = self.places[deed.place or ""]
        where = place.id, place.branch_id
        if deed.why == "lend":
            what = Lending(item.id, item.uid, self.readers[deed.reader], DUE, Frozen(item.branch_id))
            deeds.lend(self.session, doing, what, where, deed.at)
        elif deed.why == "desk":
            deeds.take_in(self.session, doing, (item.id, item.uid), where, deed.at)
        else:
            act = acts.write(self.session, doing, deed.why, deed.at), deed.act
            ledger.move(
                self.session, act, {item.id: item.uid}, where, Why(deed.why), deed.at, Basis(deed.basis), deed.rests_on
            )

    def _stay(self, act: tuple[int, UUID], item: Item, deed: Deed) -> None:
        if deed.place is None:
            stays.end(self.session, act, (item.id, item.uid), "trả về kho", deed.at)
        else:
            stays.begin(self.session, act, (item.id, item.uid), self.places[deed.place].id, "tủ lớp", deed.at)

    def retract(self, item: Item, deed: Deed) -> None:
        """Without asking what rests on it: here facts are retracted in any order."""
        act = acts.by_uid(self.session, deed.act)
        assert act
        voiding = acts.void(self.session, Doing.now(branch_id=item.branch_id), act.id)
        ledger.undo(self.session, act.id, voiding)
        stays.undo(self.session, act.id)

    def truth(self, item: Item) -> Truth:
        """What the product's tables say."""
        row = self.session.execute(select(Item.place_id, Item.seen_at, Item.seen_uid).where(Item.id == item.id)).one()
        return Truth(
            row.place_id, (row.seen_at, row.seen_uid), self._loans(item), self._uses(item), self._open_stay(item)
        )

    def _uid(self, act_id: int) -> UUID:
        return self.session.execute(select(Act.uid).where(Act.id == act_id)).scalar_one()

    def _loans(self, item: Item) -> dict[UUID, Ended | None]:
        columns = (Loan.act_id, Loan.ended_at, Loan.ended_by, Loan.ended_why)
        rows = self.session.execute(select(*columns).where(Loan.item_id == item.id, Loan.voided.is_(False)))
        return {
            self._uid(act): Ended(end, self._uid(by), why is EndWhy.LENT_ON) if end else None
            for act, end, by, why in rows
        }

    def _uses(self, item: Item) -> dict[UUID, str]:
        query = select(DocumentUse.act_id, DocumentUse.kind, func.sum(DocumentUse.quantity))
        rows = self.session.execute(
            query.where(DocumentUse.item_id == item.id).group_by(DocumentUse.act_id, DocumentUse.kind)
        ).all()
        assert all(total in (0, 1) for _, _, total in rows)
        return {self._uid(act): kind.value for act, kind, total in rows if total}

    def _open_stay(self, item: Item) -> tuple[int, Any] | None:
        query = select(Stay.place_id, Stay.occurred_at).where(
            Stay.item_id == item.id, Stay.ended_at.is_(None), Stay.voided.is_(False), Stay.place_id.is_not(None)
        )
        row = self.session.execute(query).one_or_none()
        return (row[0], row[1]) if row else None

    def visits(self) -> list[tuple[int, date]]:
        """(reader, day) of every visit by desk that stands, in order; one that is there twice stands twice."""
        back = select(Visit.reverses_id).where(Visit.reverses_id.is_not(None))
        query = select(Visitor.membership_id, Visitor.visited_on).join(Visit, Visit.id == Visitor.visit_id)
        rows = self.session.execute(query.where(Visit.kind == VisitKind.DESK, Visit.id.not_in(back)))
        return sorted((self.readers.index(reader), day) for reader, day in rows)

    def told_otherwise(self, reader: int, day: date) -> None:
        """At the kiosk, at noon."""
        at = datetime.combine(day, time(12), clock.HERE)
        doing = Doing(clock.uuid7(), branch_id=self.places["with-patrons"].branch_id, at=at)
        act = acts.write(self.session, doing, "kiosk", at), doing.uid
        branch = self.places["with-patrons"].branch_id
        counting.visits(self.session, act, VisitKind.KIOSK, 1, at, Frozen(branch))
        made = self.session.scalars(select(Visit.id).where(Visit.act_id == act[0])).one()
        desk_visits.note(self.session, made, self.readers[reader], branch, day)
        coming.settle(self.session, self.readers[reader], branch, day)

    def facts(self, item: Item, said: list[Deed]) -> list[Fact]:
        query = select(Act.uid).join(ledger.Movement, ledger.Movement.act_id == Act.id)
        entered = self.session.execute(
            query.where(ledger.Movement.item_id == item.id, ledger.Movement.why == Why.ACCESSION)
        )
        first = entered.scalar_one()
        order = ledger.movement_uid(first, item.uid)
        start = Fact(first, order, LONG_AGO, "accession", self.places["stacks"].id, "count", LONG_AGO)
        return [start, *(self._fact(item, deed) for deed in said)]

    def _fact(self, item: Item, deed: Deed) -> Fact:
        place = self.places[deed.place].id if deed.place else None
        order = ledger.movement_uid(deed.act, item.uid) if deed.why != "stay" else stays.uid_of(deed.act, item.uid)
        return Fact(deed.act, order, deed.at, deed.why, place, deed.basis, deed.rests_on, deed.retracted, deed.reader)


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world)


def play(stage: Stage, seed: int, item: Item, said: list[Deed], order: list[Deed]) -> tuple[Truth, Truth]:
    """Do the deeds in the order of arrival, each retraction right after its deed or at the end; both truths."""
    for deed in order:
        stage.do(item, deed)
        if deed.retracted and seed % 2:
            stage.retract(item, deed)
    for deed in order:
        if deed.retracted and not seed % 2:
            stage.retract(item, deed)
    return stage.truth(item), told(stage.facts(item, said))


def test_over_random_histories(stage: Stage, pytestconfig: pytest.Config) -> None:
    lent: set[tuple[int, date]] = set()
    for seed in range(pytestconfig.getoption("--histories")):
        said, item = history(seed), stage.item()
        product, model = play(stage, seed, item, said, upload_order(seed, said))
        assert product == model, f"seed {seed}"
        lent |= came(stage.facts(item, said))
        if seed % 200 == 0:
            db.session.expire_all()
    assert ledger.astray(stage.session) == []
    items = list(stage.session.scalars(select(Item.id)))
    assert settling.astray(stage.session, items) == []
    assert stage.visits() == sorted(lent)


def test_in_every_order_of_three_devices(stage: Stage) -> None:
    for seed in range(60):
        said = history(10_000_000 + seed, most=7)
        queues = [[deed for deed in said if deed.device == device] for device in range(3)]
        item = stage.item()
        truths = []
        for order in permutations(queues):
            attempt = stage.session.begin_nested()
            product, model = play(stage, seed, item, said, [deed for queue in order for deed in queue])
            assert product == model, f"seed {seed}"
            assert stage.visits() == sorted(came(stage.facts(item, said))), f"seed {seed}"
            truths.append(product)
            attempt.rollback()
        assert all(truth == truths[0] for truth in truths), f"seed {seed}"


def test_a_visit_told_at_the_kiosk_stands_for_those_by_desk(stage: Stage) -> None:
    """Told before, between or after the loans of that day and their retraction."""
    for seed in range(30):
        said = history(20_000_000 + seed, most=7)
        wanted = came(stage.facts(stage.item(), said))
        for reader, day in sorted(wanted)[:2]:
            order = upload_order(seed, said)
            for when in range(0, len(order) + 1, 2):
                attempt, item = stage.session.begin_nested(), stage.item()
                for place, deed in enumerate(order):
                    if place == when:
                        stage.told_otherwise(reader, day)
                    stage.do(item, deed)
                    if deed.retracted:
                        stage.retract(item, deed)
                if when == len(order):
                    stage.told_otherwise(reader, day)
                left = came(stage.facts(item, said), {(reader, day)})
                assert stage.visits() == sorted(left), f"seed {seed}, told at {when}"
                attempt.rollback()
