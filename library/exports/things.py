"""Words the kinds and the forms share: where an export looks, and what a kind of thing has to give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from library.access import Permission
from library.organisations.models import Branch
from library.staging.marc import MarcEntry

Cell = str | int | date | None
Row = Sequence[Cell]
CHUNK = 250
"""Things read at once."""


@dataclass(frozen=True)
class Where:
    """The libraries whose things are wanted, perhaps of one branch alone, and the networks their titles are shared in."""

    libraries: tuple[int, ...]
    networks: tuple[int, ...] = ()
    branch_id: int | None = None

    def has(self, library: SQLColumnExpression[Any], branch: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        """The WHERE for a table that names both."""
        return library.in_(self.libraries) if self.branch_id is None else branch == self.branch_id

    @property
    def branches(self) -> Select[int]:
        query = select(Branch.id).where(Branch.organisation_id.in_(self.libraries))
        return query if self.branch_id is None else query.where(Branch.id == self.branch_id)


@dataclass(frozen=True)
class Some:
    """A chunk: things and the id of the last of them. No things: that was all."""

    things: Sequence[Any]
    after: int


@dataclass(frozen=True)
class Kind:
    """A kind of things. `ids(where)` is a query for all of them, `some(session, where, after, with_source)` gives the next
    ones, `rows` their lines under `head`; `entries` is for those MARC knows of."""

    name: str
    title: str
    about: str
    permission: Permission
    file: str
    head: tuple[str, ...]
    ids: Callable[[Where], Select[int]]
    some: Callable[[Session, Where, int, bool], Some]
    rows: Callable[[Any], Sequence[Row]]
    told: Callable[[Any], Mapping[str, Any]]
    entries: Callable[[Any], Sequence[MarcEntry]] | None = None
    forms: tuple[str, ...] = field(default=("xlsx", "csv", "jsonl"))

    def count(self, session: Session, where: Where, most: int | None = None) -> int:
        """How many there are; counting stops at `most`."""
        return session.scalar(select(func.count()).select_from(self.ids(where).limit(most).subquery())) or 0
