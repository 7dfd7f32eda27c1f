"""A source that has come before is read as a person chose the last time: its columns, its encodings, its program."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.staging.models import Load
from library.staging.sheets import Plan

_LOOKED_AT = 200  # of the library's lists, the newest first

Before = Sequence[tuple[str, Mapping[str, Any]]]
"""(file name, choices) of lists in which a person chose how they are read, the newest first."""


def chosen_before(session: Session, library_id: int, kind: str) -> Before:
    mine = select(Load.file_name, Load.choices).where(Load.library_id == library_id, Load.kind == kind)
    rows = session.execute(mine.order_by(Load.id.desc()).limit(_LOOKED_AT)).all()
    return [(name, choices) for name, choices in rows if choices.get("chosen")]


def as_before(plan: Plan, before: Before) -> tuple[Plan, str]:
    """(the plan with what was chosen for the same source, the name of that file); '' where nothing was."""
    for name, choices in before:
        for told in choices.get("sheets", ()):
            if plan.source and told.get("source") == plan.source:
                return _like(plan, Plan.from_json(told)), name
    return plan, ""


def _like(plan: Plan, old: Plan) -> Plan:
    names = old.names if old.header else plan.names
    return replace(plan, header=old.header, names=names, read=old.read, encodings=dict(old.encodings))


def entries_before(told: Mapping[str, Any], before: Before) -> tuple[Mapping[str, Any], str]:
    """The same for files of MARC, of one kind and guessed alike."""
    for name, choices in before:
        old = choices.get("entries") or {}
        if old.get("source") == told["source"]:
            return {**told, "profile": old["profile"], "charset": old["charset"]}, name
    return told, ""
