"""A sheet takes a step: the one door to its state. The caller's act owns the step."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from library.core.errors import N_, Reason, Refused
from library.reports import sheet_states
from library.reports.sheet_models import Sheet, SheetState, SheetStep
from library.reports.sheet_states import Deed


class WentOn(Refused):
    """A later step stands on this one."""

    def __init__(self) -> None:
        super().__init__(Reason("went-on", N_("Báo cáo đã sang bước sau. Hoàn tác bước sau trước.")))


def lock(session: Session, sheet_id: int) -> Sheet:
    """The sheet as it is now, held until commit: two people cannot both accept or withdraw it."""
    query = select(Sheet).where(Sheet.id == sheet_id).with_for_update(key_share=True)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def take(
    session: Session, sheet: Sheet, deed: Deed, act_id: int, at: datetime, note: str | None = None,
    submission_id: int | None = None,
) -> SheetState:  # fmt: skip
    """The state after it. `sheet` is locked. Raises NotNow."""
    before, sheet.state = sheet.state, sheet_states.after(sheet.state, deed)
    session.add(
        SheetStep(
            sheet_id=sheet.id, act_id=act_id, deed=deed, before=before, after=sheet.state, at=at, note=note,
            submission_id=submission_id,
        )
    )  # fmt: skip
    session.flush()
    return sheet.state


def undo(session: Session, act_id: int) -> int:
    """The act was voided: sheets it moved are where they were; how many. Raises WentOn."""
    mine = session.scalars(select(SheetStep).where(SheetStep.act_id == act_id, SheetStep.voided.is_(False))).all()
    for step in sorted(mine, key=lambda one: one.id, reverse=True):
        _check_last(session, step)
        step.voided = True
        was = update(Sheet).where(Sheet.id == step.sheet_id, Sheet.state == step.after)
        if session.execute(was.values(state=step.before).returning(Sheet.id)).first() is None:
            raise WentOn
    session.flush()
    session.expire_all()
    return len(mine)


def _check_last(session: Session, step: SheetStep) -> None:
    later = aliased(SheetStep)
    since = exists().where(
        later.sheet_id == step.sheet_id, later.id > step.id, later.act_id != step.act_id, later.voided.is_(False)
    )
    if session.scalar(select(since)):
        raise WentOn
