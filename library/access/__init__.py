"""Names of permissions, the scope in which they hold, and `@needs`. Who holds what is told by `accounts`.

The default is *deny*: an endpoint that carries none of the marks below is refused to everybody.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from flask_login import current_user
from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import InstrumentedAttribute

from library.core.among import among
from library.core.errors import Forbidden, NotFound

View = TypeVar("View", bound=Callable[..., Any])
Thing = TypeVar("Thing")


class Permission(StrEnum):
    """What can be allowed. One name per row of the role table (docs/roles.md)."""

    SEARCH = "search"
    EDIT_TITLE = "edit-title"
    EDIT_COPY = "edit-copy"
    PRINT_LABELS = "print-labels"
    CIRCULATE = "circulate"
    UNDO = "undo"
    OVERRIDE = "override"
    SEE_HOLDER = "see-holder"
    SEE_PATRONS = "see-patrons"
    EDIT_PATRON = "edit-patron"
    IMPORT_BOOKS = "import-books"
    IMPORT_PATRONS = "import-patrons"
    EXPORT = "export"
    EXPORT_PATRONS = "export-patrons"
    RULES = "rules"
    STATISTICS = "statistics"
    ACCOUNTS = "accounts"
    SETTINGS = "settings"
    AUDIT_LOG = "audit-log"
    CLASS_DESK = "class-desk"
    CLASS_KEEP = "class-keep"
    CLASS_PLAN = "class-plan"
    ROTATION_SEE = "rotation-see"
    ROTATION_PLAN = "rotation-plan"
    ROTATION_APPROVE = "rotation-approve"
    ROTATION_HANDLE = "rotation-handle"
    VAN_SEE = "van-see"
    VAN_PLAN = "van-plan"
    VAN_CREW = "van-crew"
    VISITS = "visits"
    PROMOTE = "promote"
    SHEET = "sheet"
    CAMPAIGN = "campaign"


@dataclass(frozen=True)
class Scope:
    """Where a permission holds: libraries (organisation ids) and their branches, or the whole installation.

    `classes` narrows it to readers of these classes and their shelves (a teacher's own class).
    """

    libraries: frozenset[int] = frozenset()
    branches: frozenset[int] = frozenset()
    classes: frozenset[int] | None = None
    everything: bool = False
    networks: frozenset[int] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return self.everything or bool(self.libraries)

    def holds_library(self, library_id: int | None) -> bool:
        return self.everything or library_id in self.libraries

    def holds_branch(self, branch_id: int | None) -> bool:
        return self.everything or branch_id in self.branches

    def of_libraries(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """The WHERE for a column that names a library."""
        return true() if self.everything else _among(column, self.libraries)

    def of_branches(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return true() if self.everything else _among(column, self.branches)

    def of_networks(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Titles are shared by the libraries of a network (a province), and by nobody beyond it."""
        return true() if self.everything else _among(column, self.networks)

    def library(self, library_id: int | None) -> int:
        """The same id if it is in scope; NotFound otherwise, as if there were no such library."""
        if library_id is None or not self.holds_library(library_id):
            raise NotFound
        return library_id


NOWHERE = Scope()
MANY = 20
"""More are written into the statement: there are few who may look at so many, each asks the same again and again."""


def _among(column: InstrumentedAttribute[Any], ids: Iterable[int]) -> ColumnElement[bool]:
    ids = sorted(ids)
    if len(ids) > MANY:
        return among(column, ids)
    return column.in_(ids) if ids else false()


class Resolver(Protocol):
    def __call__(self, permission: Permission) -> Scope: ...


def register_resolver(app: Flask, resolver: Resolver) -> None:
    """Tell who answers "where may the person of this request do that?"."""
    app.extensions["access-resolver"] = resolver


class Gate(Protocol):
    def __call__(self) -> Any: ...


def register_gate(app: Flask, gate: Gate) -> None:
    """Tell who looks at everybody signed in before they go on: an answer of theirs is given instead (a locked desk)."""
    app.extensions["access-gate"] = gate


def scope(permission: Permission) -> Scope:
    """Where the person of this request holds `permission`; empty if nowhere."""
    found: Scope = current_app.extensions["access-resolver"](permission)
    return found


def needs(permission: Permission) -> Callable[[View], View]:
    """Mark a view: only for people who hold `permission` somewhere. The view asks `here()` for where."""

    def mark(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return mark


def for_everyone(view: View) -> View:
    """Mark a view that needs no account: the public catalogue, the sign-in page."""
    view.access = "everyone"  # type: ignore[attr-defined]
    return view


def for_signed_in(view: View) -> View:
    """Mark a view that needs an account and no permission: signing out, one's own password."""
    view.access = "signed-in"  # type: ignore[attr-defined]
    return view


def reads_first(view: View) -> View:
    """Mark a POST that thinks before it writes (hashing, reading a file): it calls `for_writing()` when it is ready."""
    view.reads_first = True  # type: ignore[attr-defined]
    return view


def thinks_first(endpoint: str | None) -> bool:
    return bool(getattr(current_app.view_functions.get(endpoint or ""), "reads_first", False))


def or_not_found(found: Thing | None) -> Thing:
    """What was looked for within reach. Raises NotFound where there is none, as if there were none at all."""
    if found is None:
        raise NotFound
    return found


def local_address(target: str | None, otherwise: str) -> str:
    """Where a form asks to go on, if that is an address of this server."""
    try:
        parts = urlsplit(target or "")
    except ValueError:  # "//[" is no address at all
        return otherwise
    ours = not parts.scheme and not parts.netloc and (target or "").startswith("/")
    return target if target and ours and not target.startswith(("//", "/\\")) and "\\" not in target else otherwise


def mark_of(app: Flask, endpoint: str) -> Permission | str | None:
    """The mark of an endpoint, None where it was forgotten. `static` is for everyone."""
    if endpoint == "static":
        return "everyone"
    return getattr(app.view_functions.get(endpoint), "access", None)


def here() -> Scope:
    """The scope of the permission that this request's view needs."""
    found: Scope = g.scope
    return found


def guard() -> Any:
    """Before every request. Unknown addresses go on to the 404; unmarked views are refused."""
    if request.endpoint is None:
        return None
    mark = mark_of(current_app, request.endpoint)
    if mark == "everyone":
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    stopped = current_app.extensions["access-gate"]()
    if stopped is not None:
        return stopped
    if mark == "signed-in":
        return None
    if not isinstance(mark, Permission):
        raise Forbidden
    g.scope = scope(mark)
    if not g.scope:
        raise Forbidden(mark)
    return None
