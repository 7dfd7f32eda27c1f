"""The other clothes of MARC: XML, CDS/ISIS, the text of MarcEdit, JSON; and what we write."""

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.staging.encodings import spell
from library.staging.marc import Broken, Field, MarcEntry, TooLong, writing
from library.staging.marc.opening import sniff
from library.staging.marc.writing import NotMarc21
from library.staging.tables import UnreadableFile
from tests.staging.marc.making import book, raw, read, titles, told

SLIM = f'xmlns="{writing.SLIM}"'


def xml(*entries: MarcEntry) -> bytes:
    return "".join(writing.marcxml(entries)).encode()


def element(inner: str, attributes: str = SLIM) -> bytes:
    return f"<record {attributes}><leader>00000nam a2200000   4500</leader>{inner}</record>".encode()


TITLE = '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{}</subfield></datafield>'

# MARCXML


def test_what_is_written_reads_back_the_same_both_ways() -> None:
    entries = [book(), book("A & B <c> \"d\" 'e'", "2")]
    assert [one.fields for one in read(b"".join(map(writing.iso2709, entries)))] == [one.fields for one in entries]
    assert [one.fields for one in read(xml(*entries))] == [one.fields for one in entries]
    again = read(xml(*read(xml(*entries))))
    assert again == read(xml(*entries))


def test_what_is_written_is_what_the_schema_asks_for() -> None:
    """The patterns of MARC21slim.xsd; control fields stand before data fields."""
    root = ElementTree.fromstring(xml(book()))
    space = "{http://www.loc.gov/MARC21/slim}"
    assert root.tag == f"{space}collection"
    (record,) = root
    order = ["leader", *["controlfield"] * 2, *["datafield"] * 5]
    assert [child.tag for child in record] == [f"{space}{name}" for name in order]
    leader = r"[\d ]{5}[\dA-Za-z ]{1}[\dA-Za-z]{1}[\dA-Za-z ]{3}(2| )(2| )[\d ]{5}[\dA-Za-z ]{3}(4500|    )"
    assert re.fullmatch(leader, record[0].text or "")
    for child in record[3:]:
        assert re.fullmatch(r"[\da-z ]", child.attrib["ind1"])
        assert set(child.attrib) == {"tag", "ind1", "ind2"}
        assert all(part.tag == f"{space}subfield" and len(part.attrib["code"]) == 1 for part in child)


@pytest.mark.parametrize(
    "begin", ["<!DOCTYPE record>", '<!DOCTYPE r [<!ENTITY a "b">]>', '<!DOCTYPE r SYSTEM "file:///etc/passwd">']
)
def test_a_doctype_is_refused(begin: str) -> None:
    with pytest.raises(UnreadableFile, match="unreadable-file"):
        read(begin.encode() + element(TITLE.format("x")))


def test_a_bomb_is_refused() -> None:
    lines = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">{lines}]>'.encode() + element(TITLE.format("&l9;"))
    with pytest.raises(UnreadableFile, match="unreadable-file"):
        read(bomb)


def test_depth_and_size_have_an_end() -> None:
    with pytest.raises(UnreadableFile):
        read(b"<collection>" + b"<a>" * 100_000)
    with pytest.raises(UnreadableFile):
        read(element(TITLE.format("x" * (5 * 2**20))))


def test_a_missing_code_breaks_its_entry_only() -> None:
    bad = TITLE.format("Hai").replace('code="a"', "")
    inner = b"".join(element(one, "") for one in (TITLE.format("Một"), bad, TITLE.format("Ba")))
    found = read(f"<collection {SLIM}>".encode() + inner + b"</collection>")
    assert titles(found) == ["Một", "marc-bad-code", "Ba"]
    assert isinstance(found[1], Broken)
    assert found[1].number == 2


def test_xml_that_breaks_off_keeps_what_was_whole() -> None:
    found = read(xml(book("Một"), book("Hai"))[:-200])
    assert titles(found) == ["Một", "marc-xml-stopped"]


def test_prefixes_and_the_envelopes_of_search_services() -> None:
    inner = element(TITLE.format("Một")).decode()
    prefixed = re.sub(r"<(/?)", r"<\1m:", inner).replace("xmlns=", "xmlns:m=")
    for one in (inner, prefixed):
        answer = (
            '<?xml version="1.0"?><zs:searchRetrieveResponse xmlns:zs="http://www.loc.gov/zing/srw/"><zs:records>'
            f"<zs:record><zs:recordData>{one}</zs:recordData></zs:record></zs:records></zs:searchRetrieveResponse>"
        )
        assert titles(read(answer.encode())) == ["Một"]


