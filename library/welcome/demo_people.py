"""People of the demo: names put together from parts, so that nobody is meant. The story's cast is named."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random

from sqlalchemy.orm import Session

from library.core import clock
from library.patrons import enrolling
from library.patrons.enrolling import NewPatron
from library.patrons.models import Sex
from library.welcome.demo_places import Standing, grade_of
from library.welcome.seed import Year

DATA = Path(__file__).parent / "data"
F, M = Sex.FEMALE, Sex.MALE
MONG, RUN_OUT, JOINING_DAYS = 0.08, 0.15, 8

CAST = {
    ("xuat-hoa", "4A"): (
        ("Hoàng Thị Mai Lan", F), ("Đàm Quốc Bảo", M), ("Bàn Thị Ngân", F), ("Lục Văn Khánh", M), ("Phùng Thị Mỷ", F),
        ("Bàn Văn Sinh", M), ("Hà Gia An", M), ("Lý Thị Ánh", F),
    ),
    ("xuat-hoa", "5A"): (
        ("Nông Minh Khôi", M), ("Hà Thị Bích", F), ("Bế Gia Khánh", M), ("Triệu Thị Dợ", F), ("Giàng A Páo", M),
    ),
    ("xuat-hoa", "5B"): (("Lý Thị Xuân", F), ("Hoàng Đức Long", M)),
    ("xuat-hoa", "3A"): (("Lý Văn Tú", M),),
}  # fmt: skip
"""Pupils of the story, by library and class. Who plays which part is told in demo_story.py."""


@dataclass(frozen=True)
class Reader:
    """Somebody who borrows at one house. `now` and `before` are (class id, name, grade) of this and last school year.

    The loans of `cast` are written in demo_story.py; the others come by chance.
    """

    membership: int
    house: int
    name: str
    category: str
    since: date
    until: date | None
    now: tuple[int, str, int | None] | None = None
    before: tuple[int, str, int | None] | None = None
    cast: bool = False


class Names:
    """Parts by kind, with weights for the north."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.parts: dict[tuple[str, str], tuple[list[str], list[float]]] = {}
        for row in rows_of("names.csv"):
            names, weights = self.parts.setdefault((row["part"], row["gender"]), ([], []))
            names.append(row["name"])
            weights.append(float(row["weight"]))

    def _one(self, part: str, sex: str = "") -> str:
        names, weights = self.parts[part, sex]
        return self.rng.choices(names, weights)[0]

    def full(self, sex: Sex) -> str:
        """Họ, đệm and tên, as they are heard between Bắc Kạn and Ba Bể."""
        letter = "F" if sex is F else "M"
        if self.rng.random() < MONG:
            return f"{self._one('family-mong')} {'Thị' if sex is F else 'A'} {self._one('given-mong', letter)}"
        given, middle = self._one("given", letter), self._one("middle", letter)
        words = [self._one("family"), middle] if middle != given else [self._one("family")]
        if sex is F and middle != "Thị" and self.rng.random() < 0.3:
            words.insert(1, "Thị")
        return " ".join([*words, given])


@cache
def rows_of(name: str) -> Sequence[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


def enrol_all(session: Session, standing: Sequence[Standing], year: Year, today: date, rng: Random) -> list[Reader]:
    """Pupils, teachers, citizens and one class as a group, with cards; those who joined earlier at their own time."""
    names = Names(rng)
    readers: list[Reader] = []
    for number, house in enumerate(standing):
        readers += _pupils(session, house, number, year, today, names)
        readers += _others(session, house, number, year, today, names)
    return readers


def _pupils(
    session: Session, house: Standing, number: int, year: Year, today: date, names: Names
) -> list[Reader]:  # fmt: skip
    found: list[Reader] = []
    start = min(year.first_on, today - timedelta(days=1))
    lowest = min((grade_of(name) for name in house.house.classes), default=0)
    for class_name in house.house.classes:
        grade = grade_of(class_name)
        now = _class(session, house, year, class_name)
        before = _class(session, house, year.before, f"{grade - 1}{class_name[-1]}") if grade > lowest else None
        cast = CAST.get((house.library.key, class_name), ())
        sexes = [names.rng.choice((F, M)) for _ in range(house.house.pupils - len(cast))]
        people = [*cast, *((names.full(sex), sex) for sex in sexes)]
        since = year.before.first_on if before else start
        new = [_pupil(name, sex, grade, year, now[0], names.rng) for name, sex in people]
        for name, membership in zip(people, _enrol(session, house, "HS", new, since), strict=True):
            found.append(Reader(membership, number, name[0], "HS", since, year.last_on, now, before, name in cast))
    return found


def _pupil(name: str, sex: Sex, grade: int, year: Year, class_id: int, rng: Random) -> NewPatron:
    born = date(year.first_on.year - 5 - grade, 1, 1) + timedelta(days=rng.randrange(365))
    return NewPatron(name, sex, born, class_id=class_id, expires_on=year.last_on)


def _class(session: Session, house: Standing, year: Year, name: str) -> tuple[int, str, int | None]:
    made = enrolling.school_class(session, house.years[year.label], house.branch.id, name, grade_of(name))
    return made.id, made.name, made.grade


def _others(session: Session, house: Standing, number: int, year: Year, today: date, names: Names) -> list[Reader]:
    """Teachers, who stay; citizens; and one class that borrows as a group."""
    since, told = year.before.first_on, house.house
    sexes = [names.rng.choice((F, F, M)) for _ in range(told.teachers)]
    found = _readers(session, house, number, "GV", [NewPatron(names.full(sex), sex) for sex in sexes], since)
    for joined in sorted(names.rng.sample(range(10, 700), JOINING_DAYS if told.citizens else 0), reverse=True):
        day = today - timedelta(days=joined)
        new = [_citizen(day, today, names) for _ in range(-(-told.citizens // JOINING_DAYS))]
        found += _readers(session, house, number, "BD", new, day)
    if told.name == "Trường Tiểu học Xuất Hóa":
        group = NewPatron("Tập thể lớp 2A", expires_on=year.last_on)
        found += _readers(session, house, number, "TT", [group], since)
    return found


def _citizen(joined: date, today: date, names: Names) -> NewPatron:
    """A card is good for a year; most have theirs renewed, some have let it run out."""
    sex, until = names.rng.choice((F, M)), joined + timedelta(days=365)
    if names.rng.random() > RUN_OUT:
        until = max(until, today + timedelta(days=names.rng.randrange(30, 330)))
    born = date(today.year - names.rng.randrange(9, 70), 1, 1)
    return NewPatron(names.full(sex), sex, born, born_year_only=True, expires_on=until)


def _readers(
    session: Session, house: Standing, number: int, category: str, new: Sequence[NewPatron], since: date
) -> list[Reader]:  # fmt: skip
    made = zip(new, _enrol(session, house, category, new, since), strict=True)
    return [Reader(membership, number, one.full_name, category, since, one.expires_on) for one, membership in made]


def _enrol(session: Session, house: Standing, category: str, new: Sequence[NewPatron], since: date) -> list[int]:
    """Membership ids, in order; the cards are dated as if they had been given on that morning."""
    with clock.stopped_at(datetime.combine(since, time(7), clock.HERE)):
        made = enrolling.enrol(session, house.organisation, house.categories[category], new)
    return [membership for membership, _ in made]
