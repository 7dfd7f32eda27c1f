"""Which class follows a class: 5A → 6A, 5/1 → 6/1, 10A13 → 11A13. Names only, no database."""

import re

from library.staging.values import ClassName

LAST_GRADES = (5, 9, 12)
"""With these a level of school ends: primary, lower and upper secondary."""

HIGHEST = 12
_GRADED = re.compile(r"(\d{1,2})(.*)", re.DOTALL)


def promoted(one: ClassName, years: int = 1) -> ClassName | None:
    """The class `years` later; None where the name does not tell (a mixed class, preschool) or no grade follows."""
    found = _GRADED.fullmatch(one.name)
    if one.grade is None or not found or int(found[1]) != one.grade or one.grade + years > HIGHEST:
        return None
    grade = one.grade + years
    return ClassName(f"{grade}{found[2]}", (grade,))


def last_grade(grades: set[int]) -> int | None:
    """The grade after which pupils leave a school that teaches these; None where its highest ends no level."""
    return max(grades) if grades and max(grades) in LAST_GRADES else None


def follows(earlier: str, later: str, years: int) -> bool:
    """Whether a pupil of class `earlier` is in `later` after so many years, going up each time."""
    found = _GRADED.fullmatch(earlier)
    if not found or years < 1:
        return False
    return f"{int(found[1]) + years}{found[2]}" == later
