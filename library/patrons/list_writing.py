"""Rows of a class list become persons, memberships and cards; a few statements for a chunk, however many rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.bulk import change_rows
from library.core.db import table_of
from library.core.fold import fold, name_key
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations.models import Organisation
from library.patrons import details, enrolling, judging, knowing, school_years
from library.patrons.enrolling import NewPatron
from library.patrons.list_plans import Plan, Setting, born_of, class_of, name_of, setting_of, year_label
from library.patrons.models import Category, Membership, Person, SchoolClass, Sex
from library.staging.importers import Done, Staged, Stale, Task
from library.staging.verdicts import Verdict

PUPILS = "HS"


def begin(session: Session, task: Task, at: datetime) -> int:
    """The act of the whole list; the school year and the kinds of readers are there from here on."""
    library = session.get_one(Organisation, task.library_id)
    assert library.network_id
    enrolling.add_usual_categories(session, library.network_id)
    school_years.begun(session, task.library_id, year_label(task))
    return acts.write(session, Doing(task.uid, task.account, task.branch_id), "import", at)


@dataclass(frozen=True)
class Prepared:
    """Plans, and the newest membership when they were made: while it is the newest, nobody has come that they missed."""

    plans: Sequence[Plan]
    newest: int
    setting: Setting


def prepare(session: Session, task: Task, rows: Sequence[Staged]) -> Prepared:
    """Rows are judged anew: much may have happened since they were shown."""
    newest = _newest(session)
    setting = setting_now(session, task, rows)
    return Prepared(judging.plans(session, task, rows, {}, setting), newest, setting)


def setting_now(session: Session, task: Task, rows: Sequence[Staged]) -> Setting:
    """With what the library keeps of families, and knows of the pupils of these rows. No statement more where it does
    not keep anything."""
    chosen = setting_of(task)
    if not any(row.values.get("parents") or row.values.get("ethnicity") for row in rows):
        return chosen
    if not details.keeps(session, task.library_id):
        return chosen
    people = [one.person_id for one in knowing.known(session, task.library_id, _listed(rows))]
    return replace(chosen, keeps_details=True, details=details.of(session, task.library_id, people))


def _listed(rows: Sequence[Staged]) -> list[Staged]:
    return [row for row in rows if "membership" not in row.values]


def _newest(session: Session) -> int:
    return session.scalar(select(func.max(Membership.id))) or 0


def apply(session: Session, task: Task, prepared: Prepared, at: datetime) -> list[Done]:
    if _newest(session) != prepared.newest:
        raise Stale
    plans = prepared.plans
    classes = _classes(session, task, [plan for plan in plans if plan.teaches])
    joined = _join(
        session, task, [plan for plan in plans if plan.judged.verdict is Verdict.NEW], classes, prepared.setting
    )
    changed = _change(session, [plan for plan in plans if plan.judged.verdict is Verdict.CHANGED], classes)
    told = joined | changed
    _mend(
        session, [(plan.known.person_id, plan.person) for plan in plans if plan.writes and plan.known and plan.person]
    )
    _keep_details(session, task, prepared, told)
    return [_done(plan, told) for plan in plans]


Told = dict[tuple[str, int], dict[str, Any]]
"""By row: what was done, as plain JSON for taking it back."""


def _done(plan: Plan, told: Mapping[tuple[str, int], dict[str, Any]]) -> Done:
    verdict, judged = plan.judged.verdict, plan.judged
    if not plan.writes:
        return Done(None, verdict, judged.notes)
    return Done([told[plan.key]], verdict, tally=judged.tally)


def _classes(session: Session, task: Task, plans: Sequence[Plan]) -> dict[str, int]:
    """{name: id} of the classes of these rows, made where they are new."""
    wanted = {class_of(plan.row.values).name: class_of(plan.row.values) for plan in plans}
    year = school_years.find(session, task.library_id, year_label(task))
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


# Who comes


def _join(session: Session, task: Task, plans: Sequence[Plan], classes: Mapping[str, int], setting: Setting) -> Told:
    if not plans:
        return {}
    library = session.get_one(Organisation, task.library_id)
    query = select(Category.id).where(Category.network_id == library.network_id, Category.code == PUPILS)
    people = [_new(plan, classes, setting) for plan in plans]
    made = enrolling.enrol(session, library, session.scalars(query).one(), people)
    return {
        plan.key: {"do": "join", "member": membership, **_person(plan)}
        for plan, (membership, _) in zip(plans, made, strict=True)
    }


def _new(plan: Plan, classes: Mapping[str, int], setting: Setting) -> NewPatron:
    values, (born, year_only) = plan.row.values, born_of(plan.row.values)
    return NewPatron(
        full_name=name_of(values, setting),
        sex=Sex(values["sex"]) if values.get("sex") else None,
        born_on=born,
        born_year_only=year_only,
        student_code=values.get("student_code"),
        class_id=classes.get(class_of(values).name),
        expires_on=setting.until,
        card=values.get("card", ""),
        person_id=plan.known.person_id if plan.known else None,
    )


def _person(plan: Plan) -> dict[str, Any]:
    """The person's columns before and after, where some are changed."""
    if not plan.person or not plan.known:
        return {}
    known = plan.known
    before = {
        "full_name": known.full_name, "student_code": known.code or None, "sex": known.sex,
        "born_on": known.born_on, "born_year_only": known.year_only,
    }  # fmt: skip
    was = {name: plain(before[name]) for name in plan.person}
    return {"person": known.person_id, "was": was, "now": {name: plain(value) for name, value in plan.person.items()}}


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


