"""What the pages of losses share: acts that can be taken back from the page that comes after them."""

from uuid import UUID

from flask import request

from library.core.db import db
from library.inbox import acts
from library.loans.marks import VERBS

UNDOES = frozenset({*VERBS.values(), "ask-compensation", "settle-compensation", "propose-settlement", "refund",
                    "lift-suspension", "report-condition", "decline-settlement", "miss"})  # fmt: skip


def done() -> str | None:
    """The act just done, as the address says, while it can be undone."""
    try:
        act = acts.by_uid(db.session(), UUID(request.args.get("done") or ""))
    except ValueError:
        return None
    return str(act.uid) if act and act.kind in UNDOES and act.voided_by is None else None
