"""A campaign of a library that asks itself, its sheet, a file beside a figure, for the test of every route."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from library import files
from library.core import clock
from library.core.db import db
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations.models import Organisation
from library.reports.campaign_models import Campaign, CampaignIndicator, LineKind
from library.reports.sheet_models import Sheet, SheetState, SheetValue, Submission


def add(library: Organisation, word: str = "Ba Bể") -> None:
    """`word` stands in everything that is written."""
    session, now, today = db.session(), clock.now(), clock.today()
    act = acts.write(session, Doing.now(None, library.branches[0].id), "campaign-step", now)
    made = Campaign(
        uid=clock.uuid7(), library_id=library.id, name=f"Đợt {word}", theme=word, first_on=today, last_on=today,
        due_on=today + timedelta(days=30), note=word, launched_at=now, same=[], act_id=act,
    )  # fmt: skip
    session.add(made)
    session.flush()
    line = CampaignIndicator(
        uid=clock.uuid7(), campaign_id=made.id, position=0, number=1, code="A1", label=word, unit="lớp",
        kind=LineKind.NUMBER, evidence=False,
    )  # fmt: skip
    sheet = Sheet(
        uid=clock.uuid7(), campaign_id=made.id, organisation_id=library.id, keeper_id=library.id, name=library.name,
        short_name=library.short_name, kind=library.kind, state=SheetState.SUBMITTED,
    )  # fmt: skip
    session.add_all([line, sheet])
    session.flush()
    said = Submission(
        uid=clock.uuid7(), sheet_id=sheet.id, account=clock.uuid7(), saved_at=now, same=[], number=1, known_at=now, act_id=act
    )  # fmt: skip
    session.add(said)
    session.flush()
    session.add(
        SheetValue(
            uid=clock.uuid7(), submission_id=said.id, indicator_id=line.id, stated=3, note=word,
            evidence=files.keep(BytesIO(b"%PDF-1.7")), evidence_name=f"{word}.pdf",
        )
    )  # fmt: skip
    session.flush()


def things_of(library: Organisation) -> dict[str, UUID]:
    """Arguments of addresses: uid (the campaign), sheet, line, value."""
    query = select(Campaign.uid, Sheet.uid, CampaignIndicator.uid, SheetValue.uid).where(
        Campaign.library_id == library.id
    )
    query = query.join(Sheet, Sheet.campaign_id == Campaign.id).join(
        CampaignIndicator, CampaignIndicator.campaign_id == Campaign.id
    )
    query = query.join(Submission, Submission.sheet_id == Sheet.id).join(
        SheetValue, SheetValue.submission_id == Submission.id
    )
    found: Any = db.session.execute(query).first() or [uuid4() for _ in range(4)]
    return dict(zip(("uid", "sheet", "line", "value"), found, strict=True))


def sheet_of(library: Organisation) -> dict[str, UUID]:
    found = things_of(library)
    return {"uid": found["sheet"], "value": found["value"]}
