"""Who is asking: read once per request, in one statement, from the session row behind the cookie."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID

from flask import g
from flask_login import AnonymousUserMixin, UserMixin, current_user
from sqlalchemy import ColumnElement, Executable, and_, bindparam, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from library.access import NOWHERE, Permission, Scope
from library.accounts.models import Account, AccountRule, Grant, RoleName, SignIn
from library.accounts.roles import BY_CLASS, LOCK_MINUTES, LOCKS_SOON, LOCKS_SOON_AT, MAY, OVER_ALL_BELOW
from library.core import clock
from library.core.db import Stamp, db, straight
from library.organisations import tree
from library.organisations.founding import TREE
from library.organisations.models import Branch, Organisation
from library.patrons.models import SchoolClass


@dataclass(frozen=True)
class Held:
    """A grant that holds today, and before `to_on`."""

    role: RoleName
    library_id: int
    class_id: int | None = None
    branch_id: int | None = None
    to_on: date | None = None


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
    seen_at: datetime
    locked_at: datetime | None
    owes_second: bool
    rule_minutes: int | None = None
    session_uid: UUID | None = None
    helps_class_id: int | None = None
    grants: tuple[Held, ...] = ()

    def get_id(self) -> str:
        """What the cookie holds: the session's token, not the account's number."""
        return self.token

    @property
    def lock_minutes(self) -> int:
        """After so many minutes without a key pressed the page locks itself; 0 is never. Helpers have no choice; a session
        lent to a pupil ends by itself instead."""
        if self.helps_class_id is not None:
            return 0
        minutes = LOCK_MINUTES if self.rule_minutes is None else self.rule_minutes
        soon = self.grants and all(held.role in LOCKS_SOON for held in self.grants)
        return min(minutes or LOCKS_SOON_AT, LOCKS_SOON_AT) if soon else minutes


class Nobody(AnonymousUserMixin):  # type: ignore[misc]
    """A visitor."""

    id = None
    uid = None
    name = ""
    library_id = None
    network_id = None
    branch_id = None
    locale = None
    lock_minutes = 0
    grants: tuple[Held, ...] = ()


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    session: Session,
    account: Account,
    hours: int,
    device: str | None = None,
    address: str | None = None,
    owes: bool = False,
) -> str:
    """A new session row; the token is known to the cookie alone. `owes`: the second factor must be set up first."""
    token, now = secrets.token_urlsafe(32), clock.now()
    row = {
        "token_hash": hash_of(token),
        "account_id": account.id,
        "began_at": now,
        "expires_at": now + timedelta(hours=hours),
        "uid": clock.uuid7(),
        "device": device,
        "address": address,
        "seen_at": now,
        "owes_second": owes,
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
            func.coalesce(SignIn.seen_at, SignIn.began_at).label("seen_at"), SignIn.locked_at, SignIn.owes_second,
            SignIn.uid.label("session_uid"), SignIn.helps_class_id, SchoolClass.library_id.label("helps_at"),
            AccountRule.lock_minutes.label("rule_minutes"),
            Grant.role, Grant.library_id.label("granted_at"), Grant.class_id, Grant.branch_id.label("granted_branch"), Grant.to_on,
        )
        .select_from(SignIn)
        .join(Account, Account.id == SignIn.account_id)
        .join(Organisation, Organisation.id == Account.library_id)
        .join(Branch, Branch.id == Account.branch_id)
        .outerjoin(SchoolClass, SchoolClass.id == SignIn.helps_class_id)
        .outerjoin(AccountRule, AccountRule.library_id == Account.library_id)
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
        Held(row.role, row.granted_at, row.class_id, row.granted_branch, row.to_on)  # type: ignore[attr-defined]
        for row in rows
        if row.role is not None  # type: ignore[attr-defined]
    )
    if one["helps_class_id"] is not None:
        held = _lent(held, one["helps_class_id"], one["helps_at"], one["stamp"] or 0)
    named = ("library_id", "library_name", "library_slug", "network_id", "branch_id", "branch_name")
    state = ("must_change", "seen_at", "locked_at", "owes_second", "rule_minutes", "session_uid", "helps_class_id")
    facts = {name: one[name] for name in ("id", "uid", "login", "name", "locale", *state, *named)}
    return Identity(token=token, tree_stamp=one["stamp"] or 0, grants=held, **facts)


def _lent(mine: Iterable[Held], class_id: int, library_id: int, stamp: int) -> tuple[Held, ...]:
    """What a pupil helper may do in a session lent to them: a helper's part of the class, while the lender keeps shelves
    at its library or above still; nothing once the lender's own grant is gone."""
    keeps = roots_of(mine, Permission.CLASS_KEEP)
    if keeps is None:
        return ()
    reaches = library_id in keeps.alone or _tree().scope(stamp, clock.today(), keeps).holds_library(library_id)
    return (Held(RoleName.CLASS_HELPER, library_id, class_id),) if reaches else ()


