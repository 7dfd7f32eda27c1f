"""Five sets of rules to begin with, as Vietnamese libraries lend: data, and what each would change here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.db import bump
from library.core.errors import N_
from library.organisations.models import Organisation
from library.patrons import enrolling
from library.patrons.models import Category
from library.policies import classes, rulebook, writing
from library.policies.rulebook import RULES, Rulebook
from library.policies.values import NO_LIMIT, Channel, Lending, Length, LengthKind, Line, Stance

TERM = Length(LengthKind.TERM_END)
VISIT = Length(LengthKind.NEXT_OPENING)


def days(number: int) -> Length:
    return Length(LengthKind.DAYS, number)


@dataclass(frozen=True)
class PresetLine:
    """Keys by code, None for all."""

    said: Mapping[str, Any]
    category: str | None = None
    item_class: str | None = None
    channel: Channel | None = None


@dataclass(frozen=True)
class Preset:
    code: str
    name: str
    told: str
    lines: tuple[PresetLine, ...]


CLASSES: Mapping[str, str] = {
    "SGK": "Sách giáo khoa", "TC": "Sách tra cứu, từ điển", "BTC": "Báo, tạp chí", "audio": "Băng đĩa, sách nói",
}  # fmt: skip
"""Classes the presets speak of, by code; names are data of the network, for it to change."""

_TEXTBOOKS = {"length": TERM, "renewals": 1, "most_of_class": 20}
_PERIODICALS = {"length": days(3), "renewals": 0, "most_of_class": 2}
_REFERENCE = PresetLine({"lending": Lending.ON_SITE}, item_class="TC")
_SETS = PresetLine({"length": TERM, "most": 60, "renewals": 1, "overdue": Stance.IGNORE}, "TT")


def _each(said: Mapping[str, Any], *categories: str, **keys: Any) -> tuple[PresetLine, ...]:
    """One line for each: a line for a category goes before one for a class, so a class says it for each of them."""
    return tuple(PresetLine(said, category, **keys) for category in categories)


PRESETS: Mapping[str, Preset] = {
    one.code: one
    for one in (
        Preset(
            "tieu-hoc", N_("Trường tiểu học"), N_("Học sinh 2 cuốn trong 7 ngày, trễ thì quầy hỏi chứ không chặn."),
            (
                PresetLine({"length": days(7), "most": 2, "renewals": 1, "holds": 2, "grace_days": 3,
                            "overdue": Stance.ASK, "suspension_days": 0, "age": Stance.REFUSE}, "HS"),
                PresetLine({"length": days(30), "most": 10, "renewals": 2, "holds": 5, "overdue": Stance.ASK}, "GV"),
                PresetLine({"length": days(7), "most": 1, "renewals": 1, "holds": 1, "overdue": Stance.ASK}, "BD"),
                *_each(_TEXTBOOKS, "HS", "GV", item_class="SGK"), _SETS, _REFERENCE,
            ),
        ),
        Preset(
            "trung-hoc", N_("Trường THCS, THPT"),
            N_("Học sinh 3 cuốn trong 14 ngày, trễ ngày nào ngừng mượn ngày ấy, nhiều nhất 14 ngày."),
            (
                PresetLine({"length": days(14), "most": 3, "renewals": 1, "holds": 3, "grace_days": 2,
                            "overdue": Stance.REFUSE, "suspension_days": 1, "suspension_most": 14}, "HS"),
                PresetLine({"length": days(60), "most": 15, "renewals": 2, "holds": 5, "overdue": Stance.ASK}, "GV"),
                PresetLine({"length": days(14), "most": 2, "renewals": 1, "holds": 2, "overdue": Stance.REFUSE}, "BD"),
                *_each(_TEXTBOOKS, "HS", "GV", item_class="SGK"),
                *_each(_PERIODICALS, "HS", "GV", "BD", item_class="BTC"), _SETS, _REFERENCE,
            ),
        ),
        Preset(
            "xa", N_("Thư viện xã, cộng đồng"),
            N_("Ai cũng 3 cuốn trong 14 ngày, gia hạn 2 lần; mượn trên xe thì trả ở lần xe đến sau."),
            (
                PresetLine({"length": days(14), "most": 3, "renewals": 2, "unseen_renewals": 1, "holds": 3,
                            "grace_days": 3, "overdue": Stance.ASK, "suspension_days": 0}),
                PresetLine({"length": VISIT}, channel=Channel.VAN),
                _SETS, _REFERENCE, PresetLine(_PERIODICALS, item_class="BTC"),
            ),
        ),
        Preset(
            "tinh", N_("Thư viện tỉnh"),
            N_("Bạn đọc 5 cuốn trong 21 ngày; sách nhiều bạn chờ thì 7 ngày; trễ thì ngừng mượn, nhiều nhất 30 ngày."),
            (
                PresetLine({"length": days(21), "most": 5, "renewals": 2, "unseen_renewals": 2, "holds": 5,
                            "hold_keep_days": 5, "demand_holds": 3, "demand_days": 7, "grace_days": 1,
                            "overdue": Stance.REFUSE, "suspension_days": 1, "suspension_most": 30, "debt_most": 0,
                            "debt": Stance.ASK, "age": Stance.REFUSE, "lost_after_days": 180}),
                PresetLine({"most": 3}, "HS"),
                PresetLine({"length": VISIT}, channel=Channel.VAN),
                PresetLine({"length": days(7), "renewals": 1, "most_of_class": 2}, item_class="audio"),
                _SETS, _REFERENCE, PresetLine(_PERIODICALS, item_class="BTC"),
            ),
        ),
        Preset(
            "nho", N_("Tủ sách lớp, thư viện nhỏ"),
            N_("Ai cũng 1 cuốn trong 7 ngày, trễ vẫn mượn tiếp. Ít điều phải nhớ nhất."),
            (
                PresetLine({"length": days(7), "most": 1, "renewals": 1, "holds": 1, "overdue": Stance.IGNORE,
                            "suspension_days": 0, "lost_copy": Stance.IGNORE}),
                PresetLine({"length": days(30), "most": 5, "renewals": NO_LIMIT}, "GV"),
                _SETS,
            ),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What one line of a preset would do here: values that become other than they are, (name, before, after)."""

    line: PresetLine
    category: str | None
    item_class: str | None
    is_new: bool
    values: list[tuple[str, Any, Any]] = field(default_factory=list)

    @property
    def channel(self) -> Channel | None:
        return self.line.channel


