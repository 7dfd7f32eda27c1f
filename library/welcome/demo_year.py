"""A year at the desks, played day by day. Pure: houses, readers and copies in, events out, in the order they happened.

The curve is that of a school year: slow in September, full in October and November, low before Tết, nothing new in the
last days of May, summer for the public libraries. A few books are wanted by everybody, and a few readers forget.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate
from random import Random

from library.calendars.openings import last_open, next_open
from library.core.clock import HERE
from library.loans.dues import due_on
from library.policies.simple import Simple
from library.welcome import seed
from library.welcome.demo_books import Copy
from library.welcome.demo_people import Reader
from library.welcome.demo_places import Standing

DAY = timedelta(days=1)
PUPILS_MONTHS = {9: 0.7, 10: 1.2, 11: 1.3, 12: 1.1, 1: 0.9, 2: 0.9, 3: 1.2, 4: 1.1, 5: 0.7, 8: 0.2}
PUBLIC_MONTHS = {6: 1.4, 7: 1.5, 8: 1.2, 9: 0.8, 2: 0.6, 5: 0.8}
SCHOOL_HOURS = ((7, 5, 20), (9, 0, 35), (14, 50, 25), (16, 10, 20))
PUBLIC_HOURS = ((8, 0, 180), (14, 0, 170))
"""When people come: hour, minute, for how many minutes."""
LATE, FORGETS, RENEWS, IN_HOUSE = 0.07, 0.006, 0.06, 0.25
TRIES = 14


class Deed(StrEnum):
    LEND = "lend"
    RENEW = "renew"
    TAKE_IN = "take-in"


@dataclass(frozen=True)
class Event:
    """Something done with a copy at its house's desk. `reader` and `due_on` belong to lending and renewing."""

    at: datetime
    deed: Deed
    copy: Copy
    reader: Reader | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Wish:
    """A loan of the story: on that day, this copy, to that reader."""

    day: date
    copy: Copy
    reader: Reader


