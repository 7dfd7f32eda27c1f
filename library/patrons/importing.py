"""Class lists: rows become persons, memberships in a class of a school year, and cards.

A pupil is known by the ministry's code, else by name and birth date, else by name and class. One who is known changes
class and nothing else (a code the library had not heard of is added). Undoing ends the memberships the list began,
unless something rests on them, and puts the others back into their class; persons are never deleted here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from library.access import Permission
from library.calendars.models import SchoolYear
from library.core import clock
from library.core.errors import N_
from library.core.fold import fold, fold_code
from library.core.forms import Reader
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations import codes
from library.organisations.models import Code, Organisation
from library.patrons import enrolling
from library.patrons.columns import (
    PRIVATE,
    PUPIL_WORDS,
    STORED,
    Enrolment,
    find_class_hint,
    find_pupil_header,
    read_pupil,
)
from library.patrons.enrolling import NewPatron
from library.patrons.models import Card, Category, Membership, Person, SchoolClass, Sex
from library.staging.importers import Done, Importer, Judged, Question, Staged, Stale, Task, note_of, register
from library.staging.undoing import named_elsewhere
from library.staging.values import ClassName
from library.staging.verdicts import Note, Verdict, plain

KIND = "patrons"
PUPILS = "HS"

TWICE = N_("Em này đã có ở dòng %(row)s của tệp.")
CARD_TWICE = N_("Số thẻ %(card)s đã có ở dòng %(row)s của tệp.")
CARD_IN_USE = N_("Số thẻ %(card)s đang dùng cho người khác.")
ANOTHER_NAME = N_("Mã học sinh %(code)s đang là của một bạn đọc tên khác.")
NAMESAKES = N_("Có %(count)s bạn đọc cùng tên như em này. Thêm cột mã học sinh rồi nạp lại.")
MOVES = N_("Đổi lớp: %(before)s sang %(after)s.")
NO_CLASS = N_("chưa có lớp")
CODE_ADDED = N_("Thêm mã học sinh.")
GONE = N_("Danh sách ghi em không còn học ở trường, máy không làm thẻ.")
GONE_BUT_HERE = N_("Danh sách ghi em không còn học ở trường. Thẻ vẫn mở: đóng thẻ ở trang của em.")
STILL_NEEDED = N_("Giữ lại: em đã có lượt mượn hoặc đặt sách.")
MOVED_SINCE = N_("Giữ nguyên lớp: em đã đổi lớp lần nữa sau khi nạp.")


@dataclass(frozen=True)
class Known:
    """A person the network has, with their open membership here if there is one."""

    person_id: int
    name: str
    code: str
    born_on: date | None
    year_only: bool
    membership_id: int | None
    class_id: int | None
    class_name: str
    year: str


@dataclass(frozen=True)
class Plan:
    """What is to be done with a row."""

    row: Staged
    judged: Judged
    known: Known | None = None

    @property
    def key(self) -> tuple[str, int]:
        return self.row.sheet, self.row.number

    @property
    def writes(self) -> bool:
        return self.judged.verdict in (Verdict.NEW, Verdict.CHANGED)


# Judging


def judge(session: Session, task: Task, rows: Sequence[Staged], seen: dict[str, Any]) -> list[Judged]:
    return [plan.judged for plan in _plans(session, task, rows, seen)]


def _plans(session: Session, task: Task, rows: Sequence[Staged], seen: dict[str, Any]) -> list[Plan]:
    """One plan a row; two statements for a chunk."""
    planner = _Planner(_known(session, task.library_id, rows), year_label(task), seen)
    planner.cards_in_use = _cards_in_use(session, task.library_id, rows)
    return [planner.plan(row) for row in rows]


class _Planner:
    def __init__(self, known: Sequence[Known], year: str, seen: dict[str, Any]) -> None:
        self.year = year
        self.cards_in_use: dict[str, int | None] = {}
        self.by_code = {one.code: one for one in known if one.code}
        self.by_name: dict[str, list[Known]] = {}
        for one in known:
            self.by_name.setdefault(one.name, []).append(one)
        self.rows: dict[str, tuple[str, int]] = seen.setdefault("rows", {})

    def plan(self, row: Staged) -> Plan:
        if doubled := self._doubled(row):
            return Plan(row, Judged(Verdict.DUPLICATE, (doubled,)))
        found = self._find(row.values)
        if isinstance(found, Note):
            return Plan(row, Judged(Verdict.REFUSED, (found,)))
        if row.values.get("enrolment") in (Enrolment.MOVED, Enrolment.LEFT):
            return Plan(row, _gone(found))
        if found is None or found.membership_id is None:
            return self._joins(row, found)
        return self._stays(row, found)

    def _doubled(self, row: Staged) -> Note | None:
        """The note for a pupil, or a card, that an earlier row has."""
        values = row.values
        born = values.get("birth", {}).get("day") or values.get("birth", {}).get("year") or ""
        mine = f"{fold(values['full_name'])}|{born}|{class_of(values).name}"
        code, card = values.get("student_code"), fold_code(values.get("card", ""))
        earlier = self.rows.get(f"code {code}") if code else self.rows.get(mine)
        if earlier:
            return note_of(TWICE, row=_where(earlier, row))
        if card and f"card {card}" in self.rows:
            return note_of(CARD_TWICE, "card", card=values["card"], row=_where(self.rows[f"card {card}"], row))
        names = (f"code {code}" if code else mine, f"card {card}" if card else "")
        self.rows.update({name: (row.sheet, row.number) for name in names if name})
        return None

    def _find(self, values: Mapping[str, Any]) -> Known | Note | None:
        """Who this is; a note where it cannot be told."""
        code = values.get("student_code", "")
        if code in self.by_code:
            known = self.by_code[code]
            return (
                known if known.name == fold(values["full_name"]) else note_of(ANOTHER_NAME, "student_code", code=code)
            )
        alike = [one for one in self.by_name.get(fold(values["full_name"]), ()) if not (code and one.code)]
        same = [one for one in alike if _may_be(one, values)]
        if len(same) > 1:
            here = [one for one in same if one.class_name == class_of(values).name]
            return here[0] if len(here) == 1 else note_of(NAMESAKES, count=len(same))
        return same[0] if same else None

    def _joins(self, row: Staged, found: Known | None) -> Plan:
        card = row.values.get("card", "")
        if card and fold_code(card) in self.cards_in_use:
            return Plan(row, Judged(Verdict.REFUSED, (note_of(CARD_IN_USE, "card", card=card),)))
        return Plan(row, Judged(Verdict.NEW, (), {"readers": 1}), found)

    def _stays(self, row: Staged, found: Known) -> Plan:
        now, wanted = (found.class_name, found.year), (class_of(row.values).name, self.year)
        notes = []
        if now != wanted:
            notes.append(note_of(MOVES, "class", before=_told(now, wanted), after=_told(wanted, now)))
        if row.values.get("student_code") and not found.code:
            notes.append(note_of(CODE_ADDED, "student_code"))
        if not notes:
            return Plan(row, Judged(Verdict.UNCHANGED), found)
        return Plan(row, Judged(Verdict.CHANGED, tuple(notes), {"moves": int(now != wanted)}), found)


def _where(earlier: tuple[str, int], row: Staged) -> str:
    """The number of an earlier row, with its sheet where that is another one."""
    sheet, number = earlier
    return str(number) if sheet == row.sheet else f"{number} ({sheet})"


def _told(one: tuple[str, str], other: tuple[str, str]) -> str:
    """A class, with its year where the class alone does not tell the two apart."""
    return f"{one[0]} ({one[1]})" if one[0] and one[0] == other[0] else one[0] or NO_CLASS


def _gone(found: Known | None) -> Judged:
    here = found is not None and found.membership_id is not None
    return Judged(Verdict.UNCHANGED, (note_of(GONE_BUT_HERE),)) if here else Judged(Verdict.SKIPPED, (note_of(GONE),))


def _may_be(known: Known, values: Mapping[str, Any]) -> bool:
    """Same birth date; where one side does not know it, the same year (if known) and the same class."""
    birth = values.get("birth") or {}
    if birth.get("day") and known.born_on and not known.year_only:
        return bool(known.born_on == date.fromisoformat(birth["day"]))
    if birth.get("year") and known.born_on and known.born_on.year != birth["year"]:
        return False
    return known.class_name == class_of(values).name


def class_of(values: Mapping[str, Any]) -> ClassName:
    told = values.get("school_class") or {}
    return ClassName(told.get("name", ""), tuple(told.get("grades", ())))


def _known(session: Session, library_id: int, rows: Sequence[Staged]) -> list[Known]:
    """Persons with these codes in the network, and persons with these names who read or have read here."""
    people = {code for row in rows if (code := row.values.get("student_code"))}
    names = {fold(row.values["full_name"]) for row in rows}
    network = select(Organisation.network_id).where(Organisation.id == library_id).scalar_subquery()
    read_here = select(Membership.person_id).where(Membership.library_id == library_id)
    open_here = and_(Membership.person_id == Person.id, Membership.library_id == library_id, Membership.to_on.is_(None))
    query = (
        select(
            Person.id, Person.name_folded, Person.student_code, Person.born_on, Person.born_year_only, Membership.id,
            SchoolClass.id, SchoolClass.name, SchoolYear.label,
        )
        .outerjoin(Membership, open_here)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .outerjoin(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(
            Person.network_id == network,
            or_(Person.student_code.in_(people), and_(Person.name_folded.in_(names), Person.id.in_(read_here))),
        )
        .order_by(Person.id)
    )  # fmt: skip
    return [
        Known(person, name, code or "", born, year_only, member, class_id, class_name or "", label or "")
        for person, name, code, born, year_only, member, class_id, class_name, label in session.execute(query)
    ]


def _cards_in_use(session: Session, library_id: int, rows: Iterable[Staged]) -> dict[str, int | None]:
    folded = [fold_code(card) for row in rows if (card := row.values.get("card"))]
    return dict.fromkeys(codes.in_use(session, library_id, folded)) if folded else {}


# Writing


def begin(session: Session, task: Task, at: datetime) -> int:
    """The act of the whole list; the school year and the kinds of readers are there from here on."""
    library = session.get_one(Organisation, task.library_id)
    assert library.network_id
    enrolling.add_usual_categories(session, library.network_id)
    if _year(session, task) is None:
        session.add(new_year(task.library_id, year_label(task)))
    return acts.write(session, Doing(task.uid, task.account, task.branch_id), "import", at)


@dataclass(frozen=True)
class Prepared:
    """Plans, and the newest membership when they were made: while it is the newest, nobody has come that they missed."""

    plans: Sequence[Plan]
    newest: int


def prepare(session: Session, task: Task, rows: Sequence[Staged]) -> Prepared:
    """Rows are judged anew: much may have happened since they were shown."""
    newest = _newest(session)
    return Prepared(_plans(session, task, rows, {}), newest)


def _newest(session: Session) -> int:
    return session.scalar(select(func.max(Membership.id))) or 0


def apply(session: Session, task: Task, prepared: Prepared, at: datetime) -> list[Done]:
    if _newest(session) != prepared.newest:
        raise Stale
    plans = prepared.plans
    classes = _classes(session, task, [plan for plan in plans if plan.writes])
    joined = _join(session, task, [plan for plan in plans if plan.judged.verdict is Verdict.NEW], classes)
    return [_done(session, plan, classes, joined) for plan in plans]


def _done(session: Session, plan: Plan, classes: Mapping[str, int], joined: Mapping[tuple[str, int], int]) -> Done:
    if not plan.writes:
        return Done(None, plan.judged.verdict, plan.judged.notes)
    if plan.key in joined:
        return Done([joined[plan.key], 1], Verdict.NEW, tally=plan.judged.tally)
    assert plan.known
    return Done(_change(session, plan, classes), Verdict.CHANGED, tally=plan.judged.tally)


def _classes(session: Session, task: Task, plans: Sequence[Plan]) -> dict[str, int]:
    """{name: id} of the classes of these rows, made where they are new."""
    wanted = {class_of(plan.row.values).name: class_of(plan.row.values) for plan in plans}
    year = _year(session, task)
    if not wanted or year is None:
        return {}
    query = select(SchoolClass.name, SchoolClass.id).where(
        SchoolClass.school_year_id == year.id, SchoolClass.name.in_(wanted)
    )
    have = dict(session.execute(query).all())
    made = (one for name, one in sorted(wanted.items()) if name not in have)
    return have | {
        one.name: enrolling.school_class(session, year, task.branch_id, one.name, one.grade).id for one in made
    }


def _join(
    session: Session, task: Task, plans: Sequence[Plan], classes: Mapping[str, int]
) -> dict[tuple[str, int], int]:
    """New memberships, by row."""
    if not plans:
        return {}
    library = session.get_one(Organisation, task.library_id)
    query = select(Category.id).where(Category.network_id == library.network_id, Category.code == PUPILS)
    people = [_new(task, plan, classes) for plan in plans]
    made = enrolling.enrol(session, library, session.scalars(query).one(), people)
    return {plan.key: membership for plan, (membership, _) in zip(plans, made, strict=True)}


def _new(task: Task, plan: Plan, classes: Mapping[str, int]) -> NewPatron:
    values = plan.row.values
    birth, until = values.get("birth") or {}, task.answers.get("expires_on")
    day = date.fromisoformat(birth["day"]) if birth.get("day") else None
    return NewPatron(
        full_name=values["full_name"],
        sex=Sex(values["sex"]) if values.get("sex") else None,
        born_on=day or (date(birth["year"], 1, 1) if birth else None),
        born_year_only=bool(birth) and day is None,
        student_code=values.get("student_code"),
        class_id=classes.get(class_of(values).name),
        expires_on=date.fromisoformat(until) if until else None,
        card=values.get("card", ""),
        person_id=plan.known.person_id if plan.known else None,
    )


def _change(session: Session, plan: Plan, classes: Mapping[str, int]) -> list[Any]:
    """[membership, 0, class before, class now, person whose code was added or 0]."""
    known = plan.known
    assert known
    class_id = classes[class_of(plan.row.values).name]
    session.execute(update(Membership).where(Membership.id == known.membership_id).values(class_id=class_id))
    code = plan.row.values.get("student_code")
    adds = bool(code) and not known.code
    if adds:
        session.execute(update(Person).where(Person.id == known.person_id).values(student_code=code))
    return [known.membership_id, 0, known.class_id, class_id, known.person_id if adds else 0]


# Undoing


def undo(session: Session, task: Task, rows: Sequence[Staged]) -> list[tuple[Note, ...]]:
    """End what the list began, put back what it moved; for each row, what stays."""
    began = [row.subjects[0] for row in rows if row.subjects[1]]
    needed = named_elsewhere(session, Membership, began, besides=(Card.__tablename__,)) if began else set()
    _end(session, [one for one in began if one not in needed])
    return [_undone(session, row, needed) for row in rows]


def _undone(session: Session, row: Staged, needed: set[int]) -> tuple[Note, ...]:
    if row.subjects[1]:
        return (note_of(STILL_NEEDED),) if row.subjects[0] in needed else ()
    return _put_back(session, *row.subjects)


def _end(session: Session, memberships: Sequence[int]) -> None:
    """They end today, and their cards with them."""
    if not memberships:
        return
    mine = select(Card.code_id).where(Card.membership_id.in_(memberships), Card.ended_at.is_(None))
    cards, now = list(session.scalars(mine)), clock.now()
    session.execute(update(Code).where(Code.id.in_(cards)).values(valid_to=now))
    session.execute(update(Card).where(Card.code_id.in_(cards)).values(ended_at=now))
    session.execute(update(Membership).where(Membership.id.in_(memberships)).values(to_on=clock.today()))


def _put_back(
    session: Session, membership: int, made: int, before: int | None, now: int, person: int
) -> tuple[Note, ...]:
    if person:
        session.execute(update(Person).where(Person.id == person).values(student_code=None))
    there = update(Membership).where(Membership.id == membership, Membership.class_id == now)
    back = session.execute(there.values(class_id=before).returning(Membership.id)).first()
    return () if back else (note_of(MOVED_SINCE),)


# School years and what the page asks


def label_of(day: date) -> str:
    """2026-2027: a list brought in July is of the coming year."""
    first = day.year if day.month >= 7 else day.year - 1
    return f"{first}-{first + 1}"


def year_label(task: Task) -> str:
    return task.answers.get("year") or label_of(clock.today())


def new_year(library_id: int, label: str) -> SchoolYear:
    first = int(label[:4])
    return SchoolYear(organisation_id=library_id, label=label, from_on=date(first, 9, 1), to_on=date(first + 1, 5, 31))


def _year(session: Session, task: Task) -> SchoolYear | None:
    query = select(SchoolYear).where(SchoolYear.organisation_id == task.library_id)
    return session.scalar(query.where(SchoolYear.label == year_label(task)))


def _year_labels(session: Session, library_id: int) -> tuple[str, ...]:
    query = select(SchoolYear.label).where(SchoolYear.organisation_id == library_id)
    usual = label_of(clock.today())
    following = f"{int(usual[:4]) + 1}-{int(usual[:4]) + 2}"
    return tuple(sorted({*session.scalars(query), usual, following}, reverse=True))


def questions(session: Session, task: Task) -> list[Question]:
    years = tuple((label, label) for label in _year_labels(session, task.library_id))
    until = task.answers.get("expires_on", "")
    return [
        Question("year", N_("Năm học"), year_label(task), "select", years),
        Question("expires_on", N_("Thẻ dùng đến hết ngày"), until, "date", (), N_("Bỏ trống nếu thẻ không có hạn.")),
    ]


def check(session: Session, task: Task, given: Mapping[str, str]) -> dict[str, str]:
    """Raises Invalid."""
    reader = Reader(given)
    year = reader.choice("year", {label: label for label in _year_labels(session, task.library_id)})
    until = reader.day("expires_on", required=False)
    reader.done()
    return {"year": year or "", "expires_on": until.isoformat() if until else ""}


def hint(sheet: str, above: Sequence[Any]) -> Any:
    return plain(find_class_hint(sheet, above))


def read(row: Any, header: Any, told: Any) -> Any:
    given = ClassName(told["name"], tuple(told["grades"])) if told else None
    return read_pupil(row, header, given)


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
        shown=("name", "family_name", "given_name", "born", "class", "student_code", "card"),
        tallies={"readers": N_("%(count)s bạn đọc mới, có thẻ"), "moves": N_("%(count)s em đổi lớp")},
        kept=N_("Bạn đọc đã mượn hoặc đặt sách thì giữ nguyên."),
        find_header=find_pupil_header,
        read=read,
        questions=questions,
        check=check,
        judge=judge,
        begin=begin,
        prepare=prepare,
        apply=apply,
        undo=undo,
        hint=hint,
        stored=STORED,
        private=PRIVATE,
    )
)
