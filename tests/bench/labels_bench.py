"""How fast labels are drawn, beside reportlab's own barcode with the same words: `python -m tests.bench labels`.

A label is a cell of the sheet. Says labels a CPU second and the most memory the process held, each in a process of its own.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from library.labels import fonts
from library.labels.levels import Level
from library.labels.paper import paper_by_code
from library.labels.sheet import LabelText, label_sheets
from library.labels.templates import SHIPPED
from library.organisations.codes import payload
from library.organisations.models import CodeKind
from tests.bench.tables import table

FULL, SMALL = 10_000, 1_000
PAPER = "avery-8651"
LEAST, MOST_MB = 1_500, 300
TITLES = (
    "Dế Mèn phiêu lưu ký",
    "Cây khế",
    "Mười vạn câu hỏi vì sao",
    "Những cuộc phiêu lưu kỳ thú của chú bé người gỗ Pinocchio",
)


def labels(copies: int) -> list[LabelText]:
    """Three copies of each title."""
    return [
        LabelText(
            payload(CodeKind.ITEM, 42, at + 1), f"TN.{at + 1:05}", f"{TITLES[at // 3 % 4]} – Tập {at // 3}",
            "Thư viện Trường Tiểu học Xuất Hóa", "895.9223", "D250M", Level(6, "Vàng", "#F2C21B", "Y"),
        )
        for at in range(copies)
    ]  # fmt: skip


def ours(count: int) -> bytes:
    """Barcode and spine label of each copy, beside each other."""
    return label_sheets(labels(count // 2), paper_by_code(PAPER), template=SHIPPED["both"])


def barcodes_only(count: int) -> bytes:
    return label_sheets(labels(count), paper_by_code(PAPER))


def baseline(count: int) -> bytes:
    """What one writes first: reportlab's Code128 drawn on its canvas, three lines of words below."""
    paper, out = paper_by_code(PAPER), BytesIO()
    for name in (fonts.REGULAR, fonts.BOLD):
        fonts.face(name)
    canvas, cells = Canvas(out, (paper.page_w * mm, paper.page_h * mm), pageCompression=1), paper.cells()
    for at, label in enumerate(labels(count)):
        cell = cells[at % len(cells)]
        x, y = cell.x * mm, (paper.page_h - cell.y) * mm
        Code128(label.payload, barWidth=0.25 * mm, barHeight=7 * mm, quiet=0).drawOn(canvas, x + 6 * mm, y - 11 * mm)
        for line, (text, font, size) in enumerate(
            ((label.library, fonts.BOLD, 2.0), (label.accession, fonts.BOLD, 4.0), (label.title, fonts.REGULAR, 2.0))
        ):
            canvas.setFont(font, size * mm)
            canvas.drawCentredString(x + paper.label_w * mm / 2, y - (3 + 6 * line) * mm, text[:30])
        if cell is cells[-1]:
            canvas.showPage()
    canvas.save()
    return out.getvalue()


WORKS = {"barcode + spine": ours, "barcode only": barcodes_only, "reportlab Code128, three lines": baseline}


def most_memory() -> float:
    """Megabytes this process held at its worst; what the system's own figure tells began with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def measure(name: str, count: int) -> dict[str, float]:
    begun = time.process_time()
    size = len(WORKS[name](count))
    took = time.process_time() - begun
    return {"rate": count / took, "file": size / 1e6, "memory": most_memory()}


def main(count: int = FULL) -> bool:
    """Whether the first line keeps what is promised."""
    found = {name: _apart(name, count) for name in WORKS}
    rows = [
        (name, f"{count:,}", f"{one['rate']:,.0f}", f"{one['memory']:.0f}", f"{one['file']:.1f}")
        for name, one in found.items()
    ]
    table(f"Labels, PDF (wanted: ≥ {LEAST:,} labels a CPU second, ≤ {MOST_MB} MB)",
          ("what", "labels", "labels a CPU second", "most memory MB", "file MB"), rows)  # fmt: skip
    first = found["barcode + spine"]
    return first["rate"] >= LEAST and first["memory"] <= MOST_MB


def _apart(name: str, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.labels_bench", str(count), "--only", name]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(answer)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.labels_bench")
    parser.add_argument("labels", nargs="?", type=int, default=FULL)
    parser.add_argument("--only", choices=WORKS)
    told = parser.parse_args()
    if told.only:
        print(json.dumps(measure(told.only, told.labels)))
    else:
        sys.exit(not main(told.labels))
