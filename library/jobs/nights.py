"""What a library's night does: packages register steps, the worker takes them once a day, a page tells what was done."""

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

Step = Callable[[Session, date], tuple[int, bool]]
"""(session, day) -> (how many were done now, whether there may be more). One short transaction's worth; does not commit.
Doing a day twice does nothing the second time."""

STEPS: dict[str, tuple[str, Step]] = {}
"""By name: what it is called on the page, and the step."""

LAST: list[str] = []
"""Names of steps that come after all others, whoever registers first."""

UNCOUNTED: set[str] = set()
"""Names of steps whose numbers tell people nothing."""


def nightly(name: str, words: str) -> Callable[[Step], Step]:
    """Register a step under a name; `words` (marked with N_) say what it does."""

    def register(step: Step) -> Step:
        STEPS[name] = words, step
        return step

    return register


def in_order() -> list[str]:
    """Names as a night takes them."""
    return [name for name in STEPS if name not in LAST] + [name for name in LAST if name in STEPS]


def next_after(done: set[str]) -> str | None:
    """The first step that is not among those done."""
    return next((name for name in in_order() if name not in done), None)
