"""Two titles become one, and two again.

Copies, what libraries say of the title, waiting readers, places on people's lists and scanned codes go over to the title
that is kept; what it did not say of itself it takes from the other. The one that goes keeps its row, its people and its
numbers and loses the keys it is found by: no search, list or import meets it. `TitleMerge.moved` remembers all that was
touched, so that taking apart gives each its own back; what came to the kept title since stays with it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.catalogue import writing
from library.catalogue.merged import MERGED
from library.catalogue.models import LocalRecord, Record
from library.catalogue.writing import NewRecord
from library.cataloguing.models import ScanLine
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.duplicates.models import TitleApart, TitleMerge
from library.finding import kept_lists
from library.holdings.models import Item
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans.models import Hold

KEYS = ("match_key", "title_sort", "search_text")
FILLED = (
    "subtitle", "part_number", "part_title", "responsibility", "edition", "place", "publisher", "year", "extent",
    "illustration", "dimensions", "series", "series_number", "original_languages", "ddc", "class_mark", "title_code",
    "audience", "grade", "kind", "subjects", "keywords", "note", "summary", "url", "price", "least_age",
    "credits",
)  # fmt: skip
LOCAL = ("call_number", "overruled", "reading_level", "note")


class NotOne(Refused):
    """These two cannot be merged, or not taken apart, now."""


NOT_TWO = Reason("not-two", N_("Cần hai nhan đề khác nhau của cùng một mạng."))
GONE = Reason("merged-already", N_("Một trong hai nhan đề này đã gộp vào nhan đề khác rồi."))
APART = Reason("apart-already", N_("Hai nhan đề này đã tách ra rồi."))


def merge(session: Session, doing: Doing, kept: Record, gone: Record) -> TitleMerge:
    """`gone` becomes part of `kept`. Raises NotOne."""
    _lock(session, kept, gone)
    act_id = acts.write(session, doing, "merge-titles", clock.now())
    moved: dict[str, Any] = {"keys": {name: getattr(gone, name) for name in KEYS}}
    moved["items"] = _move(session, Item, kept.id, gone.id)
    moved["scans"] = _move(session, ScanLine, kept.id, gone.id)
    moved |= _move_holds(session, act_id, kept.id, gone.id)
    moved |= _move_local(session, kept.id, gone.id)
    moved |= _fill(session, kept, gone)
    kept_lists.take_over(session, kept.id, gone.id)
    gone.match_key, gone.title_sort, gone.search_text = f"{MERGED}{gone.uid.hex}", "", ""
    made = TitleMerge(
        uid=clock.uuid7(), act_id=act_id, kept_id=kept.id, gone_id=gone.id, moved=moved, made_at=clock.now()
    )
    session.add(made)
    session.flush()
    return made


def _lock(session: Session, kept: Record, gone: Record) -> None:
    if kept.id == gone.id or kept.network_id != gone.network_id:
        raise NotOne(NOT_TWO)
    both = select(Record).where(Record.id.in_((kept.id, gone.id))).order_by(Record.id)
    session.scalars(both.with_for_update().execution_options(populate_existing=True)).all()
    if any(one.match_key.startswith(MERGED) for one in (kept, gone)):
        raise NotOne(GONE)


def _move(session: Session, model: type[Item] | type[ScanLine], to: int, origin: int) -> list[int]:
    ids = session.scalars(select(model.id).where(model.record_id == origin).order_by(model.id).with_for_update()).all()
    _point(session, model, ids, to, origin)
    return list(ids)


def _point(session: Session, model: Any, ids: Sequence[int], to: int, origin: int) -> None:
    """Those that still belong to `origin` belong to `to`."""
    for some in (ids[start : start + 5_000] for start in range(0, len(ids), 5_000)):
        session.execute(update(model).where(model.id.in_(some), model.record_id == origin).values(record_id=to))


# Waiting readers


def _move_holds(session: Session, act_id: int, kept: int, gone: int) -> dict[str, Any]:
    """A reader who waits for both waits once, in the better place: with a copy set aside, else since the earlier day."""
    waiting = select(Hold).where(Hold.record_id.in_((kept, gone)), Hold.ended_at.is_(None))
    holds = session.scalars(waiting.order_by(Hold.id).with_for_update()).all()
    here = {hold.membership_id: hold for hold in holds if hold.record_id == kept}
    doubles = [
        (hold, here[hold.membership_id]) for hold in holds if hold.record_id == gone and hold.membership_id in here
    ]
    ended = [sorted(pair, key=lambda one: (one.item_id is None, one.placed_at, one.id)) for pair in doubles]
    over = {"ended_at": clock.now(), "ended_by": act_id, "ended_why": "merged"}
    session.execute(update(Hold).where(Hold.id.in_([worse.id for _, worse in ended])).values(over))
    ids = [hold.id for hold in holds if hold.record_id == gone and hold.id not in {worse.id for _, worse in ended}]
    _point(session, Hold, ids, kept, gone)
    return {"holds": ids, "ended": [[worse.id, better.id] for better, worse in ended]}


def _reopen_holds(session: Session, act_id: int, ended: Sequence[Sequence[int]]) -> None:
    """Who waited for both waits for both again, unless they have had the book since."""
    for worse, better in ended:
        goes_on = session.scalar(select(Hold.id).where(Hold.id == better, Hold.ended_at.is_(None)))
        hold = session.get_one(Hold, worse, with_for_update=True, populate_existing=True)
        if goes_on and hold.ended_by == act_id and not _waits(session, hold):
            hold.ended_at = hold.ended_by = hold.ended_why = None
            if hold.item_id and _set_aside(session, hold):
                hold.item_id = hold.captured_by = hold.keep_until = None
            session.flush()


def _waits(session: Session, hold: Hold) -> bool:
    same = (Hold.record_id == hold.record_id, Hold.membership_id == hold.membership_id, Hold.ended_at.is_(None))
    return session.scalar(select(Hold.id).where(*same)) is not None


def _set_aside(session: Session, hold: Hold) -> bool:
    """Whether the copy is kept for somebody else by now."""
    return session.scalar(select(Hold.id).where(Hold.item_id == hold.item_id, Hold.ended_at.is_(None))) is not None


# What libraries say


def _move_local(session: Session, kept: int, gone: int) -> dict[str, Any]:
    """Where a library has said something of both, its word on the kept title stands, its blanks are filled."""
    said = session.scalars(
        select(LocalRecord).where(LocalRecord.record_id.in_((kept, gone))).order_by(LocalRecord.id)
    ).all()
    here = {one.library_id: one for one in said if one.record_id == kept}
    theirs = [one for one in said if one.record_id == gone]
    ids = [one.id for one in theirs if one.library_id not in here]
    filled = {
        str(here[one.library_id].id): _fill_local(here[one.library_id], one) for one in theirs if one.library_id in here
    }
    session.flush()
    _point(session, LocalRecord, ids, kept, gone)
    return {"local": ids, "local_filled": filled}


def _fill_local(here: LocalRecord, there: LocalRecord) -> dict[str, Any]:
    filled = {
        name: getattr(there, name) for name in LOCAL if getattr(here, name) is None and getattr(there, name) is not None
    }
    for name, value in filled.items():
        setattr(here, name, value)
    return filled


def _empty_local(session: Session, filled: Mapping[str, Mapping[str, Any]]) -> None:
    for local_id, values in filled.items():
        local = session.get(LocalRecord, int(local_id), populate_existing=True)
        for name, value in values.items() if local else ():
            if getattr(local, name) == value:
                setattr(local, name, None)


# What the title says of itself


def _fill(session: Session, kept: Record, gone: Record) -> dict[str, Any]:
    """Blanks and numbers of `kept` from `gone`. Names and texts need not be remembered: `gone` still has them."""
    ours, theirs = writing.as_new(kept), writing.as_new(gone)
    filled = [name for name in FILLED if not getattr(ours, name) and getattr(theirs, name)]
    if ours.part_number or not theirs.part_number:  # a volume's name belongs to its number
        filled = [name for name in filled if name not in ("part_number", "part_title")]
    numbers = [one for one in theirs.numbers if one[0] not in dict(ours.numbers)]
    more = {name: getattr(theirs, name) for name in filled}
    cover = gone.cover_key if kept.cover_key is None else None
    if filled or numbers:
        writing.change(session, kept, replace(ours, **more, numbers=(*ours.numbers, *numbers)))
    kept.cover_key = kept.cover_key or cover
    session.flush()
    return {"filled": filled, "numbers": [number for number, _ in numbers], "cover": cover}


def _empty(session: Session, kept: Record, gone: Record, moved: Mapping[str, Any]) -> None:
    """What was taken from `gone` goes, unless somebody has changed it since."""
    ours, theirs = writing.as_new(kept), writing.as_new(gone)
    blank = NewRecord("")
    less = {name: getattr(blank, name) for name in moved["filled"] if getattr(ours, name) == getattr(theirs, name)}
    numbers = tuple(one for one in ours.numbers if one[0] not in moved["numbers"])
    if less or numbers != ours.numbers:
        writing.change(session, kept, replace(ours, **less, numbers=numbers))
    if moved["cover"] and kept.cover_key == moved["cover"]:
        kept.cover_key = None


# Taking apart


def split(session: Session, doing: Doing, made: TitleMerge) -> None:
    """Both are as they were. Raises NotOne when they are two already, or when `kept` was merged into a third since."""
    session.refresh(made, with_for_update=True)
    if made.undone_by is not None:
        raise NotOne(APART)
    kept, gone, moved = made.kept, made.gone, made.moved
    if later := _standing(session, kept.id):
        sentence = N_("“%(title)s” đã gộp tiếp vào nhan đề khác. Tách lần gộp ấy trước.")
        raise NotOne(Reason("merged-on", sentence, {"title": later.gone.full_title}))
    voiding = acts.void(session, doing, made.act_id)
    for model, ids in (
        (Item, moved["items"]),
        (ScanLine, moved["scans"]),
        (Hold, moved["holds"]),
        (LocalRecord, moved["local"]),
    ):
        _point(session, model, ids, gone.id, kept.id)
    _reopen_holds(session, made.act_id, moved["ended"])
    _empty_local(session, moved["local_filled"])
    _empty(session, kept, gone, moved)
    kept_lists.give_back(session, kept.id, gone.id)
    for name, value in moved["keys"].items():
        setattr(gone, name, value)
    made.undone_by = voiding
    session.flush()


def _standing(session: Session, gone_id: int) -> TitleMerge | None:
    return session.scalar(select(TitleMerge).where(TitleMerge.gone_id == gone_id, TitleMerge.undone_by.is_(None)))


def kept_for(session: Session, uid: UUID) -> UUID | None:
    """The title that stands for a merged one today, however often it was merged on; None for one that was not merged."""
    gone = session.scalar(select(Record.id).where(Record.uid == uid, Record.match_key.startswith(MERGED)))
    found: Record | None = None
    while gone and (made := _standing(session, gone)):
        gone, found = made.kept_id, made.kept
    return found.uid if found else None


def kept_of(session: Session, record_ids: Collection[int]) -> dict[int, int]:
    """The title that stands today for each merged one among these (one statement for each step of merging on)."""
    stands: dict[int, int] = {}
    asked = set(record_ids)
    while asked:
        pairs = select(TitleMerge.gone_id, TitleMerge.kept_id).where(TitleMerge.undone_by.is_(None))
        found = {row.gone_id: row.kept_id for row in session.execute(pairs.where(TitleMerge.gone_id.in_(asked)))}
        stands = {gone: found.get(kept, kept) for gone, kept in (found | stands).items()}
        asked = set(found.values())
    return {one: stands[one] for one in record_ids if one in stands}


def keep_apart(session: Session, account: UUID | None, one: Record, other: Record) -> None:
    """They are two books: the pair is not shown again."""
    first, second = sorted((one.id, other.id))
    if first == second or one.network_id != other.network_id:
        raise NotOne(NOT_TWO)
    if session.get(TitleApart, (first, second)) is None:
        session.add(TitleApart(one_id=first, other_id=second, account=account, made_at=clock.now()))
        session.flush()