# Who changes, who goes


def _change(session: Session, plans: Sequence[Plan], classes: Mapping[str, int]) -> Told:
    """Classes and cards by one statement, endings by another. Raises Stale where somebody has gone meanwhile."""
    if not plans:
        return {}
    before = _standing(session, [plan.known.membership_id for plan in plans if plan.known and plan.known.membership_id])
    if any(plan.known is None or plan.known.membership_id not in before for plan in plans):
        raise Stale
    told = {plan.key: _changed(plan, before, classes) for plan in plans}
    ends = [one["member"] for one in told.values() if one["do"] == "end"]
    if ends:
        session.execute(update(Membership).where(Membership.id.in_(ends)).values(to_on=clock.today()))
    rows = [
        {"id": one["member"], "class_id": one["class"][1], "expires_on": _day(one["until"][1])}
        for one in told.values()
        if one["do"] == "change" and (one["class"][0] != one["class"][1] or one["until"][0] != one["until"][1])
    ]
    change_rows(session, table_of(Membership), rows)
    return told


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _standing(session: Session, members: Sequence[int]) -> dict[int, tuple[int | None, date | None]]:
    """{membership: (class, good until)} of those that are open, locked."""
    query = select(Membership.id, Membership.class_id, Membership.expires_on).where(
        Membership.id.in_(members), Membership.to_on.is_(None)
    )
    rows = session.execute(query.order_by(Membership.id).with_for_update(key_share=True))
    return {member: (class_id, expires_on) for member, class_id, expires_on in rows}


def _changed(
    plan: Plan, before: Mapping[int, tuple[int | None, date | None]], classes: Mapping[str, int]
) -> dict[str, Any]:
    assert plan.known and plan.known.membership_id
    member = plan.known.membership_id
    if plan.ends:
        return {"do": "end", "member": member, "on": clock.today().isoformat()}
    class_id, expires_on = before[member]
    now = classes[class_of(plan.row.values).name]
    until = plan.expires_on if plan.expires_on != plan.known.expires_on else expires_on
    return {
        "do": "change", "member": member, "class": [class_id, now], "until": [plain(expires_on), plain(until)],
        **_person(plan),
    }  # fmt: skip


# Persons


_COLUMNS = ("full_name", "student_code", "sex", "born_on", "born_year_only")


def _mend(session: Session, told: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Set these columns of persons: one statement for each set of columns."""
    sets: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for person, values in told:
        row = {"id": person, **{name: values[name] for name in _COLUMNS if name in values}}
        if "full_name" in values:
            row |= {"name_sort": name_key(values["full_name"]), "name_folded": fold(values["full_name"])}
        sets.setdefault(tuple(row), []).append(row)
    for rows in sets.values():
        change_rows(session, table_of(Person), rows)


def _keep_details(session: Session, task: Task, prepared: Prepared, told: Told) -> None:
    """What the library asked for of families; what was known before is noted for taking back."""
    wanted = [plan for plan in prepared.plans if plan.writes and plan.details]
    if not wanted:
        return
    person_of = _persons_of(session, [told[plan.key]["member"] for plan in wanted])
    people = {plan.key: person_of[told[plan.key]["member"]] for plan in wanted}
    before = details.of(session, task.library_id, list(people.values()))
    after = {people[plan.key]: {**before.get(people[plan.key], {}), **plan.details} for plan in wanted}
    details.put(session, task.library_id, after)
    for plan in wanted:
        person = people[plan.key]
        told[plan.key]["details"] = [person, before.get(person, {}), {**details.NOTHING, **after[person]}]


def _persons_of(session: Session, members: Sequence[int]) -> dict[int, int]:
    query = select(Membership.id, Membership.person_id).where(Membership.id.in_(members))
    return dict(session.execute(query).all())
