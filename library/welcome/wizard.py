"""Founding the library of an empty installation in three short steps; nothing is written before the last page.

What was filled in travels in the visitor's signed cookie, a step at a time, as plain texts: the password only as its
hash. `write` does everything in one transaction, and of two visitors it lets one.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from library import audit
from library.accounts import managing, passwords
from library.accounts.models import Account, RoleName
from library.core.errors import N_, Invalid
from library.core.forms import Reader
from library.organisations import communes, founding
from library.organisations.communes import Commune
from library.organisations.models import Organisation, OrganisationKind
from library.welcome import demo, seed
from library.welcome.seed import Year

STEPS = ("library", "person", "calendar", "review")
KINDS: Mapping[str, OrganisationKind] = {
    kind.value: kind
    for kind in (
        OrganisationKind.SCHOOL,
        OrganisationKind.COMMUNE,
        OrganisationKind.LEARNING_CENTRE,
        OrganisationKind.PROVINCE,
    )
}
LONGEST_YEAR = timedelta(days=400)
CHOICES = 12
Draft = Mapping[str, Mapping[str, Any]]
"""What was filled in so far, by step."""


class SeveralCommunes(Invalid):
    """The name fits more than one commune: the page shows them to choose from."""

    def __init__(self, error: Invalid, among: Sequence[Commune]) -> None:
        super().__init__(error.fields)
        self.among = among


@dataclass(frozen=True)
class Plan:
    """Everything that will be written. `year` is None for a library that is not a school's."""

    kind: OrganisationKind
    name: str
    commune: Commune | None
    person: str
    login: str
    password_hash: str
    weekdays: tuple[int, ...]
    year: Year | None
    closures: tuple[tuple[date, date, str], ...]


def read_library(source: Mapping[str, str]) -> dict[str, Any]:
    """Kind, name and, if given, commune. Raises Invalid, SeveralCommunes."""
    reader = Reader(source)
    kind = reader.choice("kind", KINDS)
    name = reader.text("name", longest=120)
    found = _communes(source)
    if reader.text("commune", required=False) and len(found) != 1:
        sentence = N_("Có nhiều nơi tên như vậy: chọn một nơi bên dưới, hoặc gõ thêm tên tỉnh.")
        none = N_("Không thấy xã, phường nào tên như vậy. Gõ lại, hoặc để trống.")
        reader.complain("commune", "commune", sentence if found else none)
    try:
        reader.done()
    except Invalid as error:
        raise SeveralCommunes(error, found[:CHOICES] if len(found) > 1 else ()) from error
    return {"kind": kind, "name": name, "commune": found[0].code if found else ""}


def _communes(source: Mapping[str, str]) -> list[Commune]:
    """The one that was chosen, if the name beside it is still the same; else what the name finds."""
    text = str(source.get("commune") or "").strip()
    chosen = communes.by_code(str(source.get("commune_code") or ""))
    found = communes.find(text) if text else []
    return [chosen] if chosen and chosen in found else found


