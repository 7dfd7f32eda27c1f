"""Code 128 in the fewest symbols there can be, and the other codes stickers carry. No picture is drawn here: only ones
(dark) and zeros (light).

python-barcode lends the tables of symbols; it does not switch between sets B (any character) and C (two digits in
one symbol) as sparingly as a 38 mm label needs, so the switching is ours. Squares (QR) are `squares`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import ceil

from barcode.charsets import code39, code128, ean

from library.core.errors import N_, Reason

MODULE_MM = 0.25  # two dots of a 203 dpi label printer; finer bars are lost on cheap scanners
QUIET_MODULES = 10


class Symbology(StrEnum):
    """Code 39 is for those who print as their old program did; EAN-13 holds thirteen digits, or twelve of our own."""

    CODE128 = "code128"
    CODE39 = "code39"
    EAN13 = "ean13"
    QR = "qr"


START_B, START_C, TO_C, TO_B = 104, 105, 99, 100
CODES: tuple[str, ...] = code128.CODES
STOP: str = code128.STOP + "11"
FIRST, LAST = " ", "~"
DARK = re.compile("1+")


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
def modules(payload: str, symbology: Symbology = Symbology.CODE128) -> str:
    """The bars as "1" and spaces as "0", one character a module, quiet zones aside.

    Raises UnprintableBarcode for an empty payload, or for characters the symbology does not know.
    """
    if symbology == Symbology.CODE39:
        return _code39(payload)
    if symbology == Symbology.EAN13:
        return _ean13(payload)
    values = symbols(payload)
    return "".join([CODES[value] for value in values]) + CODES[_check(values)] + STOP


def _unprintable(payload: str) -> UnprintableBarcode:
    sentence = N_("Mã “%(code)s” trống, hoặc có ký tự mà mã vạch không chứa được.")
    return UnprintableBarcode(Reason("barcode-characters", sentence, {"code": payload}))


def _code39(payload: str) -> str:
    """Wide bars are three modules: a start, the characters, a stop, a light module between neighbours."""
    if not payload or not all(char in code39.MAP for char in payload):
        raise _unprintable(payload)
    return "0".join((code39.EDGE, *(code39.MAP[char][1] for char in payload), code39.EDGE))


def thirteen(payload: str) -> str:
    """The digits an EAN-13 holds: thirteen with a right check digit, or twelve of our own, which are a UPC-A and get the
    nought that makes it one. Raises UnprintableBarcode."""
    digits = payload.zfill(13) if len(payload) == 12 else payload
    if not (re.fullmatch(r"[0-9]{13}", digits) and _weighed(digits) % 10 == 0):
        sentence = N_("Mã %(code)s không phải EAN-13: cần 13 chữ số với số kiểm tra đúng, hoặc mã 12 số của máy.")
        raise UnprintableBarcode(Reason("not-an-ean", sentence, {"code": payload}))
    return digits


def _weighed(digits: str) -> int:
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))


def _ean13(payload: str) -> str:
    first, *digits = map(int, thirteen(payload))
    left = (ean.CODES[form][digit] for form, digit in zip(ean.LEFT_PATTERN[first], digits[:6], strict=True))
    right = (ean.CODES["C"][digit] for digit in digits[6:])
    return "".join((ean.EDGE, *left, ean.MIDDLE, *right, ean.EDGE))


def symbols(payload: str) -> list[int]:
    """Code 128 values, start symbol included, check and stop symbols aside."""
    if not payload or not all(FIRST <= char <= LAST for char in payload):
        raise _unprintable(payload)
    in_b, in_c = _tails(payload)
    by_b, by_c = [START_B, *in_b], [START_C, *in_c]
    return by_c if len(by_c) <= len(by_b) else by_b


def bars(payload: str, symbology: Symbology = Symbology.CODE128) -> list[tuple[int, int]]:
    """(first module, modules wide) of each dark bar."""
    return [(found.start(), found.end() - found.start()) for found in DARK.finditer(modules(payload, symbology))]


def width_mm(
    payload: str,
    module_mm: float = MODULE_MM,
    quiet_modules: int = QUIET_MODULES,
    symbology: Symbology = Symbology.CODE128,
) -> float:
    """Both quiet zones included."""
    return (len(modules(payload, symbology)) + 2 * quiet_modules) * module_mm


def fits(
    payload: str, width: float, module_mm: float = MODULE_MM, symbology: Symbology = Symbology.CODE128
) -> Misfit | None:
    """None when the barcode and its quiet zones find room in `width` millimetres."""
    needs = width_mm(payload, module_mm, quiet(symbology), symbology)
    return Misfit(payload, needs, width) if needs > width + 1e-9 else None


def quiet(symbology: Symbology) -> int:
    """Modules kept clear at each end: EAN wants eleven at its left."""
    return 11 if symbology == Symbology.EAN13 else QUIET_MODULES


def module_for(payload: str, width: float, most: int = 2, symbology: Symbology = Symbology.CODE128) -> float:
    """The widest module, in whole multiples of 0.25 mm up to `most`, that fits. Raises UnprintableBarcode."""
    if misfit := fits(payload, width, symbology=symbology):
        raise misfit.error()
    wide = width_mm(payload, MODULE_MM, quiet(symbology), symbology)
    return max(1, min(most, int((width + 1e-9) / wide))) * MODULE_MM


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
