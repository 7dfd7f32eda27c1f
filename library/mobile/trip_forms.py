"""What is typed of a trip: its stops in order, who goes, the log. Complaints stay in the reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from library.core.errors import N_
from library.core.forms import Reader
from library.loans import posting
from library.mobile import pages
from library.mobile.models import CrewRole, Stop
from library.mobile.trips import Call, Crew, Log

ROLES = {one.value: one for one in CrewRole}
MOST_CALLS, MOST_CREW = 8, 6


@dataclass(frozen=True)
class CallRow:
    """A line of the form as it was typed."""

    stop: str = ""
    from_at: str = ""
    to_at: str = ""


@dataclass(frozen=True)
class CrewRow:
    role: str = ""
    account: str = ""
    name: str = ""


def call_rows(told: posting.Source) -> list[CallRow]:
    return [CallRow(*one) for one in _lines(told, "stop", "from_at", "to_at")]


def crew_rows(told: posting.Source) -> list[CrewRow]:
    return [CrewRow(*one) for one in _lines(told, "role", "account", "name")]


def _lines(told: posting.Source, *names: str) -> list[tuple[str, ...]]:
    columns = [posting.many(told, name) for name in names]
    most = max((len(one) for one in columns), default=0)
    return [tuple(column[at] if at < len(column) else "" for column in columns) for at in range(most)]


def calls(reader: Reader, rows: Sequence[CallRow], among: Mapping[str, Stop]) -> list[Call]:
    """Lines that name a stop; the others are passed over."""
    found = []
    for row in rows:
        if not row.stop:
            continue
        stop, since, until = among.get(row.stop), _time(reader, row.from_at), _time(reader, row.to_at)
        if stop is None:
            reader.complain("stop", "choice", N_("Chọn một trong các mục đã cho."))
        elif since and until:
            found.append(Call(stop, since, until))
    if not found:
        reader.complain("stop", "no-stops", N_("Chọn ít nhất một điểm dừng, với giờ đến và giờ rời."))
    return found


def _time(reader: Reader, text: str) -> time | None:
    if not text.strip():
        reader.complain("stop", "time", N_("Điểm nào cũng cần giờ đến và giờ rời."))
        return None
    return pages.time_of(reader, "stop", text)


Accounts = Mapping[str, tuple[int, str]]
"""By uid: id and name of those who may sign in."""


def crew(reader: Reader, rows: Sequence[CrewRow], accounts: Accounts) -> list[Crew]:
    """Lines that name somebody. One account goes once."""
    found: list[Crew] = []
    for row in rows:
        account = accounts.get(row.account)
        name = account[1] if account else row.name.strip()[:100]
        if not name:
            continue
        if account and any(one.account_id == account[0] for one in found):
            reader.complain("crew", "twice", N_("%(who)s đứng hai lần trong đoàn."), who=name)
        found.append(Crew(ROLES.get(row.role, CrewRole.OTHER), name, account[0] if account else None))
    return found


def log(reader: Reader) -> Log:
    """Kilometres, litres, đồng, what happened."""
    return Log(
        reader.number("odometer", 0, 5_000_000, required=False), pages.decimal_of(reader, "fuel_litres", 0, 1000),
        reader.number("cost", 0, 1_000_000_000, required=False),
        reader.text("incidents", required=False, longest=2000) or None,
    )  # fmt: skip


def plain_calls(found: Sequence[Call]) -> list[Any]:
    """By which a repeat is told from something else."""
    return [[one.stop.id, f"{one.from_at:%H:%M}", f"{one.to_at:%H:%M}"] for one in found]


def plain_crew(found: Sequence[Crew]) -> list[Any]:
    return [[one.role.value, one.name, one.account_id] for one in found]
