"""Files as they come: every entry that can be read is, every other is told with its place, and nothing hurts."""

import resource
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.staging.marc import Broken, MarcEntry, opening, writing
from library.staging.marc.cutting import cut
from library.staging.tables import UnreadableFile
from tests.staging.marc.making import book, data, raw, read, stream, title, titles, told

ONE, TWO, THREE = (writing.iso2709(book(name, code)) for name, code in (("Một", "1"), ("Hai", "2"), ("Ba", "3")))
ALL = ["Một", "Hai", "Ba"]


@pytest.mark.parametrize("length", [b"00001", b"99999", b"00000", b"-0001", b"abcde", b"01500"])
def test_a_lying_length_loses_nothing(length: bytes) -> None:
    found = read(ONE + length + TWO[5:] + THREE)
    assert titles(found) == ALL
    assert [one.place for one in found] == [0, len(ONE), len(ONE + TWO)]


def test_a_wrong_length_is_told() -> None:
    assert "Độ dài" in told(read(b"01500" + ONE[5:])[0])
    assert told(read(ONE)[0]) == ""


def test_a_directory_out_of_bounds_is_told_and_the_fields_are_taken_in_order() -> None:
    broken = bytearray(ONE)
    broken[24 + 3 : 24 + 7] = b"9999"
    found = read(bytes(broken) + TWO)
    assert titles(found) == ["Một", "Hai"]
    assert found[0] == read(ONE)[0]
    assert "Thư mục" in told(found[0])


def test_a_field_the_directory_forgot_is_told() -> None:
    (found,) = read(ONE[:24] + ONE[36:])
    assert title(found) == "Một"
    assert "không kể đến" in told(found)


def test_a_directory_that_fits_nothing_breaks_its_own_entry_only() -> None:
    broken = ONE[:24] + b"001999999999" + ONE[24:]  # a line more than fields
    found = read(broken + TWO)
    assert titles(found) == ["marc-out-of-bounds", "Hai"]
    assert (found[0].number, found[0].place) == (1, 0)


def test_an_unordered_directory_is_no_lie() -> None:
    lines = [ONE[at : at + 12] for at in range(24, 24 + 12 * 7, 12)]
    shuffled = ONE[:24] + b"".join(reversed(lines)) + ONE[24 + 12 * 7 :]
    (found,) = read(shuffled)
    assert title(found) == "Một"
    assert [one.tag for one in found.fields] == ["880", "653", "245", "100", "020", "008", "001"]
    assert told(found) == ""


def test_missing_ends_are_found_again() -> None:
    found = read(ONE[:-1] + TWO[:-1] + THREE)
    assert titles(found) == ALL
    assert "thiếu dấu kết thúc" in told(found[0])


def test_the_last_end_may_be_missing_but_not_its_fields() -> None:
    assert titles(read(ONE + TWO[:-1])) == ["Một", "Hai"]
    found = read(ONE + TWO[:-40])
    assert titles(found) == ["Một", "marc-cut-off"]
    assert found[1].place == len(ONE)


def test_junk_between_entries_is_skipped_and_counted() -> None:
    found = read(ONE + b"\r\n\0\0 ???? rubbish 12345 ????" + TWO + b"\r\n" + THREE + b"\r\n\x1a")
    assert titles(found) == ALL
    assert "bỏ qua" in told(found[1])
    assert told(found[2]) == ""
    assert found[1].place == ONE.__len__() + len(b"\r\n\0\0 ???? rubbish 12345 ????")


def test_noughts_inside_a_text_are_dropped() -> None:
    found = read(raw([("245", data("M\0ột"))]) + TWO)
    assert titles(found) == ["Một", "Hai"]
    assert "ký tự rỗng" in told(found[0])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"00010nam", "marc-too-short"),
        (b"00026     2200025   4500\x1e", "marc-no-fields"),
        (b"00050nam a2200040   4500" + b"24500", "marc-no-directory"),
        (raw([("245", b"10\x1f\x1e")])[:-1], "marc-out-of-bounds"),
        (raw([("245", b"10\x1f Title")])[:-1], "marc-bad-code"),
        (raw([("245", b"10\x1f\xc3\xa1Title")])[:-1], "marc-bad-code"),
        (b"hello world, this is no MARC at all", "marc-no-directory"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, reason: str) -> None:
    found = read(ONE + body + b"\x1d" + TWO)
    assert titles(found) == ["Một", reason, "Hai"]
    assert isinstance(found[1], Broken)
    assert (found[1].number, found[1].place) == (2, len(ONE))
    assert found[1].reason.sentence % found[1].reason.facts


def test_text_without_a_code_becomes_a() -> None:
    (found,) = read(raw([("245", b"10Mot\x1fbHai"), ("300", b"  20tr.")]))
    assert [one.subfields for one in found.fields] == [(("a", "Mot"), ("b", "Hai")), (("a", "20tr."),)]
    assert "không mang mã" in told(found)


