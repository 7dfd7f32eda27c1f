"""Rows of a sheet that carry the very same figures: perhaps one thing that was entered twice. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from library.reports.campaign_models import CampaignIndicator, LineKind

SMALL = 10
"""Rows whose figures are all below this agree by chance."""


@dataclass(frozen=True)
class Alike:
    """Rows `first` and `second` of the appendix (their numbers) both have these figures, in these units."""

    first: int
    second: int
    figures: tuple[int, ...]
    units: tuple[str, ...]

    @property
    def key(self) -> str:
        """What is kept when somebody says that it is right: other figures are another question."""
        return f"{self.first}={self.second}:{','.join(map(str, self.figures))}"


def alike(lines: Iterable[CampaignIndicator], values: Mapping[int, int | None]) -> list[Alike]:
    """`values` by indicator. A row is the lines with one number."""
    rows: dict[int, list[CampaignIndicator]] = defaultdict(list)
    for line in lines:
        if line.kind is LineKind.NUMBER:
            rows[line.number].append(line)
    seen: dict[tuple[int, ...], int] = {}
    found = []
    for number, row in sorted(rows.items()):
        figures = tuple(values.get(line.id) or 0 for line in row)
        if max(figures) < SMALL:
            continue
        if figures in seen:
            found.append(Alike(seen[figures], number, figures, tuple(line.unit for line in row)))
        seen.setdefault(figures, number)
    return found
