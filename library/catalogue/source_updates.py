"""A title's source record comes again, or for the first time: what of the title changes, and how that is taken back.

The same record (one control number) says anew what it said before: every field follows it but those somebody changed by
hand, and what it says nothing of stays. Another record about the same title only fills what nobody has said yet. What we
wrote ourselves has our own number: it comes back as the same record.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload, undefer

from library.catalogue import edits, writing
from library.catalogue.matching import settled
from library.catalogue.models import Record
from library.catalogue.writing import NewRecord, as_new
from library.core.errors import N_, Refused
from library.staging.marc import MarcEntry, read

_NAMES = tuple(one.name for one in fields(NewRecord) if one.name not in edits.NOT_FIELDS)

WORDS: Mapping[str, str] = {
    "title subtitle part_number part_title responsibility": N_("Đổi nhan đề theo tệp."),
    "credits": N_("Đổi tác giả theo tệp."),
    "edition place publisher year": N_("Đổi lần và nơi xuất bản theo tệp."),
    "extent illustration dimensions": N_("Đổi số trang, khổ sách theo tệp."),
    "series series_number": N_("Đổi tùng thư theo tệp."),
    "numbers price": N_("Đổi ISBN, mã vạch hay giá theo tệp."),
    "ddc class_mark title_code": N_("Đổi ký hiệu phân loại theo tệp."),
    "subjects keywords": N_("Đổi đề mục, từ khóa theo tệp."),
    "summary note url": N_("Đổi tóm tắt, phụ chú theo tệp."),
    "language original_languages format audience grade kind least_age": N_(
        "Đổi ngôn ngữ, dạng hay đối tượng theo tệp."
    ),
}
KEPT = N_("Giữ nguyên mục đã sửa tay.")
SOURCE_KEPT = N_("Giữ kèm biểu ghi gốc của tệp.")


@dataclass(frozen=True)
class Update:
    """What is to be written of one title. `sentences` tell a person what changes; `changed_at` is when it last did."""

    record_id: int
    before: NewRecord
    after: NewRecord
    changed_at: datetime
    sentences: tuple[str, ...]


def updates(session: Session, sources: Mapping[int, NewRecord]) -> dict[int, Update]:
    """For each title whose source says something else than the catalogue; `sources` carry their record in `marc`.

    Four statements for a chunk.
    """
    if not sources:
        return {}
    query = select(Record).where(Record.id.in_(sources))
    whole = query.options(selectinload(Record.contributors), selectinload(Record.numbers), undefer(Record.marc))
    found = (_update(record, sources[record.id]) for record in session.scalars(whole))
    return {one.record_id: one for one in found if one}


def _update(record: Record, source: NewRecord) -> Update | None:
    now = as_new(record)
    number, source = _control(source.marc), replace(source, keywords=_new_words(source, now))
    ours = number == record.uid.hex
    again = ours or (now.marc is not None and _control(now.marc) == number)
    after = _again(_whole(source, now), now) if again else _filled(source, now)
    changed = edits.changed(now, after)
    if not changed and (ours or now.marc is not None or source.marc is None):
        return None
    kept = again and any(getattr(_whole(source, now), name) != getattr(now, name) for name in now.edited)
    sentences = [words for names, words in WORDS.items() if set(names.split()) & set(changed)]
    told = (*sentences, *([KEPT] if kept else []), *([] if changed else [SOURCE_KEPT]))
    return Update(record.id, now, after, record.changed_at, told)


def _new_words(source: NewRecord, now: NewRecord) -> tuple[str, ...]:
    """Free words without those the title has among its subjects: that is where they were put once."""
    return tuple(word for word in source.keywords if word in now.keywords or word not in now.subjects)


def _settled(source: NewRecord) -> NewRecord:
    """As the catalogue would keep it: the volume apart from the title, each number once and in order."""
    found, _ = settled(source.title, source.part_number)
    numbers = sorted(dict(source.numbers).items(), key=lambda one: (one[1] != "isbn", one[0]))
    return replace(
        source, title=found.title, part_number=found.number, part_title=source.part_title or found.name,
        numbers=tuple(numbers),
    )  # fmt: skip


def _whole(source: NewRecord, now: NewRecord) -> NewRecord:
    """The source, and what it says nothing of as it is now."""
    source = _settled(source)
    silent = {name: getattr(now, name) for name in _NAMES if getattr(source, name) in ("", None, ())}
    return replace(source, **silent)


def _again(source: NewRecord, now: NewRecord) -> NewRecord:
    after = edits.over_source(source, now)
    return after if edits.changed(now, after) else now


def _filled(source: NewRecord, now: NewRecord) -> NewRecord:
    """What is not said yet; the first source that comes is kept."""
    source = _settled(source)
    empty = [name for name in _NAMES if getattr(now, name) in ("", None, ()) and name not in now.edited]
    told = {name: getattr(source, name) for name in empty}
    return replace(now, **told, marc=now.marc or source.marc)


def _control(marc: bytes | None) -> str:
    """The record's own number with whose it is, '' where it has none."""
    try:
        entry = next(iter(read(marc or b"")), None)
    except Refused:
        return ""
    if not isinstance(entry, MarcEntry):
        return ""
    return " ".join(one.data for tag in ("003", "001") if (one := entry.first(tag)))


# Writing and taking back


def unchanged_since(session: Session, wanted: Collection[Update]) -> bool:
    """Whether nobody has written these titles since the updates were worked out."""
    told = {one.record_id: one.changed_at for one in wanted}
    query = select(Record.id, Record.changed_at).where(Record.id.in_(told))
    return all(told[id_] == moment for id_, moment in session.execute(query)) if told else True


def write(session: Session, wanted: Sequence[Update]) -> None:
    if wanted:
        writing.change_many(session, {one.record_id: one.after for one in wanted})


def take_back(session: Session, before: Mapping[int, tuple[NewRecord, NewRecord]]) -> set[int]:
    """{title: (as it was, as it was made)}: put back what nobody changed since; the titles that stay as they are."""
    if not before:
        return set()
    query = select(Record).where(Record.id.in_(before))
    whole = query.options(selectinload(Record.contributors), selectinload(Record.numbers), undefer(Record.marc))
    now = {record.id: as_new(record) for record in session.scalars(whole)}
    stays = {id_ for id_, (_, made) in before.items() if id_ in now and edits.changed(now[id_], made)}
    back = {id_: old for id_, (old, _) in before.items() if id_ in now and id_ not in stays}
    if back:
        writing.change_many(session, back)
    return stays
