"""The way from a number of a campaign to the records it is the sum of."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _

from library.reports import addresses
from library.reports.asking import Ask
from library.reports.campaign_models import Campaign, CampaignIndicator
from library.reports.indicators import Part, parts_of
from library.reports.measures import MEASURES, Ledger
from library.reports.sheet_figures import Ground, Span

Links = tuple[tuple[str, str], ...]
"""(address, words)"""


def asks(
    campaign: Campaign, line: CampaignIndicator, unit_id: int, standing: Ground, known_at: datetime | None = None
) -> Iterator[tuple[Part, Ask]]:
    """What is asked for a unit's share of the line. One with others below it answers for its own branches."""
    branches = standing.branches(unit_id)
    for part in map(standing.widened, parts_of(line.formula)):
        narrow = branches is not None and MEASURES[part.measure].ledger not in (Ledger.PEOPLE, Ledger.UNITS)
        only = {**part.only, "branch": branches} if narrow and "branch" in MEASURES[part.measure].dims else part.only
        told = replace(part, only=only)
        yield part, Span(campaign.first_on, campaign.last_on, known_at).ask(told, standing.owners(unit_id))


def of_line(
    campaign: Campaign, line: CampaignIndicator, unit_id: int, standing: Ground, known_at: datetime | None = None,
    later: bool = False,
) -> Links:  # fmt: skip
    """One for each part of the formula; none where people count. `later`: what came after `known_at`."""
    more = {"later": "1"} if later else {}
    return tuple(
        (addresses.of(ask, **more), _(MEASURES[part.measure].words))
        for part, ask in asks(campaign, line, unit_id, standing, known_at)
    )


def of_all(campaign: Campaign, line: CampaignIndicator, units: frozenset[int], standing: Ground) -> Links:
    """The records of all these units together, as known now."""
    span = Span(campaign.first_on, campaign.last_on)
    return tuple(
        (addresses.of(span.ask(part, units)), _(MEASURES[part.measure].words)) for part in parts_of(line.formula)
    )
