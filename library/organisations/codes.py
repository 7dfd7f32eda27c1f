"""The codes we print ourselves: twelve digits, told apart at sight and by a check digit.

    2 0042 000627 5      kind · library · serial · check

Digits only, so that no Vietnamese keyboard can spoil them and Code 128 packs two into one sign (30 mm in all).
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from library.core.bulk import add_rows, next_ids
from library.core.db import straight, table_of
from library.organisations.models import Code, CodeKind, Counter

DIGIT_OF = {
    CodeKind.CARD: "1",
    CodeKind.ITEM: "2",
    CodeKind.SHELF: "3",
    CodeKind.CLASS: "4",
    CodeKind.CRATE: "5",
    CodeKind.STOP: "6",
    CodeKind.STAFF: "7",
}
KIND_OF = {digit: kind for kind, digit in DIGIT_OF.items()}
LONGEST_SERIAL = 999_999
_COUNTER = table_of(Counter)


def check_digit(digits: str) -> str:
    """Modulo 10 with weights 3 and 1 from the right, as in EAN: one wrong or two swapped neighbours show."""
    total = 3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))
    return str(-total % 10)


def payload(kind: CodeKind, library_number: int, serial: int) -> str:
    """Twelve digits. Raises ValueError when the library or the serial has grown out of its field."""
    if not (0 < library_number <= 9999 and 0 < serial <= LONGEST_SERIAL):
        raise ValueError("no room in the code")
    digits = f"{DIGIT_OF[kind]}{library_number:04}{serial:06}"
    return digits + check_digit(digits)


def short(folded: str) -> str:
    """The same thing in eight digits, for labels too narrow for twelve: kind, serial, check. Its own library knows it
    at once; elsewhere two may answer to it. Raises ValueError for a code that is not ours."""
    if not is_ours(folded):
        raise ValueError("not a code of ours")
    digits = folded[0] + folded[5:11]
    return digits + check_digit(digits)


def is_ours(folded: str) -> bool:
    """Whether it is one of our own codes, rightly read."""
    return len(folded) == 12 and folded.isdigit() and folded[0] in KIND_OF and check_digit(folded[:-1]) == folded[-1]


def take(session: Session, library_id: int, series: str, how_many: int = 1) -> range:
    """The next numbers of a series, locked until commit. Numbers start at 1."""
    wanted = {"library_id": library_id, "series": series, "last": how_many}
    last = straight(session).execute(_growing(session.get_bind().dialect.name), wanted).scalar_one()
    return range(last - how_many + 1, last + 1)


@cache
def _growing(dialect: str) -> Any:
    """Begin a series or count on in it, built once for a database: every copy and card comes by here."""
    made = (postgresql if dialect == "postgresql" else sqlite).insert(_COUNTER)
    query = made.values({name: bindparam(name) for name in ("library_id", "series", "last")})
    grown = {"last": _COUNTER.c.last + made.excluded.last}
    return query.on_conflict_do_update(index_elements=["library_id", "series"], set_=grown).returning(_COUNTER.c.last)


def at_least(session: Session, library_id: int, series: str, number: int) -> None:
    """Numbers up to `number` came from elsewhere (a register, stickers): go on after them."""
    take(session, library_id, series, 0)
    session.execute(
        update(Counter)
        .where(Counter.library_id == library_id, Counter.series == series, Counter.last < number)
        .values(last=number)
    )


def issue(
    session: Session, kind: CodeKind, library_id: int, library_number: int, how_many: int, at: datetime
) -> list[tuple[int, str]]:
    """Make fresh codes of our own: (code id, payload) in order."""
    payloads = [payload(kind, library_number, serial) for serial in take(session, library_id, kind, how_many)]
    return list(zip(register(session, kind, library_id, payloads, payloads, at), payloads, strict=True))


def register(
    session: Session, kind: CodeKind, library_id: int, folded: Sequence[str], printed: Sequence[str], at: datetime
) -> list[int]:
    """Enter codes that stand on paper; ids in the same order. A code already in use breaks a unique index."""
    ids = list(next_ids(session, table_of(Code), len(folded)))
    rows = [
        {"id": id_, "issuer_id": library_id, "kind": kind, "folded": one, "printed": shown, "valid_from": at}
        for id_, one, shown in zip(ids, folded, printed, strict=True)
    ]
    add_rows(session, table_of(Code), rows)
    return ids


def in_use(session: Session, library_id: int, folded: Sequence[str]) -> dict[str, CodeKind]:
    """Which of these codes this library has given to something already."""
    query = select(Code.folded, Code.kind).where(
        Code.issuer_id == library_id, Code.folded.in_(folded), Code.valid_to.is_(None)
    )
    return dict(session.execute(query).all())
