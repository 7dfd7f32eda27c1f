"""A MARC entry as a book: the line a list would have had, its copies, and the fuller title MARC knows.

Signs of ISBD at the ends of subfields are dropped; names are put into their natural order; what cannot be read is told
in a note beside the line, as for lists.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from library.catalogue import audiences, columns, roles
from library.catalogue.columns import LONGEST_TITLE, BookLine, Credit
from library.catalogue.marc_profiles import ByTag, Profile, profiles
from library.catalogue.models import Format, NumberKind, Role
from library.catalogue.writing import NewRecord
from library.core.errors import N_
from library.core.fold import clean, fold
from library.staging import values
from library.staging.encodings_words import is_syllable
from library.staging.headers import Header
from library.staging.marc import Field, MarcEntry
from library.staging.verdicts import Cells, Reading


@dataclass(frozen=True)
class Copy:
    """One copy as the entry has it: `label` is its barcode or accession number, '' when it has none; `code` is a barcode
    that is no accession number."""

    label: str = ""
    call_number: str = ""
    shelf: str = ""
    price: int | None = None
    accessioned_on: date | None = None
    source: str = ""
    voucher: str = ""
    note: str = ""
    code: str = ""

    @property
    def shared(self) -> "Copy":
        """What copies of one line have in common."""
        return replace(self, label="")


@dataclass(frozen=True)
class MarcBook:
    """`line` has no copies in it: `lines` are what the road of the lists takes, one for copies alike."""

    line: BookLine
    new: NewRecord
    copies: tuple[Copy, ...] = ()

    def lines(self) -> list[BookLine]:
        """At least one: an entry without copies is one line that BookLine counts as one copy."""
        groups: dict[Copy, list[str]] = {}
        for one in self.copies:
            groups.setdefault(one.shared, []).append(one.label)
        return [_with_copies(self.line, one, labels) for one, labels in groups.items()] or [self.line]


def _with_copies(line: BookLine, one: Copy, labels: Sequence[str]) -> BookLine:
    named = tuple(filter(None, labels))
    return replace(
        line,
        accessions=named,
        quantity=None if named else len(labels),
        call_number=one.call_number or line.call_number,
        shelf=one.shelf,
        price=one.price or line.price,
        accessioned_on=one.accessioned_on,
        source=one.source,
        voucher=one.voucher,
        note="; ".join(filter(None, (line.note, one.note))),
    )


_NO_TITLE = N_("Biểu ghi chưa có nhan đề.")
_NOT_A_TITLE = N_("Biểu ghi này nói về vốn tài liệu hoặc tên gọi chuẩn, không phải một nhan đề.")
_HOLDINGS_AND_AUTHORITIES = "uvxyzqw"  # kinds of leader/06
_TOO_LONG = N_("Nhan đề dài hơn %(most)s chữ.")
_NOT_AN_ADDRESS = N_("“%(url)s” không phải địa chỉ mở được trên mạng, máy chỉ giữ trong biểu ghi gốc.")
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")
_NOT_WORDS = frozenset("uwx")
"""Subfields of notes that are for machines: addresses, control numbers, ISSNs. Figures are too."""
_NO_CELLS = Header(0, {})


def read_book(entry: MarcEntry, profile: Profile | None = None) -> Reading[MarcBook]:
    """MARC21 unless another profile is given. The book is None when a note refuses it: there is no title."""
    reader = _Reader(entry, profile or profiles()["marc21"])
    book = reader.book()
    return replace(reader.cells.reading(book), notes=(*entry.notes, *reader.cells.notes))


class _Reader:
    def __init__(self, entry: MarcEntry, profile: Profile) -> None:
        self.entry, self.profile = entry, profile
        self.fields = ByTag(entry.fields)
        self.unsigned = not self.profile.is_isis and entry.leader[18:19] == "c"
        self.cells = Cells((), _NO_CELLS)

    def text(self, key: str) -> str:
        return self.said(self.profile.text(self.fields, key))

    def all(self, key: str) -> list[str]:
        return [text for each in self.profile.all(self.fields, key) if (text := self.said(each))]

    def said(self, text: str) -> str:
        """Without the signs of ISBD, unless the leader says that there are none."""
        return clean(text) if self.unsigned else bare(clean(text))

    def book(self) -> MarcBook:
        numbers, printed = self._numbers()
        new = self._new(numbers)
        if not new.title:
            other = not self.profile.is_isis and self.entry.leader[6:7] in _HOLDINGS_AND_AUTHORITIES
            self.cells.note(_NOT_A_TITLE if other else _NO_TITLE, "title", blocks=True)
        if len(new.title) > LONGEST_TITLE:
            self.cells.note(_TOO_LONG, "title", blocks=True, most=LONGEST_TITLE)
        copies = tuple(self._copies())
        return MarcBook(self._line(new, printed), new, copies)

    def _new(self, numbers: tuple[tuple[str, NumberKind], ...]) -> NewRecord:
        kept = ("subtitle", "part_number", "part_title", "edition", "publisher", "illustration", "dimensions",
                "class_mark", "title_code", "kind")  # fmt: skip
        same: dict[str, Any] = {key: self.text(key) for key in kept}
        audience, grade = self._audience()
        series, series_number = self._series()
        return NewRecord(
            title=self.text("title"),
            credits=tuple(self._credits()),
            responsibility=self._closing("responsibility"),
            place=self._closing("place"),
            year=self._year(),
            extent=self._closing("extent"),
            series=series,
            series_number=series_number,
            language=self._language(),
            original_languages=self._original_languages(),
            format=_format(self.entry),
            ddc=self.text("ddc").replace("/", ""),
            audience=audience,
            grade=grade,
            subjects=tuple(dict.fromkeys(self.all("subjects"))),
            keywords=tuple(dict.fromkeys(self.all("keywords"))),
            note=self._note(),
            summary=clean(" ".join(self.profile.all(self.fields, "summary"))),
            url=self._url(),
            price=self._price(),
            numbers=numbers,
            **same,
        )

    def _closing(self, key: str) -> str:
        """Ends in a stop that belongs to it: H., 163 tr."""
        text = clean(self.profile.text(self.fields, key))
        return text if self.unsigned else text.rstrip(" /:;,=+")

    def _line(self, new: NewRecord, printed: str) -> BookLine:
        return BookLine(
            title=new.title,
            subtitle=new.subtitle,
            credits=tuple(Credit(name, role.value) for name, role in new.credits),
            publisher=new.publisher,
            place=new.place,
            year=new.year,
            edition=new.edition,
            isbns=tuple(number for number, kind in new.numbers if kind is NumberKind.ISBN),
            isbn_as_printed=printed,
            ean=next((number for number, kind in new.numbers if kind is NumberKind.EAN), None),
            pages=self._pages(new.extent),
            dimensions=new.dimensions,
            price=new.price,
            ddc=new.ddc,
            class_mark=new.class_mark,
            title_code=new.title_code,
            call_number=self.text("call_number"),
            kind=columns.kind(new.kind),
            language=new.language,
            series=new.series,
            volume=new.part_number,
            grade=int(new.grade) if new.grade else None,
            audience=new.audience,
            summary=new.summary,
            subjects=new.subjects,
            keywords=new.keywords,
            code=next((one.data for one in self.fields.all("001")), ""),
        )

    # People

    def _credits(self) -> Iterator[tuple[str, Role]]:
        told: dict[tuple[str, Role], None] = {}
        for one in self.profile.fields(self.fields, "people"):
            for name in self._names(one):
                told[name, _role(one)] = None
        return iter(told)

    def _names(self, one: Field) -> list[str]:
        """UNIMARC and CCF part a name into $a and $b; in MARC21 $b is a number, as of kings."""
        codes = "a" if self.profile.name.endswith(("marc21", "isis-marc")) else "ab"
        text = " ".join(one.all(codes)) or next((text for code, text in one.subfields if not code), "")
        parts = text.split("%") if self.profile.is_isis else [text]
        return [name for part in parts if (name := natural(clean(part)))]

    # Numbers and words

    def _numbers(self) -> tuple[tuple[tuple[str, NumberKind], ...], str]:
        """((digits, kind) each once, the ISBN whose check digit does not fit)."""
        found: dict[str, NumberKind] = {}
        wrong = ""
        for text in self.all("isbn"):
            said = re.split(r"[\s(:;]", text.removeprefix("ISBN").strip())[0]
            number = self.cells.read(said, "isbn", values.isbn) if said else None
            wrong = wrong or ("" if number else re.sub(r"[^0-9X]", "", said.upper()))
            found |= {number: NumberKind.ISBN} if number else {}
        for key, kind in (("ean", NumberKind.EAN), ("issn", NumberKind.ISSN), ("isbn_wrong", NumberKind.OTHER)):
            digits = (re.sub(r"[^0-9X]", "", text.split(" ")[0].upper()) for text in self.all(key))
            fits = _LENGTHS.get(kind)
            found |= {
                number: kind for number in digits if number not in found and len(number) in (fits or range(1, 20))
            }
        if wrong:
            found.setdefault(wrong, NumberKind.OTHER)
        return tuple(found.items()), wrong

    def _year(self) -> int | None:
        for text in self.profile.all(self.fields, "year"):
            years = [int(each) for each in re.findall(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)", text)]
            if years:
                return years[0]
        return None

    def _pages(self, extent: str) -> int | None:
        found = re.search(r"(\d{1,5})\s*(?:tr|t|p|s)\b", extent) or re.fullmatch(r"\D*(\d{1,5})\D*", extent)
        return int(found[1]) if found and 1 <= int(found[1]) <= 20_000 else None

    def _price(self) -> int | None:
        text = clean(self.profile.text(self.fields, "price")).split("$")[0]
        return self.cells.read(re.sub(r"^(vnd|vnđ)\s*", "", text, flags=re.IGNORECASE), "price", values.price)

    def _language(self) -> str:
        text = self.text("language")
        code = text[:3].lower() if re.fullmatch(r"[A-Za-z]{3}([A-Za-z]{3})*", text) else ""
        return code or self.cells.read(text, "language", columns.language) or "vie"

    def _original_languages(self) -> str:
        """Codes with a blank between; older entries have several in one subfield: engfre."""
        texts = [text.lower() for text in self.all("original_languages") if re.fullmatch(r"([A-Za-z]{3})+", text)]
        return " ".join(dict.fromkeys(text[at : at + 3] for text in texts for at in range(0, len(text), 3)))

    def _series(self) -> tuple[str, str]:
        """(name, number) of the series told first; its number may stand where its name is told again."""
        places = dict.fromkeys(place.tag for place in self.profile.places.get("series", ()))
        told = [
            (self.said(" ".join(names[:1])), self.said(" ".join(self.profile.within(one, "series_number")[:1])))
            for tag in places
            for one in self.fields.all(tag)
            if (names := self.profile.within(one, "series"))
        ]
        if not told:
            return "", ""
        name = told[0][0]
        return name, next((number for other, number in told if number and fold(other) == fold(name)), "")

    def _note(self) -> str:
        """One a line, in the entry's order."""
        fields = self.profile.fields(self.fields, "note")
        texts = (
            " ".join(text for code, text in one.subfields if not (code.isdigit() or code in _NOT_WORDS))
            for one in fields
        )
        return "\n".join(dict.fromkeys(filter(None, map(clean, texts))))

    def _url(self) -> str:
        """The thing itself before what belongs to it (second indicator 2)."""
        fields = sorted(self.profile.fields(self.fields, "url"), key=lambda one: one.indicators[1:2] == "2")
        told = [clean(text) for one in fields for text in self.profile.within(one, "url")]
        found = next(filter(_ADDRESS.fullmatch, told), "")
        if told and not found:
            self.cells.note(_NOT_AN_ADDRESS, "url", url=told[0][:100])
        return found

    def _audience(self) -> tuple[str, str]:
        """(audience, grade): 521 with first indicator 2 is a grade; without 521 the code in 008 tells."""
        grade = ""
        for one in self.fields.all("521"):
            if one.indicators[:1] == "2" and (digits := re.search(r"\d{1,2}", one.first("a"))):
                grade = digits[0]
        texts = [one.first("a") for one in self.fields.all("521") if one.indicators[:1] != "2"]
        said = bare(clean(texts[0])) if texts else self.text("audience") if self.profile.name != "marc21" else ""
        coded = next((one.data[22:23] for one in self.fields.all("008")), "") if self.profile.name == "marc21" else ""
        return audiences.of_words(said) if said else audiences.of_marc(coded) or "", grade

    # Copies

    def _copies(self) -> Iterator[Copy]:
        for one in self.profile.fields(self.fields, "copy"):
            yield from self._copies_of(one)

    def _copies_of(self, one: Field) -> Iterator[Copy]:
        said = {key: clean(" ".join(self.profile.within(one, f"copy.{key}"))) for key in _OF_A_COPY}
        alike = Copy(
            "",
            said["call_number"],
            said["shelf"],
            self.cells.read(_plain_price(said["price"]), "price", values.price),
            self.cells.read(said["day"], "accessioned_on", values.day),
            said["source"],
            said["voucher"],
            said["note"],
        )
        labels = [label for text in self.profile.within(one, "copy.label") for label in self._labels(clean(text))]
        return (replace(alike, label=label) for label in labels or [""])

    def _labels(self, text: str) -> tuple[str, ...]:
        """A range is several; a barcode that is no accession number is a label as it is."""
        if re.search(r"[-–÷,;]\s*\w*[.\-]?\d", text) and (found := self.cells.read(text, "accession", values.expand)):
            return found
        return (text,) if text else ()


