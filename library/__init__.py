"""Tủ Sách: library circulation and book rotation for schools and public libraries.

Packages, bottom up; imports point down only (`tests/test_layers.py` reads this table):

    core
    access, audit, jobs, files
    staging, inbox, documents
    organisations
    calendars
    patrons, catalogue
    accounts
    holdings
    policies, uses
    labels, loans
    finding
    cataloguing
    duplicates, exports
    privacy
    shelves, rotation
    mobile
    promotion
    reports
    welcome
"""

import importlib.util
from collections.abc import Mapping
from typing import Any

from flask import Flask

__version__ = "0.1.0"


def layers() -> list[list[str]]:
    """The table above: rows of package names, lowest first."""
    rows = (__doc__ or "").split("this table):")[1].strip().splitlines()
    return [[name.strip() for name in row.split(",")] for row in rows]


def import_models() -> None:
    """Every table must be known before the first query: foreign keys name tables of other packages."""
    for package in (name for row in layers() for name in row):
        module = f"library.{package}.models"
        if importlib.util.find_spec(module):
            importlib.import_module(module)
    for module in ("library.audit", "library.core.db"):
        importlib.import_module(module)


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The application. `overrides` are settings by name, before the environment and the file."""
    from library import assembly

    return assembly.assemble(overrides or {})
