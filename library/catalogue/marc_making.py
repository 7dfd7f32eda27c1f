"""A title of ours as a MARC21 entry. One that came as MARC keeps every field that nobody here has changed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from library.catalogue import audiences, roles
from library.catalogue.marc_fields import Copy, read_book
from library.catalogue.marc_profiles import profiles
from library.catalogue.models import Format, NumberKind, Role
from library.catalogue.writing import NewRecord
from library.staging.marc import Field, MarcEntry

_FORMS = {Format.LARGE_PRINT: "d", Format.BRAILLE: "f", Format.LINK: "o"}
_KINDS = {Format.AUDIO: "i", Format.KIT: "o"}


def make(new: NewRecord, copies: Sequence[Copy] = (), code: str = "", made_on: date | None = None) -> MarcEntry:
    """A whole entry: `code` is its control number, copies stand in 952 as Koha has them. No signs of ISBD (leader/18)."""
    control = [Field("001", code)] if code else []
    fields = [*control, Field("008", _fixed(new, made_on)), *_described(new), *map(_copy, copies)]
    return MarcEntry(f"00000n{_KINDS.get(new.format, 'a')}m a2200000 c 4500", tuple(fields))


def merge(source: MarcEntry, new: NewRecord, copies: Sequence[Copy] = ()) -> MarcEntry:
    """`source` with what differs from `new` replaced: edited fields win, all others stay as they came, where they stood."""
    old = read_book(source).line
    ours = make(new, copies)
    stale = {tag for names, tags in _GROUPS if not old or _differ(old.new, new, names) for tag in tags}
    stale |= {"852", "949", "952"} if copies else set()
    fields = [one for one in source.fields if one.tag not in stale]
    for one in (one for one in ours.fields if one.tag in stale):
        fields.insert(_after(fields, one.tag), one)
    kind = ours.leader[6] if old and old.new.format is not new.format else source.leader[6:7]
    return MarcEntry(f"{source.leader[:6]}{kind}{source.leader[7:]}", tuple(fields))


def _after(fields: Sequence[Field], tag: str) -> int:
    """Behind the last field with this tag or a lower one."""
    return max((at + 1 for at, one in enumerate(fields) if one.tag <= tag), default=0)


NOTES = tuple(place.tag for place in profiles()["marc21"].places["note"])

_GROUPS: Sequence[tuple[tuple[str, ...], tuple[str, ...]]] = (
    (("numbers", "price"), ("020", "022", "024", "365")),
    (("language", "original_languages"), ("041",)),
    (("ddc", "title_code"), ("082",)),
    (("class_mark",), ("084",)),
    (("credits",), ("100", "110", "111", "700", "710", "711")),
    (("title", "subtitle", "part_number", "part_title", "responsibility"), ("245",)),
    (("edition",), ("250",)),
    (("place", "publisher", "year"), ("260", "264")),
    (("extent", "illustration", "dimensions"), ("300",)),
    (("series", "series_number"), ("440", "490", "800", "810", "830")),
    (("note",), NOTES),
    (("summary",), ("520",)),
    (("audience", "grade"), ("521",)),
    (("subjects", "keywords"), ("650", "653")),
    (("url",), ("856",)),
    (("kind",), ("942",)),
    (("year", "language", "format", "audience"), ("008",)),
)
"""What belongs together: fields of ours, and the tags that say them."""


def _differ(old: NewRecord, new: NewRecord, names: Iterable[str]) -> bool:
    """Free words once stood among the subjects: a title of that time says the same as its source."""
    if "keywords" in names and not {"subjects", "keywords"} & set(new.edited):
        return {*old.subjects, *old.keywords} != {*new.subjects, *new.keywords}
    return any(getattr(old, name) != getattr(new, name) for name in names)


def _fixed(new: NewRecord, made_on: date | None) -> str:
    """008, forty characters: day, date, country, audience, form, language."""
    day = f"{made_on:%y%m%d}" if made_on else " " * 6
    year = f"s{new.year:04d}" if new.year and 0 < new.year < 10_000 else "nuuuu"
    audience = audiences.AUDIENCES[new.audience].marc if new.audience in audiences.AUDIENCES else " "
    country = "vm " if new.language == "vie" else "xx "
    language = new.language if len(new.language) == 3 else "und"
    return f"{day}{year}    {country}    {audience}{_FORMS.get(new.format, ' ')}     000 0 {language} d"


def _described(new: NewRecord) -> Iterator[Field]:
    lead, others = _people(new)
    made = [
        *_numbers(new),
        _languages(new),
        _field("082", "04", ("a", new.ddc), ("b", new.title_code)),
        _field("084", "  ", ("a", new.class_mark)),
        *lead,
        _title(new, bool(lead)),
        _field("250", "  ", ("a", new.edition)),
        _field("264", " 1", ("a", new.place), ("b", new.publisher), ("c", str(new.year) if new.year else "")),
        _field("300", "  ", ("a", new.extent), ("b", new.illustration), ("c", new.dimensions)),
        _field("490", "0 ", ("a", new.series), ("v", new.series_number)),
        *(_field("500", "  ", ("a", line)) for line in new.note.splitlines()),
        _field("520", "  ", ("a", new.summary)),
        _field("521", "  ", ("a", new.audience)),
        _field("521", "2 ", ("a", new.grade)),
        *(_field("650", " 4", ("a", subject)) for subject in new.subjects),
        *(_field("653", "  ", ("a", word)) for word in new.keywords),
        *others,
        _field("856", "40", ("u", new.url)),
        _field("942", "  ", ("c", new.kind)),
    ]
    return (one for one in made if one.subfields)


def _field(tag: str, indicators: str, *pairs: tuple[str, str]) -> Field:
    return Field(tag, "", indicators, tuple(pair for pair in pairs if pair[1]))


def _languages(new: NewRecord) -> Field:
    """The first indicator tells a translation."""
    originals = [("h", code) for code in new.original_languages.split()]
    return _field("041", "1 " if originals else "0 ", ("a", new.language), *originals)


def _title(new: NewRecord, has_lead: bool) -> Field:
    pairs = [("a", new.title), ("b", new.subtitle), ("n", new.part_number), ("p", new.part_title)]
    return _field("245", f"{int(has_lead)}0", *pairs, ("c", new.responsibility))


def _numbers(new: NewRecord) -> Iterator[Field]:
    """The price goes with the first ISBN, or stands alone."""
    price = ("c", f"{new.price}đ" if new.price is not None else "")
    isbns = [number for number, kind in new.numbers if kind is NumberKind.ISBN]
    yield _field("020", "  ", ("a", isbns[0] if isbns else ""), price)
    yield from (_field("020", "  ", ("a", number)) for number in isbns[1:])
    for number, kind in new.numbers:
        if kind is NumberKind.OTHER:
            yield _field("020", "  ", ("z", number))
    yield from (_field("022", "  ", ("a", number)) for number, kind in new.numbers if kind is NumberKind.ISSN)
    yield from (_field("024", "3 ", ("a", number)) for number, kind in new.numbers if kind is NumberKind.EAN)


def _people(new: NewRecord) -> tuple[list[Field], list[Field]]:
    """(main entry, added entries): an author or body who is told first leads, everybody else follows in their order."""
    told = list(new.credits)
    leads = told[:1] if told and told[0][1] in (Role.AUTHOR, Role.CORPORATE) else []
    return [_person(*one, "1") for one in leads], [_person(*one, "7") for one in told[len(leads) :]]


def _person(name: str, role: Role, hundred: str) -> Field:
    body = role is Role.CORPORATE
    told = roles.ROLES[role]
    pairs = [("a", name)] if role is Role.AUTHOR or body else [("a", name), ("e", told.label), ("4", told.relator)]
    return _field(f"{hundred}{'1' if body else '0'}0", "2 " if body else "0 ", *pairs)


def _copy(one: Copy) -> Field:
    day = one.accessioned_on.isoformat() if one.accessioned_on else ""
    price = str(one.price) if one.price is not None else ""
    pairs = [("c", one.shelf), ("d", day), ("e", one.source), ("g", price), ("i", one.voucher)]
    return _field("952", "  ", *pairs, ("o", one.call_number), ("p", one.label), ("z", one.note))


def without_copies(entry: MarcEntry) -> MarcEntry:
    """For sending to those who are not to know what stands where."""
    return replace(entry, fields=tuple(one for one in entry.fields if one.tag not in ("852", "949", "952")))
