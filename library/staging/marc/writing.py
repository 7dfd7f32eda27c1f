"""Entries written as MARC21 in UTF-8: ISO 2709 and MARCXML. What is written reads back as the same entry."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from library.core.errors import N_, Reason, Refused
from library.staging.marc.cutting import END, FIELD_END, PART
from library.staging.marc.entries import Field, MarcEntry, TooLong

SLIM = "http://www.loc.gov/MARC21/slim"
_MARKS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class NotMarc21(Refused):
    """A tag, code or indicator that MARC21 does not have, as CDS/ISIS entries have them."""

    status = 422

    def __init__(self, tag: str) -> None:
        sentence = N_("Trường %(tag)s không theo khuôn MARC21, chưa xuất được.")
        super().__init__(Reason("not-marc21", sentence, {"tag": tag}))


def iso2709(entry: MarcEntry) -> bytes:
    """Tags and indicators of other formats are kept. Raises TooLong above 99,999 bytes, or 9,999 of one field; NotMarc21
    for a field without indicators or codes, as CDS/ISIS has them."""
    data = [_data(one) for one in map(_countable, entry.fields)]
    directory, at = b"", 0
    for one, text in zip(entry.fields, data, strict=True):
        if len(text) > 9_999:
            raise TooLong(len(text))
        directory += one.tag.encode() + b"%04d%05d" % (len(text), min(at, 99_999))
        at += len(text)
    base = 24 + len(directory) + 1
    size = base + at + 1
    if size > 99_999:
        raise TooLong(size)
    return leader_of(entry, size, base).encode() + directory + FIELD_END + b"".join(data) + END


def _data(one: Field) -> bytes:
    if one.is_control:
        return _clean(one.data).encode() + FIELD_END
    pairs = (PART + code.encode() + _clean(text).encode() for code, text in one.subfields)
    return one.indicators.encode() + b"".join(pairs) + FIELD_END


def _clean(text: str) -> str:
    """Without what neither form can hold."""
    return _MARKS.sub("", text)


_CODE = re.compile(r"""[\dA-Za-z!"#$%&'()*+,\-./:;<=>?{}_^`~\[\]\\]""")
_TAG = re.compile(r"0(?:[1-9A-Z][0-9A-Z]|[1-9a-z][0-9a-z])|[1-9A-Z][0-9A-Z]{2}|[1-9a-z][0-9a-z]{2}")
_CONTROL_TAG = re.compile(r"00[1-9A-Za-z]")
_INDICATORS = re.compile(r"[\da-z ]{2}")


def checked(one: Field) -> Field:
    """A field as the schema of MARCXML wants it. Raises NotMarc21."""
    return _matching(one, _CONTROL_TAG, _TAG, _INDICATORS, _CODE)


def _countable(one: Field) -> Field:
    """A field as ISO 2709 can hold it: one byte for each sign. Raises NotMarc21."""
    return _matching(one, *_BYTES)


_BYTES = tuple(map(re.compile, ("00[!-~]", "[!-~]{3}", "[ -~]{2}", "[!-~]")))


def _matching(
    one: Field, control: re.Pattern[str], tag: re.Pattern[str], indicators: re.Pattern[str], code: re.Pattern[str]
) -> Field:
    if one.is_control:
        fits = bool(control.fullmatch(one.tag))
    else:
        codes = bool(one.subfields) and all(code.fullmatch(each) for each, _ in one.subfields)
        fits = codes and bool(indicators.fullmatch(one.indicators) and tag.fullmatch(one.tag))
    if not fits:
        raise NotMarc21(one.tag)
    return one


def fitted(entry: MarcEntry) -> tuple[MarcEntry, tuple[str, ...]]:
    """(the entry as MARC21 can have it, tags of the fields left out). Strange indicators become blanks."""
    kept, left_out = [], []
    for one in entry.fields:
        plain = one if one.is_control else replace(one, indicators=_plain(one.indicators))
        try:
            kept.append(checked(plain))
        except NotMarc21:
            left_out.append(one.tag)
    return replace(entry, fields=tuple(kept)), tuple(dict.fromkeys(left_out))


def _plain(indicators: str) -> str:
    return re.sub(r"[^\da-z ]", " ", indicators.lower())[:2].ljust(2)


_LEADER = re.compile(r"[\d ]{5}[\dA-Za-z ][\dA-Za-z][\dA-Za-z ]{3}[2 ]{2}[\d ]{5}[\dA-Za-z ]{3}(?:4500|    )")


def leader_of(entry: MarcEntry, size: int, base: int) -> str:
    """With this length and address, UTF-8, two indicators, codes of two; letters the schema does not know left out."""
    said = entry.leader.ljust(24)
    kind, level = _letter(said[6], "a"), re.sub(r"[^\dA-Za-z ]", " ", said[7:9])
    more = re.sub(r"[^\dA-Za-z ]", " ", said[17:20])
    leader = f"{size:05d}{_letter(said[5], 'n')}{kind}{level}a22{base:05d}{more}4500"
    assert _LEADER.fullmatch(leader)
    return leader


def _letter(char: str, otherwise: str) -> str:
    return char if re.fullmatch(r"[\dA-Za-z]", char) else otherwise


def marcxml(entries: Iterable[MarcEntry]) -> Iterator[str]:
    """A collection valid against MARC21slim.xsd, piece by piece. Raises NotMarc21 before the piece it concerns."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{SLIM}">\n'
    for entry in entries:
        yield one_marcxml(entry)
    yield "</collection>\n"


def one_marcxml(entry: MarcEntry) -> str:
    """One record element, without namespace of its own; control fields first, as the schema wants them."""
    fields = sorted(map(checked, entry.fields), key=lambda one: not one.is_control)
    lines = [f"  <leader>{leader_of(entry, 0, 0)}</leader>", *map(_element, fields)]
    return "<record>\n" + "\n".join(lines) + "\n</record>\n"


def _element(one: Field) -> str:
    if one.is_control:
        return f'  <controlfield tag="{one.tag}">{_escaped(one.data)}</controlfield>'
    parts = (f"    <subfield code={quoteattr(code)}>{_escaped(text)}</subfield>\n" for code, text in one.subfields)
    return f'  <datafield tag="{one.tag}" ind1="{one.indicators[0]}" ind2="{one.indicators[1]}">\n{"".join(parts)}  </datafield>'


def _escaped(text: str) -> str:
    return escape(_clean(text), {"\r": "&#13;"})