class Desk:
    """One house through the year."""

    def __init__(
        self, standing: Standing, readers: Sequence[Reader], copies: Sequence[Copy], first: date, last: date, rng: Random
    ) -> None:  # fmt: skip
        self.standing, self.copies, self.rng, self.last = standing, copies, rng, last
        self.readers = {reader.membership: reader for reader in readers}
        self.borrowers = [reader for reader in readers if reader.category != "TT"]
        self.zest = list(accumulate(rng.paretovariate(1.6) for _ in self.borrowers))
        self.liking = list(accumulate(copy.title.liked for copy in copies))
        self.held: dict[int, list[Copy]] = defaultdict(list)
        self.days = [first + DAY * count for count in range((last - first).days + 1)]
        self.days = [day for day in self.days if standing.calendar.is_open(day)]
        total = sum(self.season(day) for day in self.days)
        self.rate = standing.house.loans / total if total else 0.0

    def season(self, day: date) -> float:
        """How busy such a day is; 1.0 is ordinary."""
        near_tet = 0.4 if timedelta(0) <= seed.tet(day.year) - day <= 14 * DAY else 1.0
        if not self.standing.library.is_school:
            return PUBLIC_MONTHS.get(day.month, 1.0) * near_tet * (1.6 if day.weekday() >= 5 else 1.0)
        ending = day.month == 5 and day.day > 18
        return 0.0 if ending or day.month in (6, 7) else PUPILS_MONTHS.get(day.month, 1.0) * near_tet

    def play(self, wishes: Sequence[Wish]) -> list[Event]:
        """Every open day in turn."""
        wanted: dict[date, list[Wish]] = defaultdict(list)
        for wish in wishes:
            wanted[wish.day].append(wish)
        events: list[Event] = []
        for day in self.days:
            events += self.play_day(day, wanted[day])
        return events

    def play_day(self, day: date, wishes: Sequence[Wish]) -> list[Event]:
        """The day's returns, renewals, loans and uses in the house, in a mixed order and each at its own second."""
        deeds: list[Callable[[datetime], Event | None]] = []
        deeds += [self._lending_to(wish) for wish in wishes]
        deeds += [self._return_of(copy) for copy in self.copies if comes_back(copy, day)]
        deeds += [self._renewal_of(copy) for copy in self.copies if copy.renew_on == day]
        lent = self._about(self.rate * self.season(day))
        deeds += [self._lending(day)] * lent + [self._reading(day)] * self._about(lent * IN_HOUSE)
        self.rng.shuffle(deeds)
        moments = self._moments(day, len(deeds))
        return [event for deed, at in zip(deeds, moments, strict=True) if (event := deed(at))]

    def _about(self, mean: float) -> int:
        return max(0, round(self.rng.gauss(mean, mean**0.5))) if mean > 0 else 0

    def _moments(self, day: date, how_many: int) -> list[datetime]:
        hours = SCHOOL_HOURS if self.standing.library.is_school else PUBLIC_HOURS
        begins = [(datetime.combine(day, time(hour, minute), HERE), length * 60) for hour, minute, length in hours]
        seconds: set[datetime] = set()
        while len(seconds) < how_many:
            begin, length = self.rng.choice(begins)
            seconds.add(begin + timedelta(seconds=self.rng.randrange(length)))
        return sorted(seconds)

    def _lending(self, day: date) -> Callable[[datetime], Event | None]:
        def lend(at: datetime) -> Event | None:
            reader = self._somebody(day)
            copy = self._something(day) if reader else None
            return self._lend(at, copy, reader) if copy and reader else None

        return lend

    def _lending_to(self, wish: Wish) -> Callable[[datetime], Event | None]:
        def lend(at: datetime) -> Event | None:
            return self._lend(at, wish.copy, wish.reader, wished=True)

        return lend

    def _somebody(self, day: date) -> Reader | None:
        """A reader whom the rules of lending would not refuse that day."""
        if not self.borrowers:
            return None
        for reader in self.rng.choices(self.borrowers, cum_weights=self.zest, k=TRIES):
            held = self.held[reader.membership]
            fits = reader.since <= day and (reader.until is None or day <= reader.until) and not reader.cast
            late = any(copy.due_on and copy.due_on < day for copy in held)
            if fits and not late and len(held) < min(2, terms_of(reader).most):
                return reader
        return None

    def _something(self, day: date) -> Copy | None:
        """A copy that stands on the shelf; what is wanted most is often out."""
        for copy in self.rng.choices(self.copies, cum_weights=self.liking, k=TRIES):
            here = copy.held_by is None and copy.since <= day and copy.touched_on != day
            if here and (copy.kept_from is None or day < copy.kept_from):
                return copy
        return None

    def _lend(self, at: datetime, copy: Copy, reader: Reader, wished: bool = False) -> Event:
        assert copy.held_by is None, "the story and chance lend the same copy"
        day = at.date()
        copy.held_by, copy.touched_on, copy.renewals = reader.membership, day, 0
        copy.due_on = due_on(terms_of(reader).values, self.standing.calendar, day, card_of(reader, day))
        copy.wished = wished
        copy.back_on = None if wished else self._coming_back(copy, day, reader)
        self.held[reader.membership].append(copy)
        return Event(at, Deed.LEND, copy, reader, copy.due_on)

    def _coming_back(self, copy: Copy, day: date, reader: Reader) -> date | None:
        """The open day on which the reader brings it; some renew first, some are late, very few forget."""
        due, calendar, dice = copy.due_on or day, self.standing.calendar, self.rng.random()
        length = max(1, (due - day).days)
        if dice < FORGETS:
            return next_open(calendar, due + DAY * self.rng.randrange(30, 120))
        if dice < FORGETS + LATE:
            return next_open(calendar, due + DAY * self.rng.randrange(1, 16))
        if dice < FORGETS + LATE + RENEWS and length > 3 and terms_of(reader).renewals:
            copy.renew_on = last_open(calendar, due - DAY, day + DAY)
            return next_open(calendar, due + DAY * self.rng.randrange(2, max(3, length)))
        days = round(self.rng.triangular(1, length, length * 0.8))
        return max(day + DAY, last_open(calendar, day + DAY * days, day + DAY))

    def _return_of(self, copy: Copy) -> Callable[[datetime], Event | None]:
        def take_in(at: datetime) -> Event | None:
            if copy.held_by is None:
                return None
            self.held[copy.held_by].remove(copy)
            copy.held_by = copy.due_on = copy.back_on = None
            copy.touched_on = at.date()
            copy.renew_on, copy.wished = None, False
            return Event(at, Deed.TAKE_IN, copy)

        return take_in

    def _renewal_of(self, copy: Copy) -> Callable[[datetime], Event | None]:
        def renew(at: datetime) -> Event | None:
            copy.renew_on = None
            reader = self.readers.get(copy.held_by) if copy.held_by is not None else None
            if reader is None or copy.due_on is None or copy.due_on < at.date():
                return None
            longer = due_on(terms_of(reader).values, self.standing.calendar, at.date(), card_of(reader, at.date()))
            copy.due_on, copy.renewals = max(copy.due_on, longer), copy.renewals + 1
            return Event(at, Deed.RENEW, copy, reader, copy.due_on)

        return renew

    def _reading(self, day: date) -> Callable[[datetime], Event | None]:
        def read(at: datetime) -> Event | None:
            copy = self._something(day)
            if copy is None:
                return None
            copy.touched_on = day
            return Event(at, Deed.TAKE_IN, copy)

        return read


def comes_back(copy: Copy, day: date) -> bool:
    """Whether its reader brings it that day: as meant when it was lent, or because the story needs it."""
    if copy.held_by is None or copy.wished:
        return False
    needed = copy.kept_from is not None and copy.kept_from <= day
    return needed or (copy.back_on is not None and copy.back_on <= day)


def terms_of(reader: Reader) -> Simple:
    return seed.USUAL_TERMS[reader.category]


def card_of(reader: Reader, day: date) -> date | None:
    """The last day of the card the reader had then: a pupil's is renewed with the school year."""
    if reader.until and reader.category == "HS" and day < seed.year_of(reader.until).first_on:
        return seed.year_of(day).last_on
    return reader.until


def play(
    standing: Sequence[Standing], readers: Sequence[Reader], copies: Sequence[Copy], wishes: Sequence[Wish],
    first: date, last: date, rng: Random,
) -> list[Event]:  # fmt: skip
    """All houses from `first` to `last`, both included: events by time."""
    events: list[Event] = []
    for number, house in enumerate(standing):
        mine = [copy for copy in copies if copy.house == number]
        desk = Desk(house, [r for r in readers if r.house == number], mine, first, last, rng)
        events += desk.play([wish for wish in wishes if wish.copy.house == number])
    return sorted(events, key=lambda event: (event.at, event.copy.id))
