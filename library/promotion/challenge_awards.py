"""Certificates of a challenge: for a class, and for those of its pupils who reached a milestone."""

from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.core.errors import N_
from library.core.numbers import written
from library.holdings.models import Item
from library.patrons.models import Membership, Person, SchoolClass
from library.privacy.models import Consent, Purpose
from library.promotion import challenge_counting, challenge_facts
from library.promotion.challenge_models import Challenge, ChallengeMark, MarkOf
from library.promotion.challenges import UNITS
from library.promotion.club_frame import NotSo
from library.shelves import reading_told
from library.shelves.certificates import certificate_pdf, certificates_pdf
from library.shelves.reading_awards import BLANK
from library.uses.models import DocumentUse, UseKind

SPINES = 18


def of_class(session: Session, challenge: Challenge, mine: SchoolClass, teacher: str) -> bytes:
    """Raises NotSo before the first milestone."""
    board = challenge_counting.board(session, challenge)
    row = next(one for one in board.rows if one.class_id == mine.id)
    mark = _at(challenge, MarkOf.CLASS, row.amount)
    figures = _("%(pupils)s em đã đọc %(amount)s", pupils=row.size, amount=_amount(challenge, row.amount))
    values = {**_paper(session, challenge, mine, teacher), "name": mine.name, "reason": _earned(challenge, mark)}
    return certificate_pdf("class", values | {"figures": figures})


def of_pupils(
    session: Session, challenge: Challenge, mine: SchoolClass, teacher: str, chosen: Collection[str] = ()
) -> bytes:
    """A page each; a name is printed where the family agreed, else a line to write it on. Raises NotSo where nobody has
    reached a milestone."""
    pupils = reading_told.pupils(session, mine.id)
    read = challenge_counting.amounts(session, challenge, [one.id for one in pupils])
    paper = _paper(session, challenge, mine, teacher)
    pages: list[Mapping[str, Any]] = []
    for one in pupils:
        amount = read.get(one.id, 0)
        if challenge_facts.best(challenge, MarkOf.READER, amount) and (not chosen or str(one.uid) in chosen):
            earned = _earned(challenge, _at(challenge, MarkOf.READER, amount))
            told = {
                "name": one.name if one.named else BLANK,
                "group": _("Lớp %(name)s", name=mine.name),
                "reason": earned,
            }
            pages.append({**paper, **told, "figures": _("Đã đọc %(amount)s", amount=_amount(challenge, amount))})
    if not pages:
        raise _none()
    return certificates_pdf("pupil", pages)


def of_readers(session: Session, challenge: Challenge) -> bytes:
    """For a library's readers, a page each, in the order of names. Raises NotSo where nobody has reached a milestone."""
    taking = challenge_counting.members(session, challenge, [])
    read = challenge_counting.amounts(session, challenge, list(taking))
    reached = [one for one, amount in read.items() if challenge_facts.best(challenge, MarkOf.READER, amount)]
    if not reached:
        raise _none()
    library = challenge.branch.organisation
    paper = {
        "library": library.name,
        "place": "",
        "day": clock.today(),
        "titles": (),
        "left": ("", ""),
        "right": (_("Phụ trách thư viện"), ""),
    }
    people = _readers(session, reached)
    pages: list[Mapping[str, Any]] = [
        {
            **paper, "name": name if named else BLANK, "group": "",
            "reason": _earned(challenge, _at(challenge, MarkOf.READER, read[who])),
            "figures": _("Đã đọc %(amount)s", amount=_amount(challenge, read[who])),
        }
        for who, name, named in people
    ]  # fmt: skip
    return certificates_pdf("pupil", pages)


def _readers(session: Session, members: list[int]) -> list[tuple[int, str, bool]]:
    """(membership, name, whether it may stand on a certificate), in the order of names."""
    agreed = exists().where(
        Consent.person_id == Membership.person_id, Consent.library_id == Membership.library_id, Consent.purpose == Purpose.NAME,
        Consent.withdrawn_on.is_(None),
    )  # fmt: skip
    query = select(Membership.id, Person.full_name, agreed).join(Person, Person.id == Membership.person_id)
    rows = session.execute(query.where(Membership.id.in_(members)).order_by(Person.name_sort, Membership.id))
    return [(who, name, bool(named)) for who, name, named in rows]


def _none() -> NotSo:
    return NotSo("no-milestone-yet", N_("Chưa đạt mốc nào, nên chưa có giấy chứng nhận."))


def _at(challenge: Challenge, of: MarkOf, amount: int) -> ChallengeMark:
    best = challenge_facts.best(challenge, of, amount)
    found = next((one for one in challenge.marks if one.of is of and one.amount == best), None)
    if found is None:
        raise _none()
    return found


def _earned(challenge: Challenge, mark: ChallengeMark) -> str:
    return str(_("%(mark)s – %(challenge)s", mark=mark.name, challenge=challenge.name))


def _amount(challenge: Challenge, amount: int) -> str:
    return f"{written(amount)} {_(UNITS[challenge.unit])}"


def _paper(session: Session, challenge: Challenge, mine: SchoolClass, teacher: str) -> dict[str, Any]:
    """What every certificate of the class says: whose, when, who signs."""
    return {
        "library": challenge.branch.organisation.name, "place": "", "day": clock.today(), "titles": _titles(session, challenge, mine),
        "left": (_("Giáo viên chủ nhiệm"), teacher), "right": (_("Hiệu trưởng"), ""),
    }  # fmt: skip


def _titles(session: Session, challenge: Challenge, mine: SchoolClass) -> list[str]:
    """What the class took most in these days, for the spines: of the class, nobody's own."""
    times = func.sum(DocumentUse.quantity)
    query = (
        select(Record.title)
        .join(Item, Item.record_id == Record.id)
        .join(DocumentUse, DocumentUse.item_id == Item.id)
        .where(
            DocumentUse.branch_id == mine.branch_id, DocumentUse.class_name == mine.name, DocumentUse.kind != UseKind.RENEWAL,
            DocumentUse.used_on.between(challenge.first_on, challenge.last_on),
        )
        .group_by(Record.id, Record.title)
        .having(times > 0)
        .order_by(times.desc(), Record.id)
        .limit(SPINES)
    )  # fmt: skip
    return list(session.scalars(query))
