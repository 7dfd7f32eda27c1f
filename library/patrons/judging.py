"""What is to become of each row of a class list. Nothing is written here.

A pupil is known by the ministry's code, else by name and birth date, else by name and class. Who is known may change
class, get a corrected name, and have filled in what we did not know. Somebody whom the list says, by a word or by not
having them, to be here no more is asked about: LEFT, until a person ticks the row.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from library.core.errors import N_
from library.core.fold import fold, fold_code
from library.patrons import leaving, names, promoting, school_years
from library.patrons.columns import SWITCHABLE, Enrolment
from library.patrons.knowing import Known, cards_in_use, known
from library.patrons.list_plans import Plan, Setting, born_of, class_of, name_of
from library.staging.importers import Judged, Staged, Task, note_of
from library.staging.verdicts import Note, Verdict

TWICE = N_("Em này đã có ở dòng %(row)s của tệp.")
CARD_TWICE = N_("Số thẻ %(card)s đã có ở dòng %(row)s của tệp.")
CARD_IN_USE = N_("Số thẻ %(card)s đang dùng cho người khác.")
ANOTHER_NAME = N_("Mã học sinh %(code)s đang là của một bạn đọc tên khác. Ngày sinh không khớp nên máy không sửa tên.")
NAMESAKES = N_("Có %(count)s bạn đọc cùng tên như em này. Thêm cột mã học sinh rồi nạp lại.")
MOVES = N_("Đổi lớp: %(before)s sang %(after)s.")
NO_CLASS = N_("chưa có lớp")
CODE_ADDED = N_("Thêm mã học sinh.")
NAME_MENDED = N_("Sửa tên: %(before)s thành %(after)s.")
BIRTH_MENDED = N_("Sửa ngày sinh: %(before)s thành %(after)s.")
BIRTH_ADDED = N_("Thêm ngày sinh.")
SEX_ADDED = N_("Thêm giới tính.")
CARD_LONGER = N_("Thẻ dùng đến hết ngày %(day)s.")
DETAILS_ADDED = N_("Ghi thêm thông tin gia đình.")
GONE = N_("Danh sách ghi em không còn học ở trường, máy không làm thẻ.")
GONE_BUT_HERE = N_("Danh sách ghi em không còn học ở trường.")


def plans(session: Session, task: Task, rows: Sequence[Staged], seen: dict[str, Any], setting: Setting) -> list[Plan]:
    """One plan a row; some four statements for a chunk."""
    listed = [row for row in rows if "membership" not in row.values]
    planner = Planner(known(session, task.library_id, listed), setting, seen)
    planner.cards_in_use = cards_in_use(session, task.library_id, listed)
    made = [leaving.absent(row, setting) if "membership" in row.values else planner.plan(row) for row in rows]
    return leaving.with_what_is_held(session, made)


class Planner:
    """Plans rows one after the other. `seen` is kept for the whole list: who and what stood in earlier rows."""

    def __init__(self, known: Sequence[Known], setting: Setting, seen: dict[str, Any]) -> None:
        self.setting = setting
        self.cards_in_use: Mapping[str, object] = {}
        self.by_code = {one.code: one for one in known if one.code}
        self.by_name: dict[str, list[Known]] = {}
        for one in known:
            self.by_name.setdefault(one.folded, []).append(one)
        self.rows: dict[str, tuple[str, int]] = seen.setdefault("rows", {})
        self.here: set[int] = seen.setdefault("here", set())
        self.classes: set[str] = seen.setdefault("classes", set())

    def plan(self, row: Staged) -> Plan:
        self.classes.add(class_of(row.values).name)
        if doubled := self._doubled(row):
            return Plan(row, Judged(Verdict.DUPLICATE, (doubled,)))
        found = self._find(row.values)
        if isinstance(found, Note):
            return Plan(row, Judged(Verdict.REFUSED, (found,)))
        if found and (doubled := self._met(row, found)):
            return Plan(row, Judged(Verdict.DUPLICATE, (doubled,)), found)
        if row.values.get("enrolment") in (Enrolment.MOVED, Enrolment.LEFT):
            return self._gone(row, found)
        if found is None or found.membership_id is None:
            return self._joins(row, found)
        return self._stays(row, found)

    # Who it is

    def _doubled(self, row: Staged) -> Note | None:
        """The note for a pupil, or a card, that an earlier row has."""
        values = row.values
        born = values.get("birth", {}).get("day") or values.get("birth", {}).get("year") or ""
        mine = f"{values['full_name'].casefold()}|{born}|{class_of(values).name}"
        code, card = values.get("student_code"), fold_code(values.get("card", ""))
        earlier = self.rows.get(f"code {code}") if code else self.rows.get(mine)
        if earlier:
            return note_of(TWICE, row=_where(earlier, row))
        if card and f"card {card}" in self.rows:
            return note_of(CARD_TWICE, "card", card=values["card"], row=_where(self.rows[f"card {card}"], row))
        told = (f"code {code}" if code else mine, f"card {card}" if card else "")
        self.rows.update({name: (row.sheet, row.number) for name in told if name})
        return None

    def _met(self, row: Staged, found: Known) -> Note | None:
        """Two rows, one with a code and one without, may be one person."""
        earlier = self.rows.setdefault(f"person {found.person_id}", (row.sheet, row.number))
        return None if earlier == (row.sheet, row.number) else note_of(TWICE, row=_where(earlier, row))

    def _find(self, values: Mapping[str, Any]) -> Known | Note | None:
        """Who this is; a note where it cannot be told. Whoever it may be is no longer thought to be missing."""
        found = self._find_anyhow(values)
        if isinstance(found, Known) and found.membership_id:
            self.here.add(found.membership_id)
        return found

    def _find_anyhow(self, values: Mapping[str, Any]) -> Known | Note | None:
        code = values.get("student_code", "")
        if code in self.by_code:
            return self._by_code(self.by_code[code], values)
        name = values["full_name"]
        alike = [one for one in self.by_name.get(fold(name), ()) if not (code and one.code)]
        same = [one for one in alike if names.is_same(name, one.full_name) and self._may_be(one, values)]
        if len(same) > 1:
            here = [one for one in same if one.class_name == class_of(values).name]
            exact = [one for one in same if one.full_name.casefold() == name.casefold()]
            only = here if len(here) == 1 else exact
            self.here.update(one.membership_id for one in same if one.membership_id)
            return only[0] if len(only) == 1 else note_of(NAMESAKES, count=len(same))
        return same[0] if same else None

    def _by_code(self, known: Known, values: Mapping[str, Any]) -> Known | Note:
        """The code tells who it is, and with the birth date that a name was corrected."""
        if known.folded == fold(values["full_name"]) or _same_birth(known, values):
            return known
        if known.membership_id:
            self.here.add(known.membership_id)
        return note_of(ANOTHER_NAME, "student_code", code=known.code)

    def _may_be(self, known: Known, values: Mapping[str, Any]) -> bool:
        """Same birth date; where one side does not know it, the same year (if known) and the same class."""
        born, year_only = born_of(values)
        if born and not year_only and known.born_on and not known.year_only:
            return known.born_on == born
        if born and known.born_on and known.born_on.year != born.year:
            return False
        return self._in_class(known, class_of(values).name, class_of(values, "last_class").name)

    def _in_class(self, known: Known, now: str, last: str) -> bool:
        """In the list's class already, in the one it names as last year's, or in the one before it."""
        years = school_years.autumn_of(self.setting.year) - school_years.autumn_of(known.year)
        if known.class_name == now or (last and known.class_name == last):
            return True
        return bool(known.year) and promoting.follows(known.class_name, now, years)

    # What becomes of it

    def _gone(self, row: Staged, found: Known | None) -> Plan:
        if found is None or found.membership_id is None:
            return Plan(row, Judged(Verdict.SKIPPED, (note_of(GONE),)))
        return leaving.ended(row, found, GONE_BUT_HERE, self.setting)

    def _joins(self, row: Staged, found: Known | None) -> Plan:
        card = row.values.get("card", "")
        if card and fold_code(card) in self.cards_in_use:
            return Plan(row, Judged(Verdict.REFUSED, (note_of(CARD_IN_USE, "card", card=card),)))
        person, notes = self._mended(row, found) if found else ({}, [])
        details, _ = self._details(row, found)
        return Plan(row, Judged(Verdict.NEW, tuple(notes), {"readers": 1}), found, person, details)

    def _stays(self, row: Staged, found: Known) -> Plan:
        now, wanted = (found.class_name, found.year), (class_of(row.values).name, self.setting.year)
        person, notes = self._mended(row, found)
        details, more = self._details(row, found)
        expires_on, longer = self._until(found)
        moves = now != wanted
        if moves:
            notes.insert(0, note_of(MOVES, "class", before=_told(now, wanted), after=_told(wanted, now)))
        notes += [*more, *(longer if moves else ())]
        if not notes:
            return Plan(row, Judged(Verdict.UNCHANGED), found)
        tally = {"moves": int(moves), "mended": int(bool(person or details))}
        until = expires_on if moves else found.expires_on
        return Plan(row, Judged(Verdict.CHANGED, tuple(notes), tally), found, person, details, until)

    def _until(self, found: Known) -> tuple[date | None, list[Note]]:
        """A card that runs out sooner than the list's cards is good as long as they; one without a day stays so."""
        until = self.setting.until
        if not until or not found.expires_on or found.expires_on >= until:
            return found.expires_on, []
        return until, [note_of(CARD_LONGER, day=f"{until:%d/%m/%Y}")]

    def _mended(self, row: Staged, found: Known) -> tuple[dict[str, Any], list[Note]]:
        """(columns of the person, what is said of them)."""
        values, person, notes = row.values, dict[str, Any](), list[Note]()
        name, code = name_of(values, self.setting), values.get("student_code")
        by_code = bool(code) and found.code == code
        if by_code and names.betters(name, found.full_name):
            person["full_name"] = name
            notes.append(note_of(NAME_MENDED, "name", before=found.full_name, after=name))
        if code and not found.code:
            person["student_code"] = code
            notes.append(note_of(CODE_ADDED, "student_code"))
        notes += _born(values, found, person)
        if values.get("sex") and not found.sex:
            person["sex"] = values["sex"]
            notes.append(note_of(SEX_ADDED, "sex"))
        return person, notes

    def _details(self, row: Staged, found: Known | None) -> tuple[dict[str, str], list[Note]]:
        """What the library has asked to keep of the family, where it is not what it knows."""
        told = {name: row.values[name] for name in SWITCHABLE if row.values.get(name)}
        if not self.setting.keeps_details or not told:
            return {}, []
        have = self.setting.details.get(found.person_id, {}) if found else {}
        new = {name: text for name, text in told.items() if have.get(name) != text}
        return new, [note_of(DETAILS_ADDED)] if new else []


