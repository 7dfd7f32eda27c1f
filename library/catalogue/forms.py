"""A title as somebody typed it on the cataloguing page, and the same page filled from a title."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from library.catalogue import columns
from library.catalogue.audiences import AUDIENCES
from library.catalogue.languages import LANGUAGES
from library.catalogue.levels import LEVELS
from library.catalogue.models import Format, NumberKind, Role
from library.catalogue.roles import ROLES
from library.catalogue.writing import NewRecord
from library.core.errors import N_, Reason
from library.core.fold import clean
from library.core.forms import Reader
from library.staging import values
from library.staging.values import BadValue

Value = TypeVar("Value")
LONGEST_SUMMARY = 4000
OLDEST = 99
KINDS = (
    ("STN", N_("Sách thiếu nhi")), ("STK", N_("Sách tham khảo")), ("SGK", N_("Sách giáo khoa")),
    ("SNV", N_("Sách nghiệp vụ")),
)  # fmt: skip
FORMATS: Mapping[Format, str] = {
    Format.PRINT: N_("Sách in"), Format.AUDIO: N_("Sách nói"), Format.BRAILLE: N_("Sách chữ nổi"),
    Format.LARGE_PRINT: N_("Sách chữ to"), Format.KIT: N_("Bộ đồ dùng"), Format.LINK: N_("Tài liệu trên mạng"),
}  # fmt: skip
_PEOPLE = (("author", Role.AUTHOR), ("translator", Role.TRANSLATOR), ("illustrator", Role.ILLUSTRATOR))
_PLAIN = (
    "subtitle", "part_number", "part_title", "responsibility", "publisher", "series", "series_number", "edition",
    "place", "illustration", "dimensions", "ddc", "class_mark", "title_code", "kind", "grade",
)  # fmt: skip
_LISTS = ("subjects", "keywords")
_NUMBER_FIELDS = {"isbn": NumberKind.ISBN, "ean": NumberKind.EAN, "other": NumberKind.OTHER}
BLANK_ROWS = 2


@dataclass(frozen=True)
class Said:
    """What the library of the page says of the title."""

    reading_level: int | None = None
    call_number: str | None = None


def read(source: Mapping[str, str], before: NewRecord | None = None) -> tuple[NewRecord, Said]:
    """What was typed over what was there `before`; facts the page does not show stay. Raises Invalid."""
    reader, was, old = Reader(source), shown(before or NewRecord("")), before or NewRecord("")
    texts: dict[str, Any] = {name: reader.text(name, required=False, longest=300) for name in _PLAIN}
    texts |= {name: values.several(str(source.get(name) or "")) for name in _LISTS}
    new = replace(
        old,
        title=reader.text("title"),
        credits=_credits(reader, old),
        year=_kept(reader, was, "year", values.year, old.year),
        price=_kept(reader, was, "price", values.price, old.price),
        least_age=reader.number("least_age", 0, OLDEST, required=False)
        if "least_age" in reader.source
        else old.least_age,
        extent=_extent(reader.text("extent", required=False, longest=100)),
        summary=reader.text("summary", required=False, longest=LONGEST_SUMMARY),
        note=_note(reader),
        numbers=_numbers(reader, before),
        url=_url(reader),
        original_languages=_languages(reader),
        **_choices(reader, old),
        **texts,
    )
    if new.credits != old.credits and new.responsibility == old.responsibility:
        new = replace(new, responsibility="")  # it names the people of before
    levels = {str(number): number for number in LEVELS}
    said = Said(
        reader.choice("reading_level", levels, required=False),
        reader.text("call_number", required=False, longest=60) or None,
    )
    reader.done()
    return new, said


def shown(new: NewRecord, said: Said | None = None) -> dict[str, str]:
    """The fields of the page for this title."""
    people = {name: "; ".join(person for person, its in new.credits if its is role) for name, role in _PEOPLE}
    numbers = {
        name: "; ".join(number for number, kind in new.numbers if kind is its) for name, its in _NUMBER_FIELDS.items()
    }
    more = {
        "year": str(new.year or ""),
        "price": f"{new.price:,}".replace(",", ".") if new.price else "",
        "least_age": "" if new.least_age is None else str(new.least_age),
        "original_languages": "; ".join(LANGUAGES.get(one, one) for one in new.original_languages.split()),
        "format": new.format.value,
        "reading_level": str(said.reading_level or "") if said else "",
        "call_number": (said.call_number or "") if said else "",
    }
    plain = (*_PLAIN, "title", "extent", "summary", "note", "url", "language", "audience")
    texts = {name: getattr(new, name) for name in plain}
    lists = {name: "\n".join(getattr(new, name)) for name in _LISTS}
    return {**texts, **lists, **people, **numbers, **_rows(new), **more}


def _value(reader: Reader, name: str, text: str, read: Callable[[str], Value | None]) -> Value | None:
    try:
        return read(text)
    except BadValue as bad:
        reader.complain(name, name, bad.sentence, **bad.facts)
        return None


def _kept(
    reader: Reader, was: Mapping[str, str], name: str, read: Callable[[str], int | None], before: int | None
) -> int | None:
    """A value nobody touched is not read anew: a year before our era stays what it was."""
    text = reader.text(name, required=False)
    return before if text == was[name] else _value(reader, name, text, read)


def _choices(reader: Reader, old: NewRecord) -> dict[str, Any]:
    """Of a list each; a page without the field leaves what was there, and so does a code we have no name for."""
    formats = {one.value: one for one in Format}
    languages = {code: code for code in (*LANGUAGES, old.language)}
    audiences = {code: code for code in (*AUDIENCES, old.audience) if code}
    return {
        "format": reader.choice("format", formats, required=False) or old.format,
        "language": reader.choice("language", languages, required=False) or old.language,
        "audience": (reader.choice("audience", audiences, required=False) or "")
        if "audience" in reader.source
        else old.audience,
    }


def _languages(reader: Reader) -> str:
    """Codes with a blank between, of names or codes with a semicolon between."""
    told = reader.text("original_languages", required=False, longest=200)
    names = [part.strip() for part in re.split(r"[;,]", told) if part.strip()]
    return " ".join(filter(None, (_value(reader, "original_languages", name, _language) for name in names)))


_CODE_OF = {name: code for code, name in LANGUAGES.items()}


def _language(name: str) -> str | None:
    return _CODE_OF.get(name) or columns.language(name)


def _note(reader: Reader) -> str:
    """One a line."""
    reader.text("note", required=False, longest=LONGEST_SUMMARY)
    return "\n".join(filter(None, map(clean, str(reader.source.get("note") or "").splitlines())))


def _url(reader: Reader) -> str:
    url = reader.text("url", required=False, longest=1000)
    if url and not re.fullmatch(r"https?://[^\s/]+\S*", url):
        reader.complain("url", "url", N_("Địa chỉ viết cả https:// ở đầu, như https://thuvien.edu.vn/sach."))
    return url


# People


def _credits(reader: Reader, old: NewRecord) -> tuple[tuple[str, Role], ...]:
    told = [(name, role) for field, role in _PEOPLE for name in values.people(reader.text(field, required=False))]
    found = tuple(dict.fromkeys([*told, *_others(reader, old)]))
    return old.credits if set(found) == set(old.credits) else found


def _others(reader: Reader, old: NewRecord) -> list[tuple[str, Role]]:
    """Rows of (name, what they did); those of before where the page shows no rows."""
    if "other-0-name" not in reader.source:
        return _beside(old)
    roles = {one.value: one for one in Role}
    found, row = [], 0
    while f"other-{row}-name" in reader.source:
        role = reader.choice(f"other-{row}-role", roles, required=False) or Role.OTHER
        found += [(name, role) for name in values.people(reader.text(f"other-{row}-name", required=False))]
        row += 1
    return found


def _beside(new: NewRecord) -> list[tuple[str, Role]]:
    """People who have no field of their own on the page."""
    return [credit for credit in new.credits if credit[1] not in dict(_PEOPLE).values()]


def _rows(new: NewRecord) -> dict[str, str]:
    """Rows for the other people, and some to fill in."""
    rows = [*((name, role.value) for name, role in _beside(new)), *[("", "")] * BLANK_ROWS]
    names = {f"other-{at}-name": name for at, (name, _) in enumerate(rows)}
    return names | {f"other-{at}-role": role for at, (_, role) in enumerate(rows)}


def other_roles() -> list[Role]:
    """What the other people may have done, in the order of a title page."""
    return [role for role in ROLES if role not in dict(_PEOPLE).values()]


# Numbers


def _extent(text: str) -> str:
    """Pages alone get their unit; anything else stays as it is written."""
    return f"{int(text)} tr." if text.isascii() and text.isdigit() else text


def _numbers(reader: Reader, before: NewRecord | None) -> tuple[tuple[str, NumberKind], ...]:
    """A bar code that is an ISBN is one, in whichever field it was scanned."""
    old = before.numbers if before else ()
    told = [one for name in _NUMBER_FIELDS for one in _typed_numbers(reader, name, dict(old))]
    kept = [one for one in old if one[1] not in _NUMBER_FIELDS.values()]
    found = dict([*told, *kept])
    return old if found == dict(old) else tuple(found.items())


def _typed_numbers(reader: Reader, name: str, known: Mapping[str, NumberKind]) -> list[tuple[str, NumberKind]]:
    found = []
    for text in filter(None, (part.strip() for part in reader.text(name, required=False).split(";"))):
        number, kind = (text, known[text]) if text in known else number_of(text)
        if number:
            found.append((number, known.get(number, kind)))
        else:
            reader.complain(name, "no-number", N_("“%(text)s” không phải là mã số trên sách."), text=text)
    return found


def number_of(text: str) -> tuple[str, NumberKind]:
    """What is printed on a book, and what it is; ten digits become thirteen. One whose check digit does not fit is kept
    as printed, of kind OTHER (`doubts` speaks of it); '' for text without a figure."""
    for read_ in (values.isbn, values.ean):
        try:
            if number := read_(text):
                return number, NumberKind.ISBN if number.startswith(("978", "979")) else NumberKind.EAN
        except BadValue:
            continue
    printed = re.sub(r"[^0-9X]", "", re.sub(r"(?i)isbn|1[03]\s*:", "", text).upper())
    return (printed if any(map(str.isdigit, printed)) else ""), NumberKind.OTHER


def doubts(new: NewRecord, before: NewRecord | None = None) -> list[Reason]:
    """What is kept as it was typed and ought to be looked at again; what was there `before` was spoken of then."""
    sentence = N_("Số %(number)s không khớp số kiểm tra. Máy giữ đúng như trên sách.")
    fresh = set(new.numbers) - set(before.numbers if before else ())
    return [Reason("check-digit", sentence, {"number": one}) for one, kind in sorted(fresh) if kind is NumberKind.OTHER]
