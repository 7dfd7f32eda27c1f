"""A reader added at the desk while they stand there: a name, a class, perhaps a year of birth and a card they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from library.core.errors import N_
from library.core.fold import fold, fold_code
from library.core.forms import Reader
from library.inbox import once
from library.organisations import codes
from library.organisations.codes import DIGIT_OF, is_ours
from library.organisations.models import Code, CodeKind, Organisation
from library.patrons import enrolling, forms
from library.patrons.enrolling import NewPatron
from library.patrons.models import Card, Membership, PatronGroup, Person
from library.patrons.queries import Group

LONGEST_CARD = 40
MOST_NAMESAKES = 3


@dataclass(frozen=True)
class Quick:
    """`anyway`: although a reader of that name is here. `card` folded, '' for one of ours."""

    uid: UUID
    name: str
    group: Group
    born: NewPatron
    card: str
    printed: str
    anyway: bool

    @classmethod
    def read(cls, source: Mapping[str, Any], groups: Mapping[str, Group]) -> Self:
        """Raises Invalid."""
        told = {name: str(value) for name, value in source.items() if isinstance(value, str | bool)}
        reader = Reader(told)
        name = forms.name_of(reader)
        group = _group(reader, groups)
        born, year_only = forms.born_of(reader)
        printed = reader.text("card", required=False, longest=LONGEST_CARD)
        if printed and not fold_code(printed):
            reader.complain("card", "card", N_("Mã thẻ gồm chữ và số."))
        reader.done()
        assert group
        known = NewPatron(name, born_on=born, born_year_only=year_only)
        anyway = bool(source.get("anyway"))
        return cls(forms.uid_of(told), name, group, known, fold_code(printed), printed, anyway)

    def patron(self) -> NewPatron:
        return NewPatron(
            self.name, born_on=self.born.born_on, born_year_only=self.born.born_year_only, class_id=self.group.class_id,
            expires_on=self.group.until, card=self.printed,
        )  # fmt: skip

    def content(self) -> dict[str, Any]:
        told = (self.name, self.group.label, self.born.born_on, self.card)
        return {"do": "quick-reader", "told": [str(one) for one in told]}

    @property
    def message(self) -> UUID:
        """A form that was sent, changed and sent again is another message than the first."""
        return uuid5(self.uid, once.fingerprint(self.content()))


def _group(reader: Reader, groups: Mapping[str, Group]) -> Group | None:
    text = reader.text("group", required=False, longest=60)
    found = group_meant(text, list(groups.values()))
    if found is None:
        reader.complain("group", "group", N_("Gõ tên lớp, như 5A, hoặc loại bạn đọc."))
    return found


def group_meant(text: str, groups: Sequence[Group]) -> Group | None:
    """The class or kind of just this name, else the only one that begins so; without words the plain reader, where there
    are no classes."""
    typed = fold(text).replace(" ", "")
    if not typed:
        plain = [one for one in groups if one.kind is PatronGroup.CITIZEN]
        return plain[0] if plain and not any(one.class_id for one in groups) else None
    names = [(fold(one.label).replace(" ", ""), one) for one in groups]
    same = [one for name, one in names if name == typed] or [one for name, one in names if name.startswith(typed)]
    return same[0] if len(same) == 1 else None


def card_trouble(session: Session, library: Organisation, card: str) -> str:
    """Why this card cannot become somebody's, '' if it can: it opens somebody, or it is no card of this library."""
    if is_ours(card) and (card[0] != DIGIT_OF[CodeKind.CARD] or int(card[1:5]) != library.number):
        return N_("Mã này không phải thẻ của thư viện này.")
    if codes.in_use(session, library.id, [card]):
        return N_("Thẻ này đang là của người khác.")
    return ""


def namesakes(session: Session, library_id: int, name: str) -> Sequence[Membership]:
    """Readers here of the same name, marks aside, whatever their class."""
    query = (
        select(Membership)
        .join(Membership.person)
        .outerjoin(Membership.school_class)
        .options(contains_eager(Membership.person), contains_eager(Membership.school_class))
        .where(Membership.library_id == library_id, Membership.to_on.is_(None), Person.name_folded == fold(name))
    )
    return session.scalars(query.order_by(Membership.id).limit(MOST_NAMESAKES)).all()


def add(session: Session, library: Organisation, new: Quick) -> tuple[Membership, str]:
    """The membership and the number on the card."""
    if is_ours(new.card):  # printed before: numbers to come go on after it
        codes.at_least(session, library.id, CodeKind.CARD, int(new.card[5:11]))
    ((made, card),) = enrolling.enrol(session, library, new.group.category_id, [new.patron()])
    return session.get_one(Membership, made), card


def card_of(session: Session, membership_id: int) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id)
    return session.scalar(query.where(Card.membership_id == membership_id, Card.ended_at.is_(None))) or ""
