"""Random histories of one copy: several devices with wrong clocks, facts that come late, are asserted, guessed, retracted."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from library.inbox import timing
from tests.support.world import at

KINDS = {
    ("lend", "scan"): 5,
    ("desk", "scan"): 6,
    ("renew", "scan"): 2,
    ("shelve", "scan"): 2,
    ("stocktake", "scan"): 1,
    ("send", "scan"): 1,
    ("receive", "scan"): 1,
    ("review", "count"): 1,
    ("send", "assertion"): 1,
    ("receive", "assertion"): 2,
    ("missing", "inference"): 1,
    ("stay", "scan"): 2,
}
GAPS = (0.0, 0.5, 4.0, 11.0, 600.0, 2400.0, 90_000.0)
"""Seconds between what two devices see: ties, double beeps, an hour's use, days."""


@dataclass(frozen=True)
class Deed:
    """A fact as a device noted it: `at` is already corrected for the device's clock."""

    act: UUID
    at: datetime
    why: str
    basis: str
    place: str | None
    reader: int
    rests_on: datetime | None
    device: int
    retracted: bool = False


def _seconds(chance: random.Random, count: int) -> list[float]:
    moment, moments = 3600.0, []
    for _ in range(count):
        moment += chance.choice(GAPS)
        moments.append(moment)
    return moments


def _place(chance: random.Random, why: str) -> str | None:
    if why in ("lend", "renew"):
        return "with-patrons"
    if why == "missing":
        return "unknown"
    if why == "stay":
        return chance.choice(["shelf", "elsewhere", None])
    return chance.choice(["stacks", "stacks", "shelf", "elsewhere"])


def _corrected(chance: random.Random, truth: Sequence[float]) -> list[datetime]:
    """What the server makes of a device's wrong clock: raw times with an error, corrected at sending."""
    error = timedelta(seconds=chance.choice([0, 0, -86_400, 3 * 365 * 86_400, 7.5]))
    raw = [at(second=moment) + error for moment in truth]
    received = at(day=25)
    return timing.corrected(raw, received + error, received)


def history(seed: int, most: int = 9) -> list[Deed]:
    """Deeds of up to three devices about one copy, in the order in which they happened."""
    chance = random.Random(seed)
    count = chance.randint(1, most)
    truth = _seconds(chance, count)
    device_of = [chance.randrange(3) for _ in range(count)]
    deeds: list[Deed] = []
    for device in range(3):
        mine = [place for place in range(count) if device_of[place] == device]
        for place, moment in zip(mine, _corrected(chance, [truth[one] for one in mine]), strict=True):
            deeds.append(_deed(chance, seed, place, moment, device, truth))
    return sorted(deeds, key=lambda deed: (deed.at, deed.act))


def _deed(chance: random.Random, seed: int, place: int, moment: datetime, device: int, truth: Sequence[float]) -> Deed:
    why, basis = chance.choices(list(KINDS), weights=list(KINDS.values()))[0]
    evidence = at(second=chance.choice([*truth[: place + 1], 0])) if basis != "scan" else None
    rests_on = min(evidence, moment) if evidence else None
    return Deed(
        act=uuid5(UUID(int=seed), str(place)),
        at=moment,
        why=why,
        basis=basis,
        place=_place(chance, why),
        reader=chance.randrange(2),
        rests_on=rests_on,
        device=device,
        retracted=chance.random() < 0.15,
    )


def upload_order(seed: int, deeds: Sequence[Deed]) -> list[Deed]:
    """Some order of arrival in which each device still sends its own deeds in order."""
    chance = random.Random(-seed)
    queues = [[deed for deed in deeds if deed.device == device] for device in range(3)]
    arrived: list[Deed] = []
    while queues := [queue for queue in queues if queue]:
        arrived.append(chance.choice(queues).pop(0))
    return arrived
