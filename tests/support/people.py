"""Accounts and signed-in clients for tests."""

from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient

from library.accounts import managing
from library.accounts.models import Account, RoleName
from library.core import clock
from library.core.db import db
from library.organisations.models import Organisation
from tests.support.world import World

PASSWORD = "mật khẩu để thử"


def account(
    world: World, login: str = "ha", role: RoleName = RoleName.LIBRARIAN, library: Organisation | None = None
) -> Account:
    """cô Hà, librarian of the school, unless said otherwise."""
    owner = library or world.school()
    made = managing.open_account(world.session(), login, "Lường Thị Hà", PASSWORD, world.branch(owner))
    managing.grant(world.session(), made, role, owner.id)
    return made


def sign_in(app: Flask, login: str = "ha") -> FlaskClient:
    """A browser with somebody signed in."""
    client = app.test_client()
    answer = client.post("/sign-in", data={"login": login, "password": PASSWORD})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return client


class DeskPage:
    """What the desk's page does, without a browser: numbers its scans and says its time."""

    def __init__(self, client: FlaskClient, device: UUID | None = None) -> None:
        self.client, self.device, self.number = client, device or uuid4(), 0
        self.reader: str | None = None

    def posted(self, late: float = 0.0, **more: Any) -> dict[str, Any]:
        self.number += 1
        now = clock.now()
        sent = now.timestamp()
        made = type(now).fromtimestamp(sent - late, now.tzinfo)
        times = {"at": made.isoformat(), "sent_at": now.isoformat()}
        return {"uid": str(clock.uuid7()), "device": str(self.device), "number": self.number, **times, **more}

    def send(self, message: dict[str, Any]) -> Any:
        return self.client.post("/desk/scans", json=message)

    def scan(self, code: str, **more: Any) -> dict[str, Any]:
        """Scan as the page would: a card opens a reader, who stays open."""
        answer = self.send(self.posted(code=code, reader=self.reader, **more))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        body: dict[str, Any] = answer.get_json()
        if body["what"] == "reader":
            self.reader = body["reader"]["uid"]
        return body

    def undo(self, act: str) -> Any:
        return self.client.post("/desk/undo", json=self.posted(act=act))


def commit() -> None:
    db.session.commit()
