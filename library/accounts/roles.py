"""Roles and what they may do. The table is peers' practice boiled down; docs/roles.md tells each in a sentence."""

from collections.abc import Mapping

from library.access import Permission as P
from library.accounts.models import RoleName as R

EVERYTHING = frozenset(P)

MAY: Mapping[R, frozenset[P]] = {
    R.ADMINISTRATOR: EVERYTHING,
    R.SCHEDULER: frozenset({P.SEARCH, P.EDIT_TITLE, P.EDIT_COPY, P.PRINT_LABELS, P.CIRCULATE, P.UNDO, P.OVERRIDE,
                            P.EXPORT, P.RULES, P.STATISTICS, P.ROTATION_SEE, P.ROTATION_PLAN, P.ROTATION_APPROVE,
                            P.ROTATION_HANDLE, P.VAN_SEE, P.VAN_PLAN, P.VAN_CREW, P.VISITS, P.PROMOTE, P.SHEET}),
    R.LIBRARIAN: frozenset({P.SEARCH, P.EDIT_TITLE, P.EDIT_COPY, P.PRINT_LABELS, P.CIRCULATE, P.UNDO, P.OVERRIDE,
                            P.SEE_HOLDER, P.SEE_PATRONS, P.EDIT_PATRON, P.IMPORT_BOOKS, P.IMPORT_PATRONS, P.EXPORT,
                            P.EXPORT_PATRONS, P.RULES, P.STATISTICS, P.ACCOUNTS, P.AUDIT_LOG, P.CLASS_DESK,
                            P.CLASS_KEEP, P.CLASS_PLAN, P.ROTATION_SEE, P.ROTATION_HANDLE, P.VAN_SEE, P.VISITS,
                            P.PROMOTE, P.SHEET}),
    R.HELPER: frozenset({P.SEARCH, P.PRINT_LABELS, P.CIRCULATE, P.UNDO, P.VISITS}),
    R.CLASS_HELPER: frozenset({P.CLASS_DESK}),
    R.TEACHER: frozenset({P.SEARCH, P.STATISTICS, P.CLASS_DESK, P.CLASS_KEEP}),
    R.VAN_CREW: frozenset({P.SEARCH, P.STATISTICS, P.ROTATION_SEE, P.ROTATION_HANDLE, P.VAN_SEE, P.VAN_CREW}),
    R.READER: frozenset({P.SEARCH}),
    R.OFFICER: frozenset({P.SEARCH, P.STATISTICS, P.AUDIT_LOG, P.ROTATION_SEE, P.VAN_SEE, P.CAMPAIGN}),
}  # fmt: skip
"""Van crews have no desk of the library: they lend at the stops of their own trips (`mobile.scopes`)."""


OVER_ALL_BELOW = frozenset({R.ADMINISTRATOR, R.SCHEDULER, R.OFFICER})
"""Roles that hold at the organisation they are granted at and everywhere below it; the others hold there alone."""


WITH_THE_YEAR = frozenset({R.TEACHER, R.HELPER})
"""Roles that end with the school year unless another day is said: classes change, and so do those who help."""

BY_CLASS = frozenset({P.CLASS_DESK, P.CLASS_KEEP})
"""What a teacher may do with a class goes by class: without one, only what is theirs by name is in reach."""

WITHOUT_BRANCH = OVER_ALL_BELOW | {R.TEACHER}
"""Roles that cannot be narrowed to one branch: they reach below, or go by class."""

LOCK_MINUTES = 10
"""After so long without a key pressed a page locks itself, unless the library says otherwise."""

LOCKS_SOON, LOCKS_SOON_AT = frozenset({R.HELPER}), 20
"""Whoever is only these is locked out after twenty minutes at the latest, whatever the library says."""
