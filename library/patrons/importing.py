"""Class lists: rows become persons, memberships in a class of a school year, and cards.

Here the parts are put together for `staging`: what a row says (`columns`), what is to become of it (`judging`, `leaving`),
how that is written (`list_writing`) and taken back (`list_undoing`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from library.access import Permission
from library.core import clock
from library.core.errors import N_
from library.core.forms import Reader
from library.patrons import details, judging, leaving, list_undoing, list_writing, school_years
from library.patrons.columns import (
    PRIVATE,
    PUPIL_WORDS,
    STORED,
    SWITCHABLE,
    SWITCHED_WORDS,
    find_class_hint,
    find_pupil_header,
    read_pupil,
)
from library.patrons.list_plans import year_label
from library.staging.importers import Importer, Judged, Question, Staged, Task, register
from library.staging.values import ClassName
from library.staging.verdicts import plain

KIND = "patrons"
NAMES = {"": N_("Viết lại như Hoàng Thị Mai Lan"), "as-written": N_("Giữ như trong tệp")}


def judge(session: Session, task: Task, rows: Sequence[Staged], seen: dict[str, Any]) -> list[Judged]:
    setting = list_writing.setting_now(session, task, rows)
    return [plan.judged for plan in judging.plans(session, task, rows, seen, setting)]


def questions(session: Session, task: Task) -> list[Question]:
    years = school_years.options(school_years.labels(session, task.library_id, clock.today()))
    answers = task.answers
    until = answers.get("expires_on", "")
    return [
        Question("year", N_("Năm học"), year_label(task), "select", years),
        Question(
            "covers", N_("Danh sách gồm"), answers.get("covers", ""), "select", tuple(leaving.COVERS.items()),
            N_("Khi danh sách đủ cả lớp, máy kể ra các em không còn tên để chọn cho thôi đọc."),
        ),
        Question("expires_on", N_("Thẻ dùng đến hết ngày"), until, "date", (), N_("Bỏ trống nếu thẻ không có hạn.")),
        Question("names", N_("Tên viết toàn chữ hoa, chữ thường"), answers.get("names", ""), "select", tuple(NAMES.items())),
    ]  # fmt: skip


def check(session: Session, task: Task, given: Mapping[str, str]) -> dict[str, str]:
    """Raises Invalid."""
    reader = Reader({**task.answers, **given})
    among = school_years.labels(session, task.library_id, clock.today())
    year = reader.choice("year", {label: label for label in among})
    until = reader.day("expires_on", required=False)
    covers = reader.choice("covers", {one: one for one in leaving.COVERS}, required=False)
    names = reader.choice("names", {one: one for one in NAMES}, required=False)
    reader.done()
    day = until.isoformat() if until else ""
    return {"year": year or "", "expires_on": day, "covers": covers or "", "names": names or ""}


def hint(sheet: str, above: Sequence[Any]) -> Any:
    return plain(find_class_hint(sheet, above))


def read(row: Any, header: Any, told: Any, keeps: Sequence[str] = ()) -> Any:
    given = ClassName(told["name"], tuple(told["grades"])) if told else None
    return read_pupil(row, header, given, keeps)


def for_library(session: Session, importer: Importer, library_id: int) -> Importer:
    """A library that keeps something of families has columns that elsewhere are left out."""
    if not details.keeps(session, library_id):
        return importer
    words, private = {**PUPIL_WORDS, **SWITCHED_WORDS}, PRIVATE - set(SWITCHABLE)
    reads = partial(read, keeps=SWITCHABLE)
    return replace(importer, words=words, private=private, stored=STORED | set(SWITCHABLE), read=reads)


register(
    Importer(
        kind=KIND,
        title=N_("Danh sách lớp"),
        about=N_("Họ tên, ngày sinh, lớp, mã học sinh. Tên cha mẹ, địa chỉ, số điện thoại máy không lưu."),
        icon="users",
        deed=N_("Nạp %(count)s học sinh"),
        permission=Permission.IMPORT_PATRONS,
        words=PUPIL_WORDS,
        essential=("name", "family_name", "given_name"),
        shown=("name", "family_name", "given_name", "born", "class", "next_class", "student_code", "card"),
        tallies={
            "readers": N_("%(count)s bạn đọc mới, có thẻ"),
            "moves": N_("%(count)s em đổi lớp"),
            "mended": N_("%(count)s em được sửa hoặc thêm thông tin"),
            "ends": N_("%(count)s em thôi đọc"),
        },
        kept=N_("Bạn đọc đã mượn hoặc đặt sách thì giữ nguyên."),
        find_header=find_pupil_header,
        read=read,
        questions=questions,
        check=check,
        judge=judge,
        begin=list_writing.begin,
        prepare=list_writing.prepare,
        apply=list_writing.apply,
        undo=list_undoing.undo,
        hint=hint,
        stored=STORED,
        private=PRIVATE,
        rest=leaving.rest,
        tick=N_("Cho thôi đọc các em đã chọn"),
        for_library=for_library,
    )
)
