"""A school with books of every sort; cô Hà takes them away, another school of another province takes them in."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.catalogue import writing
from library.catalogue.models import LocalRecord, NumberKind, Record, Role
from library.catalogue.writing import NewRecord
from library.core.db import db
from library.holdings import accessions
from library.holdings.accessions import NewItem
from library.holdings.models import Item, PlaceKind
from library.inbox.acts import Doing
from library.jobs import queue
from library.organisations import founding
from library.organisations.models import Organisation, OrganisationKind
from library.staging.values import with_check_digit
from tests.support.people import account, sign_in
from tests.support.world import LONG_AGO, World

ISBN, EAN = with_check_digit("978604212345"), with_check_digit("893524480123")


@dataclass
class Person:
    """Somebody at a computer."""

    app: Flask
    client: FlaskClient
    library: Organisation

    def take(self, kind: str = "books", form: str = "xlsx", place: str = "") -> Any:
        told = {"kind": kind, "form": form, "place": place or f"library:{self.library.uid}"}
        return self.client.post("/exports", data=told)

    def taken(self, kind: str = "books", form: str = "xlsx", place: str = "") -> bytes:
        answer = self.take(kind, form, place)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert "attachment" in answer.headers["Content-Disposition"]
        data: bytes = answer.get_data()
        answer.close()
        return data

    def bring(self, data: bytes, name: str) -> str:
        """Bring a list and write it; the address of its page."""
        address = self.show(data, name)
        assert self.client.post(f"{address}/apply").status_code == 303
        queue.work_off(self.app)
        return address

    def show(self, data: bytes, name: str) -> str:
        """Bring a list and only look at it; the address of its page."""
        file = {"kind": "books", "file": (BytesIO(data), name)}
        answer = self.client.post("/imports", data=file, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.get_data(as_text=True)
        queue.work_off(self.app)
        address: str = answer.headers["Location"]
        return address


def add(world: World, new: NewRecord, copies: int = 1, call_number: str = "", **told: Any) -> Record:
    """A title of the school with copies in the series TK, from a number of their own on."""
    session, school = world.session(), world.school()
    assert school.network_id
    record = writing.create(session, school.network_id, new)
    if call_number:
        session.add(LocalRecord(library_id=school.id, record_id=record.id, call_number=call_number))
    if copies:
        doing = Doing.now(branch_id=world.branch().id)
        more = {name: told.pop(name) for name in ("voucher", "general_no") if name in told}
        source = told.pop("source", "Trường tự mua")
        day = told.get("accessioned_on", date(2019, 9, 5))
        receipt = accessions.receive(session, doing, school, source, day, LONG_AGO, **more)
        home = world.place(PlaceKind.STACKS).id
        one = NewItem(record.id, home, "TK", **{"price": new.price, "accessioned_on": day, **told})
        accessions.enter(session, receipt, school, world.branch().id, [one] * copies, LONG_AGO)
    session.flush()
    return record


def furnish(world: World) -> None:
    """Books whose every field a list can tell, in ways that are easily lost."""
    author = (("Tô Hoài", Role.AUTHOR),)
    add(world, NewRecord("Dế Mèn phiêu lưu ký", author, publisher="Kim Đồng", place="H.", year=2019, price=45_000,
                         extent="163 tr.", dimensions="21 cm", ddc="895.922334", class_mark="ĐV13", title_code="D250M",
                         kind="STN", subjects=("Văn học thiếu nhi", "Côn trùng"), edition="Tái bản lần 5",
                         summary="Chú dế; đi & thấy <nhiều> \"bạn\"", numbers=((ISBN, NumberKind.ISBN), (EAN, NumberKind.EAN))),
        3, "ĐV13 D250M", voucher="HĐ 12", general_no="7/2019")  # fmt: skip
    for volume in (1, 2):
        add(world, NewRecord("Kính vạn hoa", (("Nguyễn Nhật Ánh", Role.AUTHOR), ("Đỗ Hoàng Tường", Role.ILLUSTRATOR)),
                             part_number=f"Tập {volume}", part_title="Nhà ảo thuật" if volume == 1 else "", series="Tủ sách vàng",
                             publisher="Kim Đồng", year=2005, price=30_000, grade="5"), 2)  # fmt: skip
    add(world, NewRecord("Hoàng tử bé", (("Saint-Exupéry", Role.AUTHOR), ("Bùi Giáng", Role.TRANSLATOR)), language="fre",
                         audience="thieu_nhi", price=20_000), 1, note="Rách bìa")  # fmt: skip
    add(world, NewRecord("=1+1 bài toán vui", author, price=5_000, numbers=(("9786040000001", NumberKind.OTHER),)), 1)
    add(world, NewRecord("Truyện cổ tích", (("Vũ Ngọc Phan", Role.COMPILER),), price=9_000), 150)


def catalogue(library_id: int) -> list[tuple[Any, ...]]:
    """Everything the school has, without what is of this database alone."""
    db.session.rollback()
    found = []
    query = select(Item, Record, LocalRecord).join(Record, Record.id == Item.record_id)
    said = (LocalRecord.record_id == Record.id) & (LocalRecord.library_id == Item.library_id)
    for item, record, local in db.session.execute(
        query.outerjoin(LocalRecord, said).where(Item.library_id == library_id)
    ):
        new = writing.as_new(record)
        told = {name: getattr(new, name) for name in new.__dataclass_fields__ if name not in ("marc", "edited")}
        mine = (item.accession, item.price, item.accessioned_on, item.home.name, item.note, item.register_status)
        found.append((mine, local.call_number if local else None, tuple(sorted(told.items(), key=lambda one: one[0]))))
    return sorted(found, key=repr)


def cage(world: World) -> Organisation:
    """A school of another province: it shares no titles with ours."""
    made = founding.found(world.session(), OrganisationKind.SCHOOL, "Trường Tiểu học Phương Xa")
    return world._furnished(made)


@pytest.fixture
def ha(app: Flask, world: World) -> Person:
    """cô Hà, librarian of the school."""
    account(world, "ha")
    furnish(world)
    world.session.commit()
    return Person(app, sign_in(app), world.school())


@pytest.fixture
def far(app: Flask, world: World) -> Person:
    """cô Thu, librarian far away, where there is no book yet."""
    library = cage(world)
    account(world, "thu", RoleName.LIBRARIAN, library)
    world.session.commit()
    return Person(app, sign_in(app, "thu"), library)
