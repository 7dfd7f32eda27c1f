"""The checklist of the school library standard: lines as a library edits them, figures counted for it, what people say."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import inserting
from library.reports import asking, standing_norms
from library.reports.asking import Ask
from library.reports.measures import MEASURES
from library.reports.standing_norm_models import StandardAnswer, StandardLine
from library.reports.standing_norms import PER_PUPIL, STAGES, PerPupil
from library.reports.standing_question import Question

FILE = "thong-tu-16.json"
COUNTED = (PER_PUPIL, *MEASURES)


@dataclass(frozen=True)
class Norm:
    """A line: see `StandardLine`."""

    code: str
    part: str
    label: str
    unit: str
    level: int = 1
    stage: str | None = None
    least: int | None = None
    measure: str | None = None


@dataclass(frozen=True)
class Judged:
    """A line of one school in one year. `value`: counted, or told by people; `met` None: nobody has said."""

    norm: Norm
    value: float | None
    met: bool | None
    counted: bool
    note: str = ""
    ask: Ask | None = None


@cache
def shipped() -> tuple[Norm, ...]:
    told = json.loads(resources.files("library.reports").joinpath("data", FILE).read_text("utf-8"))
    return tuple(Norm(**line) for line in told["lines"])


def lines(session: Session, library_id: int) -> tuple[Norm, ...]:
    """The library's own, else the shipped ones."""
    query = select(StandardLine).where(StandardLine.library_id == library_id).order_by(StandardLine.position)
    names = Norm.__dataclass_fields__
    own = tuple(Norm(**{name: getattr(one, name) for name in names}) for one in session.scalars(query))
    return own or shipped()


def is_own(session: Session, library_id: int) -> bool:
    query = select(StandardLine.id).where(StandardLine.library_id == library_id).limit(1)
    return session.scalar(query) is not None


def keep(session: Session, library_id: int, norms: Sequence[Norm]) -> None:
    """These and no others; none, or the shipped ones: the library has no list of its own any more."""
    session.execute(delete(StandardLine).where(StandardLine.library_id == library_id))
    if tuple(norms) != shipped():
        session.add_all(StandardLine(library_id=library_id, position=at, **asdict(one)) for at, one in enumerate(norms))
    session.flush()


def per_pupil_norms(norms: Iterable[Norm]) -> dict[str, int]:
    """Copies asked for every pupil, by stage."""
    return {one.stage: one.least for one in norms
            if one.measure == PER_PUPIL and one.stage is not None and one.least is not None and one.level == 1}  # fmt: skip


# One school, one year


def judged(session: Session, question: Question, library_id: int) -> list[Judged]:
    """The lines of the stages the school has pupils of (all, if it has none), each with its figure or what people said."""
    known = {one.unit: one for one in standing_norms.per_pupil(session, question.last)}
    school = known.get(library_id)
    stages = set(school.pupils) if school and school.pupils else set(STAGES)
    said = answers(session, library_id, question.period.first)
    listed = [one for one in lines(session, library_id) if one.stage is None or one.stage in stages]
    return [_judged(session, question, one, school, said.get(one.code)) for one in listed]


def answers(session: Session, library_id: int, year_on: date) -> dict[str, StandardAnswer]:
    query = select(StandardAnswer).where(StandardAnswer.library_id == library_id, StandardAnswer.year_on == year_on)
    return {one.code: one for one in session.scalars(query)}


def _judged(
    session: Session, question: Question, norm: Norm, school: PerPupil | None, said: StandardAnswer | None
) -> Judged:
    note = (said.note or "") if said else ""
    value, ask = _counted(session, question, norm, school)
    if norm.measure is None:
        value = said.told if said else None
    met = said.met if said else None
    if norm.least is not None and value is not None:
        met = value >= norm.least
    return Judged(norm, value, met, norm.measure is not None, note, ask)


def _counted(
    session: Session, question: Question, norm: Norm, school: PerPupil | None
) -> tuple[float | None, Ask | None]:
    if norm.measure == PER_PUPIL:
        return (school.each if school else None), question.ask("copies")
    if norm.measure is None:
        return None, None
    ask = question.ask(norm.measure)
    return asking.total(session, ask, question.known), ask


@dataclass(frozen=True)
class Said:
    met: bool | None
    told: int | None
    note: str


def say(session: Session, library_id: int, year_on: date, told: Mapping[str, Said], account: UUID | None) -> None:
    """What people say of these lines from now on."""
    for code, one in told.items():
        values: dict[str, Any] = {"met": one.met, "told": one.told, "note": one.note or None, "account": account,
                                  "said_at": clock.now()}  # fmt: skip
        putting = inserting(session)(StandardAnswer).values(library_id=library_id, code=code, year_on=year_on, **values)
        session.execute(putting.on_conflict_do_update(index_elements=["library_id", "code", "year_on"], set_=values))
