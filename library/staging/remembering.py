"""A source that has come before is read as a person chose the last time: its columns, its encodings, its program, and
what was answered for all of it.

Columns are known again by their header. A character set, and an answer that the header does not show, are known by the
file's name as well: last year's list and this year's look alike. Figures in the name do not count: kho-1, kho-2.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.fold import fold_words
from library.staging.models import Load
from library.staging.sheets import Plan

_LOOKED_AT = 200  # of the library's lists, the newest first

Before = Sequence[tuple[str, Mapping[str, Any]]]
"""(file name, choices) of lists in which a person chose or answered something, the newest first."""


def chosen_before(session: Session, library_id: int, kind: str) -> Before:
    mine = select(Load.file_name, Load.choices).where(Load.library_id == library_id, Load.kind == kind)
    rows = session.execute(mine.order_by(Load.id.desc()).limit(_LOOKED_AT)).all()
    return [(name, choices) for name, choices in rows if choices.get("chosen") or choices.get("answers")]


def _chosen(before: Before) -> Before:
    return [(name, choices) for name, choices in before if choices.get("chosen")]


def as_before(plan: Plan, before: Before) -> tuple[Plan, str]:
    """(the plan with what was chosen for the same source, the name of that file); '' where nothing was."""
    for name, choices in _chosen(before):
        for told in choices.get("sheets", ()):
            if plan.source and told.get("source") == plan.source:
                return _like(plan, Plan.from_json(told)), name
    return plan, ""


def _like(plan: Plan, old: Plan) -> Plan:
    names = old.names if old.header else plan.names
    return replace(plan, header=old.header, names=names, read=old.read, encodings=dict(old.encodings))


def entries_before(told: Mapping[str, Any], before: Before) -> tuple[Mapping[str, Any], str]:
    """The same for files of MARC, of one kind and guessed alike."""
    for name, choices in _chosen(before):
        old = choices.get("entries") or {}
        if old.get("source") == told["source"]:
            return {**told, "profile": old["profile"], "charset": old["charset"]}, name
    return told, ""


def origin(name: str) -> str:
    """What the names of files of one source have in common."""
    return " ".join(word for word in fold_words(PurePath(name).stem) if not word.isdigit())


def codec_before(name: str, before: Before) -> str:
    """How a text file of this name was opened when a person said so; '' where the machine looks."""
    alike = (choices for old, choices in _chosen(before) if origin(old) == origin(name) and "codec" in choices)
    return str(next(alike, {}).get("codec", ""))


def answered_before(
    name: str, sources: Collection[str], before: Before, lasting: Collection[str]
) -> tuple[dict[str, str], str]:
    """(answers that hold for all of a source, the name of the file they were given for); '' where none was."""
    for old, choices in before:
        told = {one: text for one, text in (choices.get("answers") or {}).items() if one in lasting}
        if told and origin(old) == origin(name) and set(sources) & _sources(choices):
            return told, old
    return {}, ""


def _sources(choices: Mapping[str, Any]) -> set[str]:
    told = [*choices.get("sheets", ()), choices.get("entries") or {}]
    return {one["source"] for one in told if one.get("source")}
