"""What a library says of titles, and how it writes call numbers. Titles themselves are their network's."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from library.catalogue.models import CallNumberRule, LocalRecord, Record, RhymeNumber
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, changed, hand_over


def take_over(session: Session, what: Succession) -> Told:
    return [
        ("nhan đề của mạng cũ sang mạng mới", _titles(session, what)),
        ("lời riêng về nhan đề (ký hiệu xếp giá, mức đọc)", hand_over(session, what, LocalRecord, same=("record_id",))),
        ("cách viết ký hiệu xếp giá", hand_over(session, what, CallNumberRule, same=())),
        ("số vần đã sửa", hand_over(session, what, RhymeNumber, same=())),
    ]


def _titles(session: Session, what: Succession) -> int:
    """The same book described in both stays two titles: people merge them, looking at each."""
    if what.network is None:
        return 0
    before, after = what.network
    return changed(session, update(Record).where(Record.network_id == before).values(network_id=after))


SUCCESSION["catalogue"] = Part(
    take_over,
    moves=frozenset({"record.network_id"}),
    leaves={
        "local_record.library_id": "of titles of which the successor has said something itself",
        "call_number_rule.library_id": "the successor has its own rule",
        "rhyme_number.library_id": "the successor has its own numbers; two halves of a table would spoil both",
    },
)
