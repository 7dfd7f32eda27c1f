"""MARC bytes made by hand, right and wrong."""

from collections.abc import Sequence
from io import BytesIO

from library.staging.marc import Broken, Field, MarcEntry, opening

END, FIELD_END, PART = b"\x1d", b"\x1e", b"\x1f"


def book(title: str = "Dế Mèn phiêu lưu ký", code: str = "vn1") -> MarcEntry:
    fields = (
        Field("001", code),
        Field("008", "240101s2020    vm     j      000 0 vie d"),
        Field("020", "", "  ", (("a", "9786042123457"), ("c", "35000đ"))),
        Field("100", "", "0 ", (("a", "Tô Hoài"),)),
        Field("245", "", "10", (("a", title), ("c", "Tô Hoài"))),
        Field("653", "", "  ", (("a", "Văn học thiếu nhi"), ("a", "Việt Nam"))),
        Field("880", "", "10", (("6", "245-01/$1"), ("a", "蟋蟀漂流記"))),
    )
    return MarcEntry("00000nam a2200000   4500", fields)


def raw(fields: Sequence[tuple[str, bytes]], leader9: str = "a", counts: str = "22", end: bytes = END) -> bytes:
    """An entry whose field data is given as bytes, with a true directory."""
    directory = area = b""
    for tag, data in fields:
        data += FIELD_END
        directory += tag.encode() + b"%04d%05d" % (min(len(data), 9_999), min(len(area), 99_999))
        area += data
    base = 24 + len(directory) + 1
    size = base + len(area) + 1
    leader = f"{min(size, 99_999):05d}nam {leader9}{counts}{base:05d}   4500"
    return leader.encode() + directory + FIELD_END + area + end


def data(text: str, encoding: str = "utf-8", code: str = "a") -> bytes:
    return b"10" + PART + code.encode() + text.encode(encoding)


def read(source: bytes, charset: str = "") -> list[MarcEntry | Broken]:
    return list(opening.read(source, charset))


def stream(source: bytes) -> BytesIO:
    return BytesIO(source)


def titles(found: Sequence[MarcEntry | Broken]) -> list[str]:
    """Titles of what was read, reasons of what was not."""
    return [one.reason.code if isinstance(one, Broken) else title(one) for one in found]


def title(one: MarcEntry) -> str:
    field = one.first("245")
    return field.first("a") if field else ""


def told(one: MarcEntry | Broken) -> str:
    assert isinstance(one, MarcEntry)
    return " ".join(note.sentence % note.facts for note in one.notes)
