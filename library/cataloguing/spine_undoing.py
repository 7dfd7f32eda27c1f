"""What was settled of spines can be taken back for a week, the last thing first.

A settlement remembers what stood there before and what it made of it: whoever changed a title since keeps it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from library.catalogue import spines
from library.catalogue.models import LocalRecord
from library.cataloguing.models import SpineSettlement
from library.core import clock
from library.holdings.models import Item, Register

KEPT_FOR = timedelta(days=7)
TITLES, TABLE = ("rule", "sticker", "unmarked"), "rhyme"
_MOST = 500
Done = TypeVar("Done")


def of_titles(session: Session, library_id: int, deed: str, record_ids: Sequence[int], do: Callable[[], Done]) -> Done:
    """Do it, and remember how to take it back."""
    before, labels = _said(session, library_id, record_ids), _labels(session, library_id, record_ids)
    done = do()
    after = _said(session, library_id, record_ids)
    titles = [[one, before.get(one), after.get(one)] for one in record_ids if before.get(one) != after.get(one)]
    cleared = set(_labels(session, library_id, record_ids))
    told = {"titles": titles, "labels": [[item, at.isoformat()] for item, at in labels.items() if item not in cleared]}
    if titles:
        _remember(session, library_id, deed, told)
    return done


def of_table(session: Session, library_id: int, rhyme: str, do: Callable[[], None]) -> None:
    before = spines.rules(session, library_id).table[rhyme]
    do()
    after = spines.rules(session, library_id).table[rhyme]
    if before != after:
        _remember(session, library_id, TABLE, {"rhyme": rhyme, "before": before, "after": after})


def _remember(session: Session, library_id: int, deed: str, told: Mapping[str, Any]) -> None:
    now = clock.now()
    session.add(SpineSettlement(uid=clock.uuid7(), library_id=library_id, deed=deed, told=dict(told), made_at=now))
    session.flush()


Said = list[str | None]
"""Call number and what it overruled; None where the library says nothing of the title."""


def _said(session: Session, library_id: int, record_ids: Sequence[int]) -> dict[int, Said]:
    query = select(LocalRecord.record_id, LocalRecord.call_number, LocalRecord.overruled)
    mine = query.where(LocalRecord.library_id == library_id, LocalRecord.record_id.in_(record_ids))
    return {record: [mark, overruled] for record, mark, overruled in session.execute(mine)}


def _labels(session: Session, library_id: int, record_ids: Sequence[int]) -> dict[int, datetime]:
    """Copies whose label is printed, and when that was."""
    mine = Item.library_id == library_id, Item.record_id.in_(record_ids), Item.register_status == Register.LISTED
    query = select(Item.id, Item.label_printed_at).where(*mine, Item.label_printed_at.is_not(None))
    return {item: at for item, at in session.execute(query) if at}


# Taking back


def last(session: Session, library_id: int) -> SpineSettlement | None:
    """What can be taken back now."""
    mine = SpineSettlement.library_id == library_id, SpineSettlement.made_at > clock.now() - KEPT_FOR
    return session.scalar(select(SpineSettlement).where(*mine).order_by(SpineSettlement.id.desc()).limit(1))


def count(one: SpineSettlement) -> int:
    return len(one.told.get("titles", ())) or 1


def undo(session: Session, library_id: int, uid: UUID) -> int | None:
    """How many titles (or numbers of the table) are as before; None where this is not the last thing settled."""
    one = last(session, library_id)
    if one is None or one.uid != uid:
        return None
    back = _number_back(session, one) if one.deed == TABLE else _titles_back(session, one)
    session.delete(one)
    session.flush()
    return back


def _number_back(session: Session, one: SpineSettlement) -> int:
    rhyme, table = one.told["rhyme"], spines.rules(session, one.library_id).table
    if table[rhyme] != one.told["after"]:
        return 0
    spines.set_numbers(session, one.library_id, {**table, rhyme: one.told["before"]})
    return 1


def _titles_back(session: Session, one: SpineSettlement) -> int:
    titles = {record: (before, after) for record, before, after in one.told["titles"]}
    now = _said(session, one.library_id, list(titles))
    back = {record: before for record, (before, after) in titles.items() if now.get(record) == after}
    for record, before in back.items():
        mark, overruled = before or (None, None)
        mine = LocalRecord.library_id == one.library_id, LocalRecord.record_id == record
        session.execute(update(LocalRecord).where(*mine).values(call_number=mark, overruled=overruled))
    _labels_back(session, back, one.told["labels"])
    return len(back)


def _labels_back(session: Session, records: Mapping[int, Any], labels: Sequence[Sequence[Any]]) -> None:
    """Labels that wait only because of this are on the books as they were."""
    for item, at in labels:
        waiting = Item.id == item, Item.label_printed_at.is_(None), Item.record_id.in_(records)
        session.execute(update(Item).where(*waiting).values(label_printed_at=datetime.fromisoformat(at)))


def forget(session: Session, before: datetime) -> bool:
    """Some settlements nobody can take back any more. Whether there may be more."""
    old = select(SpineSettlement.id).where(SpineSettlement.made_at < before).limit(_MOST)
    gone = session.execute(delete(SpineSettlement).where(SpineSettlement.id.in_(old)).returning(SpineSettlement.id))
    return len(gone.all()) == _MOST
