"""Collect every sentence of the program and bring the English catalogue up to it: `make translations`.

New sentences arrive empty, for a person to fill in; tests/test_translations.py fails until they are.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "library" / "translations"
KEYWORDS = ("N_", "lazy_gettext")


def pybabel(*words: str) -> None:
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", *words]
    subprocess.run(command, check=True, cwd=ROOT)


def extract(target: Path) -> None:
    """Write all sentences of library/ and templates/ into a .pot."""
    keywords = [f"--keywords={one}" for one in KEYWORDS]
    pybabel(
        "extract", "--mapping-file=pyproject.toml", *keywords, "--add-location=file", "--sort-by-file",
        "--project=Tủ Sách", "--version=", f"--output-file={target}", ".",
    )  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        known = (CATALOGUE / "en" / "LC_MESSAGES" / "messages.po").exists()
        more = ["--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date"] if known else []
        pybabel(
            "update" if known else "init", f"--input-file={template}", f"--output-dir={CATALOGUE}", "--locale=en", *more
        )
    pybabel("compile", f"--directory={CATALOGUE}")


if __name__ == "__main__":
    main()
