"""Shelves for whole classes in one go, named and set as most are: a school's 27 in a minute."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Scope
from library.inbox.acts import Doing
from library.organisations.models import Organisation
from library.patrons import queries
from library.patrons.models import SchoolClass
from library.shelves import building, keeping
from library.shelves.building import NewShelf
from library.shelves.keeping import Keeper
from library.shelves.models import Shelf, ShelfMode, ShelfTenure
from library.shelves.scopes import standing

SMALLEST = 2
"""Up to this grade pupils take books by themselves and nobody scans."""


def without(session: Session, library_id: int, today: date, scope: Scope) -> list[tuple[SchoolClass, int]]:
    """Classes of this year that keep no shelf, with how many pupils each has."""
    keeps = set(session.scalars(select(ShelfTenure.class_id).where(standing(), ShelfTenure.class_id.is_not(None))))
    found = queries.classes(session, library_id, today, scope)
    return [(one, count) for one, count in found if one.id not in keeps]


def usual_mode(grade: int | None) -> ShelfMode:
    return ShelfMode.HONOUR if grade is not None and grade <= SMALLEST else ShelfMode.SCAN


def keepers(session: Session, library_id: int) -> dict[int, Keeper]:
    """By class its teacher, where exactly one has an account for it."""
    by_class: dict[int, list[Keeper]] = {}
    for account, class_id in keeping.teachers(session, library_id):
        if class_id is not None:
            by_class.setdefault(class_id, []).append(Keeper(account.name, account.id))
    return {of: found[0] for of, found in by_class.items() if len(found) == 1}


def free_name(session: Session, branch_id: int, name: str) -> str:
    """The name, or with a number behind it: an old shelf keeps its own."""
    taken = building.taken_names(session, branch_id)
    names = (name if number == 1 else f"{name} ({number})" for number in range(1, len(taken) + 2))
    return next(one for one in names if one.casefold() not in taken)


def for_classes(session: Session, doing: Doing, library: Organisation, classes: Sequence[SchoolClass]) -> list[Shelf]:
    """A shelf for each, by an act of its own; the same act's uid gives the same acts again."""
    known = keepers(session, library.id)
    return [_one(session, doing, library, of, known.get(of.id, Keeper(""))) for of in classes]


def _one(session: Session, doing: Doing, library: Organisation, of: SchoolClass, keeper: Keeper) -> Shelf:
    name = free_name(session, of.branch_id, f"Tủ lớp {of.name}")
    new = NewShelf(
        name, mode=usual_mode(of.grade), grade=of.grade, keeper_id=keeper.account_id, keeper_name=keeper.name
    )
    mine = replace(doing, uid=uuid5(doing.uid, of.uid.hex), branch_id=of.branch_id, number=None)
    return building.build(session, mine, library, of.branch_id, new, of)
