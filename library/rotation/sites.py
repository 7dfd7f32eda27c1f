"""Sites: where batches stay. A library of the network, or a point without one, which becomes a branch of whoever runs it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import places
from library.holdings.models import Place, PlaceKind, Stay
from library.inbox.acts import Doing
from library.organisations import founding
from library.organisations.models import Branch, Organisation
from library.rotation.lifecycle import ENDED
from library.rotation.models import Batch, Leg, Site, SiteKind

PLACE = N_("Sách luân chuyển")


@dataclass(frozen=True)
class NewSite:
    """What is said of a site. `branch` None: a point without a library; it gets a branch of its own."""

    name: str
    kind: SiteKind
    branch: Branch | None = None
    area: str | None = None
    keeper_name: str | None = None
    keeper_title: str | None = None
    keeper_phone: str | None = None
    readers: int | None = None
    grades: Sequence[int] = ()
    languages: Sequence[str] = ()
    latitude: float | None = None
    longitude: float | None = None
    note: str | None = None
    from_on: date | None = field(default=None)


class SiteRefused(Refused):
    """Why it cannot be so; nothing was written."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


def found(session: Session, doing: Doing, library: Organisation, new: NewSite) -> Site:
    """The site, open from `new.from_on` (the day it is done). Raises SiteRefused."""
    _check_name(session, library.id, new.name)
    branch = new.branch or _own_branch(session, library, new.name)
    if branch.organisation.network_id != library.network_id:
        raise SiteRefused("network", N_("Thư viện ấy thuộc mạng lưới khác nên chưa làm điểm luân chuyển được."))
    site = Site(
        uid=clock.uuid7(), library_id=library.id, branch_id=branch.id, place_id=_place(session, library, branch, new).id,
        kind=new.kind, name=new.name, grades=sorted(new.grades), languages=list(new.languages),
        from_on=new.from_on or clock.day_of(doing.at or clock.now()),
    )  # fmt: skip
    _tell(site, new)
    session.add(site)
    session.flush()
    return site


def _check_name(session: Session, library_id: int, name: str, but: int | None = None) -> None:
    """Names are compared here: SQLite knows the small letters of ASCII only."""
    query = select(Site.id, Site.name).where(Site.library_id == library_id)
    if any(one.casefold() == name.casefold() for site_id, one in session.execute(query) if site_id != but):
        raise SiteRefused("name-taken", N_("Đã có điểm tên “%(name)s”. Đặt tên khác, ví dụ thêm tên xã."), name=name)


def _own_branch(session: Session, library: Organisation, name: str) -> Branch:
    """A branch of the library that runs the site; one of that name that is there already serves (a site opened again)."""
    query = select(Branch).where(Branch.organisation_id == library.id, Branch.name == name)
    branch = session.scalar(query) or founding.add_branch(session, library, name)
    places.furnish(session, branch)
    return branch


def _place(session: Session, library: Organisation, branch: Branch, new: NewSite) -> Place:
    """Where its copies stand: one place for each site, also where two libraries send books to one school."""
    taken = set(session.scalars(select(Place.name).where(Place.branch_id == branch.id)))
    names = (PLACE, f"{PLACE} – {new.name}", f"{PLACE} – {library.short_name}", f"{PLACE} {len(taken) + 1}")
    name = next(one for one in names if one not in taken)
    return places.place_named(session, branch.id, name, PlaceKind.DEPOT)


def _tell(site: Site, new: NewSite) -> None:
    for name in ("area", "keeper_name", "keeper_title", "keeper_phone", "readers", "latitude", "longitude", "note"):
        setattr(site, name, getattr(new, name))


def change(session: Session, site: Site, new: NewSite) -> None:
    """What is said of it, from now on; where its books stand never changes. Raises SiteRefused."""
    _check_name(session, site.library_id, new.name, site.id)
    site.name, site.kind = new.name, new.kind
    site.grades, site.languages = sorted(new.grades), list(new.languages)
    _tell(site, new)
    session.flush()


def close(session: Session, doing: Doing, site: Site, why: str) -> None:
    """No batch goes there any more. Raises SiteRefused while copies stay there or are on their way."""
    if site.closed_on is not None:
        raise SiteRefused("closed", N_("Điểm này đã đóng rồi."))
    if count := len(staying(session, site)):
        sentence = N_("Ở điểm này còn %(count)s cuốn luân chuyển. Đưa sách về hoặc chuyển tiếp rồi đóng điểm.")
        raise SiteRefused("books-there", sentence, count=count)
    if code := next(iter(coming(session, site.id)), None):
        sentence = N_("Đợt %(batch)s còn đi qua điểm này. Kết thúc hoặc bỏ đợt ấy rồi đóng điểm.")
        raise SiteRefused("batch-coming", sentence, batch=code)
    site.closed_on, site.closed_why = clock.day_of(doing.at or clock.now()), why
    session.flush()


def reopen(session: Session, site: Site) -> None:
    """Batches go there again. Raises SiteRefused for a branch that is closed itself."""
    if site.branch.closed_on is not None or site.branch.organisation.to_on is not None:
        raise SiteRefused("branch-closed", N_("Cơ sở này đã thôi hoạt động. Lập điểm mới ở nơi tiếp nhận."))
    site.closed_on = site.closed_why = None
    session.flush()


def staying(session: Session, site: Site) -> list[int]:
    """Ids of copies that stay there by an open stay, those with readers too (one statement)."""
    still = (Stay.ended_at.is_(None), Stay.voided.is_(False))
    return list(session.scalars(select(Stay.item_id).where(Stay.place_id == site.place_id, *still)))


def coming(session: Session, site_id: int) -> list[str]:
    """Codes of batches not yet ended with a leg from or to it that is still to be made (one statement)."""
    to_make = (Leg.cancelled_at.is_(None), Leg.received_at.is_(None))
    query = select(Batch.code).join(Leg, Leg.batch_id == Batch.id).where(*to_make, Batch.state.not_in(ENDED))
    query = query.where(or_(Leg.to_site_id == site_id, Leg.from_site_id == site_id))
    return list(session.scalars(query.distinct().order_by(Batch.code)))


def open_of(session: Session, library_id: int) -> list[Site]:
    """The library's sites that are open, by area and name (one statement)."""
    query = select(Site).where(Site.library_id == library_id, Site.closed_on.is_(None))
    return list(session.scalars(query.order_by(Site.area, Site.name)))


def all_of(session: Session, library_id: int) -> list[Site]:
    """Closed ones last."""
    query = select(Site).where(Site.library_id == library_id)
    return list(session.scalars(query.order_by(Site.closed_on.is_not(None), Site.area, Site.name)))


def depots(session: Session, library_id: int) -> list[Place]:
    """Where the library's rotation stock is kept: its places of that kind, those of sites aside (one statement)."""
    of_sites = select(Site.place_id)
    query = select(Place).join(Branch, Branch.id == Place.branch_id).where(Branch.organisation_id == library_id)
    query = query.where(Place.kind == PlaceKind.DEPOT, Place.closed_on.is_(None), Place.id.not_in(of_sites))
    return list(session.scalars(query.order_by(Place.id)))


DEPOT = N_("Kho luân chuyển")


def depot(session: Session, library: Organisation, branch: Branch | None = None) -> Place:
    """The library's first depot, made at its main branch if there is none yet."""
    if there := depots(session, library.id):
        return there[0]
    return places.place_named(session, (branch or library.branches[0]).id, DEPOT, PlaceKind.DEPOT)
