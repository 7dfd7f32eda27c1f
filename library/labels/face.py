"""The barcode label: library, bars, ĐKCB, title, centred. Millimetres from the label's own top left corner.

What a low label has no room for is left out in a fixed order: the title's second line, the title, the library.
"""

from dataclasses import dataclass

from library.core.errors import N_, Reason
from library.labels import barcodes, fonts, words
from library.labels.ink import Bars, Mark, Words
from library.labels.levels import Level

PAD = 1.0  # clear above and below: sheets are cut and fed that inexactly
SIDE = 1.5
FIGURES = 3.0  # height of the accession number's figures
LEAST_BARS = 4.5  # lower ones are missed by a hand that is not level
MOST_BARS = 13.0
LINE = 1.2  # from baseline to baseline, in ems: two marks over a letter still clear the line above


@dataclass(frozen=True)
class LabelText:
    """What one copy's labels say. `payload` is in the bars, `accession` (ĐKCB) is what people read."""

    payload: str
    accession: str
    title: str
    library: str
    class_mark: str = ""
    title_code: str = ""
    level: Level | None = None


@dataclass(frozen=True)
class Plan:
    """What a label of this height carries."""

    h: float
    library: bool
    lines: int

    @property
    def em(self) -> float:
        """Of the library's and the title's letters."""
        return min(3.0, max(1.95, self.h * 0.09))

    @property
    def gap(self) -> float:
        """Between neighbours; wider on a large label."""
        return self.em * 0.95 - 1.05

    @property
    def head(self) -> float:
        return self.em * 1.05 + self.gap if self.library else 0.0

    @property
    def used(self) -> float:
        """Height of everything but the bars, the title's lines kept free whether it fills them or not."""
        title = self.gap + self.lines * self.em * LINE if self.lines else 0.0
        return self.head + self.gap + FIGURES + title

    @property
    def bars(self) -> float:
        """As high, and as far down, on every label of a sheet: a calm page, and an easy one to scan in rows."""
        return min(MOST_BARS, self.h - 2 * PAD - self.used)


def barcode_label(label: LabelText, w: float, h: float) -> list[Mark]:
    """Raises UnprintableBarcode, with the millimetres missing, when the label is too narrow or too low."""
    module = barcodes.module_for(label.payload, w)
    plan = _plan(h, label.payload)
    top = (h - plan.used - plan.bars) / 2 + plan.head
    left = (w - len(barcodes.modules(label.payload)) * module) / 2
    under = top + plan.bars + plan.gap + FIGURES
    return [
        *_head(label.library, plan, w, top - plan.gap),
        Bars(left, top, plan.bars, label.payload, module),
        _number(label, w, under),
        *_title(fonts.printable(label.title), plan, w, under + plan.gap),
    ]


def _plan(h: float, payload: str) -> Plan:
    """The fullest one that leaves the bars high enough."""
    plans = [Plan(h, *what) for what in ((True, 2), (True, 1), (True, 0), (False, 0))]
    if found := next((plan for plan in plans if plan.bars >= LEAST_BARS), None):
        return found
    missing = LEAST_BARS - plans[-1].bars
    sentence = N_("Nhãn quá thấp cho mã %(code)s: thiếu %(missing)s mm.")
    facts = {"code": payload, "missing": barcodes.in_words(missing)}
    raise barcodes.UnprintableBarcode(Reason("label-too-low", sentence, facts), missing)


def _head(library: str, plan: Plan, w: float, baseline: float) -> list[Mark]:
    name = words.short_library(library, fonts.BOLD, plan.em, w - 2 * SIDE) if plan.library else ""
    return [Words(w / 2, baseline, name, plan.em, fonts.BOLD, align="middle")] if name else []


def _number(label: LabelText, w: float, baseline: float) -> Mark:
    text = fonts.printable(label.accession) or label.payload
    size = words.size_for(text, fonts.BOLD, FIGURES / fonts.CAP, w - 2 * SIDE)
    return Words(w / 2, baseline, text, size, fonts.BOLD, align="middle")


def _title(title: str, plan: Plan, w: float, top: float) -> list[Mark]:
    lines = words.balanced(title, fonts.REGULAR, plan.em, w - 2 * SIDE, plan.lines)
    baselines = (top + plan.em * (0.92 + LINE * place) for place in range(len(lines)))
    return [Words(w / 2, y, line, plan.em, align="middle") for y, line in zip(baselines, lines, strict=True)]
