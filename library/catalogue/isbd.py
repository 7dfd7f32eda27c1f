"""A title as a catalogue card has it: ISBD areas, written the Vietnamese way.

    Dế Mèn phiêu lưu ký / Tô Hoài ; Minh họa: Ngô Mạnh Lân. - Tái bản lần 5. - H. : Kim Đồng, 2019. - 144 tr. : tranh màu
    ; 21 cm. - (Tủ sách vàng ; T.3)

What is not known is left out together with the sign before it.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from library.catalogue import volumes
from library.catalogue.models import NumberKind, Role
from library.catalogue.roles import ORDER, ROLES
from library.catalogue.writing import NewRecord
from library.core.fold import fold

AREA = ". - "
MOST_AUTHORS = 3
AND_OTHERS = "..."
_CAPITAL = frozenset(("ha noi", "hn", "h", "tp ha noi", "thanh pho ha noi"))
_SAIGON = frozenset(("tp ho chi minh", "thanh pho ho chi minh", "tphcm", "tp hcm", "hcm", "ho chi minh"))
_PUBLISHER = re.compile(r"^\s*(?:nxb\.?|nhà xuất bản|nhà xb\.?)\s+", re.IGNORECASE)
_UNIT = re.compile(r"(?<=\d)\s*(tr|cm|mm|b)\b\.?", re.IGNORECASE)
_PAGES = re.compile(r"(?<=\d)\s*trang\b\.?", re.IGNORECASE)
_VOLUME = re.compile(r"^(?:tập|t\.)\s*(?=[\dIVX])", re.IGNORECASE)


def isbd(card: NewRecord) -> str:
    """All areas in one paragraph."""
    told = ""
    for area in areas(card):
        told += _after(told) + area if told else area
    return told


def areas(card: NewRecord) -> list[str]:
    """Title, edition, publication, description, series, each note, numbers; what nothing is known of is left out."""
    head = (_title(card), _edition(card), _imprint(card), _extent(card), _series(card))
    found = (*head, *card.note.splitlines(), _numbers(card))
    return [area for area in found if area]


def _after(told: str) -> str:
    """A stop that ends an abbreviation is the stop of the area."""
    return AREA[1:] if told.endswith(".") else AREA


# 1 Title and who made it


def _title(card: NewRecord) -> str:
    part = ", ".join(filter(None, (short_part(card.part_number), card.part_title)))
    head = ". ".join(filter(None, (card.title.rstrip(" ."), part)))
    return " / ".join(filter(None, (" : ".join(filter(None, (head, card.subtitle))), responsibility(card))))


def short_part(part_number: str) -> str:
    """T.2 of Tập 2, Q.3 of Quyển 3; anything else as it is."""
    key = volumes.part_key(part_number)
    if not key.isdigit():
        return part_number
    return f"{'Q' if fold(part_number).startswith('q') else 'T'}.{key}"


def responsibility(card: NewRecord) -> str:
    """As printed where it names everybody we know of, else made of the people and what they did."""
    printed = fold(card.responsibility)
    if printed and all(fold(name) in printed for name, _ in card.credits):
        return card.responsibility
    ordered = sorted(card.credits, key=lambda one: ORDER[one[1]])
    groups = [_people(role, [name for name, _ in them]) for role, them in groupby(ordered, key=lambda one: one[1])]
    return " ; ".join(groups)


def _people(role: Role, names: Sequence[str]) -> str:
    shown = names if len(names) <= MOST_AUTHORS else [names[0]]
    told = ", ".join(shown) + (AND_OTHERS if len(shown) < len(names) else "")
    lead = ROLES[role].card
    return f"{lead}: {told}" if lead else told


# 2 Edition, 4 publication


def _edition(card: NewRecord) -> str:
    """Several statements (one a line, or with ; between) follow each other."""
    return ", ".join(part.strip(" .") for part in re.split(r"[;\n]", card.edition) if part.strip(" ."))


def _imprint(card: NewRecord) -> str:
    places = " ; ".join(short_place(one) for one in _parts(card.place))
    publishers = " : ".join(short_publisher(one) for one in _parts(card.publisher))
    where = " : ".join(filter(None, (places, publishers)))
    return ", ".join(filter(None, (where, _year(card.year))))


def _parts(text: str) -> Iterable[str]:
    return filter(None, (part.strip() for part in text.split(";")))


def short_place(place: str) -> str:
    """H. for Hà Nội, Tp. Hồ Chí Minh for all its ways of writing."""
    folded = fold(place)
    if folded in _CAPITAL:
        return "H."
    return "Tp. Hồ Chí Minh" if folded in _SAIGON else place


def short_publisher(publisher: str) -> str:
    """Kim Đồng of NXB Kim Đồng."""
    return _PUBLISHER.sub("", publisher)


def _year(year: int | None) -> str:
    if year is None:
        return ""
    return f"{-year} tr. CN" if year < 0 else str(year)


# 5 Description, 6 series, 8 numbers


def _extent(card: NewRecord) -> str:
    pages = _units(_PAGES.sub(" tr.", card.extent))
    pages = f"{pages} tr." if pages.isascii() and pages.isdigit() else pages
    size = _units(card.dimensions)
    size = f"{size} cm" if size.isascii() and size.isdigit() else size
    return " ; ".join(filter(None, (" : ".join(filter(None, (pages, card.illustration))), size)))


def _units(text: str) -> str:
    """'163tr' and '21cm' get their blank; tr. and b. their stop."""
    return _UNIT.sub(lambda found: f" {found[1].lower()}" + ("." if found[1].lower() in ("tr", "b") else ""), text)


def _series(card: NewRecord) -> str:
    number = _VOLUME.sub("T.", card.series_number)
    told = " ; ".join(filter(None, (card.series, f"T.{number}" if number.isdigit() else number)))
    return f"({told})" if card.series else ""


def _numbers(card: NewRecord) -> str:
    isbns = [f"ISBN {number}" for number, kind in card.numbers if kind is NumberKind.ISBN]
    issns = [f"ISSN {number}" for number, kind in card.numbers if kind is NumberKind.ISSN]
    return AREA.join([*isbns, *issns, *([f"{card.price}đ"] if card.price else [])])
