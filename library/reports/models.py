"""Tables of reports, by what they are about: imported here so that every table is known before the first query."""

from library.reports import (  # noqa: F401
    campaign_models,
    correction_models,
    rolling_models,
    saved_models,
    sheet_models,
    society_models,
    standing_norm_models,
)
