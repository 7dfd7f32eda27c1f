"""What is installed elsewhere is all of the library, nothing else, and works there."""

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from library.assembly import folder_of
from tests.support.running import ROOT, environment, running

pytestmark = pytest.mark.slow

SOURCES = ("library", "migrations", "static", "templates", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
LEFT_OUT = {"library/static/vendor/fetch.py"}
"""Tools of ours that lie among what is shipped."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the tree: nothing built is left in ours, and nothing of ours that lies about gets in."""
    folder = tmp_path_factory.mktemp("tree")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder / "dist"),
        str(folder),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own with the wheel in it; what the library needs is borrowed from ours, our tree is not."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(folder / "bin" / "python"),
        "install",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*command, str(wheel)], check=True, capture_output=True, text=True)
    # A folder named in a .pth is only looked through: the .pth of our own editable installation in it is not followed.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def shipped() -> Iterator[str]:
    """Where every file of ours must be in the wheel."""
    for name, place in (
        ("library", "library"),
        *((one, f"library/{one}") for one in ("migrations", "static", "templates")),
    ):
        for path in (ROOT / name).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".pot", ".orig"):
                yield f"{place}/{path.relative_to(ROOT / name).as_posix()}"


def test_nothing_lies_beside_the_library(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names(wheel)}
    assert len(tops) == 2
    assert {top for top in tops if not re.fullmatch(r"library|tusach-[\d.]+\.dist-info", top)} == set()


def test_everything_is_in_it(wheel: Path) -> None:
    assert set(shipped()) - names(wheel) - LEFT_OUT == set()
    assert names(wheel) & LEFT_OUT == set()


def test_the_licence_goes_with_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (licence,) = (name for name in archive.namelist() if name.endswith("LICENSE") and "dist-info" in name)
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()


def test_it_serves_the_same_pages_from_an_empty_folder(elsewhere: Path, tmp_path: Path) -> None:
    """In a folder that has a misleading `library` of its own, even."""
    (tmp_path / "here" / "library").mkdir(parents=True)
    (tmp_path / "here" / "library" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    command = (str(elsewhere / "bin" / "tusach"),)
    with running(tmp_path / "data", "--migrate", command=command, cwd=tmp_path / "here") as server:
        page = server.get("/sign-in")
        assert page.status == 200
        addresses = set(re.findall(rb'(?:href|src)="(/static/[^"#]+)"', page.body))  # type: ignore[attr-defined]
        assert len(addresses) > 3
        for address in addresses:
            assert server.get(address.decode()).status == 200, address
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == ["library"], (
        "nothing is written where one stands"
    )


def test_it_finds_its_own_files(elsewhere: Path, tmp_path: Path) -> None:
    script = "import library.assembly as a; print(*(a.folder_of(n) for n in ('static', 'templates', 'migrations')))"
    command = [str(elsewhere / "bin" / "python"), "-c", script]
    said = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=True
    ).stdout
    assert all(Path(word).is_relative_to(elsewhere) and Path(word).is_dir() for word in said.split())
    assert folder_of("static") == ROOT / "static", "while ours is used from the tree"
