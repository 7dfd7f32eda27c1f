"""The values of a line in words: their names, what each may say, and how it is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from library.core.errors import N_, Reason
from library.policies.models import RulesOf
from library.policies.values import (
    NO_LIMIT,
    Channel,
    ClosedDays,
    Hard,
    HardWhen,
    HoldReach,
    Lending,
    Length,
    LengthKind,
    RenewFrom,
    ReturnsGo,
    Stance,
)

CHANNELS: Mapping[Channel, str] = {
    Channel.DESK: N_("Tại quầy"), Channel.CLASS: N_("Tại lớp"), Channel.VAN: N_("Trên xe"),
    Channel.SELF: N_("Bạn đọc tự làm"), Channel.OFFLINE: N_("Khi mất mạng"),
}  # fmt: skip
WHOSE: Mapping[RulesOf, str] = {
    RulesOf.DESK: N_("Thư viện cho mượn (quầy nào, chính sách quầy ấy)"), RulesOf.COPY: N_("Thư viện có cuốn sách"),
    RulesOf.READER: N_("Thư viện của bạn đọc"),
}  # fmt: skip
_STANCES: Mapping[Any, str] = {
    Stance.REFUSE: N_("không cho mượn"), Stance.ASK: N_("hỏi người ở quầy"), Stance.IGNORE: N_("vẫn cho mượn"),
}  # fmt: skip
_YES_NO: Mapping[Any, str] = {True: N_("có"), False: N_("không")}


class Sort(StrEnum):
    """What a value may be, beside unsaid."""

    COUNT = "count"
    NUMBER = "number"
    CHOICE = "choice"
    LENGTH = "length"
    HARD = "hard"


@dataclass(frozen=True)
class Value:
    """`among` are the choices. `unit` has %(number)s."""

    name: str
    label: str
    sort: Sort
    among: Mapping[Any, str] = ()  # type: ignore[assignment]
    unit: str = "%(number)s"
    hint: str = ""
    most: int = 1000


_BOOKS, _DAYS, _TIMES = N_("%(number)s cuốn"), N_("%(number)s ngày"), N_("%(number)s lần")
_TITLES, _READERS, _MONEY = N_("%(number)s tên sách"), N_("%(number)s bạn"), N_("%(number)s đồng")


def _count(name: str, label: str, unit: str, hint: str = "", most: int = 1000) -> Value:
    return Value(name, label, Sort.COUNT, unit=unit, hint=hint, most=most)


def _number(name: str, label: str, unit: str, hint: str = "") -> Value:
    return Value(name, label, Sort.NUMBER, unit=unit, hint=hint)


def _choice(name: str, label: str, among: Mapping[Any, str], hint: str = "") -> Value:
    return Value(name, label, Sort.CHOICE, among, hint=hint)


GROUPS: tuple[tuple[str, tuple[Value, ...]], ...] = (
    (N_("Mượn bao lâu"), (
        _choice("lending", N_("Cho mượn"), {
            Lending.HOME: N_("mang về nhà"), Lending.ON_SITE: N_("chỉ đọc tại chỗ"), Lending.NO: N_("không cho mượn"),
        }),
        Value("length", N_("Mượn trong"), Sort.LENGTH),
        Value("hard", N_("Mốc hạn trả"), Sort.HARD, hint=N_("Như mọi cuốn phải trả trước ngày 31/05.")),
        _choice("closed_days", N_("Hạn trả rơi vào ngày nghỉ thì"), {
            ClosedDays.PUSH: N_("lùi sang ngày mở cửa sau"), ClosedDays.BACK: N_("sớm lên ngày mở cửa trước"),
            ClosedDays.KEEP: N_("để nguyên"),
        }),
        _choice("due_within_card", N_("Hạn trả không quá hạn thẻ"), _YES_NO),
        _number("demand_holds", N_("Rút ngắn khi có từ"), N_("%(number)s bạn đang chờ")),
        _number("demand_days", N_("Khi đó chỉ cho mượn"), _DAYS),
    )),
    (N_("Giữ bao nhiêu"), (
        _count("most", N_("Giữ cùng lúc, mọi loại sách"), _BOOKS),
        _count("most_of_class", N_("Giữ cùng lúc, loại sách của dòng này"), _BOOKS),
        _count("most_of_group", N_("Giữ cùng lúc, các loại chung một nhóm"), _BOOKS),
        _count("most_on_site", N_("Đọc tại chỗ cùng lúc"), _BOOKS),
        _choice("over_limit", N_("Đã giữ đủ thì"), _STANCES),
    )),
    (N_("Gia hạn"), (
        _count("renewals", N_("Gia hạn mấy lần"), _TIMES, most=100),
        _count("unseen_renewals", N_("Trong đó không mang sách đến"), _TIMES, most=100),
        Value("renewal_length", N_("Mỗi lần thêm"), Sort.LENGTH, hint=N_("Không nói gì là dài như một lượt mượn.")),
        _choice("renewal_from", N_("Tính từ"), {
            RenewFrom.TODAY: N_("ngày gia hạn"), RenewFrom.DUE: N_("hạn trả cũ"),
        }),
        _choice("renew_past_holds", N_("Có bạn chờ nhưng còn cuốn khác rảnh thì vẫn gia hạn"), _YES_NO),
    )),
    (N_("Giữ chỗ"), (
        _count("holds", N_("Chờ cùng lúc"), _TITLES),
        _number("hold_keep_days", N_("Giữ cuốn đã về trong"), _DAYS),
        _choice("hold_reach", N_("Được chờ sách của"), {
            HoldReach.NETWORK: N_("mọi thư viện trong mạng"), HoldReach.LIBRARY: N_("thư viện mình"),
        }),
    )),
    (N_("Trễ hẹn"), (
        _choice("overdue", N_("Đang có cuốn trễ thì"), _STANCES),
        _number("grace_days", N_("Trễ chưa quá thì bỏ qua"), _DAYS),
        _choice("grace_counts", N_("Quá số ngày đó thì tính cả những ngày bỏ qua"), _YES_NO),
        _number("suspension_days", N_("Mỗi ngày trễ ngừng mượn"), _DAYS),
        _count("suspension_most", N_("Ngừng mượn nhiều nhất"), _DAYS),
        _count("lost_after_days", N_("Coi là mất khi trễ quá"), _DAYS),
    )),
    (N_("Những chuyện khác"), (
        _count("debt_most", N_("Còn nợ tiền đền sách quá"), _MONEY, most=100_000_000),
        _choice("debt", N_("Nợ quá số đó thì"), _STANCES),
        _choice("age", N_("Bạn đọc chưa đủ tuổi đọc thì"), _STANCES),
        _choice("lost_copy", N_("Cuốn đang ghi là mất mà có ở quầy thì"), _STANCES),
        _choice("not_for_loan", N_("Cuốn ghi là chỉ đọc tại chỗ thì"), _STANCES),
        _choice("returns_go", N_("Sách thư viện khác trả ở đây thì"), {
            ReturnsGo.HOME: N_("chuyển về thư viện có sách"), ReturnsGo.STAY: N_("để lại đây"),
            ReturnsGo.SENDER: N_("chuyển về nơi đã gửi đến"),
        }),
    )),
)  # fmt: skip
ALL: Mapping[str, Value] = {one.name: one for _, values in GROUPS for one in values}

LENGTHS: Mapping[LengthKind, str] = {
    LengthKind.DAYS: N_("một số ngày"), LengthKind.DATE: N_("đến một ngày"), LengthKind.TERM_END: N_("đến hết học kỳ"),
    LengthKind.NEXT_OPENING: N_("đến lần mở cửa sau"),
}  # fmt: skip
HARDS: Mapping[HardWhen, str] = {
    HardWhen.BEFORE: N_("không muộn hơn ngày"), HardWhen.AFTER: N_("không sớm hơn ngày"),
    HardWhen.EXACTLY: N_("đúng ngày"),
}  # fmt: skip
_HARD_TOLD = {
    HardWhen.BEFORE: N_("không muộn hơn %(day)s"), HardWhen.AFTER: N_("không sớm hơn %(day)s"),
    HardWhen.EXACTLY: N_("đúng %(day)s"),
}  # fmt: skip


def told(name: str, value: Any) -> Reason:
    """What a value says, as a sentence with its facts: 14 ngày, không giới hạn, đến hết học kỳ."""
    what = ALL[name]
    if value is None:
        return Reason(name, N_("không nói gì"))
    if isinstance(value, Length):
        return _length(name, value)
    if isinstance(value, Hard):
        return Reason(name, _HARD_TOLD[value.when], {"day": _day(value.on)})
    if what.sort is Sort.CHOICE:
        return Reason(name, what.among[value])
    if value == NO_LIMIT:
        return Reason(name, N_("không giới hạn"))
    return Reason(name, what.unit, {"number": f"{value:,}".replace(",", ".")})


def _length(name: str, value: Length) -> Reason:
    if value.kind is LengthKind.DAYS:
        return Reason(name, _DAYS if value.days else N_("trả trong ngày"), {"number": value.days})
    if value.kind is LengthKind.DATE:
        return Reason(name, N_("đến %(day)s"), {"day": _day(value.on)})
    return Reason(name, LENGTHS[value.kind])


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
