"""Two rows of one human being become one, and two again.

Memberships go over to the person that is kept. Where both read at one library the kept membership stays the only open
one: the other ends, and its loans, waits and cards go over to it. No row is deleted; `PersonMerge.moved` remembers ids,
never words, so that taking apart gives each its own back. What happened since stays with the membership it was done on.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, Uuid, and_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from library.core import clock
from library.core.db import Base
from library.core.errors import N_, Reason, Refused
from library.duplicates import people_holds
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import coming
from library.loans.models import Loan
from library.organisations.codes import in_use
from library.organisations.models import Code
from library.patrons.models import Card, Membership, Person, PersonApart, PersonMerge

PERSONAL = ("sex", "student_code")
READING = ("class_id", "expires_on", "blocked_until", "note")
BY_HAND = {
    "loan.membership_id", "hold.membership_id", "card.membership_id", "reader_word.membership_id",
    "group_reader.membership_id", "membership.person_id", "person_merge.kept_id", "person_merge.gone_id",
    "person_apart.one_id", "person_apart.other_id",
}  # fmt: skip
"""Columns that lead to a person or a membership and are looked after here, or stay. All others simply follow."""


class NotOne(Refused):
    """These two cannot be merged, or not taken apart, now."""


NOT_TWO = Reason("not-two", N_("Cần hai bạn đọc khác nhau của cùng một mạng."))
GONE = Reason("merged-already", N_("Một trong hai bạn đọc này đã gộp vào người khác rồi."))
APART = Reason("apart-already", N_("Hai bạn đọc này đã tách ra rồi."))


def merge(session: Session, doing: Doing, kept: Person, gone: Person, end_cards: bool = False) -> PersonMerge:
    """`gone` is `kept`. With `end_cards` the cards of `gone` open nothing from now on, else they open the survivor.

    Raises NotOne.
    """
    _lock(session, kept, gone)
    now = clock.now()
    act_id = acts.write(session, doing, "merge-people", now)
    theirs, doubles = _memberships(session, kept, gone)
    moved: dict[str, Any] = {"memberships": [one.id for one in theirs], "doubles": [[a.id, b.id] for a, b in doubles]}
    moved["cards"] = _end_cards(session, theirs, now) if end_cards else []
    moved["filled"] = _fill(session, kept, gone)
    moved["reading"] = {str(there.id): _fill_reading(here, there) for there, here in doubles}
    for there, _ in doubles:
        there.to_on = max(clock.today(), there.from_on)
    session.flush()
    moved |= _move_doubles(session, act_id, {there.id: here.id for there, here in doubles}, now)
    moved["rows"] = _follow(session, "person", {gone.id: kept.id}) + _follow(
        session, "membership", {there.id: here.id for there, here in doubles}
    )
    coming.of_readers(session, [here.id for _, here in doubles])
    for one in theirs:
        one.person_id = kept.id
    made = PersonMerge(uid=clock.uuid7(), act_id=act_id, kept_id=kept.id, gone_id=gone.id, moved=moved, made_at=now)
    session.add(made)
    session.flush()
    session.expire_all()
    return made


def _lock(session: Session, kept: Person, gone: Person) -> None:
    if kept.id == gone.id or kept.network_id != gone.network_id:
        raise NotOne(NOT_TWO)
    both = select(Person).where(Person.id.in_((kept.id, gone.id))).order_by(Person.id)
    session.scalars(both.with_for_update().execution_options(populate_existing=True)).all()
    if standing(session, kept.id) or standing(session, gone.id):
        raise NotOne(GONE)


def standing(session: Session, gone_id: int) -> PersonMerge | None:
    return session.scalar(select(PersonMerge).where(PersonMerge.gone_id == gone_id, PersonMerge.undone_by.is_(None)))


Double = tuple[Membership, Membership]
"""At one library: the membership that ends, the one that goes on."""


def _memberships(session: Session, kept: Person, gone: Person) -> tuple[list[Membership], list[Double]]:
    """All of `gone`, and those that are open where `kept` reads too."""
    query = select(Membership).where(Membership.person_id.in_((kept.id, gone.id))).order_by(Membership.id)
    both = session.scalars(query.with_for_update(of=Membership).execution_options(populate_existing=True)).all()
    here = {one.library_id: one for one in both if one.person_id == kept.id and one.to_on is None}
    theirs = [one for one in both if one.person_id == gone.id]
    return theirs, [(one, here[one.library_id]) for one in theirs if one.to_on is None and one.library_id in here]


# What each says


def _fill(session: Session, kept: Person, gone: Person) -> list[str]:
    """Blanks of `kept` from `gone`; a code of the ministry goes over, for it stands once in a network."""
    filled = [name for name in PERSONAL if getattr(kept, name) is None and getattr(gone, name) is not None]
    if kept.born_on is None and gone.born_on is not None:
        kept.born_on, kept.born_year_only = gone.born_on, gone.born_year_only
        filled.append("born_on")
    if "sex" in filled:
        kept.sex = gone.sex
    if "student_code" in filled:
        code, gone.student_code = gone.student_code, None
        session.flush()
        kept.student_code = code
    return filled


def _empty(session: Session, kept: Person, gone: Person, filled: Sequence[str]) -> None:
    """What was taken from `gone` goes back, unless somebody has changed it since."""
    if "student_code" in filled and gone.student_code is None:
        code, kept.student_code = kept.student_code, None
        session.flush()
        gone.student_code = code
    if "sex" in filled and kept.sex == gone.sex:
        kept.sex = None
    if "born_on" in filled and kept.born_on == gone.born_on:
        kept.born_on, kept.born_year_only = None, False


def _fill_reading(here: Membership, there: Membership) -> list[str]:
    """Blanks of the membership that goes on; a class only for the same kind of reader."""
    filled = [name for name in READING if getattr(here, name) is None and getattr(there, name) is not None]
    if here.category_id != there.category_id:
        filled = [name for name in filled if name != "class_id"]
    for name in filled:
        setattr(here, name, getattr(there, name))
    return filled


# Cards, loans, waits


def _end_cards(session: Session, theirs: Sequence[Membership], now: datetime) -> list[int]:
    """Codes that opened the other person and open nothing from now on."""
    mine = select(Card.code_id).where(Card.membership_id.in_([one.id for one in theirs]))
    living = select(Code.id).where(Code.id.in_(mine), Code.valid_to.is_(None)).order_by(Code.id).with_for_update()
    ids = list(session.scalars(living))
    session.execute(update(Code).where(Code.id.in_(ids)).values(valid_to=now))
    return ids


def _move_doubles(session: Session, act_id: int, doubles: Mapping[int, int], now: datetime) -> dict[str, Any]:
    moved: dict[str, Any] = {"loans": {}, "holds": {}, "waits": [], "carried": []}
    for there, here in doubles.items():
        moved["loans"][str(there)] = _move_loans(session, there, here)
        holds, ended = people_holds.move(session, act_id, there, here)
        moved["holds"][str(there)] = holds
        moved["waits"] += ended
        moved["carried"] += _carry_cards(session, there, here, now)
    return moved


def _move_loans(session: Session, there: int, here: int) -> list[int]:
    query = select(Loan.id).where(Loan.membership_id == there).order_by(Loan.id).with_for_update()
    ids = list(session.scalars(query))
    session.execute(update(Loan).where(Loan.id.in_(ids)).values(membership_id=here))
    return ids


def _carry_cards(session: Session, there: int, here: int, now: datetime) -> list[list[Any]]:
    """[code id, from, to, was it the card in use]. A reader has one card in use; a second one opens them all the same:
    its row is ended, its code is not, until a card is reported lost."""
    has = session.scalar(select(Card.code_id).where(Card.membership_id == here, Card.ended_at.is_(None)))
    cards = session.scalars(select(Card).where(Card.membership_id == there).order_by(Card.code_id)).all()
    told = [[card.code_id, there, here, card.ended_at is None] for card in cards]
    for card in cards:
        gone_already = card.ended_at is not None or card.code.valid_to is not None
        if card.ended_at is None and (has or gone_already):
            card.ended_at = now
        session.flush()
        card.membership_id = here
    session.flush()
    return told


# Whatever else leads to a person or a membership


def _leading(to: str) -> Iterator[tuple[Table, Column[Any]]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            ours = any(key.column.table.name == to for key in column.foreign_keys)
            if ours and f"{table.name}.{column.name}" not in BY_HAND:
                yield table, column


def _follow(session: Session, to: str, pairs: Mapping[int, int]) -> list[list[Any]]:
    """[table, column, key of the row, from, to]: consents, books of one's own, groups one answers for. A row that its
    table would not have twice stays where it is."""
    told: list[list[Any]] = []
    for table, column in _leading(to):
        keys = list(table.primary_key.columns)
        for there, here in pairs.items():
            for row in session.execute(select(*keys).where(column == there).order_by(*keys)).all():
                key = [list(row)[place] if one is not column else here for place, one in enumerate(keys)]
                if _point(session, table, column, _is(keys, row), here):
                    told.append([table.name, column.name, [_plain(value) for value in key], there, here])
    return told


def _is(keys: Sequence[Column[Any]], row: Sequence[Any]) -> ColumnElement[bool]:
    return and_(*(one == value for one, value in zip(keys, row, strict=True)))


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    return value if isinstance(value, int | str) else str(value)


def _read_back(key: Column[Any], value: Any) -> Any:
    return UUID(value) if isinstance(key.type, Uuid) else value


def _point(session: Session, table: Table, column: Column[Any], which: Any, to: int) -> bool:
    try:
        with session.begin_nested():
            session.execute(update(table).where(which).values({column.name: to}))
    except IntegrityError:
        return False
    return True


def _follow_back(session: Session, rows: Sequence[Sequence[Any]]) -> None:
    for name, column_name, key, there, here in rows:
        table = Base.metadata.tables[name]
        keys, column = list(table.primary_key.columns), table.c[column_name]
        row = [_read_back(one, value) for one, value in zip(keys, key, strict=True)]
        _point(session, table, column, and_(_is(keys, row), column == here), there)


# Taking apart


def split(session: Session, doing: Doing, made: PersonMerge) -> None:
    """Both are as they were. Raises NotOne when they are two already, or when `kept` was merged into a third since."""
    session.refresh(made, with_for_update=True)
    if made.undone_by is not None:
        raise NotOne(APART)
    kept, gone, moved = made.kept, made.gone, made.moved
    if later := standing(session, kept.id):
        sentence = N_("%(name)s đã gộp tiếp vào người khác. Tách lần gộp ấy trước.")
        raise NotOne(Reason("merged-on", sentence, {"name": later.gone.full_name}))
    voiding = acts.void(session, doing, made.act_id)
    _follow_back(session, moved["rows"])
    mine = (Membership.id.in_(moved["memberships"]), Membership.person_id == kept.id)
    session.execute(update(Membership).where(*mine).values(person_id=gone.id))
    session.expire_all()
    for there, here in moved["doubles"]:
        _reopen(session, there, here, moved)
    coming.of_readers(session, [one for double in moved["doubles"] for one in double])
    people_holds.reopen(session, made.act_id, moved["waits"])
    _cards_back(session, moved)
    _empty(session, kept, gone, moved["filled"])
    made.undone_by = voiding
    session.flush()
    session.expire_all()


def _reopen(session: Session, there_id: int, here_id: int, moved: Mapping[str, Any]) -> None:
    there, here = session.get_one(Membership, there_id), session.get_one(Membership, here_id)
    there.to_on = None
    for name in moved["reading"][str(there_id)]:
        if getattr(here, name) == getattr(there, name):
            setattr(here, name, None)
    session.flush()
    loans = (Loan.id.in_(moved["loans"][str(there_id)]), Loan.membership_id == here_id)
    session.execute(update(Loan).where(*loans).values(membership_id=there_id))
    people_holds.give_back(session, moved["holds"][str(there_id)], there_id, here_id)


def _cards_back(session: Session, moved: Mapping[str, Any]) -> None:
    """A card reported lost meanwhile stays lost; a number given to another card meanwhile stays with that."""
    for code_id in moved["cards"]:
        code = session.get_one(Code, code_id)
        if not in_use(session, code.issuer_id, [code.folded]):
            code.valid_to = None
            session.flush()
    for code_id, there, here, was_in_use in moved["carried"]:
        card = session.get_one(Card, code_id)
        if card.membership_id != here:
            continue
        if not was_in_use or card.code.valid_to is not None:
            card.ended_at = card.ended_at or clock.now()
        session.flush()
        card.membership_id = there
        session.flush()
        if was_in_use and card.code.valid_to is None:
            card.ended_at = None
    session.flush()


def since(session: Session, made: PersonMerge) -> Sequence[Loan]:
    """Loans made since the two became one, oldest first: they stay with the membership they were made on."""
    mine = select(Membership.id).where(Membership.person_id.in_((made.kept_id, made.gone_id)))
    query = select(Loan).where(Loan.membership_id.in_(mine), Loan.lent_at >= made.made_at, Loan.voided.is_(False))
    return session.scalars(query.options(joinedload(Loan.item)).order_by(Loan.id)).all()


def keep_apart(session: Session, doing: Doing, one: Person, other: Person) -> None:
    """They are two people: the pair is not shown again."""
    first, second = sorted((one.id, other.id))
    if first == second or one.network_id != other.network_id:
        raise NotOne(NOT_TWO)
    if session.get(PersonApart, (first, second)) is None:
        session.add(PersonApart(one_id=first, other_id=second, account=doing.actor, made_at=clock.now()))
        session.flush()
