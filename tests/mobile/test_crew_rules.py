"""The crew rule warns; it is the library's to change."""

import pytest

from library.mobile.crew_rules import CrewRule, lacking
from library.mobile.models import CrewRole

DRIVER, LIBRARIAN, OTHER = CrewRole.DRIVER, CrewRole.LIBRARIAN, CrewRole.OTHER
USUAL = CrewRule(3, 1, 2)


@pytest.mark.parametrize(
    ("crew", "said"),
    [
        ((DRIVER, LIBRARIAN, LIBRARIAN), []),
        ((DRIVER, LIBRARIAN), ["few-people", "few-librarians"]),
        ((LIBRARIAN, LIBRARIAN, OTHER), ["no-driver"]),
        ((), ["few-people", "no-driver", "few-librarians"]),
    ],
)
def test_everything_that_is_missing_is_told_at_once(crew: tuple[CrewRole, ...], said: list[str]) -> None:
    assert [reason.code for reason in lacking(crew, USUAL)] == said


def test_a_trolley_needs_one_librarian() -> None:
    assert lacking((LIBRARIAN,), CrewRule(1, 0, 1)) == []