def test_xml_in_utf16_and_in_old_text() -> None:
    text = "<?xml version='1.0' encoding='utf-16'?>" + element(TITLE.format("Một")).decode()
    assert titles(read(text.encode("utf-16"))) == ["Một"]
    (found,) = read(element(TITLE.format(spell("Cho tôi xin một vé đi tuổi thơ", "tcvn3"))))
    assert titles([found]) == ["Cho tôi xin một vé đi tuổi thơ"]
    assert "TCVN3" in told(found)


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_in_xml(rubbish: bytes) -> None:
    good = xml(book("Một"))
    for source in (b"<record>" + rubbish, good[:300] + rubbish + good[300:], b"<?xml " + rubbish):
        try:
            assert isinstance(read(source), list)
        except UnreadableFile:
            continue


# CDS/ISIS

ISIS = [
    ("001", b"15"),
    ("020", b"^a9786042123457^c35000"),
    ("200", b"^aD\xd5 M\xccn phi\xaau l\xaduu k\xfd^btruy\xd6n d\xb5i"),
]


def test_isis_has_no_indicators_and_carets() -> None:
    body = raw([("010", b"D\xfd thing"), ("245", b"^aSach mot^bphu de"), ("700", b"A"), ("700", b"B%C")], "0", "00")
    body = body[:5] + b"00000" + body[10:]
    (found,) = read(body)
    assert sniff(body).kind == "isis"
    assert [one.subfields for one in found.fields][1:] == [
        (("a", "Sach mot"), ("b", "phu de")),
        (("", "A"),),
        (("", "B%C"),),
    ]
    assert all(one.indicators == "" for one in found.fields)


def isis(titles_: list[str], encoding: str) -> bytes:
    """As WinISIS writes: zeros in the leader, 80 characters a line."""
    whole = b""
    for name in titles_:
        text = spell(name, encoding).encode("latin-1")
        one = raw(
            [("200", b"^a" + text + b"^b" + text), ("010", b"978"), ("620", b"^a" + b" ".join([text] * 3))], "0", "00"
        )
        one = one[:5] + b"00000" + one[10:]
        whole += b"\r\n".join(one[at : at + 80] for at in range(0, len(one), 80)) + b"\r\n"
    return whole


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_winisis_in_lines_and_old_text(encoding: str) -> None:
    names = [f"Cho tôi xin một vé đi tuổi thơ, tập {at}" for at in range(5)]
    found = read(isis(names, encoding))
    assert [one.first("200").first("a") for one in found] == names
    assert all("Độ dài" not in told(one) for one in found)


def test_isis_with_hashes_for_end_marks() -> None:
    body = isis(["Sách số 1 # hai", "Thơ của trường tiểu học"], "tcvn3").replace(b"\x1e", b"#").replace(b"\x1d", b"#")
    assert sniff(body).hashes
    found = read(body)
    assert [one.first("200").first("a") for one in found] == ["Sách số 1 # hai", "Thơ của trường tiểu học"]


# Text and JSON


def test_the_text_of_marcedit() -> None:
    text = (
        "=LDR  00000nam a2200000   4500\r\n=001  vn1\r\n=008  240101s2020\\\\\\\\vm\r\n"
        "=245  10$aMột giá {dollar}5$cTô Hoài\r\n\r\n=LDR  00000nam a2200000   4500\r\n=245  10$aHai\r\n\r\n=245  10Ba\r\n"
    )
    found = read(text.encode())
    assert titles(found) == ["Một giá $5", "Hai", "marc-bad-code"]
    assert found[0].first("008").data == "240101s2020    vm"
    assert found[1].place == text.encode().index(b"=LDR", 10)


def test_a_line_that_goes_on_for_long_takes_no_long_time() -> None:
    (found,) = read(b"=LDR  00000nam a2200000   4500\n=520  10$a" + b"a\n" * 400_000)
    assert isinstance(found, MarcEntry)
    assert len(found.fields[0].first("a")) == 799_999


def as_json(one: MarcEntry) -> dict[str, object]:
    fields = [
        {each.tag: each.data}
        if each.is_control
        else {
            each.tag: {
                "ind1": each.indicators[0],
                "ind2": each.indicators[1],
                "subfields": [{code: text} for code, text in each.subfields],
            }
        }
        for each in one.fields
    ]
    return {"leader": one.leader, "fields": fields}


