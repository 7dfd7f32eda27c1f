"""The kit of a vehicle as its page asks for it: a thing more, one less, one that readers may borrow from now on."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from library.access import or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import N_
from library.core.forms import Reader
from library.holdings.models import Item
from library.loans.facts import Desk, resolve, the_one
from library.mobile import kit
from library.mobile.kit import NewKit
from library.mobile.models import KitItem, Vehicle
from library.organisations.models import CodeKind, Organisation

ADD, USUAL, LEND, KEEP, RETIRE = "add", "usual", "lend-", "keep-", "retire-"


def deed(reader: Reader) -> str:
    """What is done, with the thing it is done to: "retire-12"."""
    do = reader.text("do", longest=40)
    return f"{LEND}{reader.text('thing', longest=20)}" if do == "lend" else do


def read(reader: Reader, vehicle: Vehicle, do: str) -> NewKit | None:
    """What is added; or what says with which copy (`item`) a thing of the list is lent. None: nothing but the deed."""
    if do == ADD:
        return NewKit(
            reader.text("name", longest=100), reader.number("quantity", 1, 10_000) or 1,
            reader.text("serial", required=False, longest=60), reader.ticked("for_blind"), _item(reader, vehicle, "code"),
        )  # fmt: skip
    if do.startswith(LEND):
        return NewKit("", item=_item(reader, vehicle, "lend_code", required=True))
    return None


def _item(reader: Reader, vehicle: Vehicle, name: str, required: bool = False) -> Item | None:
    code = reader.text(name, required=required, longest=60)
    item = copy(db.session(), vehicle, code) if code else None
    if code and item is None:
        reader.complain(name, "unknown", N_("Không có bản sách mang mã %(text)s."), text=code)
    return item


def copy(session: Session, vehicle: Vehicle, code: str) -> Item | None:
    """The one of the library's copies with this code or accession number."""
    network = session.get_one(Organisation, vehicle.library_id).network_id or vehicle.library_id
    desk = Desk(vehicle.library_id, network, vehicle.branch_id)
    copies = [one for one in resolve(session, code, desk, clock.now()) if one.kind is CodeKind.ITEM]
    found = the_one(copies) if copies else None
    item = session.get(Item, found.id) if found else None
    return item if item and item.library_id == vehicle.library_id else None


def done(session: Session, vehicle: Vehicle, do: str, said: NewKit | None) -> str:
    """The deed, and what is told of it. Raises NotFound, NotDone."""
    if do == ADD and said is not None:
        return str(_("Đã thêm %(name)s.", name=kit.add(session, vehicle, said).name))
    if do == USUAL:
        return str(_("Đã thêm %(count)s món thường có.", count=kit.add_usual(session, vehicle)))
    thing = _thing(session, vehicle, do)
    if do.startswith(LEND) and said is not None and said.item is not None:
        kit.lend(session, vehicle, thing, said.item)
        return str(_("%(name)s cho bạn đọc mượn được, mã %(code)s.", name=thing.name, code=said.item.accession or "–"))
    if do.startswith(KEEP):
        kit.keep(session, thing)
        return str(_("%(name)s thôi cho bạn đọc mượn.", name=thing.name))
    kit.retire(session, thing, clock.today())
    return str(_("Đã bỏ %(name)s khỏi danh sách.", name=thing.name))


def _thing(session: Session, vehicle: Vehicle, do: str) -> KitItem:
    """The one that a deed names, as "retire-12" does."""
    deeds = (LEND, KEEP, RETIRE)
    wanted = {f"{deed}{one.id}": one for one in kit.of(session, vehicle.id) for deed in deeds}
    return or_not_found(wanted.get(do))