def changes(session: Session, library: Organisation, book: Rulebook, preset: Preset) -> list[Change]:
    """One for each line of the preset, also where nothing changes (one statement)."""
    query = select(Category.code, Category).where(Category.network_id == library.network_id)
    categories = dict(session.execute(query).all())
    sorts = {sort.code.casefold(): sort for sort in book.sorts.values()}
    return [_change(book, library.id, one, categories, sorts) for one in preset.lines]


def _change(
    book: Rulebook, owner: int, one: PresetLine, categories: Mapping[str, Category], sorts: Mapping[str, rulebook.Sort]
) -> Change:
    category, sort = categories.get(one.category or ""), sorts.get((one.item_class or "").casefold())
    known = (one.category is None or category is not None) and (one.item_class is None or sort is not None)
    keys = (owner, category.id if category else None, sort.id if sort else None, one.channel)
    line = next((each for each in book.lines if known and _keys(each) == keys), None)
    before = line.said if line else {}
    values = [(name, before.get(name), value) for name, value in one.said.items() if before.get(name) != value]
    names = {code: name for code, name, _ in enrolling.USUAL_CATEGORIES}
    return Change(
        one, category.name if category else names.get(one.category or ""),
        sort.name if sort else CLASSES.get(one.item_class or ""), line is None, values,
    )  # fmt: skip


def _keys(line: Line) -> tuple[int, int | None, int | None, Channel | None]:
    return line.owner_id, line.category_id, line.item_class_id, line.channel


def new_classes(book: Rulebook, preset: Preset) -> list[str]:
    """Codes of classes the network does not know yet."""
    known = {sort.code.casefold() for sort in book.sorts.values()}
    return [code for code in _classes_of(preset) if code.casefold() not in known]


def _classes_of(preset: Preset) -> Iterator[str]:
    yield from dict.fromkeys(one.item_class for one in preset.lines if one.item_class)


def apply(session: Session, library: Organisation, preset: Preset) -> int:
    """Lines that are other than before. What a line says besides stays, and so do lines the preset does not know."""
    assert library.network_id
    bump(session, RULES)
    book = rulebook.load(session, library.id)
    for code in new_classes(book, preset):
        classes.add(session, library.network_id, code, CLASSES[code])
    categories = enrolling.add_usual_categories(session, library.network_id)
    sorts = {sort.code.casefold(): sort.id for sort in rulebook.load(session, library.id).sorts.values()}
    found = [_apply(session, library.id, one, categories, sorts) for one in preset.lines]
    return sum(found)


def _apply(
    session: Session, owner: int, one: PresetLine, categories: Mapping[str, Category], sorts: Mapping[str, int]
) -> bool:
    keys: dict[str, Any] = {
        "category_id": categories[one.category].id if one.category else None,
        "item_class_id": sorts[one.item_class.casefold()] if one.item_class else None, "channel": one.channel,
    }  # fmt: skip
    row = writing.find(session, owner, **keys)
    before = dict(rulebook.line_of(row).said) if row else {}
    if row and before | dict(one.said) == before:
        return False
    writing.say(session, owner, before | dict(one.said), **keys, note=row.note if row else None)
    return True
