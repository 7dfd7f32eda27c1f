"""What a shelf's page does, without a browser: numbers its messages and says its time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient

from library.core import clock
from library.core.db import db
from library.holdings.models import Item
from library.patrons.models import Membership, SchoolClass
from library.shelves.models import Shelf
from tests.support.people import sign_in
from tests.support.policies import lends
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World


class ShelfPage:
    """One device at one shelf. What is sent is answered as JSON, and refusals are told with their status."""

    def __init__(self, client: FlaskClient, uid: UUID, device: UUID | None = None) -> None:
        self.client, self.uid, self.device, self.number = client, uid, device or uuid4(), 0

    def posted(self, late: float = 0.0, **more: Any) -> dict[str, Any]:
        self.number += 1
        now = clock.now()
        made = now - timedelta(seconds=late)
        times = {"at": made.isoformat(), "sent_at": now.isoformat()}
        return {"uid": str(clock.uuid7()), "device": str(self.device), "number": self.number, **times, **more}

    def send(self, what: str, message: dict[str, Any]) -> Any:
        return self.client.post(f"/shelves/{self.uid}/{what}", json=message)

    def scan(self, item: Item | str, pupil: Membership | None = None, late: float = 0.0, **more: Any) -> dict[str, Any]:
        text = item if isinstance(item, str) else item.accession
        return self.told("scans", self.posted(late, text=text, pupil=str(pupil.uid) if pupil else None, **more))

    def tap(self, item: Item, pupil: Membership | None = None, **more: Any) -> dict[str, Any]:
        """A cover under the finger."""
        return self.told("scans", self.posted(item=str(item.uid), pupil=str(pupil.uid) if pupil else None, **more))

    def told(self, what: str, message: dict[str, Any]) -> dict[str, Any]:
        answer = self.send(what, message)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        body: dict[str, Any] = answer.get_json()
        return body


@dataclass
class Room:
    """Class 4A of cô Thu with three pupils, a shelf with three books, and a page open on it."""

    of: SchoolClass
    shelf: Shelf
    books: list[Item]
    pupils: list[Membership]
    page: ShelfPage


def room(app: Flask, world: World, **rule: Any) -> Room:
    of = school_class(world)
    keeper = teacher(world, of)
    one = shelf(world, of, keeper=keeper)
    titles = ("Dế Mèn phiêu lưu ký", "Góc sân và khoảng trời", "Cây khế")
    books = [world.items(1, record=world.record(title))[0] for title in titles]
    put(world, one, books)
    pupils = [world.patron(name, class_name="4A") for name in ("Vi Thị Hoa", "Ma Văn Bình", "Hoàng Thị Mai Lan")]
    lends(db.session(), world.school().id, **rule)
    world.session.commit()
    return Room(of, one, books, pupils, ShelfPage(sign_in(app, "thu"), one.uid))
