"""Writing lines of the table: the one door, so that everybody who keeps rules in memory hears of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import bump
from library.policies.models import PolicyLine
from library.policies.rulebook import RULES, SIMPLE
from library.policies.values import Channel, Hard, Length


def place_of(category_id: int | None, item_class_id: int | None, channel: Channel | None) -> str:
    """The three keys as one text: at most one line of an owner has it."""
    return "/".join(str(one) if one is not None else "-" for one in (category_id, item_class_id, channel))


def find(
    session: Session,
    owner_id: int,
    category_id: int | None = None,
    item_class_id: int | None = None,
    channel: Channel | None = None,
) -> PolicyLine | None:
    place = place_of(category_id, item_class_id, channel)
    return session.scalar(select(PolicyLine).where(PolicyLine.owner_id == owner_id, PolicyLine.place == place))


def say(
    session: Session,
    owner_id: int,
    said: Mapping[str, Any],
    category_id: int | None = None,
    item_class_id: int | None = None,
    channel: Channel | None = None,
    note: str | None = None,
) -> PolicyLine:
    """The owner's line for these keys says exactly this, by the names of `Values`; what it said before is replaced."""
    line = find(session, owner_id, category_id, item_class_id, channel)
    if line is None:
        keys = {"category_id": category_id, "item_class_id": item_class_id, "channel": channel}
        line = PolicyLine(
            uid=clock.uuid7(), owner_id=owner_id, place=place_of(category_id, item_class_id, channel), **keys
        )
        session.add(line)
    for column, value in columns_of(said).items():
        setattr(line, column, value)
    line.note = note
    bump(session, RULES)
    session.flush()
    return line


def columns_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """Every column of a line, None where nothing is said. Raises KeyError for a value nobody knows."""
    unknown = set(said) - {*SIMPLE, "length", "renewal_length", "hard"}
    if unknown:
        raise KeyError(f"no such values: {sorted(unknown)}")
    length: Length | None = said.get("length")
    renewal: Length | None = said.get("renewal_length")
    hard: Hard | None = said.get("hard")
    return {
        **{name: said.get(name) for name in SIMPLE},
        "length_kind": length and length.kind, "length_days": length and length.days, "length_on": length and length.on,
        "renewal_kind": renewal and renewal.kind, "renewal_days": renewal and renewal.days,
        "renewal_on": renewal and renewal.on, "hard_when": hard and hard.when, "hard_on": hard and hard.on,
    }  # fmt: skip


def unsay(session: Session, line: PolicyLine) -> None:
    """The line is gone; what less specific lines say holds. Loans made by it keep their dates."""
    session.execute(delete(PolicyLine).where(PolicyLine.id == line.id))
    bump(session, RULES)
