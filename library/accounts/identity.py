"""Who is asking: read once per request, in one statement, from the session row behind the cookie."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from uuid import UUID

from flask import g
from flask_login import AnonymousUserMixin, UserMixin, current_user
from sqlalchemy import ColumnElement, Executable, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from library.access import NOWHERE, Permission, Scope
from library.accounts.models import Account, Grant, RoleName, SignIn
from library.accounts.roles import MAY, OVER_ALL_BELOW
from library.core import clock
from library.core.db import Stamp, db, straight
from library.organisations import tree
from library.organisations.founding import TREE
from library.organisations.models import Branch, Organisation


@dataclass(frozen=True)
class Held:
    """A grant that holds today."""

    role: RoleName
    library_id: int
    class_id: int | None


@dataclass(frozen=True)
class Identity(UserMixin):  # type: ignore[misc]
    """The account of this request, with its grants. A plain value: it outlives the session it was read in."""

    token: str
    id: int
    uid: UUID
    login: str
    name: str
    locale: str
    must_change: bool
    library_id: int
    library_name: str
    library_slug: str
    network_id: int
    branch_id: int
    branch_name: str
    tree_stamp: int
    grants: tuple[Held, ...] = ()

    def get_id(self) -> str:
        """What the cookie holds: the session's token, not the account's number."""
        return self.token


class Nobody(AnonymousUserMixin):  # type: ignore[misc]
    """A visitor."""

    id = None
    uid = None
    name = ""
    library_id = None
    network_id = None
    branch_id = None
    locale = None
    grants: tuple[Held, ...] = ()


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(session: Session, account: Account, hours: int) -> str:
    """A new session row; the token is known to the cookie alone."""
    token, now = secrets.token_urlsafe(32), clock.now()
    row = {
        "token_hash": hash_of(token),
        "account_id": account.id,
        "began_at": now,
        "expires_at": now + timedelta(hours=hours),
    }
    session.execute(insert(SignIn).values(row))
    return token


def end_session(session: Session, token: str) -> None:
    """From here on the cookie, and every copy of it, opens nothing."""
    mine = SignIn.token_hash == hash_of(token)
    session.execute(update(SignIn).where(mine, SignIn.ended_at.is_(None)).values(ended_at=clock.now()))


def load(token: str) -> Identity | None:
    """Who holds this token; None if it is unknown, ended or too old. One statement."""
    values = {"token_hash": hash_of(token), "now": clock.now(), "today": clock.today()}
    rows = straight(db.session()).execute(_loading(), values).all()
    return _identity(token, rows) if rows else None


@cache
def _loading() -> Executable:
    stamp = select(Stamp.number).where(Stamp.name == TREE).scalar_subquery()
    return (
        select(
            Account.id, Account.uid, Account.login, Account.name, Account.locale, Account.must_change,
            Account.library_id, Organisation.name.label("library_name"), Organisation.slug.label("library_slug"),
            Organisation.network_id,
            Account.branch_id, Branch.name.label("branch_name"), stamp.label("stamp"),
            Grant.role, Grant.library_id.label("granted_at"), Grant.class_id,
        )
        .select_from(SignIn)
        .join(Account, Account.id == SignIn.account_id)
        .join(Organisation, Organisation.id == Account.library_id)
        .join(Branch, Branch.id == Account.branch_id)
        .outerjoin(Grant, and_(Grant.account_id == Account.id, _holds_on(bindparam("today", type_=Grant.from_on.type))))
        .where(SignIn.token_hash == bindparam("token_hash"), SignIn.ended_at.is_(None))
        .where(SignIn.expires_at > bindparam("now", type_=SignIn.expires_at.type))
        .where(Account.disabled_at.is_(None))
    )  # fmt: skip


def _holds_on(day: ColumnElement[date]) -> ColumnElement[bool]:
    return and_(Grant.from_on <= day, or_(Grant.to_on.is_(None), Grant.to_on > day))


def _identity(token: str, rows: Iterable[object]) -> Identity:
    rows = list(rows)
    one = rows[0]._mapping  # type: ignore[attr-defined]
    held = tuple(
        Held(row.role, row.granted_at, row.class_id)  # type: ignore[attr-defined]
        for row in rows
        if row.role is not None  # type: ignore[attr-defined]
    )
    named = ("library_id", "library_name", "library_slug", "network_id", "branch_id", "branch_name")
    facts = {name: one[name] for name in ("id", "uid", "login", "name", "locale", "must_change", *named)}
    return Identity(token=token, tree_stamp=one["stamp"] or 0, grants=held, **facts)


Roots = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...] | None]
"""Organisations held with all below them, organisations held alone, and the classes it is narrowed to (None: not)."""


class _Tree:
    """Scopes worked out from the tree, kept in memory until the tree's stamp grows."""

    def __init__(self) -> None:
        self.known_for: tuple[int, date] | None = None
        self.scopes: dict[Roots, Scope] = {}

    def scope(self, stamp: int, day: date, roots: Roots) -> Scope:
        if self.known_for != (stamp, day):
            self.known_for, self.scopes = (stamp, day), {}
        if roots not in self.scopes:
            self.scopes[roots] = _work_out(db.session(), day, roots)
        return self.scopes[roots]


_trees: dict[str, _Tree] = {}


def _work_out(session: Session, day: date, roots: Roots) -> Scope:
    wide, alone, classes = roots
    libraries = (tree.below(wide, tree.parentage_on(session, day)) if wide else frozenset()) | frozenset(alone)
    branches, networks = tree.branches_of(session, libraries), tree.networks_of(session, libraries)
    return Scope(libraries, branches, frozenset(classes) if classes is not None else None, networks=networks)


def roots_of(grants: Iterable[Held], permission: Permission) -> Roots | None:
    """Where these grants give the permission; None if nowhere. A grant for a class narrows, unless another is wider."""
    mine = [held for held in grants if permission in MAY[held.role]]
    if not mine:
        return None
    unnarrowed = [held for held in mine if held.class_id is None]
    classes = None if unnarrowed else tuple(sorted({held.class_id for held in mine if held.class_id is not None}))
    chosen = unnarrowed or mine
    wide = {held.library_id for held in chosen if held.role in OVER_ALL_BELOW}
    return tuple(sorted(wide)), tuple(sorted({held.library_id for held in chosen} - wide)), classes


def scope_of(identity: "Identity | Nobody", permission: Permission) -> Scope:
    """Where this person holds the permission today: the union of their grants."""
    roots = roots_of(identity.grants, permission)
    if roots is None or not isinstance(identity, Identity):
        return NOWHERE
    return _tree().scope(identity.tree_stamp, clock.today(), roots)


def _tree() -> _Tree:
    return _trees.setdefault(db.engine.url.render_as_string(), _Tree())


def resolve(permission: Permission) -> Scope:
    """The resolver `access` asks. Remembered for the length of the request."""
    known: dict[Permission, Scope] = g.setdefault("scopes", {})
    if permission not in known:
        known[permission] = scope_of(current_user._get_current_object(), permission)
    return known[permission]
