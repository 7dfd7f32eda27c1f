"""Who does what when, for parts of the demo that are told by the functions of the pages: the clock stands at each deed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy.orm import Session

from library.accounts import managing
from library.accounts.models import Account
from library.core import clock
from library.inbox.acts import Doing
from library.organisations.models import Branch, Organisation
from library.rotation.signing import Signer
from library.welcome.demo_people import Reader
from library.welcome.demo_places import Standing


@dataclass
class Teller:
    """The province and its houses, and how many minutes of a deed's hour have gone by."""

    session: Session
    standing: list[Standing]
    readers: list[Reader]
    today: date
    rng: Random
    accounts: dict[str, Account] = field(default_factory=dict)
    told: datetime | None = None

    @property
    def province(self) -> Organisation:
        return self.standing[0].organisation

    def house(self, name: str) -> int:
        """Its number in the order of founding."""
        return next(number for number, one in enumerate(self.standing) if one.house.name == name)

    def who(self, login: str) -> Account:
        if login not in self.accounts:
            found = managing.by_login(self.session, login)
            assert found
            self.accounts[login] = found
        return self.accounts[login]

    def signer(self, login: str, name: str = "", title: str = "") -> Signer:
        """Through that account; a keeper without one of their own is named."""
        one = self.who(login)
        return Signer(one.id, name or one.name, title)

    def day(self, ago: int) -> date:
        return self.today - timedelta(days=ago)

    @contextmanager
    def doing(self, login: str, branch: Branch | int, ago: int, at: time) -> Iterator[Doing]:
        """It is that day and hour while this is done; a minute after what was done last, if that was the same hour."""
        moment = datetime.combine(self.day(ago), at, clock.HERE)
        if self.told is not None and moment <= self.told < moment + timedelta(hours=2):
            moment = self.told + timedelta(seconds=40)
        self.told = moment
        branch_id = branch if isinstance(branch, int) else branch.id
        with clock.stopped_at(moment):
            yield Doing(clock.uuid7(moment), self.who(login).uid, branch_id)