def test_json_in_its_three_shapes() -> None:
    one, two = book("Một"), book("Hai")
    shapes = [[as_json(one), as_json(two)], as_json(one)]
    assert read(json.dumps(shapes[0]).encode()) == [one, two]
    assert read(json.dumps(shapes[1]).encode()) == [one]
    lines = "\n".join([json.dumps(as_json(one)), '{"leader": "x", "fields": [{"245": 5}]}', json.dumps(as_json(two))])
    assert titles(read(lines.encode())) == ["Một", "marc-junk", "Hai"]


@given(
    st.binary(max_size=200),
    st.sampled_from([b"=LDR  ", b"=245  10$a", b'{"leader": "', b'[{"leader":1,"fields":', b"[" * 50]),
)
@settings(deadline=None)
def test_any_bytes_in_text_and_json(rubbish: bytes, begin: bytes) -> None:
    try:
        assert isinstance(read(begin + rubbish + b'"leader" "fields"'), list)
    except UnreadableFile:
        return


# Writing

codes = st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789$!")
letters = st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from("ăđơưạảấềệỗộựỹĐẶ蟋あЖ😀\u00a0")
texts = st.text(letters, min_size=1, max_size=30)
pairs = st.lists(st.tuples(codes, texts), min_size=1, max_size=4).map(tuple)
fields = st.builds(
    lambda tag, inds, subfields: Field(f"{tag:03d}", "", inds, subfields),
    st.integers(10, 999),
    st.sampled_from(["  ", "10", "0 ", " 1"]),
    pairs,
)
entries = st.lists(fields, min_size=1, max_size=8).map(lambda some: MarcEntry("00000nam a2200000   4500", tuple(some)))


@given(entries)
@settings(deadline=None, max_examples=40)
def test_any_entry_goes_there_and_back(entry: MarcEntry) -> None:
    for written in (writing.iso2709(entry), xml(entry)):
        (found,) = read(written)
        assert isinstance(found, MarcEntry)
        assert found.fields == entry.fields
        assert told(found) == ""


def test_too_long_for_iso_is_refused_by_name_and_fits_xml() -> None:
    fat = MarcEntry("00000nam a2200000   4500", tuple(Field("520", "", "  ", (("a", "x" * 9_000),)) for _ in range(12)))
    with pytest.raises(TooLong) as long:
        writing.iso2709(fat)
    assert long.value.reasons[0].facts["size"] > 99_999
    one = MarcEntry(fat.leader, (Field("520", "", "  ", (("a", "x" * 10_000),)),))
    with pytest.raises(TooLong):
        writing.iso2709(one)
    assert [found.fields for found in read(xml(fat, one))] == [fat.fields, one.fields]


@pytest.mark.parametrize(
    "field",
    [
        Field("24", "", "10", (("a", "x"),)),
        Field("245", "", "10", (("", "x"),)),
        Field("245", "", "1", (("a", "x"),)),
        Field("245", "x"),
        Field("245", "", "10", (("å", "x"),)),
        Field("245", "", "10", ()),
    ],
)
def test_what_marc21_does_not_have_is_not_written(field: Field) -> None:
    entry = MarcEntry("00000nam a2200000   4500", (field,))
    for write in (writing.iso2709, writing.one_marcxml):
        with pytest.raises(NotMarc21):
            write(entry)


def test_fields_of_other_formats_stay_in_iso_and_are_fitted_for_the_schema() -> None:
    odd = [Field("876", "", "-1", (("a", "x"),)), Field("000", "y"), Field("004", "", "00", (("a", "z"),))]
    entry = MarcEntry("00000nam a2200000   4500", (*book().fields, *odd))
    (found,) = read(writing.iso2709(entry))
    assert isinstance(found, MarcEntry)
    assert found.fields == entry.fields
    with pytest.raises(NotMarc21):
        writing.one_marcxml(entry)
    plain, left_out = writing.fitted(entry)
    assert left_out == ("000", "004")
    assert plain.fields == (*book().fields, Field("876", "", " 1", (("a", "x"),)))
    assert writing.one_marcxml(plain)


def test_characters_neither_form_can_hold_are_left_out() -> None:
    entry = MarcEntry("?" * 24, (Field("245", "", "10", (("a", "a\x1db\x1ec\x1fd\x00e\ufffff"),)),))
    for written in (writing.iso2709(entry), xml(entry)):
        assert titles(read(written)) == ["abcdef"]
