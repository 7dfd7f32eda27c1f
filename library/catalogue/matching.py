"""Does the catalogue have this title already? Never by a number alone: publishers reuse ISBNs and price codes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from library.catalogue import volumes
from library.catalogue.models import Contributor, NumberKind, Record, RecordNumber, Role
from library.catalogue.volumes import Volume
from library.core.db import straight, table_of
from library.core.fold import fold


@dataclass(frozen=True)
class Asked:
    """A title somebody has in the hand. What is not known is empty; `isbns` and `eans` are digits."""

    title: str
    author: str = ""
    part: str = ""
    isbns: tuple[str, ...] = ()
    eans: tuple[str, ...] = ()
    publisher: str = ""
    year: int | None = None

    @cached_property
    def key(self) -> str:
        return settled(self.title, self.part)[1]


@lru_cache(4096)
def settled(title: str, part: str) -> tuple[Volume, str]:
    """The title and its volume apart, and what both are found by. Asked for three times of each title of a list."""
    found = volumes.settled(title, part)
    return found, volumes.match_key(found.title, found.number)


@dataclass
class Known:
    """A title of the catalogue with the same folded title and volume."""

    id: int
    publisher: str
    year: int | None
    author: str = ""
    isbns: set[str] = field(default_factory=set)
    eans: set[str] = field(default_factory=set)


def find_match(session: Session, network_id: int, asked: Asked) -> Record | None:
    found = find_matches(session, network_id, [asked]).get(asked)
    return session.get(Record, found) if found else None


def find_matches(session: Session, network_id: int, asked: Sequence[Asked]) -> dict[Asked, int]:
    """The id of the title for each that is there. Three statements, however many are asked for (a chunk of 1,000)."""
    known = _known(session, network_id, sorted({one.key for one in asked}))
    matches = ((one, best(one, known.get(one.key, ()))) for one in asked)
    return {one: found.id for one, found in matches if found}


_RECORD = table_of(Record)
_SINCE = select(_RECORD.c.match_key).where(
    _RECORD.c.network_id == bindparam("network"), _RECORD.c.match_key.in_(bindparam("keys", expanding=True)),
    _RECORD.c.id > bindparam("newest"),
)  # fmt: skip


_OVERTAKEN = 1_000
"""PostgreSQL may show a title after another with a higher id: who looks for new ones looks so far back."""


def keys_since(session: Session, network_id: int, keys: Sequence[str], newest: int) -> set[str]:
    """Which of these keys may belong to a title that has come since `newest` was the newest one."""
    asked = {"network": network_id, "keys": keys, "newest": newest - _OVERTAKEN}
    return set(straight(session).execute(_SINCE, asked).scalars()) if keys else set()


def _known(session: Session, network_id: int, keys: Sequence[str]) -> dict[str, list[Known]]:
    query = select(Record.id, Record.match_key, Record.publisher, Record.year)
    rows = session.execute(query.where(Record.network_id == network_id, Record.match_key.in_(keys)).order_by(Record.id))
    by_key: dict[str, list[Known]] = {}
    by_id: dict[int, Known] = {}
    for record_id, key, publisher, year in rows:
        by_id[record_id] = one = Known(record_id, publisher or "", year)
        by_key.setdefault(key, []).append(one)
    if by_id:
        _add_numbers(session, by_id)
        _add_authors(session, by_id)
    return by_key


def _add_numbers(session: Session, by_id: dict[int, Known]) -> None:
    query = select(RecordNumber.record_id, RecordNumber.number, RecordNumber.kind)
    for record_id, number, kind in session.execute(query.where(RecordNumber.record_id.in_(by_id))):
        if kind in (NumberKind.ISBN, NumberKind.EAN):
            (by_id[record_id].isbns if kind is NumberKind.ISBN else by_id[record_id].eans).add(number)


def _add_authors(session: Session, by_id: dict[int, Known]) -> None:
    query = select(Contributor.record_id, Contributor.name).where(
        Contributor.record_id.in_(by_id), Contributor.role == Role.AUTHOR
    )
    for record_id, name in session.execute(query.order_by(Contributor.position.desc())):
        by_id[record_id].author = name


def best(asked: Asked, known: Sequence[Known]) -> Known | None:
    """Of titles with the same key, the one it is: by a shared number first, else by author and edition; the oldest."""
    if not known:
        return None
    numbered = [one for one in known if one.isbns & set(asked.isbns) or one.eans & set(asked.eans)]
    same_year = [one for one in numbered if one.year == asked.year]
    described = [one for one in known if _same_edition(asked, one) and _same_author(asked, one)]
    return next(iter([*same_year, *numbered, *described]), None)


def _same_edition(asked: Asked, known: Known) -> bool:
    """Another publisher, year or ISBN is another edition; what one side does not say contradicts nothing."""
    publishers = publisher_key(asked.publisher), publisher_key(known.publisher)
    return not (
        (all(publishers) and publishers[0] != publishers[1])
        or (asked.year and known.year and asked.year != known.year)
        or (asked.isbns and known.isbns)
    )


def _same_author(asked: Asked, known: Known) -> bool:
    """A title without its author is the same only when publisher and year both agree: there are many Truyện cổ tích."""
    if asked.author or not known.author:
        return fold(asked.author) == fold(known.author)
    return bool(asked.publisher and known.publisher and asked.year and asked.year == known.year)


def publisher_key(publisher: str) -> str:
    """NXB Kim Đồng, Nhà xuất bản Kim Đồng and Kim Đồng are one."""
    return re.sub(r"^(?:nxb|nha xuat ban|nha xb) ", "", fold(publisher))
