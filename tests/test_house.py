"""What stands around the library: two commands, the pages that the code writes, the lists that must agree."""

import hashlib
import os
import re
import subprocess
from configparser import ConfigParser
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from tests.support.running import ROOT

GENERATE: dict[str, Any] = run_path(str(ROOT / "docs" / "generate.py"))
DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("file", "name"), GENERATE["PARTS"])
def test_what_the_code_writes_into_the_pages_is_fresh(file: str, name: str) -> None:
    written = page(f"docs/{file}")
    assert GENERATE["with_part"](written, name, GENERATE["PARTS"][file, name]()) == written, "run `make docs`"


@pytest.mark.parametrize("file", GENERATE["FILES"])
def test_files_made_from_the_code_are_fresh(file: str) -> None:
    assert page(f"docs/{file}") == GENERATE["FILES"][file](), "run `make docs`"


def test_a_page_without_its_part_is_seen() -> None:
    with pytest.raises(ValueError, match="no part tables"):
        GENERATE["with_part"]("<!-- tables -->\n", "tables", "")


def required(section: str) -> set[str]:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    key = ("options", "install_requires") if section == "run" else ("options.extras_require", "test")
    return {
        re.split(r"[\[<>=;]", line)[0].strip().lower() for line in setup[key[0]][key[1]].split("\n") if line.strip()
    }


@pytest.mark.parametrize(("section", "title"), [("run", "## To run"), ("test", "## To test")])
def test_every_dependency_has_its_reason(section: str, title: str) -> None:
    table = page("docs/dependencies.md").split(title)[1].split("\n## ")[0]
    told = {name for row in re.findall(r"^\| ([^|]+) \|", table, re.M) for name in row.lower().split(", ")}
    assert told - {"package"} == required(section)


def test_the_licence_is_whole() -> None:
    text = page("LICENSE")
    assert text.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE\n")
    assert "13. Remote Network Interaction; Use with the GNU General Public License." in text
    plain = " ".join(text.split())
    assert (
        hashlib.sha256(plain.encode()).hexdigest() == "0a7e77a9ebe3fa59cc00696f2180ffc7e0834b7445213b59eb4232c1a1b75746"
    ), "the words of the licence may not be changed"


def test_help_tells_every_target() -> None:
    makefile = page("Makefile")
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.search(r"^\.PHONY: (.+)$", makefile, re.M)[1].split())  # type: ignore[index]
    assert set(re.findall(r"make (\w+)", told)) == targets
    assert {"run", "test", "bench", "help", "lint", "translations"} <= targets


def test_what_must_be_run_may_be_run() -> None:
    assert all(os.access(path, os.X_OK) for path in (ROOT / ".ci").iterdir())
    assert "make test" in page(".ci/run")


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", *(f"docs/{path.name}" for path in DOCS.glob("*.md"))])
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page(name))
    missing = [link for link in links if "://" not in link and not (ROOT / name).parent.joinpath(link).exists()]
    assert missing == []


def test_the_front_page_begins_in_vietnamese_and_has_the_commands() -> None:
    readme = page("README.md")
    vietnamese, english = readme.split("## In English")
    for half in (vietnamese, english):
        assert "make run" in half
        assert "make test" in half
        assert r".venv\Scripts\tusach serve --migrate --demo" in half
        assert "TUSACH_DATABASE=postgresql://" in half


def test_the_changelog_knows_this_release() -> None:
    from library import __version__

    assert f"\n## {__version__}\n" in page("CHANGELOG.md")


def test_what_is_missing_on_a_machine_is_found_without_installing_it() -> None:
    """Here all is there, so `.ci/need` says nothing and does nothing."""
    result = subprocess.run([".ci/need", "run"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout + result.stderr == ""


@pytest.mark.parametrize("as_root", [True, False])
def test_without_apt_or_rights_one_clear_sentence(tmp_path: Path, as_root: bool) -> None:
    """A machine that has neither python3 nor a way to install it: only the tools named here exist."""
    tools = ("bash", "id", "tr", "cat")
    for tool in tools:
        (tmp_path / tool).symlink_to(f"/bin/{tool}" if Path(f"/bin/{tool}").exists() else f"/usr/bin/{tool}")
    if not as_root:
        (tmp_path / "id").unlink()
        (tmp_path / "id").write_text("#!/bin/bash\necho 1000\n")
        (tmp_path / "id").chmod(0o755)
        (tmp_path / "apt-get").write_text("#!/bin/bash\nexit 99\n")
        (tmp_path / "apt-get").chmod(0o755)
    result = subprocess.run(
        ["/bin/bash", str(ROOT / ".ci" / "need"), "run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Máy này còn thiếu: python3 python3-venv" in result.stderr
    assert "sudo apt-get install" in result.stderr