def test_an_entry_longer_than_its_length_can_say() -> None:
    long = "Đ" * 60_000
    body = raw([("245", data("Một")), ("520", data(long))])
    found = read(body + TWO)
    assert titles(found) == ["Một", "Hai"]
    assert found[0].first("520").first("a") == long


def test_lines_of_eighty_characters_are_joined() -> None:
    wrapped = b"".join(
        b"\r\n".join(one[at : at + 80] for at in range(0, len(one), 80)) + b"\r\n" for one in (ONE, TWO, THREE)
    )
    assert read(wrapped) == read(ONE + TWO + THREE)


def test_a_line_break_of_a_text_stays() -> None:
    (found,) = read(raw([("245", data("Một")), ("520", data("dòng đầu của tóm tắt\ndòng hai"))]))
    assert "\n" in found.first("520").first("a")


def test_a_text_of_hundred_thousand_false_leaders_takes_no_time() -> None:
    false = b"\x1e00500nam a2200100   4500001000500000"
    assert titles(read(ONE + raw([("245", b"10\x1fa" + false * 20_000)]) + TWO))[::2][-1] == "Hai"


def test_a_directory_that_tells_one_field_a_hundred_thousand_times() -> None:
    area = b"10\x1fa" + b"x" * 9_000 + b"\x1e"
    lines = b"245%04d00000" % len(area) * 100_000
    bomb = b"99999nam a22%05d   4500" % 99_999 + lines + b"\x1e" + area + b"\x1d"
    assert titles(read(ONE + bomb + TWO)) == ["Một", "marc-out-of-bounds", "Hai"]


class Endless:
    """A stream that would go on for a gigabyte, and counts what was read of it."""

    def __init__(self, begin: bytes, fill: bytes, size: int, end: bytes = b"") -> None:
        self.begin, self.fill, self.left, self.end, self.read_bytes = begin, fill, size, end, 0

    def read(self, size: int) -> bytes:
        if self.begin:
            piece, self.begin = self.begin[:size], self.begin[size:]
        elif self.left > 0:
            piece = (self.fill * (size // len(self.fill) + 1))[: min(size, self.left)]
            self.left -= len(piece)
        else:
            piece, self.end = self.end[:size], self.end[size:]
        self.read_bytes += len(piece)
        return piece


def test_a_gigabyte_without_an_end_is_refused_at_its_beginning() -> None:
    endless = Endless(ONE[:-1], b"x", 2**30)
    with pytest.raises(UnreadableFile, match="unreadable-file"):
        list(cut(endless))  # type: ignore[arg-type]
    assert endless.read_bytes < 5 * 2**20


def test_an_endless_entry_is_passed_over_without_being_kept() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    endless = Endless(ONE, b"x", 2**27, b"\x1d" + TWO)
    pieces = list(cut(endless))  # type: ignore[arg-type]
    assert [piece.flaw for piece in pieces] == ["", "big", ""]
    assert pieces[2].place == len(ONE) + 2**27 + 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_a_file_that_is_no_marc_is_refused() -> None:
    for source in (b"", b"PK\x03\x04....", b"STT,T\xc3\xaan s\xc3\xa1ch\n1,A", b"%PDF-1.4"):
        with pytest.raises(UnreadableFile):
            read(source)


def test_a_file_on_disk_reads_as_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "sach.mrc"
    path.write_bytes(ONE + TWO)
    assert list(opening.read(path)) == read(ONE + TWO)


# Anything at all


@given(st.binary(max_size=600), st.sampled_from(["", "utf-8", "marc-8", "tcvn3", "vni", "cp1258"]))
@settings(deadline=None, max_examples=150)
def test_any_bytes_are_read_or_refused(rubbish: bytes, charset: str) -> None:
    for source in (rubbish, ONE + rubbish + TWO, ONE[:24] + rubbish + b"\x1d"):
        try:
            found = read(source, charset)
        except UnreadableFile:
            continue
        assert all(isinstance(one, MarcEntry | Broken) for one in found)


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_one_damaged_entry_takes_no_other_with_it(drawn: st.DataObject) -> None:
    """Any byte but an end mark, anywhere in the second entry."""
    at = drawn.draw(st.integers(0, len(TWO) - 2))
    byte = drawn.draw(st.integers(0, 255).filter(lambda value: value not in (0x1D, 0x1E)))
    damaged = TWO[:at] + bytes([byte]) + TWO[at + 1 :]
    found = read(ONE + damaged + THREE)
    assert [title(one) for one in (found[0], found[-1]) if isinstance(one, MarcEntry)] == ["Một", "Ba"]
    assert len(found) == 3


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=100)
def test_any_piece_parts_without_an_error(rubbish: bytes) -> None:
    total = sum(len(piece.body) for piece in cut(stream(rubbish)))
    assert total <= len(rubbish)
