"""A world in few words. The cast: Lan (pupil), cô Hoa (teacher, 5A), chị Mai (commune librarian), anh Tú (province)."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session, scoped_session

from library.calendars import opening_days
from library.calendars.holidays import KINDS
from library.calendars.models import SchoolYear
from library.calendars.opening_days import Whose
from library.catalogue.models import Record
from library.core import clock
from library.core.fold import fold, search_text, sort_key
from library.holdings import accessions, places
from library.holdings.accessions import NewItem
from library.holdings.models import Item, Place, PlaceKind
from library.inbox.acts import Doing
from library.organisations import founding
from library.organisations.models import Branch, Organisation, OrganisationKind
from library.patrons import enrolling
from library.patrons.enrolling import NewPatron
from library.patrons.models import Membership

LONG_AGO = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def at(day: int = 1, hour: int = 0, minute: int = 0, second: float = 0) -> datetime:
    """A moment in September 2026, UTC."""
    return datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)


@dataclass
class World:
    session: scoped_session[Session] | Session
    _made: dict[str, Any] = field(default_factory=dict)

    def province(self, name: str = "Thư viện tỉnh Bắc Kạn") -> Organisation:
        """Open on public holidays, with all below it: tests are taken on any day of the year."""

        def make() -> Organisation:
            made = self._furnished(founding.found(self.session, OrganisationKind.PROVINCE, name))
            off = dict.fromkeys(KINDS, False)
            opening_days.set_holidays(cast(Session, self.session), Whose(organisation_id=made.id), off)
            return made

        return self._once(name, make)

    def school(self, name: str = "Trường Tiểu học Xuất Hóa", under: Organisation | None = None) -> Organisation:
        parent = under or self.province()
        make = lambda: self._furnished(founding.found(self.session, OrganisationKind.SCHOOL, name, parent))  # noqa: E731
        return self._once(name, make)

    def branch(self, library: Organisation | None = None) -> Branch:
        return (library or self.school()).branches[0]

    def place(self, kind: PlaceKind = PlaceKind.STACKS, library: Organisation | None = None) -> Place:
        return places.first_of(self.session, self.branch(library).id, kind)

    def record(self, title: str = "Dế Mèn phiêu lưu ký", library: Organisation | None = None) -> Record:
        owner = library or self.school()
        now = clock.now()
        record = Record(
            uid=clock.uuid7(), network_id=owner.network_id, title=title, title_sort=sort_key(title),
            match_key=fold(title), search_text=search_text(title), made_at=now, changed_at=now,
        )  # fmt: skip
        self.session.add(record)
        self.session.flush()
        return record

    def items(
        self, count: int = 1, library: Organisation | None = None, record: Record | None = None, at: datetime = LONG_AGO
    ) -> list[Item]:
        owner = library or self.school()
        record = record or self.record(library=owner)
        doing = Doing(clock.uuid7(), branch_id=self.branch(owner).id, at=at)
        receipt = accessions.receive(self.session, doing, owner, "Trường tự mua", at.date(), at)
        home = self.place(PlaceKind.STACKS, owner)
        new = [NewItem(record.id, home.id, "TN")] * count
        ids = accessions.enter(self.session, receipt, owner, self.branch(owner).id, new, at)
        return [self.session.get_one(Item, item) for item in ids]

    def item(self, library: Organisation | None = None, **more: Any) -> Item:
        return self.items(1, library, **more)[0]

    def school_year(self, library: Organisation | None = None) -> SchoolYear:
        owner = library or self.school()

        def make() -> SchoolYear:
            year = SchoolYear(
                organisation_id=owner.id, label="2026-2027", from_on=date(2026, 8, 29), to_on=date(2027, 5, 31)
            )
            self.session.add(year)
            self.session.flush()
            return year

        return self._once(("year", owner.id), make)

    def category(self, code: str = "HS", library: Organisation | None = None) -> int:
        network = (library or self.school()).network_id
        assert network
        found = enrolling.add_usual_categories(self.session, network)
        return found[code].id

    def patron(
        self, name: str = "Hoàng Thị Mai Lan", library: Organisation | None = None, class_name: str | None = None
    ) -> Membership:
        owner = library or self.school()
        class_id = None
        if class_name:
            class_id = enrolling.school_class(
                self.session, self.school_year(owner), self.branch(owner).id, class_name, 5
            ).id
        ((membership, _),) = enrolling.enrol(
            self.session, owner, self.category(library=owner), [NewPatron(name, class_id=class_id)]
        )
        return self.session.get_one(Membership, membership)

    def doing(
        self, when: datetime | None = None, uid: UUID | None = None, library: Organisation | None = None
    ) -> Doing:
        return Doing(uid or clock.uuid7(), branch_id=self.branch(library).id, at=when)

    def _furnished(self, made: Organisation) -> Organisation:
        places.furnish(self.session, made.branches[0])
        return made

    def _once(self, key: Any, make: Any) -> Any:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]
