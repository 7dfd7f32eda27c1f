"""Titles and their copies as plain values, for JSON: every field we have, by its name in code."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from library.catalogue.writing import NewRecord
from library.exports.titles import Kept, Title

_LEFT_OUT = ("marc", "edited", "credits", "numbers")
_NAMES = tuple(one.name for one in fields(NewRecord) if one.name not in _LEFT_OUT)


def told(title: Title) -> Mapping[str, Any]:
    """Nothing for what is not known."""
    new = title.new
    same = {name: value for name in _NAMES if (value := getattr(new, name)) not in (None, "", ())}
    people = [{"name": name, "role": role.value} for name, role in new.credits]
    numbers = [{"number": number, "kind": kind.value} for number, kind in new.numbers]
    return {"uid": str(title.uid), **same, "contributors": people, "numbers": numbers, "made_on": title.made_on}


def told_with_copies(title: Title) -> Mapping[str, Any]:
    return {**told(title), "copies": [_copy(one) for one in title.copies]}


def _copy(one: Kept) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "library_id" and value not in (None, "")}
