"""Books and how they are read: turnover by class, the titles read most, copies nobody has read, copies nobody reads any more."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Integer, Select, case, cast, func, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import plot_bars
from library.core.numbers import percent, written
from library.core.plot import Series
from library.holdings.models import Item
from library.reports import holding, rolling, rolling_titles
from library.reports.ledgers import Key
from library.reports.measures import Ledger
from library.reports.rolling import Mark
from library.reports.rolling_models import CopyUsed
from library.reports.standing_periods import Period, Sort, month_after
from library.reports.standing_question import Question
from library.reports.standing_sheet import SUM, Figure, Line, Report, Table, share
from library.reports.standing_use import class_words
from library.uses.models import DocumentUse

MOST_TITLES, MOST_COPIES = 100, 5_000
YEARS = ("1", "2", "3", "5")
"""Of `dead`: so long nobody has read a copy."""
MARK = func.upper(func.substr(func.coalesce(func.nullif(Record.class_mark, ""), Record.ddc), 1, 1))


def _there(question: Question) -> list[Any]:
    """Copies in the register at the end of the period."""
    return holding.copies_there(question.last, question.last.stands, None)


def _live(mark: Mark | None) -> Any:
    """(item_id, uses, last_on) of what is not in the sums yet: of everything, where these cannot be read."""
    last = func.max(case((DocumentUse.quantity > 0, DocumentUse.used_on)))
    # Found by their ids: an index of copies would be read from end to end.
    item = cast(DocumentUse.item_id, Integer).label("item_id")
    query = select(item, func.sum(DocumentUse.quantity).label("uses"), last.label("last_on"))
    query = query.where(DocumentUse.id > (mark.last_id if mark else 0), item.is_not(None))
    return query.group_by(item).subquery()


def _copies(question: Question, what: Sequence[Any], mark: Mark | None) -> tuple[Select[Any], Any, Any]:
    """Copies with (the statement, how often each was used, when last): the sums up to the mark and what came since."""
    live = _live(mark)
    uses: Any = func.coalesce(live.c.uses, 0)
    last: Any = live.c.last_on
    if mark is not None:
        known = func.coalesce(CopyUsed.last_on, live.c.last_on)
        uses, last = uses + func.coalesce(CopyUsed.uses, 0), case((live.c.last_on > known, live.c.last_on), else_=known)
    query = select(*what, uses.label("uses"), last.label("last_on")).select_from(Item)
    query = query.join(Record, Record.id == Item.record_id)
    query = query.outerjoin(CopyUsed, CopyUsed.item_id == Item.id) if mark is not None else query
    return query.outerjoin(live, live.c.item_id == Item.id).where(*_there(question)), uses, last


# Turnover


def turnover(session: Session, question: Question) -> Report:
    """By class: copies, uses in the period, uses for every copy, copies never used at all."""
    copies = _by_class(session, question)
    used: dict[Key, int] = {
        row.keys[0]: row.quantity for row in question.by(session, question.ask("uses"), "book-class")
    }
    marks = sorted({*copies, *used}, key=lambda mark: (mark is None, str(mark)))
    lines = [_turning(question, mark, *copies.get(mark, (0, 0)), used.get(mark, 0)) for mark in marks]
    copied = [sum(one[at] for one in copies.values()) for at in (0, 1)]
    foot = [_line(str(_("Cộng")), copied[0], copied[1], sum(used.values()), question.ask("uses"), SUM, question)]
    heads = (str(_("Loại sách")), str(_("Bản trong sổ")), str(_("Lượt sách")), str(_("Lượt mỗi bản")),
             str(_("Chưa ai đọc (bản)")), str(_("Phần chưa ai đọc")))  # fmt: skip
    named = [class_words(mark) for mark in marks]
    turns = [used.get(mark, 0) / copies[mark][0] if copies.get(mark, (0, 0))[0] else None for mark in marks]
    plot = plot_bars.lying(named, [Series(str(_("lượt mỗi bản")), turns)], places=1) if marks else None
    note = str(_("Lượt mỗi bản (vòng quay): lượt sách trong kỳ chia cho số bản có trong sổ cuối kỳ."))
    title = str(_("Vòng quay của sách"))
    return Report(title, question.about(), (Table(heads, (*lines, *foot) if lines else (), note=note, plot=plot),))


def _by_class(session: Session, question: Question) -> dict[Key, tuple[int, int]]:
    """{first of the class mark: (copies, never used)}."""

    def counted(mark: Mark | None) -> Sequence[Any]:
        each = _copies(question, [MARK.label("mark")], mark)[0].subquery()
        never = func.count().filter(each.c.uses <= 0)
        return session.execute(select(each.c.mark, func.count(), never).group_by(each.c.mark)).all()

    found: dict[Key, tuple[int, int]] = {}
    for mark, copies, unused in rolling.steady(session, Ledger.USE, counted):
        before = found.get(mark or None, (0, 0))
        found[mark or None] = (before[0] + copies, before[1] + unused)
    return found


def _turning(question: Question, mark: Key, copies: int, never: int, uses: int) -> Line:
    return _line(class_words(mark), copies, never, uses, question.ask("uses", book_class=[mark]), "row", question)


def _line(name: str, copies: int, never: int, uses: int, ask: Any, kind: str, question: Question) -> Line:
    counted = Figure(copies, question.ask("copies") if kind == SUM else None)
    return Line((name, counted, Figure(uses, ask), share(uses, copies), Figure(never), percent(never, copies)), kind)


# Titles


def titles(session: Session, question: Question) -> Report:
    """What was read most, in whole months, at the branches that are the units' at the end of the period."""
    months = _whole(question.period)
    most = rolling_titles.most_read(session, question.last.stands, months.first, months.last, MOST_TITLES)
    told = _told(session, [one for one, _count in most])
    lines = [
        Line((str(at), told[one][1], told[one][2], Figure(count)))
        for at, (one, count) in enumerate(most, 1) if one in told
    ]  # fmt: skip
    links = tuple(str(told[one][0]) for one, _count in most if one in told)
    heads = ("TT", str(_("Nhan đề")), str(_("Tác giả")), str(_("Lượt sách")))
    note = str(_("Chỉ kể sách biết rõ từng cuốn; lượt đếm theo thùng, theo màu không biết cuốn nào."))
    table = Table(heads, tuple(lines), note=note, names=3, links=links, linked=1)
    return Report(str(_("Sách được đọc nhiều")), question.of(months).about(), (table,))


