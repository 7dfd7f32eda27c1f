"""Titles and their copies as MARC21 entries. What a person changed here wins over the entry a title came as; every
other field of that entry is kept (`marc_making.merge`)."""

from collections.abc import Sequence

from library.catalogue import marc_making
from library.catalogue.marc_fields import Copy
from library.exports.titles import Kept, Title
from library.staging.marc import MarcEntry, read
from library.staging.tables import UnreadableFile


def entries(title: Title) -> list[MarcEntry]:
    return [entry(title, title.copies)]


def entry(title: Title, copies: Sequence[Kept]) -> MarcEntry:
    told = [_copy(one) for one in copies]
    source = _source(title.new.marc)
    if source is None:
        return marc_making.make(title.new, told, title.uid.hex, title.made_on)
    return marc_making.merge(source, title.new, told)


def _source(data: bytes | None) -> MarcEntry | None:
    try:
        found = next(iter(read(data)), None) if data else None
    except UnreadableFile:
        return None
    return found if isinstance(found, MarcEntry) else None


def _copy(one: Kept) -> Copy:
    return Copy(
        one.accession, one.call_number, one.home, one.price, one.accessioned_on, one.source, one.voucher, one.note
    )
