"""Why a title is left out of a proposal, and why a copy is in it."""

from enum import StrEnum


class No(StrEnum):
    """Why a title is not on the list. The first that holds is counted."""

    TOO_FEW = "too-few"
    RARE = "rare"
    OWNED = "owned"
    HAD = "had"
    WAITED_FOR = "waited-for"
    LEVEL = "level"
    LANGUAGE = "language"
    AUDIENCE = "audience"
    KIND = "kind"
    SUBJECT = "subject"
    NOT_NEEDED = "not-needed"


class Why(StrEnum):
    """Why a copy is on it. `HAND` and `SURPLUS` are people's and the floating rule's."""

    WISH = "wish"
    LANGUAGE = "language"
    LEVEL = "level"
    FILL = "fill"
    HAND = "hand"
    SURPLUS = "surplus"
