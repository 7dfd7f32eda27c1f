"""Copies that came with a gift: entered from its page, and told beside the title: “Tặng: lớp 5A, 2026”."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Scope
from library.cataloguing import origins
from library.cataloguing.origins import Coming
from library.holdings.models import Item, Register
from library.organisations.models import Branch
from library.promotion import donors, gift_fates, gift_sums
from library.promotion.gift_models import Donor, Gift, GiftCopy

MOST = 200
"""Copies of one title that are asked about."""


class FromGift:
    """An origin for the pages by which books come in."""

    def coming(self, session: Session, library_id: int, uid: UUID) -> Coming | None:
        query = select(Gift).join(Branch, Branch.id == Gift.branch_id).where(Gift.uid == uid, Gift.cancelled.is_(False))
        gift = session.scalar(query.where(Branch.organisation_id == library_id))
        if gift is None:
            return None
        return Coming(
            gift.uid, _("Quà số %(number)s: %(donor)s", number=gift.number, donor=_donor(gift)),
            url_for("gifts.show", uid=uid), donors.source_of(gift.donor), gift.given_on, f"Quà {gift.number}",
            gift_sums.of_gift(session, gift).waiting,
        )  # fmt: skip

    def entered(self, session: Session, act_id: int, uid: UUID, items: Sequence[int]) -> None:
        gift_fates.entered(session, act_id, session.scalars(select(Gift).where(Gift.uid == uid)).one(), items)


def _donor(gift: Gift) -> str:
    return donors.full_name(gift.donor) or str(_(donors.unnamed(gift.donor)))


origins.ORIGINS.append(FromGift())


@dataclass(frozen=True)
class Line:
    """Copies of one gift. `gift`: its page, for those who may open it."""

    donor: Donor | None
    year: int
    accessions: tuple[str, ...]
    gift: UUID

    @property
    def words(self) -> str:
        return line_of(self.donor, self.year)


def line_of(donor: Donor | None, year: int) -> str:
    """Tặng: lớp 5A, 2026 – as it may stand on the book and in public. In the reader's language."""
    name = donors.open_name(donor) or str(_(donors.unnamed(donor)))
    return str(_("Tặng: %(donor)s, %(year)s", donor=name, year=year))


def of_title(session: Session, record_id: int, scope: Scope) -> list[Line]:
    """Donor lines of the copies of a title that libraries in scope answer for, each with its copies (one statement)."""
    query = (
        select(Gift, Item.accession)
        .join(GiftCopy, GiftCopy.gift_id == Gift.id)
        .join(Item, Item.id == GiftCopy.item_id)
        .where(Item.record_id == record_id, scope.of_libraries(Item.library_id), Gift.cancelled.is_(False))
        .where(Item.register_status == Register.LISTED)
    )
    found: dict[int, tuple[Gift, list[str]]] = {}
    for gift, accession in session.execute(query.order_by(Item.accession_folded).limit(MOST)):
        found.setdefault(gift.id, (gift, []))[1].append(accession or "")
    return [Line(gift.donor, gift.given_on.year, tuple(some), gift.uid) for gift, some in found.values()]


def of_title_in_public(session: Session, record_id: int, library_id: int) -> list[str]:
    """Each donor line once."""
    lines = of_title(session, record_id, Scope(libraries=frozenset({library_id})))
    return list(dict.fromkeys(one.words for one in lines))


def of_copy(session: Session, item_id: int) -> str:
    """The donor line of one copy; nothing for one that was bought."""
    query = select(Gift).join(GiftCopy, GiftCopy.gift_id == Gift.id).where(GiftCopy.item_id == item_id)
    gift = session.scalar(query.where(Gift.cancelled.is_(False)))
    return line_of(gift.donor, gift.given_on.year) if gift else ""
