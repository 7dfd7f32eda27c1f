"""A title as plain JSON, for keeping it with a row of a list until it is written, and for taking a change back."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from library.catalogue.models import Format, NumberKind, Role
from library.catalogue.writing import NewRecord

_USUAL = {one.name: one.default for one in fields(NewRecord)}
_LISTS = ("subjects", "keywords", "edited")


def to_json(new: NewRecord) -> dict[str, Any]:
    """Without what is as usual, and without the source itself: bytes are no JSON."""
    names = (name for name in _USUAL if name != "marc" and getattr(new, name) != _USUAL[name])
    return {name: _plain(getattr(new, name)) for name in names}


def _plain(value: Any) -> Any:
    return [list(one) if isinstance(one, tuple) else one for one in value] if isinstance(value, tuple) else value


def from_json(told: Mapping[str, Any], marc: bytes | None = None) -> NewRecord:
    given = dict(told)
    for name in _LISTS:
        given[name] = tuple(given.get(name, ()))
    given["credits"] = tuple((name, Role(role)) for name, role in given.get("credits", ()))
    given["numbers"] = tuple((number, NumberKind(kind)) for number, kind in given.get("numbers", ()))
    given["format"] = Format(given.get("format", Format.PRINT))
    return NewRecord(**given, marc=marc)
