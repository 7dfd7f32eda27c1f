"""What a night did, as people read it: a line for each sort of work, however many steps it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from library.jobs import nights
from library.jobs.models import Night, NightStep


@dataclass(frozen=True)
class Line:
    """`count` None: its numbers tell people nothing. `trouble` of the first step that had any."""

    words: str
    count: int | None
    over: bool
    trouble: str | None
    seconds: float

    @property
    def counted(self) -> int:
        return self.count or 0


def lines(night: Night) -> list[Line]:
    """In the order they were done; steps with the same words are one line."""
    groups: dict[str, list[NightStep]] = {}
    for step in sorted(night.steps, key=_place):
        groups.setdefault(_words(step.name), []).append(step)
    return [_line(words, steps) for words, steps in groups.items()]


def _place(step: NightStep) -> tuple[bool, datetime, int]:
    order = nights.in_order()
    return step.name in nights.LAST, step.started_at, order.index(step.name) if step.name in order else len(order)


def _words(name: str) -> str:
    """A step that an older release took keeps its name."""
    return nights.STEPS[name][0] if name in nights.STEPS else name


def _line(words: str, steps: Sequence[NightStep]) -> Line:
    counted = [step.count for step in steps if step.name not in nights.UNCOUNTED]
    trouble = next((step.trouble for step in steps if step.trouble), None)
    ends = [step.ended_at for step in steps]
    spent = sum((step.ended_at - step.started_at).total_seconds() for step in steps if step.ended_at)
    return Line(words, sum(counted) if counted else None, None not in ends, trouble, spent)


def latest(session: Session, most: int = 14) -> Sequence[Night]:
    """The newest first, with their steps (two statements)."""
    query = select(Night).options(selectinload(Night.steps)).order_by(Night.id.desc()).limit(most)
    return session.scalars(query).all()


def still_to_come(night: Night) -> list[str]:
    """Words of what a night under way has not come to, each once."""
    begun = {_words(step.name) for step in night.steps}
    return [words for words in dict.fromkeys(_words(name) for name in nights.in_order()) if words not in begun]