@dataclass(frozen=True)
class Roots:
    """Organisations held with all below them, those held alone, (organisation, branch) where only a branch is held, and
    the classes it is narrowed to (None: not)."""

    wide: tuple[int, ...] = ()
    alone: tuple[int, ...] = ()
    sites: tuple[tuple[int, int], ...] = ()
    classes: tuple[int, ...] | None = None


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
    below = tree.below(roots.wide, tree.parentage_on(session, day)) if roots.wide else frozenset()
    whole = below | frozenset(roots.alone)
    libraries = whole | {library for library, _ in roots.sites}
    branches = tree.branches_of(session, whole) | {branch for _, branch in roots.sites}
    classes = frozenset(roots.classes) if roots.classes is not None else None
    return Scope(libraries, branches, classes, networks=tree.networks_of(session, libraries))


def roots_of(grants: Iterable[Held], permission: Permission) -> Roots | None:
    """Where these grants give the permission; None if nowhere. A grant for a class narrows, unless another is wider; a
    teacher's without a class narrows to none. One for a branch gives that branch."""
    mine = [held for held in grants if permission in MAY[held.role]]
    if not mine:
        return None
    unnarrowed = [held for held in mine if held.class_id is None and not _goes_by_class(held, permission)]
    classes = None if unnarrowed else tuple(sorted({held.class_id for held in mine if held.class_id is not None}))
    chosen = unnarrowed or mine
    sites = {(held.library_id, held.branch_id) for held in chosen if held.branch_id is not None}
    whole = [held for held in chosen if held.branch_id is None]
    wide = {held.library_id for held in whole if held.role in OVER_ALL_BELOW}
    alone = {held.library_id for held in whole} - wide
    return Roots(tuple(sorted(wide)), tuple(sorted(alone)), tuple(sorted(sites)), classes)


def _goes_by_class(held: Held, permission: Permission) -> bool:
    return held.role is RoleName.TEACHER and permission in BY_CLASS


def scope_of(identity: "Identity | Nobody", permission: Permission) -> Scope:
    """Where this person holds the permission today: the union of their grants."""
    roots = roots_of(identity.grants, permission)
    if roots is None or not isinstance(identity, Identity):
        return NOWHERE
    return _tree().scope(identity.tree_stamp, clock.today(), roots)


def holds_at(session: Session, account_id: int, permission: Permission, branch_id: int) -> bool:
    """Whether this account holds the permission at the branch today, whoever is signed in (two statements)."""
    mine = select(Grant.role, Grant.library_id, Grant.class_id, Grant.branch_id, Grant.to_on)
    rows = session.execute(mine.where(Grant.account_id == account_id, _holds_on(literal(clock.today())))).all()
    roots = roots_of([Held(*row) for row in rows], permission)
    stamp = session.scalar(select(Stamp.number).where(Stamp.name == TREE)) or 0
    return roots is not None and _tree().scope(stamp, clock.today(), roots).holds_branch(branch_id)


def _tree() -> _Tree:
    return _trees.setdefault(db.engine.url.render_as_string(), _Tree())


def resolve(permission: Permission) -> Scope:
    """The resolver `access` asks. Remembered for the length of the request."""
    known: dict[Permission, Scope] = g.setdefault("scopes", {})
    if permission not in known:
        known[permission] = scope_of(current_user._get_current_object(), permission)
    return known[permission]
