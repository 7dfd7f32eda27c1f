"""Lines of rules go over where the successor says nothing of the same readers, books and channel."""

from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from library.core.db import bump
from library.holdings.models import Item, ItemClass
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, changed, hand_over
from library.patrons.succession import same_categories
from library.policies.models import PolicyLine, PolicySetting
from library.policies.rulebook import RULES
from library.policies.writing import place_of


def take_over(session: Session, what: Succession) -> Told:
    _classes(session, what)
    _keys(session, what)
    hand_over(session, what, PolicySetting, same=())
    moved = _lines(session, what)
    bump(session, RULES)
    return [("dòng chính sách mượn", moved)]


def _lines(session: Session, what: Succession) -> int:
    """The successor's line for all readers speaks for each of them: a line of the old library for some does not go over."""
    theirs = aliased(PolicyLine)
    covered = exists().where(
        theirs.owner_id == what.new.id,
        _speaks_for(theirs.category_id, PolicyLine.category_id),
        _speaks_for(theirs.item_class_id, PolicyLine.item_class_id),
        _speaks_for(theirs.channel, PolicyLine.channel),
    )
    mine = update(PolicyLine).where(PolicyLine.owner_id == what.old.id, ~covered)
    return changed(session, mine.values(owner_id=what.new.id))


def _speaks_for(theirs: Any, mine: Any) -> ColumnElement[bool]:
    return or_(theirs.is_(None), theirs == mine)


# A whole network


def same_item_classes(session: Session, what: Succession) -> dict[int, int]:
    """{item class of the network that ends: the other's of the same code}. The same before and after."""
    if what.network is None:
        return {}
    before, after = what.network
    there = aliased(ItemClass)
    query = select(ItemClass.id, there.id).join(there, there.code == ItemClass.code)
    return dict(session.execute(query.where(ItemClass.network_id == before, there.network_id == after)).all())


def _classes(session: Session, what: Succession) -> None:
    """Copies of a class both know become the other's; classes only the old network knows come along."""
    if what.network is None:
        return
    same = same_item_classes(session, what)
    for here, there in same.items():
        changed(session, update(Item).where(Item.item_class_id == here).values(item_class_id=there))
    others = update(ItemClass).where(ItemClass.network_id == what.network[0], ItemClass.id.not_in(same))
    changed(session, others.values(network_id=what.network[1]))


def _keys(session: Session, what: Succession) -> None:
    """Lines of everybody in the old network name the categories and classes of the new one."""
    categories, classes = same_categories(session, what), same_item_classes(session, what)
    told = or_(PolicyLine.category_id.in_(categories), PolicyLine.item_class_id.in_(classes))
    for line in session.scalars(select(PolicyLine).where(told)) if categories or classes else ():
        line.category_id = categories.get(line.category_id or 0, line.category_id)
        line.item_class_id = classes.get(line.item_class_id or 0, line.item_class_id)
        line.place = place_of(line.category_id, line.item_class_id, line.channel)
    session.flush()


SUCCESSION["policies"] = Part(
    take_over,
    leaves={
        "policy_line.owner_id": "lines of which the successor has its own",
        "policy_setting.library_id": "the successor has decided itself",
        "item_class.network_id": "a class the other network has too",
    },
)