def read_person(source: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """Name, sign-in name, password: hashed here, once. Left empty, the password of `before` stays. Raises Invalid."""
    reader = Reader(source)
    name, login = reader.text("name", longest=80), managing.login_of(reader.text("login", longest=40))
    if len(login) < 2 and "login" not in reader.complaints:
        reader.complain("login", "too-short", N_("Tên vào cần ít nhất 2 chữ, như ha hoặc ha.lt."))
    password, again = str(source.get("password") or ""), str(source.get("again") or "")
    kept = before.get("password_hash") if not password and not again else None
    if not kept:
        _judge(reader, password, again, login)
    reader.done()
    return {"name": name, "login": login, "password_hash": kept or passwords.hashed(password[:256])}


def _judge(reader: Reader, password: str, again: str, login: str) -> None:
    """The demo's password is known to everybody who ever saw it: never in earnest."""
    if len(password) < passwords.SHORTEST:
        reader.complain("password", "too-short", N_("Mật khẩu cần ít nhất %(least)s chữ."), least=passwords.SHORTEST)
    elif password == demo.PASSWORD or managing.login_of(password) == login:
        reader.complain("password", "too-easy", N_("Mật khẩu này ai cũng đoán được. Chọn mật khẩu khác."))
    elif password != again:
        reader.complain("again", "differs", N_("Hai lần gõ chưa giống nhau."))


def read_calendar(source: Mapping[str, str], days: Sequence[str], school: bool) -> dict[str, Any]:
    """Weekdays as numbers (0 is Monday), whether usual holidays are kept; for a school its year. Raises Invalid."""
    reader = Reader(source)
    weekdays = sorted({int(day) for day in days if day in set("0123456")})
    if not weekdays:
        reader.complain("weekdays", "required", N_("Chọn ít nhất một ngày mở cửa."))
    values: dict[str, Any] = {"weekdays": weekdays, "holidays": reader.ticked("holidays")}
    if school:
        first, last = reader.day("first_on"), reader.day("last_on")
        if first and last and not timedelta(0) < last - first <= LONGEST_YEAR:
            reader.complain("last_on", "order", N_("Ngày cuối phải sau ngày đầu, trong vòng 400 ngày."))
        values |= {"first_on": first and first.isoformat(), "last_on": last and last.isoformat()}
    reader.done()
    return values


def usual_calendar(kind: str, today: date) -> dict[str, Any]:
    """What the calendar page shows first: schools Monday to Friday, the others to Saturday."""
    year = seed.year_of(today)
    days = range(5) if kind == OrganisationKind.SCHOOL else range(6)
    return {
        "weekdays": list(days),
        "holidays": True,
        "first_on": year.first_on.isoformat(),
        "last_on": year.last_on.isoformat(),
    }


def missing(draft: Draft) -> str:
    """The first step not filled in yet; "review" when all are."""
    return next((step for step in STEPS[:-1] if step not in draft), STEPS[-1])


def plan_of(draft: Draft, today: date) -> Plan:
    """The whole of a draft in which nothing is missing."""
    library, person, calendar = draft["library"], draft["person"], draft["calendar"]
    kind = KINDS[library["kind"]]
    year = _year(calendar) if kind is OrganisationKind.SCHOOL else None
    closures = _closures(year, today) if calendar["holidays"] else []
    return Plan(
        kind, library["name"], communes.by_code(library["commune"]), person["name"], person["login"],
        person["password_hash"], tuple(calendar["weekdays"]), year, tuple(closures),
    )  # fmt: skip


def _year(calendar: Mapping[str, Any]) -> Year:
    first, last = date.fromisoformat(calendar["first_on"]), date.fromisoformat(calendar["last_on"])
    label = f"{first.year}-{last.year}" if last.year > first.year else str(first.year)
    return Year(label, first, last)


def _closures(year: Year | None, today: date) -> list[tuple[date, date, str]]:
    """Usual holidays from today to the end of the school year and its summer; a year ahead for the others."""
    until = date(year.last_on.year, 8, 31) if year else today + timedelta(days=365)
    years = range(today.year, until.year + 1)
    spans = [span for one in years for span in seed.holidays(one, school=year is not None)]
    return [(first, last, why) for first, last, why in spans if last >= today and first <= until]


def write(session: Session, plan: Plan) -> tuple[Organisation, Account]:
    """Found the library. Raises AlreadyFounded when somebody was quicker; the caller commits."""
    seed.claim(session)
    library = founding.found(session, plan.kind, plan.name)
    branch = library.branches[0]
    branch.commune_code = plan.commune.code if plan.commune else None
    seed.furnish(session, branch, plan.weekdays)
    seed.close(session, branch.id, plan.closures)
    seed.add_usual_terms(session, library)
    if plan.year:
        seed.begin_year(session, library, plan.year)
    # The hash was made a page ago, outside of any transaction; nobody will ever know the password it replaces.
    account = managing.open_account(session, plan.login, plan.person, secrets.token_urlsafe(), branch)
    managing.change_password(session, account.id, plan.password_hash)
    for role in (RoleName.LIBRARIAN, RoleName.ADMINISTRATOR):
        managing.grant(session, account, role, library.id)
    audit.note(account.uid, "found", "organisation", library.uid, library.id)
    return library, account