def _born(values: Mapping[str, Any], found: Known, person: dict[str, Any]) -> list[Note]:
    """A birth date is filled in; the same code and name with another date is a corrected date."""
    born, year_only = born_of(values)
    known = found.born_on
    if born is None or (year_only and known) or (known == born and not found.year_only):
        return []
    person |= {"born_on": born, "born_year_only": year_only}
    if known is None or found.year_only:
        return [note_of(BIRTH_ADDED, "born")]
    return [note_of(BIRTH_MENDED, "born", before=f"{known:%d/%m/%Y}", after=f"{born:%d/%m/%Y}")]


def _same_birth(known: Known, values: Mapping[str, Any]) -> bool:
    born, year_only = born_of(values)
    if born is None or known.born_on is None:
        return False
    return known.born_on.year == born.year if year_only or known.year_only else known.born_on == born


def _where(earlier: tuple[str, int], row: Staged) -> str:
    """The number of an earlier row, with its sheet where that is another one."""
    sheet, number = earlier
    return str(number) if sheet == row.sheet else f"{number} ({sheet})"


def _told(one: tuple[str, str], other: tuple[str, str]) -> str:
    """A class, with its year where the class alone does not tell the two apart."""
    return f"{one[0]} ({one[1]})" if one[0] and one[0] == other[0] else one[0] or NO_CLASS
