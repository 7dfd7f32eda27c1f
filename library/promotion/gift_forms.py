"""What the pages of drives, gifts and funds send: typed values, or every complaint."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from library.core import clock
from library.core.errors import N_
from library.core.fold import clean, fold_code
from library.core.forms import REQUIRED, Reader
from library.promotion import donors
from library.promotion.drive_models import Drive
from library.promotion.drives import Called
from library.promotion.gift_fates import Became
from library.promotion.gift_models import Donor, DonorKind, Fate, Fund, GiftSort, Worn
from library.promotion.gifts import Given, Line

MOST_COPIES, MOST_MONEY = 100_000, 100_000_000_000
MOST_COLLECTIVES = 200
MOST_NUMBERS = 500
LONGEST_NUMBER = 60
"""Letters of an accession number."""
NOBODY = "anonymous"
KINDS: dict[str, DonorKind | None] = {**{one.value: one for one in DonorKind}, NOBODY: None}
FATES = {one.value: one for one in Fate}
_RANGE = re.compile(r"\s*(?:-|–|đến|->)\s*")


def money(reader: Reader, name: str, required: bool = False) -> int | None:
    """Đồng as people write them: 18.230.000, 18230000 đ."""
    text = reader.text(name, required, 30).replace("đồng", "").replace("đ", "")
    bare = re.sub(r"[.\s]", "", text)
    if not bare:
        return None
    if not (bare.isascii() and bare.isdigit() and len(bare) < 19) or not 0 <= int(bare) <= MOST_MONEY:
        reader.complain(name, "money", N_("Tiền viết như 18.230.000."))
        return None
    return int(bare)


def past_day(reader: Reader, name: str) -> date | None:
    """A day until today."""
    day = reader.planned_day(name)
    if day and day > clock.today():
        reader.complain(name, "to-come", N_("Ngày này chưa tới. Ghi ngày đã nhận."))
        return None
    return day


# Drives


def called(reader: Reader, named: Callable[[str], int]) -> Called | None:
    """`named` finds or makes the collective of a name; asked only when all else is right."""
    name, organiser = reader.text("name", longest=200), reader.text("organiser", longest=200)
    first, last = reader.planned_day("first_on"), reader.planned_day("last_on")
    goal_copies = reader.number("goal_copies", 1, MOST_COPIES, required=False)
    goal_money, note = money(reader, "goal_money"), reader.text("note", False, 1000)
    lines = collectives(reader)
    if first and last and last < first:
        reader.complain("last_on", "order", N_("Ngày kết thúc phải từ ngày bắt đầu trở đi."))
    if reader.complaints or not first or not last:
        return None
    told = tuple(named(one) for one in lines)
    return Called(name, organiser, first, last, goal_copies, goal_money or None, note or None, told)


def collectives(reader: Reader) -> list[str]:
    """One a line; each once."""
    raw = str(reader.source.get("collectives") or "")
    lines = [clean(line) for line in re.split(r"[\n;]", raw)]
    found = list(dict.fromkeys(line for line in lines if line))
    if len(found) > MOST_COLLECTIVES or any(len(one) > 200 for one in found):
        reader.complain("collectives", "too-long", N_("Mỗi tập thể một dòng, nhiều nhất %(most)s tập thể."),
                        most=MOST_COLLECTIVES)  # fmt: skip
    return found


def of_drive(drive: Drive) -> dict[str, Any]:
    """As the form has it."""
    return {
        "name": drive.name, "organiser": drive.organiser, "first_on": drive.first_on.isoformat(),
        "last_on": drive.last_on.isoformat(), "goal_copies": drive.goal_copies or "",
        "goal_money": drive.goal_money or "", "note": drive.note or "",
        "collectives": "\n".join(one.name for one in drive.collectives if one.name),
    }  # fmt: skip


# Gifts


def lines(reader: Reader) -> tuple[Line, ...]:
    """Fields book-good, book-worn, textbook-good…"""
    found = []
    for sort in GiftSort:
        for worn in Worn:
            many = reader.number(f"{sort}-{worn}", 0, MOST_COPIES, required=False)
            if many:
                found.append(Line(sort, worn, many))
    return tuple(found)


Naming = Callable[[DonorKind, str, str, bool], int]


def given(
    reader: Reader, drives: Iterable[Drive], funds: Sequence[Fund], named: Naming, before: Donor | None = None
) -> Given | None:
    """`named` finds or makes the donor; asked only when all else is right. `before`: whose gift it is, if it is mended."""
    on, drive = past_day(reader, "given_on"), _one_of(reader, "drive", drives)
    counted, amount = lines(reader), money(reader, "money") or 0
    fund, note = _one_of(reader, "fund", funds) or next(iter(funds), None), reader.text("note", False, 1000)
    if not counted and not amount and not reader.complaints:
        reader.complain("book-good", "nothing", N_("Ghi số cuốn hoặc số tiền."))
    if amount and fund is None:
        reader.complain("money", "no-fund", N_("Chưa có quỹ nào. Mở quỹ ở trang Quyên góp trước."))
    donor = _donor(reader, named, before)
    if reader.complaints or on is None:
        return None
    return Given(
        on, donor, drive.id if drive else None, counted, amount, fund.id if fund and amount else None, note or None
    )


def _donor(reader: Reader, named: Naming, before: Donor | None) -> int | None:
    """Of one whose name was forgotten no name means: the same."""
    kind = reader.choice("kind", KINDS)
    nameless = before if before and before.name is None and before.kind is kind else None
    name, about = reader.text("donor", kind is not None and nameless is None, 200), reader.text("about", False, 100)
    if nameless and not name:
        return nameless.id
    if kind is None or reader.complaints:
        return None
    return named(kind, name, "" if kind in donors.NAMED else about, reader.ticked("shown"))


def _one_of(reader: Reader, name: str, things: Iterable[Any]) -> Any:
    """Of things with a uid; the usual None."""
    return reader.choice(name, {str(one.uid): one for one in things}, required=False)


def of_gift(told: Given, donor: Donor | None, drive: Drive | None, fund: Fund | None) -> dict[str, Any]:
    """As the form has it."""
    who = (
        {"kind": donor.kind.value, "donor": donor.name or "", "about": donor.about, "shown": donor.shown}
        if donor
        else {}
    )
    counted = {f"{one.sort}-{one.worn}": one.quantity for one in told.lines}
    return {
        "kind": NOBODY, **who, **counted, "given_on": told.on.isoformat(), "money": told.money or "",
        "drive": str(drive.uid) if drive else "", "fund": str(fund.uid) if fund else "", "note": told.note or "",
    }  # fmt: skip


def sheet(reader: Reader, drive: Drive, fund: Fund | None) -> list[Given]:
    """A whole drive counted at once: fields good-<uid>, worn-<uid>, torn-<uid>, money-<uid> of each collective."""
    on, sort = past_day(reader, "given_on"), reader.choice("sort", {one.value: one for one in GiftSort})
    found = []
    for donor in drive.collectives:
        counts = {worn: reader.number(f"{worn}-{donor.uid}", 0, MOST_COPIES, required=False) for worn in Worn}
        amount = (money(reader, f"money-{donor.uid}") or 0) if fund else 0
        told = tuple(Line(sort, worn, many) for worn, many in counts.items() if many and sort)
        if on and (told or amount):
            found.append(Given(on, donor.id, drive.id, told, amount, fund.id if fund and amount else None))
    if not found and not reader.complaints:
        reader.complain("given_on", "nothing", N_("Chưa ghi số của tập thể nào."))
    return found


# Afterwards


def became(reader: Reader) -> Became | None:
    fate, quantity = reader.choice("fate", FATES), reader.number("quantity", 1, MOST_COPIES)
    on, where_to = past_day(reader, "on"), reader.text("where_to", False, 200)
    return Became(fate, quantity, on, where_to or None) if fate and quantity and on else None


def accessions(reader: Reader) -> dict[str, str]:
    """Numbers by their folded form: “TN.00627, TN.00630 – TN.00634”."""
    found: dict[str, str] = {}
    for part in re.split(r"[,;\n]", str(reader.source.get("numbers") or "")):
        if clean(part):
            found |= {fold_code(one): one for one in _spelled(clean(part))}
    if not found:
        reader.complain("numbers", "required", REQUIRED)
    if any(len(one) > LONGEST_NUMBER for one in found):
        reader.complain("numbers", "too-long", N_("Mỗi số nhiều nhất %(longest)s chữ."), longest=LONGEST_NUMBER)
    if len(found) > MOST_NUMBERS:
        reader.complain("numbers", "too-many", N_("Mỗi lần nhiều nhất %(most)s số."), most=MOST_NUMBERS)
    return found


def _spelled(part: str) -> list[str]:
    """One number, or all of a range with the same letters."""
    if len(part) > 2 * LONGEST_NUMBER:
        return [part]
    first, *rest = _RANGE.split(part, maxsplit=1)
    begins = re.fullmatch(r"(.*?)(\d+)", first.strip())
    ends = re.fullmatch(r"(.*?)(\d+)", rest[0].strip()) if rest else None
    if not begins or not ends or ends[1] not in ("", begins[1]):
        return [part]
    low, high = int(begins[2]), int(ends[2])
    if not low <= high <= low + MOST_NUMBERS:
        return [part]
    return [f"{begins[1]}{number:0{len(begins[2])}}" for number in range(low, high + 1)]


def spending(reader: Reader) -> tuple[date, int, str, str | None] | None:
    on, amount = past_day(reader, "on"), money(reader, "amount", required=True)
    what, voucher = reader.text("what", longest=300), reader.text("voucher", False, 60)
    if amount == 0:
        reader.complain("amount", "money", N_("Tiền viết như 18.230.000."))
    return (on, amount, what, voucher or None) if on and amount and what else None
