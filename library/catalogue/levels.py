"""Reading levels by colour, as school libraries use them, easiest first. Shapes go by the number (macros.level_badge)."""

from collections.abc import Mapping
from dataclasses import dataclass

from library.core.errors import N_

LEVELS: Mapping[int, tuple[str, str]] = {
    1: (N_("Xanh lá"), N_("lớp 1")),
    2: (N_("Đỏ"), N_("lớp 1")),
    3: (N_("Cam"), N_("lớp 2")),
    4: (N_("Trắng"), N_("lớp 2–3")),
    5: (N_("Xanh dương"), N_("lớp 3–4")),
    6: (N_("Vàng"), N_("lớp 4–5")),
}
"""Number → (name, for whom)."""

OF_GRADE: Mapping[int, tuple[int, ...]] = {1: (1, 2), 2: (3, 4), 3: (4, 5), 4: (5, 6), 5: (5, 6)}
"""Reading levels that fit a grade. Older pupils have none."""


@dataclass(frozen=True)
class Look:
    """What marks a level: `colour` as "#RRGGBB", `letter` as the published scale writes it (GROW BY)."""

    colour: str
    letter: str


LOOKS: Mapping[int, Look] = {
    1: Look("#2F7D40", "G"),
    2: Look("#C8323A", "R"),
    3: Look("#E8811A", "O"),
    4: Look("#FFFFFF", "W"),
    5: Look("#2A6FBF", "B"),
    6: Look("#F2C21B", "Y"),
}


def of_letter(letter: str) -> int | None:
    """The level of a letter on a sticker."""
    return next((number for number, look in LOOKS.items() if look.letter == letter.strip().upper()), None)
