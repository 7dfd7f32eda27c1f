"""A title as somebody typed it on the cataloguing page, and the same page filled from a title."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from library.catalogue.levels import LEVELS
from library.catalogue.models import NumberKind, Role
from library.catalogue.writing import NewRecord
from library.core.errors import N_
from library.core.forms import Reader
from library.staging import values
from library.staging.values import BadValue

Value = TypeVar("Value")
LONGEST_SUMMARY = 4000
KINDS = (
    ("STN", N_("Sách thiếu nhi")), ("STK", N_("Sách tham khảo")), ("SGK", N_("Sách giáo khoa")),
    ("SNV", N_("Sách nghiệp vụ")),
)  # fmt: skip
_PEOPLE = (("author", Role.AUTHOR), ("translator", Role.TRANSLATOR), ("illustrator", Role.ILLUSTRATOR))
_PLAIN = (
    "subtitle", "part_number", "publisher", "series", "edition", "place", "ddc", "class_mark", "title_code", "kind",
)  # fmt: skip
_NUMBER_FIELDS = {"isbn": NumberKind.ISBN, "ean": NumberKind.EAN}


@dataclass(frozen=True)
class Said:
    """What the library of the page says of the title."""

    reading_level: int | None = None
    call_number: str | None = None


def read(source: Mapping[str, str], before: NewRecord | None = None) -> tuple[NewRecord, Said]:
    """What was typed over what was there `before`; facts the page does not show stay. Raises Invalid."""
    reader, was = Reader(source), shown(before or NewRecord(""))
    texts: dict[str, Any] = {name: reader.text(name, required=False, longest=300) for name in _PLAIN}
    new = replace(
        before or NewRecord(""),
        title=reader.text("title"),
        credits=_credits(reader, before),
        year=_kept(reader, was, "year", values.year, before.year if before else None),
        price=_kept(reader, was, "price", values.price, before.price if before else None),
        extent=_extent(reader.text("extent", required=False, longest=100)),
        subjects=values.several(str(source.get("subjects") or "")),
        summary=reader.text("summary", required=False, longest=LONGEST_SUMMARY),
        numbers=_numbers(reader, before),
        **texts,
    )
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
        "subjects": "\n".join(new.subjects),
        "reading_level": str(said.reading_level or "") if said else "",
        "call_number": (said.call_number or "") if said else "",
    }
    texts = {name: getattr(new, name) for name in (*_PLAIN, "title", "extent", "summary")}
    return {**texts, **people, **numbers, **more}


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


def _credits(reader: Reader, before: NewRecord | None) -> tuple[tuple[str, Role], ...]:
    told = [(name, role) for field, role in _PEOPLE for name in values.people(reader.text(field, required=False))]
    others = [credit for credit in (before.credits if before else ()) if credit[1] not in dict(_PEOPLE).values()]
    return tuple(dict.fromkeys([*told, *others]))


def _extent(text: str) -> str:
    """Pages alone get their unit; anything else stays as it is written."""
    return f"{int(text)} tr." if text.isascii() and text.isdigit() else text


def _numbers(reader: Reader, before: NewRecord | None) -> tuple[tuple[str, NumberKind], ...]:
    """A bar code that is an ISBN is one, in whichever field it was scanned."""
    old = before.numbers if before else ()
    told = [one for name in _NUMBER_FIELDS for one in _typed_numbers(reader, name, dict(old))]
    kept = [one for one in old if one[1] not in _NUMBER_FIELDS.values()]
    return tuple(dict([*told, *kept]).items())


def _typed_numbers(reader: Reader, name: str, known: Mapping[str, NumberKind]) -> list[tuple[str, NumberKind]]:
    found = []
    for text in filter(None, (part.strip() for part in reader.text(name, required=False).split(";"))):
        number = text if text in known else _number(text)
        if number is None:
            sentence = N_("Số “%(text)s” không khớp số kiểm tra. Xem lại từng chữ số, hoặc để trống ô này.")
            reader.complain(name, "check-digit", sentence, text=text)
        else:
            kind = NumberKind.ISBN if number.startswith(("978", "979")) else NumberKind.EAN
            found.append((number, known.get(number, kind)))
    return found


def _number(text: str) -> str | None:
    for read_ in (values.isbn, values.ean):
        try:
            return read_(text)
        except BadValue:
            continue
    return None