def _whole(period: Period) -> Period:
    if period.sort is not Sort.ANY:
        return period
    end = month_after(period.last, 1) - timedelta(days=1)
    return Period(Sort.ANY, period.first.replace(day=1), end)


def _told(session: Session, records: Sequence[int]) -> dict[int, tuple[UUID, str, str]]:
    """{title: (uid, name, by whom)}."""
    query = select(Record.id, Record.uid, Record.title, Record.part_number, Record.responsibility)
    rows = session.execute(query.where(Record.id.in_(records)))
    return {row.id: (row.uid, _named(row.title, row.part_number), row.responsibility or "") for row in rows}


def _named(title: str, part: str | None) -> str:
    return f"{title} – {part}" if part else title


# Copies nobody reads


def never(session: Session, question: Question) -> Report:
    """In the register at the end of the period, and not used once since the machine counts."""

    def found(mark: Mark | None) -> Sequence[Any]:
        query, uses, _last = _copies(question, _what(), mark)
        oldest = query.where(uses <= 0).order_by(Item.accessioned_on, Item.id)
        return session.execute(oldest.limit(MOST_COPIES + 1)).all()

    rows = rolling.steady(session, Ledger.USE, found)
    title = str(_("Sách chưa ai đọc"))
    return _listed(title, question, rows, str(_("Bản có trong sổ mà máy chưa ghi một lượt đọc, mượn nào.")))


def dead(session: Session, question: Question) -> Report:
    """Read once, but not in the last years; those entered later are not old enough to be told."""
    years = int(asked if (asked := question.more.get("years")) in YEARS else 2)
    since = _back(question.today, years)

    def found(mark: Mark | None) -> Sequence[Any]:
        query, uses, last = _copies(question, _what(), mark)
        query = query.where(Item.accessioned_on < since, (uses <= 0) | (last < since))
        longest = query.order_by(last.is_not(None), last, Item.accessioned_on, Item.id)
        return session.execute(longest.limit(MOST_COPIES + 1)).all()

    rows = rolling.steady(session, Ledger.USE, found)
    title = str(_("Sách %(years)s năm qua không ai đọc", years=years))
    return _listed(title, question, rows, str(_("Bản vào sổ trước %(day)s và từ đó không có lượt đọc, mượn nào.",
                                                day=f"{since:%d/%m/%Y}")))  # fmt: skip


def _back(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))


def _what() -> tuple[Any, ...]:
    return (
        Record.uid,
        Record.title,
        Record.part_number,
        Item.accession,
        MARK.label("mark"),
        Item.accessioned_on,
        Item.price,
    )


def _listed(title: str, question: Question, rows: Sequence[Any], note: str) -> Report:
    lines = [
        Line((_named(row.title, row.part_number), row.accession or "", class_words(row.mark or None),
              f"{row.accessioned_on:%d/%m/%Y}", f"{row.last_on:%d/%m/%Y}" if row.last_on else "", Figure(row.price)))
        for row in rows[:MOST_COPIES]
    ]  # fmt: skip
    heads = (str(_("Nhan đề")), str(_("Số ĐKCB")), str(_("Loại sách")), str(_("Vào sổ")), str(_("Đọc lần cuối")),
             str(_("Giá (đ)")))  # fmt: skip
    counted = str(_("%(count)s bản.", count=written(len(lines))))
    if len(rows) > MOST_COPIES:
        counted = str(_("Có hơn %(count)s bản, máy kể những bản cũ nhất.", count=written(MOST_COPIES)))
    links = tuple(str(row.uid) for row in rows[:MOST_COPIES])
    return Report(
        title, question.about(), (Table(heads, tuple(lines), note=f"{counted} {note}", names=5, links=links),)
    )
