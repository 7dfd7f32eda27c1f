"""Tables of promotion, by what they are about: imported here so that every table is known before the first query."""

from library.promotion import (
    challenge_models,  # noqa: F401
    club_models,  # noqa: F401
    commend_models,  # noqa: F401
    digital_models,  # noqa: F401
    drive_models,  # noqa: F401
    event_models,  # noqa: F401
    gift_models,  # noqa: F401
    internet_models,  # noqa: F401
    lesson_models,  # noqa: F401
    online_models,  # noqa: F401
    training_models,  # noqa: F401
    visit_models,  # noqa: F401
)
