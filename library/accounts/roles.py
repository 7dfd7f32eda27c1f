"""Roles and what they may do. The table is peers' practice boiled down; docs/roles.md tells each in a sentence."""

from collections.abc import Mapping

from library.access import Permission as P
from library.accounts.models import RoleName as R

EVERYTHING = frozenset(P)

MAY: Mapping[R, frozenset[P]] = {
    R.ADMINISTRATOR: EVERYTHING,
    R.SCHEDULER: frozenset({P.SEARCH, P.EDIT_TITLE, P.EDIT_COPY, P.PRINT_LABELS, P.CIRCULATE, P.UNDO, P.OVERRIDE,
                            P.EXPORT, P.RULES, P.STATISTICS}),
    R.LIBRARIAN: frozenset({P.SEARCH, P.EDIT_TITLE, P.EDIT_COPY, P.PRINT_LABELS, P.CIRCULATE, P.UNDO, P.OVERRIDE,
                            P.SEE_HOLDER, P.SEE_PATRONS, P.EDIT_PATRON, P.IMPORT_BOOKS, P.IMPORT_PATRONS, P.EXPORT,
                            P.EXPORT_PATRONS, P.RULES, P.STATISTICS, P.ACCOUNTS, P.AUDIT_LOG}),
    R.HELPER: frozenset({P.SEARCH, P.PRINT_LABELS, P.CIRCULATE, P.UNDO}),
    R.TEACHER: frozenset({P.SEARCH, P.STATISTICS}),
    R.VAN_CREW: frozenset({P.SEARCH, P.STATISTICS}),
    R.READER: frozenset({P.SEARCH}),
    R.OFFICER: frozenset({P.SEARCH, P.STATISTICS, P.AUDIT_LOG}),
}  # fmt: skip
"""Teachers and van crews get their desks with the class shelf and the van; until then they look and change nothing."""


OVER_ALL_BELOW = frozenset({R.ADMINISTRATOR, R.SCHEDULER, R.OFFICER})
"""Roles that hold at the organisation they are granted at and everywhere below it; the others hold there alone."""


WITH_THE_YEAR = frozenset({R.TEACHER, R.HELPER})
"""Roles that end with the school year unless another day is said: classes change, and so do those who help."""

WITHOUT_BRANCH = OVER_ALL_BELOW | {R.TEACHER}
"""Roles that cannot be narrowed to one branch: they reach below, or go by class."""

LOCK_MINUTES = 10
"""After so long without a key pressed a page locks itself, unless the library says otherwise."""

LOCKS_SOON, LOCKS_SOON_AT = frozenset({R.HELPER}), 20
"""Whoever is only these is locked out after twenty minutes at the latest, whatever the library says."""
