"""A column among many numbers."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from sqlalchemy import Boolean, ColumnElement, bindparam
from sqlalchemy.types import UserDefinedType


def among(column: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    """The column is one of these ids, which stand in the statement themselves: a province has hundreds of branches, and a
    value sent apart for each costs more than looking for them."""
    told: Any = bindparam(None, sorted(ids), type_=_Ids(), literal_execute=True, unique=True)
    return cast(ColumnElement[bool], column.op("IN", is_comparison=True, return_type=Boolean())(told))


class _Ids(UserDefinedType[Any]):
    """Numbers that are written into the statement, all in one piece."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        return "IDS"

    def literal_processor(self, dialect: Any) -> Callable[[Iterable[int]], str]:
        return lambda ids: f"({', '.join(map(str, ids)) or 'SELECT 0 WHERE 1 = 0'})"
