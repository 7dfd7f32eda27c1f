"""Code 128, in the fewest symbols there can be. No picture is drawn here: only ones (dark) and zeros (light).

python-barcode lends the table of symbols; it does not switch between sets B (any character) and C (two digits in
one symbol) as sparingly as a 38 mm label needs, so the switching is ours.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import ceil

from barcode.charsets import code128

from library.core.errors import N_, Reason

MODULE_MM = 0.25  # two dots of a 203 dpi label printer; finer bars are lost on cheap scanners
QUIET_MODULES = 10

START_B, START_C, TO_C, TO_B = 104, 105, 99, 100
CODES: tuple[str, ...] = code128.CODES
STOP: str = code128.STOP + "11"
FIRST, LAST = " ", "~"


class UnprintableBarcode(ValueError):
    """This payload cannot be drawn, or not this small. `missing_mm` is 0 when no size would help.

    `reason` is for the page, which translates it; as a string it is the Vietnamese sentence.
    """

    def __init__(self, reason: Reason, missing_mm: float = 0.0) -> None:
        super().__init__(reason.sentence % reason.facts)
        self.reason = reason
        self.missing_mm = missing_mm


@dataclass(frozen=True)
class Misfit:
    """A barcode wider than the place it has. Millimetres, quiet zones included."""

    payload: str
    needs_mm: float
    has_mm: float

    @property
    def missing_mm(self) -> float:
        return self.needs_mm - self.has_mm

    def error(self) -> UnprintableBarcode:
        sentence = N_("Mã %(code)s cần rộng %(needs)s mm, nhãn chỉ có %(has)s mm: thiếu %(missing)s mm.")
        sizes = {"needs": self.needs_mm, "has": self.has_mm, "missing": self.missing_mm}
        facts = {"code": self.payload} | {name: in_words(mm) for name, mm in sizes.items()}
        return UnprintableBarcode(Reason("barcode-too-wide", sentence, facts), self.missing_mm)


def in_words(mm: float) -> str:
    """Rounded up to a tenth, with a comma: 0.75 is "0,8"."""
    return f"{ceil(mm * 10 - 1e-6) / 10:.1f}".replace(".", ",")


@lru_cache(maxsize=4096)
def modules(payload: str) -> str:
    """The bars as "1" and spaces as "0", one character a module, quiet zones aside.

    Raises UnprintableBarcode for an empty payload or one outside printable ASCII.
    """
    values = symbols(payload)
    return "".join(CODES[value] for value in (*values, _check(values))) + STOP


def symbols(payload: str) -> list[int]:
    """Code 128 values, start symbol included, check and stop symbols aside."""
    if not payload or not all(FIRST <= char <= LAST for char in payload):
        sentence = N_("Mã “%(code)s” trống, hoặc có ký tự mà mã vạch không chứa được.")
        raise UnprintableBarcode(Reason("barcode-characters", sentence, {"code": payload}))
    in_b, in_c = _tails(payload)
    by_b, by_c = [START_B, *in_b], [START_C, *in_c]
    return by_c if len(by_c) <= len(by_b) else by_b


def bars(payload: str) -> list[tuple[int, int]]:
    """(first module, modules wide) of each dark bar."""
    found, at = [], 0
    for dark, run in groupby(modules(payload)):
        wide = len(list(run))
        if dark == "1":
            found.append((at, wide))
        at += wide
    return found


def width_mm(payload: str, module_mm: float = MODULE_MM, quiet_modules: int = QUIET_MODULES) -> float:
    """Both quiet zones included."""
    return (len(modules(payload)) + 2 * quiet_modules) * module_mm


def fits(payload: str, width: float, module_mm: float = MODULE_MM, quiet_modules: int = QUIET_MODULES) -> Misfit | None:
    """None when the barcode and its quiet zones find room in `width` millimetres."""
    needs = width_mm(payload, module_mm, quiet_modules)
    return Misfit(payload, needs, width) if needs > width + 1e-9 else None


def module_for(payload: str, width: float, most: int = 2) -> float:
    """The widest module, in whole multiples of 0.25 mm up to `most`, that fits. Raises UnprintableBarcode."""
    if misfit := fits(payload, width):
        raise misfit.error()
    return max(times * MODULE_MM for times in range(1, most + 1) if not fits(payload, width, times * MODULE_MM))


def _check(values: list[int]) -> int:
    return (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % 103


def _tails(payload: str) -> tuple[list[int], list[int]]:
    """The shortest way to write the payload when already in set B, and in set C; built from its end."""
    in_b: list[list[int]] = [[]]
    in_c: list[list[int]] = [[]]
    for at in range(len(payload) - 1, -1, -1):
        from_b = [ord(payload[at]) - 32, *in_b[-1]]
        pair = payload[at : at + 2]
        from_c = [int(pair), *in_c[-2]] if len(pair) == 2 and pair.isdigit() else None
        in_b.append(_shorter(from_b, TO_C, from_c))
        in_c.append(_shorter(from_c, TO_B, from_b))
    return in_b[-1], in_c[-1]


def _shorter(stay: list[int] | None, switch: int, other: list[int] | None) -> list[int]:
    """Keep writing in this set, or pay one symbol for the other: whichever is shorter."""
    if stay is None or (other is not None and len(other) + 1 < len(stay)):
        return [switch, *(other or [])]
    return stay
