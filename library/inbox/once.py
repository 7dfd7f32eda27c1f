"""A message counts once, however often it arrives."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.inbox.models import Entry

ENTRY = table_of(Entry)
_ANSWERING = update(ENTRY).where(ENTRY.c.uid == bindparam("of"))


class AnotherContent(Refused):
    """The uid was used for something else. A bug in the sender, or mischief."""

    def __init__(self) -> None:
        super().__init__(Reason("uid-reused", N_("Mã của lượt này đã dùng cho một việc khác.")))


class AnotherSender(Refused):
    """A queue is sent only by the account that made it."""

    def __init__(self) -> None:
        super().__init__(Reason("not-yours", N_("Lượt này do tài khoản khác tạo. Người đó cần vào để gửi.")))


def fingerprint(content: Mapping[str, Any]) -> str:
    """SHA-256 over the content, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


@cache
def _arriving(dialect: str) -> Any:
    """The upsert, built once: `INSERT … ON CONFLICT DO UPDATE … RETURNING`."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(ENTRY)
    upsert = insert.on_conflict_do_update(index_elements=["uid"], set_={"arrivals": ENTRY.c.arrivals + 1})
    return upsert.returning(ENTRY.c.arrivals, ENTRY.c.account, ENTRY.c.fingerprint, ENTRY.c.answer)


def arrive(session: Session, uid: UUID, account: UUID | None, content: Mapping[str, Any]) -> dict[str, Any] | None:
    """Note the arrival (one statement) and return the first answer if there was one, else None: do it now.

    A repeat writes too. One that wrote nothing would commit without waiting for the standby, and so confirm
    what may stand on one disk only.
    """
    print_ = fingerprint(content)
    row = {"uid": uid, "account": account, "fingerprint": print_, "arrivals": 1, "received_at": clock.now()}
    arriving = _arriving(session.get_bind().dialect.name)
    arrivals, sender, first_print, answer = straight(session).execute(arriving, row).one()
    if arrivals > 1 and sender != account:
        raise AnotherSender
    if arrivals > 1 and first_print != print_:
        raise AnotherContent
    first: dict[str, Any] | None = answer
    return first


def keep_answer(session: Session, uid: UUID, answer: Mapping[str, Any]) -> None:
    """The answer every later arrival of `uid` will get."""
    straight(session).execute(_ANSWERING, {"of": uid, "answer": dict(answer)})
