"""What is typed about a reader: typed values, or every complaint."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from library.core import clock
from library.core.errors import N_
from library.core.forms import Reader
from library.patrons.changing import Change
from library.patrons.enrolling import NewPatron
from library.patrons.models import Sex
from library.patrons.queries import Group

NO_GROUP = N_("Chọn lớp, hoặc loại bạn đọc.")
OLDEST = 120


@dataclass(frozen=True)
class NewReader:
    """Somebody who begins to read here. `anyway`: although a reader of that name is here already, or one of that name and
    birth elsewhere in the network; `same`: they are that one."""

    uid: UUID
    full_name: str
    group_key: str
    group: Group
    sex: Sex | None
    born_on: date | None
    born_year_only: bool
    student_code: str
    anyway: bool
    same: bool = False

    @classmethod
    def read(cls, source: Mapping[str, str], groups: Mapping[str, Group]) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        name = name_of(reader)
        key, group = _group(reader, groups)
        sex = reader.choice("sex", {one.value: one for one in Sex}, required=False)
        born, year_only = born_of(reader)
        code = reader.text("student_code", required=False, longest=20).replace(" ", "")
        reader.done()
        assert group
        said = source.get("known")
        anyway = reader.ticked("anyway") or said == "other"
        return cls(uid_of(source), name, key, group, sex, born, year_only, code, anyway, said == "same")

    def patron(self, person_id: int | None = None) -> NewPatron:
        return NewPatron(
            self.full_name, self.sex, self.born_on, self.born_year_only, self.student_code or None,
            self.group.class_id, self.group.until, person_id=person_id,
        )  # fmt: skip

    def content(self) -> dict[str, Any]:
        """What must be the same when the same form arrives twice."""
        told = (self.full_name, self.group_key, self.sex, self.born_on, self.student_code)
        return {"do": "add-reader", "told": [str(one) for one in told], **({"same": True} if self.same else {})}


def read_change(source: Mapping[str, str], groups: Mapping[str, Group]) -> Change:
    """Raises Invalid. A class carries its category along, unless the reader has another one already."""
    reader = Reader(source)
    name = name_of(reader)
    _key, group = _group(reader, groups)
    expires, blocked = reader.day("expires_on", required=False), reader.day("blocked_until", required=False)
    reader.done()
    assert group
    return Change(name, group.category_id, group.class_id, expires, blocked)


def name_of(reader: Reader) -> str:
    name = reader.text("full_name", longest=100)
    if name and not any(map(str.isalpha, name)):
        reader.complain("full_name", "name", N_("Tên viết bằng chữ, như Hoàng Thị Mai Lan."))
    return name


def _group(reader: Reader, groups: Mapping[str, Group]) -> tuple[str, Group | None]:
    key = reader.text("group", required=False, longest=60)
    if key not in groups:
        reader.complain("group", "group", NO_GROUP)
    return key, groups.get(key)


def born_of(reader: Reader) -> tuple[date | None, bool]:
    """A year alone (2016), or a day: (day, whether only its year is known)."""
    text = reader.text("born", required=False, longest=20)
    if text.isascii() and text.isdigit() and len(text) == 4:
        born, year_only = date(int(text), 1, 1) if int(text) else None, True
    else:
        born, year_only = reader.day("born", required=False), False
    today = clock.today()
    if born and not today.year - OLDEST <= born.year <= today.year:
        reader.complain(
            "born", "born-range", N_("Năm sinh từ %(first)s đến %(last)s."), first=today.year - OLDEST, last=today.year
        )
    return born, year_only and born is not None


def uid_of(source: Mapping[str, str]) -> UUID:
    try:
        return UUID(source.get("uid", ""))
    except ValueError:
        return clock.uuid7()
