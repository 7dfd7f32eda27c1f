"""What a library did in a school year, as a workbook: its events, training classes and programmes, each a list.

Numbers stand as numbers; those who came are told by audience, in columns of their own.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.exports.answers import book
from library.promotion.event_models import Event, PromotionFile, Recorded, State
from library.promotion.event_words import AUDIENCES, STATES, total
from library.promotion.online_models import OnlineProgramme
from library.promotion.training_models import Training, TrainingSession

Numbers = Mapping[int, int]
"""By id."""


def of_events(session: Session, found: Sequence[Event], types: Mapping[str, str], year: int) -> Response:
    """A line each, those planned and cancelled too; the sums below are of those held."""
    heads = (_("STT"), _("Từ ngày"), _("Đến ngày"), _("Loại"), _("Tên hoạt động"), _("Nơi tổ chức"),
             _("Đơn vị phối hợp"), _("Trạng thái"), *map(_, AUDIENCES.values()), _("Cộng người"), _("Kinh phí (đ)"),
             _("Số ảnh, tài liệu"), _("Nội dung, kết quả"))  # fmt: skip
    files = _files(session, found)
    rows = [
        [at, one.first_on, one.last_on, types.get(one.type_code, one.type_code), one.title, one.place, one.partners,
         _(STATES[one.state][1]), *_people(one.people), one.cost, files.get(one.uid), one.note]
        for at, one in enumerate(found, 1)
    ]  # fmt: skip
    held = [one for one in found if one.state is State.HELD]
    sums = {code: sum(one.people.get(code, 0) for one in held) for code in AUDIENCES}
    cost = sum(one.cost or 0 for one in held)
    rows.append([None, None, None, None, _("Đã tổ chức: %(count)s", count=len(held)), None, None, None, *_people(sums),
                 cost, None, None])  # fmt: skip
    return _answer(heads, rows, _("Hoạt động"), "hoat-dong", year)


def of_trainings(
    found: Sequence[Training], sessions: Mapping[int, Sequence[TrainingSession]], enrolled: Numbers, turns: Numbers,
    subjects: Mapping[str, str], year: int,
) -> Response:  # fmt: skip
    heads = (_("STT"), _("Từ ngày"), _("Lớp"), _("Nội dung"), _("Nơi học"), _("Trạng thái"), _("Buổi"),
             _("Người học"), _("Lượt dự"))  # fmt: skip
    rows = [
        [at, one.first_on, one.title, ", ".join(subjects.get(code, code) for code in one.subjects), one.place,
         _(STATES[one.state][1]), len(sessions[one.id]), enrolled[one.id], turns[one.id]]
        for at, one in enumerate(found, 1)
    ]  # fmt: skip
    counted = [one for one in found if one.state is State.HELD and turns[one.id]]
    rows.append([None, None, _("Cộng %(count)s lớp", count=len(counted)), None, None, None, None,
                 sum(enrolled[one.id] for one in counted), sum(turns[one.id] for one in counted)])  # fmt: skip
    return _answer(heads, rows, _("Lớp tập huấn"), "tap-huan", year)


def of_programmes(found: Sequence[OnlineProgramme], turns: Numbers, subjects: Mapping[str, str], year: int) -> Response:
    heads = (_("STT"), _("Từ ngày"), _("Đến ngày"), _("Chương trình"), _("Nội dung"), _("Nơi phát"),
             _("Đơn vị tổ chức"), _("Lượt học"))  # fmt: skip
    rows = [
        [at, one.first_on, one.last_on, one.title, subjects.get(one.subject, one.subject), one.platform, one.organiser,
         turns.get(one.id, 0)]
        for at, one in enumerate(found, 1)
    ]  # fmt: skip
    rows.append([None, None, None, _("Cộng %(count)s chương trình", count=len(found)), None, None, None,
                 sum(turns.get(one.id, 0) for one in found)])  # fmt: skip
    return _answer(heads, rows, _("Chương trình trực tuyến"), "truc-tuyen", year)


def _people(people: Mapping[str, int]) -> list[int | None]:
    return [*(people.get(code) or None for code in AUDIENCES), total(people) or None]


def _files(session: Session, found: Sequence[Recorded]) -> dict[UUID, int]:
    """How many photos and papers each has (one statement)."""
    query = select(PromotionFile.source, func.count()).where(
        PromotionFile.source.in_([one.uid for one in found]), PromotionFile.removed_at.is_(None)
    )
    return {source: int(many) for source, many in session.execute(query.group_by(PromotionFile.source))}


def _answer(heads: Sequence[str], rows: Sequence[Sequence[Any]], sheet: str, name: str, year: int) -> Response:
    return book(heads, rows, sheet, f"{name}-{year}-{year + 1}")
