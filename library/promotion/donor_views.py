"""Who gave: a list for those who work with gifts, a wall for everybody; forgetting a name on request."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.access import Permission, for_everyone, needs
from library.core import clock
from library.core.db import db
from library.core.forms import Reader
from library.core.numbers import written
from library.finding.pages import FRONT_LINKS, library_at, open_page
from library.loans import posting
from library.organisations.models import Branch, Organisation
from library.patrons import asked
from library.promotion import donors, gift_sums
from library.promotion.gift_models import Donor, Gift, GiftLine
from library.promotion.gift_pages import donor_here, note, once, posted, said, show

bp = Blueprint("donors", __name__)
A_WALL = 365
"""Days that a wall looks back."""


@bp.get("/donors", endpoint="list")
@needs(Permission.PROMOTE)
def show_list() -> Any:
    session, library = db.session(), asked.library()
    return show("promotion/donors.html", library=library, donors=donors.listed(session, library.id), kinds=donors.WORDS,
                gave=_gave(session, library.id), open_name=donors.open_name)  # fmt: skip


def _gave(session: Session, library_id: int) -> dict[int, tuple[int, int, int]]:
    """By donor: gifts, copies, đồng (two statements)."""
    mine = (Donor.library_id == library_id, Gift.cancelled.is_(False))
    sums = (
        select(Donor.id, func.count(Gift.id), func.sum(Gift.money)).join(Gift, Gift.donor_id == Donor.id).where(*mine)
    )
    lines = select(Donor.id, func.sum(GiftLine.quantity)).join(Gift, Gift.donor_id == Donor.id).join(
        GiftLine, GiftLine.gift_id == Gift.id
    )  # fmt: skip
    copies = {donor: int(many) for donor, many in session.execute(lines.where(*mine).group_by(Donor.id))}
    rows = session.execute(sums.group_by(Donor.id))
    return {donor: (many, copies.get(donor, 0), int(money or 0)) for donor, many, money in rows}


@bp.get("/donors/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show_donor(uid: UUID) -> Any:
    session, donor = db.session(), donor_here(uid)
    query = select(Gift).where(Gift.donor_id == donor.id, Gift.cancelled.is_(False))
    found = list(session.scalars(query.order_by(Gift.given_on.desc(), Gift.id.desc())))
    return show("promotion/donor.html", donor=donor, gifts=found, sums=gift_sums.of_gifts(session, found),
                kind=donors.WORDS[donor.kind], named=donors.NAMED, open_name=donors.open_name)  # fmt: skip


@bp.post("/donors/<uuid:uid>", endpoint="change")
@needs(Permission.PROMOTE)
def change(uid: UUID) -> Any:
    """`shown`: they are named on walls and books, or no longer."""
    donor_here(uid)
    reader = Reader(posting.source())
    sent, shown = posted(reader), reader.ticked("shown")
    reader.done()
    assert sent is not None

    def work() -> str:
        donor = donor_here(uid)
        donor.shown = shown and donor.name is not None
        note("show-donor" if donor.shown else "hide-donor", "donor", uid, donor.library_id)
        return said(_("Đã lưu."), url_for(".show", uid=uid))

    return once(sent, {"donor": str(uid), "shown": shown}, work)


@bp.post("/donors/<uuid:uid>/forget", endpoint="forget")
@needs(Permission.PROMOTE)
def forget(uid: UUID) -> Any:
    """Their name goes; what was given stays. Not to be undone: `sure` says that this was read."""
    donor_here(uid)
    reader = Reader(posting.source())
    sent = posted(reader)
    if not reader.ticked("sure"):
        reader.text("sure")
    reader.done()
    assert sent is not None

    def work() -> str:
        donor = donor_here(uid)
        donors.forget(db.session(), [donor.id])
        note("forget-donor", "donor", uid, donor.library_id)
        return said(_("Đã quên tên người tặng. Số sách và tiền vẫn còn trong số liệu."), url_for(".show", uid=uid))

    return once(sent, {"forget": str(uid)}, work)


# For everybody


@dataclass(frozen=True)
class Named:
    """`money`: they gave to a fund too; how much stands on no wall."""

    name: str
    copies: int
    money: bool
    last_on: date


@bp.get("/tv/<slug>/tri-an", endpoint="wall")
@for_everyone
def wall(slug: str) -> Any:
    """Who gave in the last twelve months: collectives by name, persons who agreed, of children the given name."""
    library = library_at(slug)
    since = _since()
    named, others, total = _wall(db.session(), library.id, since)
    back = url_for("finding.front", slug=slug)
    return open_page(
        "promotion/wall.html", library, named=named, others=others, total=total, since=since, written=written, back=back
    )


def _on_the_front(library: Organisation) -> tuple[str, str] | None:
    ours = select(Branch.id).where(Branch.organisation_id == library.id)
    gave = (Gift.branch_id.in_(ours), Gift.given_on >= _since(), Gift.cancelled.is_(False))
    if db.session.scalar(select(Gift.id).where(*gave).limit(1)) is None:
        return None
    return _("Bảng tri ân"), url_for("donors.wall", slug=library.slug)


FRONT_LINKS.append(_on_the_front)


def _since() -> date:
    return date.fromordinal(clock.today().toordinal() - A_WALL)


def _wall(session: Session, library_id: int, since: date) -> tuple[list[Named], Counter[str], gift_sums.Sum]:
    ours = select(Branch.id).where(Branch.organisation_id == library_id)
    query = select(Gift).where(Gift.branch_id.in_(ours), Gift.given_on >= since, Gift.cancelled.is_(False))
    found = list(session.scalars(query.order_by(Gift.given_on.desc(), Gift.id.desc())))
    sums = gift_sums.of_gifts(session, found)
    named: dict[str, Named] = {}
    others: Counter[str] = Counter()
    unnamed: set[int] = set()
    for gift in found:
        name = donors.open_name(gift.donor)
        if name:
            before = named.get(name)
            copies, money = sums[gift.id].counted, gift.money > 0
            last_on = gift.given_on
            if before:
                copies, money, last_on = copies + before.copies, money or before.money, before.last_on
            named[name] = Named(name[0].upper() + name[1:], copies, money, last_on)
        elif gift.donor is None or gift.donor_id not in unnamed:
            others[donors.unnamed(gift.donor)] += 1
            unnamed |= {gift.donor_id or 0} if gift.donor else set()
    return sorted(named.values(), key=lambda one: (-one.copies, one.name)), others, gift_sums.total(sums.values())
