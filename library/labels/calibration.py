"""A page to hold behind a sheet of labels, against the light: how far off, and how much too large, a printer prints."""

from library.core.errors import N_
from library.labels import fonts
from library.labels.ink import Box, Document, Mark, Rule, Words
from library.labels.paper import Offset, Paper

GREY = "#6A6A6A"
RULER = 100.0  # millimetres; what `Offset.scale` is reckoned from


def calibration_page(paper: Paper, offset: Offset | None = None) -> bytes:
    """A PDF page of every label's outline, numbered, under a ruler across and one down, as `offset` moves them."""
    shift = offset or Offset()
    document = Document(paper.page_w, paper.page_h, N_("Tờ chỉnh máy in"), shift)
    page = document.page()
    page.draw(_outlines(paper))
    page.draw(
        _across(min(RULER, paper.page_w - 10)), paper.page_w / 2 - min(RULER, paper.page_w - 10) / 2, _middle(paper)
    )
    if paper.page_h > RULER + 20:
        page.draw(_down(), paper.page_w / 2, paper.page_h / 2 + 22)
        page.draw(_advice(paper, shift), paper.page_w / 2, paper.page_h / 2 - 40)
    document.turn()
    return document.pdf()


def _middle(paper: Paper) -> float:
    return paper.page_h / 2 if paper.page_h > RULER + 20 else paper.page_h * 0.4


def _outlines(paper: Paper) -> list[Mark]:
    marks: list[Mark] = []
    for cell in paper.cells():
        number = Words(cell.x + 2, cell.y + 4, str(cell.number), 2.6, ink=GREY)
        marks += [Box(cell.x, cell.y, paper.label_w, paper.label_h, line=0.15), number]
    return marks


def _across(length: float) -> list[Mark]:
    """A ruler of whole millimetres on a white ground, its ends told."""
    whole = int(length)
    ground = Box(-4, -5, whole + 8, 13, "#FFFFFF")
    ticks = [Rule(at, 0, at, _tick(at), 0.15) for at in range(whole + 1)]
    figures = [Words(at, 6.6, str(at), 2.4, align="middle") for at in range(0, whole + 1, 10)]
    said = Words(whole / 2, -1.6, f"Đoạn này phải dài đúng {whole} mm", 2.8, fonts.BOLD, align="middle")
    return [ground, Rule(0, 0, whole, 0, 0.2), *ticks, *figures, said]


def _down() -> list[Mark]:
    ground = Box(-3, -4, 14, RULER + 8, "#FFFFFF")
    ticks = [Rule(0, at, _tick(at), at, 0.15) for at in range(int(RULER) + 1)]
    figures = [Words(5, at + 0.9, str(at), 2.4) for at in range(0, int(RULER) + 1, 10)]
    return [ground, Rule(0, 0, 0, RULER, 0.2), *ticks, *figures]


def _tick(at: int) -> float:
    return 4.0 if at % 10 == 0 else 3.0 if at % 5 == 0 else 2.0


def _advice(paper: Paper, shift: Offset) -> list[Mark]:
    lines = (
        (N_("Tờ chỉnh máy in"), 4.4, fonts.BOLD),
        (paper.name, 3.0, fonts.REGULAR),
        (_now(shift), 3.0, fonts.REGULAR),
        (N_("In ở cỡ thật (100 %), không co cho vừa trang."), 3.0, fonts.REGULAR),
        (N_("Ướm lên tờ nhãn, soi ra ánh sáng: khung lệch bao nhiêu thì nhập bấy nhiêu."), 3.0, fonts.REGULAR),
    )
    ground = Box(-62, -5, 124, 33, "#FFFFFF")
    said = [Words(0, 1.5 + 5.4 * place, *line, align="middle") for place, line in enumerate(lines)]
    return [ground, *said]


def _now(shift: Offset) -> str:
    x, y = (f"{length:+.1f}".replace(".", ",").replace("-", "−") for length in (shift.x_mm, shift.y_mm))
    scale = f"{shift.scale * 100:.1f}".replace(".", ",")
    return f"Đang chỉnh: ngang {x} mm, dọc {y} mm, tỉ lệ {scale} %"