_LENGTHS = {NumberKind.EAN: (13,), NumberKind.ISSN: (8,)}
_OF_A_COPY = ("call_number", "shelf", "price", "day", "source", "voucher", "note")


def _plain_price(text: str) -> str:
    """35000.00 as Koha writes it is 35000."""
    return re.sub(r"\.00?0*$", "", text) if re.fullmatch(r"\d+\.0{1,6}", text) else text


_ENDS = re.compile(r"[\s/:;,=+]+$")


def bare(text: str) -> str:
    """Without the sign that leads to the next part, nor a full stop after a whole word."""
    if text[-1:].isalnum():
        return text
    text = _ENDS.sub("", text)
    return text[:-1].rstrip() if re.search(r"[^\W\d_]{4,}\.$|[)\]\d]\.$", text) else text


_RELATORS_OF_UNIMARC = {
    "070": Role.AUTHOR, "730": Role.TRANSLATOR, "440": Role.ILLUSTRATOR, "340": Role.EDITOR, "220": Role.COMPILER,
    "010": Role.ADAPTER, "230": Role.COMPOSER, "600": Role.PHOTOGRAPHER, "080": Role.INTRODUCER,
}  # fmt: skip


def _role(one: Field) -> Role:
    """By $4, or $e in words; a second corporate body without either had another part."""
    codes = [text.rstrip("/").rpartition("/")[2] for text in one.all("4")]
    told = [_RELATORS_OF_UNIMARC.get(code) or roles.of_relator(code) for code in codes]
    told += [roles.of_words(text.strip(" .,:()")) for text in one.all("e")]
    known = [role for role in told if role]
    if known:
        return known[0]
    if told:
        return Role.OTHER
    return Role.CORPORATE if one.tag in ("110", "111", "710", "711", "712", "310") else Role.AUTHOR


def natural(name: str) -> str:
    """'Rowling, J. K.,' is J. K. Rowling; 'Nguyễn, Nhật Ánh' loses its comma alone."""
    name = re.sub(r",?\s*\d{4}\s*-\s*(\d{4})?\.?$", "", name).rstrip(" /:;,=")
    name = name[:-1] if re.search(r"[^\W\d_]{3,}\.$", name) else name
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma or not given or "," in given:
        return name
    words = re.findall(r"[^\W\d_]+", f"{family} {given}")
    vietnamese = all(map(is_syllable, words)) and "." not in name
    return f"{family} {given}" if vietnamese else f"{given} {family}"


def _format(entry: MarcEntry) -> Format:
    """By the leader's kind and, for print, the form in 008."""
    kind = entry.leader[6:7]
    if kind in ("i", "j"):
        return Format.AUDIO
    if kind == "o":
        return Format.KIT
    form = next((one.data[23:24] for one in entry.all("008")), "")
    return {"d": Format.LARGE_PRINT, "f": Format.BRAILLE, "o": Format.LINK, "s": Format.LINK}.get(form, Format.PRINT)
