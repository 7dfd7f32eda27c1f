"""Reading levels by colour, as school libraries use them, easiest first. Shapes go by the number (macros.level_badge)."""

from collections.abc import Mapping

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
