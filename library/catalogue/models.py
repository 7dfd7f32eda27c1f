"""Records of titles, who made them, their numbers, and what one library says of them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from library import files
from library.core.db import Id, Key, Model


class Format(StrEnum):
    PRINT = "print"
    AUDIO = "audio"
    BRAILLE = "braille"
    LARGE_PRINT = "large-print"
    KIT = "kit"
    LINK = "link"


class Role(StrEnum):
    """What somebody did for a title; how each is called here and in MARC is told in `roles`."""

    AUTHOR = "author"
    CORPORATE = "issuing-body"
    CHIEF_EDITOR = "chief-editor"
    COMPILER = "compiler"
    COLLECTOR = "collector"
    SELECTOR = "selector"
    TELLER = "teller"
    TEXT = "text"
    LYRICIST = "lyricist"
    COMPOSER = "composer"
    ADAPTER = "adapter"
    TRANSLATOR = "translator"
    ARTIST = "artist"
    ILLUSTRATOR = "illustrator"
    PHOTOGRAPHER = "photographer"
    EDITOR = "editor"
    CORRECTOR = "corrector"
    INTRODUCER = "introducer"
    DESIGNER = "designer"
    READER = "reader"
    OTHER = "other"


class NumberKind(StrEnum):
    ISBN = "isbn"
    EAN = "ean"
    ISSN = "issn"
    OTHER = "other"


TOLD = "url IS NOT NULL"
"""The description says where the title is read on the net."""


class Record(Model):
    """One title (nhan đề) in one edition. Fields as MARC21 tells them apart; MARC numbers in `doc`."""

    __tablename__ = "record"
    __table_args__ = (
        Index(None, "network_id", "match_key"),
        Index(None, "network_id", "title_sort"),
        Index("ix_record_on_the_net", "network_id", sqlite_where=text(TOLD), postgresql_where=text(TOLD)),
    )
    __scope__ = "network_id:network"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    title: Mapped[str] = mapped_column(doc="245 $a, as it is said: the volume and the rest have their own fields.")
    subtitle: Mapped[str | None] = mapped_column(doc="245 $b")
    part_number: Mapped[str | None] = mapped_column(doc="245 $n: Tập 1.")
    part_title: Mapped[str | None] = mapped_column(doc="245 $p")
    responsibility: Mapped[str | None] = mapped_column(doc="245 $c")
    edition: Mapped[str | None] = mapped_column(doc="250 $a: Tái bản lần 5.")
    place: Mapped[str | None] = mapped_column(doc="264 $a: H., Tp. Hồ Chí Minh.")
    publisher: Mapped[str | None] = mapped_column(doc="264 $b")
    year: Mapped[int | None] = mapped_column(doc="264 $c; negative before our era.")
    extent: Mapped[str | None] = mapped_column(doc="300 $a: 163 tr.")
    illustration: Mapped[str | None] = mapped_column(doc="300 $b")
    dimensions: Mapped[str | None] = mapped_column(doc="300 $c: 21 cm.")
    series: Mapped[str | None] = mapped_column(doc="490 $a")
    series_number: Mapped[str | None] = mapped_column(doc="490 $v: T.3.")
    language: Mapped[str] = mapped_column(default="vie", doc="041 $a, ISO 639-2/B.")
    original_languages: Mapped[str | None] = mapped_column(doc="041 $h, codes with a blank between.")
    format: Mapped[Format] = mapped_column(default=Format.PRINT)
    ddc: Mapped[str | None] = mapped_column(doc="082 $a")
    class_mark: Mapped[str | None] = mapped_column(doc="084 $a: of the school scheme with 19 classes.")
    title_code: Mapped[str | None] = mapped_column(doc="082 $b: D250M")
    audience: Mapped[str | None] = mapped_column(doc="521: a code of `audiences` (tieu_hoc, thcs …).")
    grade: Mapped[str | None] = mapped_column(doc="Of a textbook.")
    least_age: Mapped[int | None] = mapped_column(doc="Years: for readers from this age on (16+).")
    kind: Mapped[str | None] = mapped_column(doc="What the library calls this sort of book: STN, STK, SGK, SNV.")
    subjects: Mapped[str | None] = mapped_column(
        doc="650, controlled, one a line; titles that came early have their 653 here."
    )
    keywords: Mapped[str | None] = mapped_column(doc="653: free words, one a line.")
    note: Mapped[str | None] = mapped_column(doc="500 and its like, one a line: ĐTTS ghi …")
    summary: Mapped[str | None] = mapped_column(doc="520 $a")
    url: Mapped[str | None] = mapped_column(doc="856 $u: where it can be read or heard.")
    price: Mapped[int | None] = mapped_column(doc="Printed price, đồng.")
    cover_key: Mapped[str | None] = mapped_column(info=files.KEY)
    marc: Mapped[bytes | None] = deferred(mapped_column(LargeBinary, doc="The record as it came, whole (ISO 2709)."))
    edited: Mapped[str | None] = mapped_column(doc="Fields a person changed by hand, one a line: they win over `marc`.")
    title_sort: Mapped[str] = mapped_column(Key)
    match_key: Mapped[str] = mapped_column(Key, doc="Folded title and part: never enough alone to merge.")
    search_text: Mapped[str] = mapped_column(Key, doc="Everything searched for, folded.")
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    contributors: Mapped[list["Contributor"]] = relationship(
        order_by="Contributor.position", cascade="all, delete-orphan", passive_deletes=True
    )
    numbers: Mapped[list["RecordNumber"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def full_title(self) -> str:
        """With its part: Kính vạn hoa – Tập 2."""
        return " – ".join(part for part in (self.title, self.part_number, self.part_title) if part)

    @property
    def author(self) -> str:
        """The people on the title page, in order, at most three."""
        names = [one.name for one in self.contributors if one.role is Role.AUTHOR]
        return ", ".join(names[:3])


class Contributor(Model):
    """Somebody's part in a title. Vietnamese names stand in their natural order."""

    __tablename__ = "contributor"
    __scope__ = "record_id>record.network_id:network"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(default=Role.AUTHOR)


class RecordNumber(Model):
    """A number printed on the book. Not unique: publishers reuse price codes, and many print an 893 code."""

    __tablename__ = "record_number"
    __table_args__ = (Index(None, "number"),)
    __scope__ = "record_id>record.network_id:network"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True, doc="Digits (and X) only.")
    kind: Mapped[NumberKind]


class LocalRecord(Model):
    """What one library says of a shared title."""

    __tablename__ = "local_record"
    __table_args__ = (UniqueConstraint("library_id", "record_id"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="RESTRICT"), index=True)
    call_number: Mapped[str | None] = mapped_column(doc="As the sticker has it; none where it follows the title.")
    overruled: Mapped[str | None] = mapped_column(doc="What the rule gave when somebody said that the sticker stays.")
    reading_level: Mapped[int | None]
    note: Mapped[str | None]


class CallNumberRule(Model):
    """What a library writes on its spines. No row: class mark and title code."""

    __tablename__ = "call_number_rule"
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    parts: Mapped[str] = mapped_column(doc="Names of `call_numbers.PARTS`, in order, with a blank between.")


class RhymeNumber(Model):
    """A number of the title code table that a library has changed; all others stand in data/rhymes.tsv."""

    __tablename__ = "rhyme_number"
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    rhyme: Mapped[str] = mapped_column(Key, primary_key=True, doc="Without its tone: ương.")
    number: Mapped[int]
