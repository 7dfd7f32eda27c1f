"""Names as the kiosk shows them: first name and class; what sets namesakes apart is the first letters of the rest, then
the words before the first name."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from library.core.fold import fold, fold_words, given_name
from library.loans import queries
from library.loans.queries import Known

MOST = 24
LEAST = 2
"""Letters, before anybody is named."""


@dataclass(frozen=True)
class Named:
    uid: UUID
    name: str
    group: str


def named(session: Session, library_id: int, text: str, group: UUID | None) -> list[Named]:
    """Of a class those whose names begin so, all of them where nothing is typed; else readers of the library by name."""
    if group is not None:
        found = [one for one in queries.readers_of_class(session, library_id, group) if _begins(one.name, text)]
    else:
        found = queries.readers_named(session, library_id, text, MOST) if len(fold(text)) >= LEAST else []
    return _apart(found)


def _begins(name: str, text: str) -> bool:
    """Every word typed begins a word of the name, accents or not."""
    words = fold_words(name)
    return all(any(word.startswith(typed) for word in words) for typed in fold_words(text))


def _apart(found: Sequence[Known]) -> list[Named]:
    """As few words as tell them apart within their class."""
    ways = [{one.uid: way(one.name) for one in found} for way in WAYS]
    many = [Counter((way[one.uid], one.class_name) for one in found) for way in ways]
    return [Named(one.uid, _shown(one, ways, many), one.class_name or "") for one in found]


def _shown(one: Known, ways: Sequence[dict[UUID, str]], many: Sequence[Counter[tuple[str, str | None]]]) -> str:
    alone = (way[one.uid] for way, count in zip(ways, many, strict=True) if count[way[one.uid], one.class_name] == 1)
    return next(alone, ways[-1][one.uid])


def _letters(name: str) -> str:
    """ "N. T. Lan"."""
    *rest, given = name.split() or [""]
    return " ".join([*(f"{word[0]}." for word in rest), given])


def _middle(name: str) -> str:
    """ "N. Thị Lan": the family name stays a letter."""
    first, *rest = name.split() or [""]
    return " ".join([f"{first[0]}.", *rest]) if rest else first


WAYS: Sequence[Callable[[str], str]] = (given_name, _letters, _middle, str)
"""Ways to show a name, the one that tells least first."""
