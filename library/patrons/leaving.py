"""Pupils whom a list no longer has: asked about, and let go only where a person ticks the row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from library.core.errors import N_
from library.core.fold import fold
from library.patrons import held
from library.patrons.knowing import Known, readers
from library.patrons.list_plans import Plan, Setting, setting_of
from library.staging.importers import REST, Judged, Rest, Staged, Task, note_of, row_key
from library.staging.verdicts import Verdict

ABSENT = N_("Danh sách không có em.")
ENDS = N_("Em thôi đọc ở thư viện, thẻ nghỉ dùng.")
HOLDS = N_("Em đang giữ %(count)s cuốn, lượt mượn vẫn còn cho đến khi trả.")

COVERS = {
    "": N_("Chỉ các em có tên trong tệp"),
    "classes": N_("Đủ mọi em của các lớp trong tệp"),
    "school": N_("Đủ mọi em của cả trường"),
}


def ended(row: Staged, found: Known, why: str, setting: Setting) -> Plan:
    if row_key(row.number, row.sheet) in setting.ticked:
        return Plan(row, Judged(Verdict.CHANGED, (note_of(why), note_of(ENDS)), {"ends": 1}), found, ends=True)
    return Plan(row, Judged(Verdict.LEFT, (note_of(why),)), found)


def absent(row: Staged, setting: Setting) -> Plan:
    """A row that stands in no sheet: its number is the membership."""
    name = row.values["full_name"]
    found = Known(0, fold(name), name, membership_id=row.number)
    return ended(row, found, ABSENT, setting)


def rest(session: Session, task: Task, seen: Mapping[str, Any]) -> list[Rest]:
    """Pupils of whole classes, or of the whole school, whom no row has named."""
    covers, setting = task.answers.get("covers", ""), setting_of(task)
    if covers not in COVERS or not covers or not seen.get("here"):
        return []
    classes = seen["classes"] if covers == "classes" else None
    missing = [one for one in readers(session, task.library_id, setting.year, classes) if one[0] not in seen["here"]]
    rows = [
        Staged(number, REST, {"membership": number, "full_name": name, "class_name": taught})
        for number, name, taught in missing
    ]
    return [_shown(plan) for plan in with_what_is_held(session, [absent(row, setting) for row in rows])]


def _shown(plan: Plan) -> Rest:
    values = plan.row.values
    return Rest(plan.row.number, values, {"name": values["full_name"], "class": values["class_name"]}, plan.judged)


def with_what_is_held(session: Session, made: Sequence[Plan]) -> list[Plan]:
    """Whoever is to go and still has books is told with their number."""
    going = {plan.key: plan.known.membership_id for plan in made if plan.known and _is_going(plan)}
    have = held.of(session, [one for one in going.values() if one])
    return [_holding(plan, len(have.get(going.get(plan.key) or 0, ()))) for plan in made]


def _is_going(plan: Plan) -> bool:
    return plan.ends or plan.judged.verdict is Verdict.LEFT


def _holding(plan: Plan, count: int) -> Plan:
    if not count:
        return plan
    notes = (*plan.judged.notes, note_of(HOLDS, count=count))
    return replace(plan, judged=replace(plan.judged, notes=notes))
