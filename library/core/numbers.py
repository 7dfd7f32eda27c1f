"""Numbers as Vietnamese pages and papers write them."""

NOTHING = "–"
"""Where there is no number, which is another thing than 0."""


def written(value: float | None, places: int = 0) -> str:
    """12936 → 12.936; 3.44 with one place → 3,4; −6 with its own minus; None → –."""
    if value is None:
        return NOTHING
    text = f"{abs(value):,.{places}f}".translate(str.maketrans(",.", ".,"))
    return f"−{text}" if value < 0 and any(sign in "123456789" for sign in text) else text


def or_blank(value: float | None, places: int = 0) -> str:
    """As `written`, and nothing at all where there is no number: for the cells of a table."""
    return "" if value is None else written(value, places)


def percent(part: float, whole: float) -> str:
    """74,4 %; – of nothing."""
    return f"{written(part * 100 / whole, 1)} %" if whole else NOTHING


def change(value: float | None, places: int = 0) -> str:
    """+22, −6, 0"""
    text = written(value, places)
    return f"+{text}" if value and value > 0 else text
