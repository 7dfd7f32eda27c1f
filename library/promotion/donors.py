"""Who gave: found or made by their name, told in words, named in public only where that is right, forgotten on request."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from library import files
from library.core import clock
from library.core.errors import N_
from library.core.fold import clean, fold
from library.holdings.models import Item, Receipt
from library.promotion import event_files
from library.promotion.event_models import PromotionFile
from library.promotion.gift_models import Donor, DonorKind, Gift, GiftCopy, GivingChange

NAMED = (DonorKind.COLLECTIVE, DonorKind.ORGANISATION)
"""Whose name may stand in registers and on walls: they are no persons."""
WORDS = {
    DonorKind.COLLECTIVE: N_("Tập thể, lớp"), DonorKind.ORGANISATION: N_("Cơ quan, doanh nghiệp"),
    DonorKind.PERSON: N_("Người lớn"), DonorKind.PUPIL: N_("Học sinh"),
}  # fmt: skip
UNNAMED = {
    DonorKind.COLLECTIVE: N_("một tập thể"), DonorKind.ORGANISATION: N_("một đơn vị"),
    DonorKind.PERSON: N_("một bạn đọc"), DonorKind.PUPIL: N_("một em học sinh"), None: N_("người tặng không nêu tên"),
}  # fmt: skip
SOURCES = {DonorKind.PERSON: "Bạn đọc tặng", DonorKind.PUPIL: "Học sinh tặng", None: "Quà tặng không nêu tên"}
"""Of receipts: registers are in Vietnamese, and hold no names of persons."""
GIFT_SOURCE = "Quà tặng"


def named(session: Session, library_id: int, kind: DonorKind, name: str, about: str = "") -> Donor:
    """The donor of that name, a new one if nobody has it yet."""
    folded = fold(name)
    alike = (Donor.library_id == library_id, Donor.kind == kind, Donor.folded == folded, Donor.about == about)
    found = session.scalar(select(Donor).where(*alike))
    if found is None:
        found = Donor(
            uid=clock.uuid7(), library_id=library_id, kind=kind, name=clean(name), folded=folded, about=about,
            shown=kind in NAMED,
        )  # fmt: skip
        session.add(found)
        session.flush()
    return found


def told(session: Session, library_id: int, kind: DonorKind, name: str, about: str, shown: bool) -> int:
    """The same by its id; `shown`: a person agrees to be named. Who agreed before goes on being named (`show`)."""
    found = named(session, library_id, kind, name, about)
    found.shown = found.shown or shown
    session.flush()
    return found.id


def full_name(donor: Donor | None) -> str | None:
    """For those who work with gifts: the whole name; nothing where there is none."""
    if donor is None or donor.name is None:
        return None
    return f"{donor.name}, {donor.about}" if donor.about else donor.name


def open_name(donor: Donor | None) -> str | None:
    """For labels, title pages and walls: collectives by name; persons who agreed; of a child only the given name."""
    if donor is None or donor.name is None or not donor.shown:
        return None
    if donor.kind is DonorKind.PUPIL:
        given = donor.name.split()[-1]
        return f"em {given}, {donor.about}" if donor.about else f"em {given}"
    return full_name(donor)


def unnamed(donor: Donor | None) -> str:
    """Words to translate, where nobody may be named."""
    return UNNAMED[donor.kind if donor else None]


def source_of(donor: Donor | None) -> str:
    """As the register of receipts tells it: “Lớp 5A tặng”."""
    if donor is not None and donor.kind in NAMED:
        return f"{donor.name} tặng" if donor.name else GIFT_SOURCE
    return SOURCES[donor.kind if donor else None]


def listed(session: Session, library_id: int) -> list[Donor]:
    """Those who still have a name, by kind and name."""
    query = select(Donor).where(Donor.library_id == library_id, Donor.name.is_not(None))
    return list(session.scalars(query.order_by(Donor.kind, Donor.folded)))


# Forgetting


def forget(session: Session, donors: Collection[int]) -> None:
    """Nothing tells any more who they were: not the gifts, their photos, what stood there before, not the register."""
    gifts = select(Gift.id).where(Gift.donor_id.in_(donors))
    for donor in session.scalars(select(Donor).where(Donor.id.in_(donors), Donor.name.is_not(None))).all():
        if donor.kind in NAMED:
            _blank_source(session, donor)
        donor.name = donor.folded = None
        donor.about, donor.shown = "", False
    session.execute(update(Gift).where(Gift.donor_id.in_(donors)).values(note=None))
    for change in session.scalars(select(GivingChange).where(GivingChange.gift_id.in_(gifts))):
        if change.before and change.before.get("note"):
            change.before = {**change.before, "note": None}
    _forget_photos(session, select(Gift.uid).where(Gift.id.in_(gifts)))
    session.flush()


def _forget_photos(session: Session, gifts: Select[UUID]) -> None:
    """Their names too, also of those taken away before: a picture is often called what is on it."""
    for one in session.scalars(select(PromotionFile).where(PromotionFile.source.in_(gifts))).all():
        one.name = ""
        if one.removed_at is None:
            files.forget_with(session, event_files.remove(session, one))


def _blank_source(session: Session, donor: Donor) -> None:
    came = (
        select(Item.receipt_id)
        .join(GiftCopy, GiftCopy.item_id == Item.id)
        .join(Gift, Gift.id == GiftCopy.gift_id)
        .where(Gift.donor_id == donor.id)
    )
    theirs = (Receipt.id.in_(came), Receipt.source == source_of(donor))
    session.execute(update(Receipt).where(*theirs).values(source=GIFT_SOURCE))
