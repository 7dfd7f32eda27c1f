"""Reports on the standard of school libraries: copies for every pupil, the checklist as a table."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from library.core import plot_bars
from library.core.plot import Series
from library.reports import standing_norms, standing_standard
from library.reports.standing_norms import STAGES, PerPupil
from library.reports.standing_question import Question
from library.reports.standing_sheet import HEAD, SUM, Figure, Line, Report, Table, share
from library.reports.standing_standard import Judged


def copies_per_pupil(session: Session, question: Question) -> Report:
    """School by school at the end of the period, beside what the standard asks."""
    norms = standing_standard.per_pupil_norms(standing_standard.lines(session, question.own))
    schools = standing_norms.per_pupil(session, question.last)
    lines = [_line(question, one, one.needed(norms)) for one in schools]
    foot = [_sum(schools, norms)] if len(schools) > 1 else []
    heads = (str(_("Trường")), str(_("Học sinh")), str(_("Bản trong sổ")), str(_("Bản còn dùng được")),
             str(_("Bản mỗi học sinh")), str(_("Chuẩn")), str(_("Còn thiếu (bản)")), str(_("Kết quả")))  # fmt: skip
    told = ", ".join(f"{str(_(STAGES[stage])).lower()} {least}" for stage, least in norms.items())
    notes = (
        str(
            _(
                "Chuẩn mức độ 1, bản cho mỗi học sinh: %(told)s. Trường có nhiều cấp học thì tính theo số em từng cấp.",
                told=told,
            )
        ),
        str(
            _(
                "Bản còn dùng được: có trong sổ của trường, không kể bản đã báo mất. Sách nhận luân chuyển là của nơi cho mượn."
            )
        ),
    )
    measured = [one for one in schools if one.all_pupils]
    plot = plot_bars.lying([one.name for one in measured], [Series(str(_("bản mỗi học sinh")), [one.each for one in measured])],
                           places=1) if measured else None  # fmt: skip
    return Report(str(_("Bản sách mỗi học sinh")), (question.name, str(_("Ngày %(day)s", day=f"{question.today:%d/%m/%Y}"))),
                  (Table(heads, (*lines, *foot), plot=plot),), notes)  # fmt: skip


def _line(question: Question, one: PerPupil, needed: int | None) -> Line:
    missing = max(needed - one.copies, 0) if needed is not None else None
    ask = question.ask("copies", branch=[at for at, stand in question.last.stands.items() if stand.owner == one.unit])
    return Line((
        one.name, Figure(one.all_pupils), Figure(one.listed, ask), Figure(one.copies), share(one.copies, one.all_pupils),
        share(needed, one.all_pupils), Figure(missing), _result(one, missing),
    ))  # fmt: skip


def _result(one: PerPupil, missing: int | None) -> str:
    if not one.all_pupils:
        return str(_("chưa có danh sách học sinh"))
    if missing is None:
        return str(_("không có chuẩn"))
    return str(_("chưa đạt")) if missing else str(_("đạt"))


def _sum(schools: list[PerPupil], norms: dict[str, int]) -> Line:
    pupils, listed, copies = (sum(getattr(one, name) for one in schools) for name in ("all_pupils", "listed", "copies"))
    short = [max(need - one.copies, 0) for one in schools if (need := one.needed(norms)) is not None]
    met = sum(1 for one in schools if one.all_pupils and (need := one.needed(norms)) is not None and one.copies >= need)
    told = str(_("%(met)s/%(all)s trường đạt", met=met, all=len(schools)))
    return Line((str(_("Cộng")), Figure(pupils), Figure(listed), Figure(copies), share(copies, pupils), "", Figure(sum(short)),
                 told), SUM)  # fmt: skip


def checklist(session: Session, question: Question) -> Report:
    """The lines of the standard with what was counted and said, as a table to print."""
    (unit,) = sorted(question.units)[:1]
    found = standing_standard.judged(session, question, unit)
    lines: list[Line] = []
    for at, one in enumerate(found):
        if at == 0 or found[at - 1].norm.part != one.norm.part:
            lines.append(Line((one.norm.part, "", "", "", "", ""), HEAD))
        lines.append(_judged(one))
    heads = (
        str(_("Tiêu chí")),
        str(_("Mức độ")),
        str(_("Cần có")),
        str(_("Hiện có")),
        str(_("Kết quả")),
        str(_("Ghi chú")),
    )
    met = [one.met for one in found if one.norm.level == 1]
    note = str(_("Mức độ 1: đạt %(met)s trên %(all)s tiêu chí, %(open)s tiêu chí chưa ai trả lời.",
                 met=met.count(True), all=len(met), open=met.count(None)))  # fmt: skip
    title = str(_("Tiêu chuẩn thư viện trường học"))
    return Report(title, question.about(), (Table(heads, tuple(lines), note=note),))


def _judged(one: Judged) -> Line:
    places = 1 if one.norm.measure == standing_norms.PER_PUPIL else 0
    told = Figure(one.value, one.ask, places) if one.counted or one.norm.least is not None else ""
    return Line((one.norm.label, str(one.norm.level), needed(one), told, result_words(one.met), one.note))


def needed(one: Judged) -> str:
    return f"{one.norm.least} {one.norm.unit}".strip() if one.norm.least is not None else ""


def result_words(met: bool | None) -> str:
    return str(_("chưa trả lời")) if met is None else str(_("đạt")) if met else str(_("chưa đạt"))
