"""The program's own source, for whoever uses it over the network (AGPL, section 13): exactly what is running here."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

LEFT_OUT = {"__pycache__", "var", "node_modules"}
BESIDE = ("LICENSE", "README.md", "CHANGELOG.md", "Makefile", "setup.cfg", "pyproject.toml", "wsgi.py")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not LEFT_OUT & set(path.parts))


def parts_of(app: Flask) -> Iterator[tuple[Path, str]]:
    """(file, name in the archive) of all that makes the program."""
    package = Path(app.root_path)
    folders = {
        "library": package,
        "static": Path(app.static_folder or ""),
        "templates": Path(str(app.template_folder)),
        "migrations": Path(app.extensions["migrate"].directory),
    }
    for name, folder in folders.items():
        for path in _files(folder):
            inside = path.relative_to(folder)
            if name != "library" or inside.parts[0] not in ("static", "templates", "migrations"):
                yield path, f"tusach/{name}/{inside.as_posix()}"
    if (package.parent / "wsgi.py").exists():
        yield from ((package.parent / one, f"tusach/{one}") for one in BESIDE if (package.parent / one).exists())


def archive(app: Flask) -> Path:
    """The archive of this release, packed at its first asking and kept in the data folder."""
    target = Path(app.config["DATA"]).absolute() / "tusach-source.zip"
    newest = max(path.stat().st_mtime for path, _ in parts_of(app))
    if not target.exists() or target.stat().st_mtime < newest:
        draft = target.with_suffix(".draft")
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed:
            for path, name in parts_of(app):
                packed.write(path, name)
        draft.replace(target)
    return target
