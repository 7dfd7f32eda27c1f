"""A pytest plugin for the second database: `-p tests.support.both` leaves out tests that touch no database.

They ran with the first one, and would only do the same again. A test touches a database if it asks for one, at
however many removes; one that makes its own way says `pytestmark = pytest.mark.both`.
"""

import pytest


def touches(item: pytest.Item) -> bool:
    return "databases" in getattr(item, "fixturenames", ()) or item.get_closest_marker("both") is not None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left = [item for item in items if touches(item)]
    config.hook.pytest_deselected(items=[item for item in items if not touches(item)])
    items[:] = left
