"""What the leader says of the encoding, and what the bytes say."""

import pytest

from library.staging.encodings import spell
from library.staging.marc import MarcEntry
from tests.staging.marc.making import data, raw, read, title, titles, told

LONG = "Cho tôi xin một vé đi tuổi thơ của Tô Hoài"


def seen(text: str, encoding: str) -> bytes:
    return b"10\x1fa" + spell(text, encoding).encode("latin-1")


def test_utf8_under_either_flag() -> None:
    said, unsaid = (raw([("245", data(LONG))], flag) for flag in "a ")
    found = read(said + unsaid)
    assert titles(found) == [LONG, LONG]
    assert [told(one) != "" for one in found] == [False, True]


def test_marc8_with_marks_before_letters() -> None:
    (found,) = read(raw([("245", b"10\x1faJos\xe2e Le\xb1ski \xf2e\xe3e")], " "))
    assert title(found) == "José Lełski \u1eb9ê"
    assert told(found) == ""


def test_marc8_in_other_scripts() -> None:
    (found,) = read(raw([("245", b"10\x1fa\x1b(N\x45\x4c\x1b(B x")], " "))
    assert title(found) == "ел x"


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
@pytest.mark.parametrize("flag", ["a", " "])
def test_a_leader_that_lies_about_old_vietnamese(encoding: str, flag: str) -> None:
    (found,) = read(raw([("245", seen(LONG, encoding))], flag))
    assert title(found) == LONG
    assert encoding.upper() in told(found)


def test_windows_1258_is_found() -> None:
    (found,) = read(raw([("245", b"10\x1faCho t\xf4i xin m\xf4\xf2t v\xe9 \xf0i tu\xf4\xd2i th\xf5")], "a"))
    assert title(found) == "Cho tôi xin một vé đi tuổi thơ"


def test_short_entries_follow_those_before_them() -> None:
    long = raw([("245", seen(LONG, "tcvn3"))], " ")
    short = raw([("245", seen("Thơ", "tcvn3"))], " ")
    assert titles(read(long * 3 + short)) == [LONG] * 3 + ["Thơ"]


def test_what_a_person_chose_is_used() -> None:
    (found,) = read(raw([("245", seen("Thơ", "tcvn3"))], "a"), charset="tcvn3")
    assert (title(found), told(found)) == ("Thơ", "")


def test_old_text_that_was_saved_as_unicode() -> None:
    (found,) = read(raw([("245", data(spell(LONG, "tcvn3")))]))
    assert title(found) == LONG
    assert "TCVN3" in told(found)


@pytest.mark.parametrize(
    "text", ["Éthique à Nicomaque", "Les misérables", "Garc\u00eda M\u00e1rquez, Noël, Maïs naïf", "Größe"]
)
def test_western_text_stays(text: str) -> None:
    (found,) = read(raw([("245", data(text))]))
    assert (title(found), told(found)) == (text, "")


def test_western_bytes_that_claim_utf8_are_read_and_doubted() -> None:
    (found,) = read(raw([("245", b"10\x1fa\xc9thique \xe0 Nicomaque")], "a"))
    assert title(found) == "Éthique à Nicomaque"
    assert "Chưa rõ" in told(found)


def test_a_choice_that_does_not_fit_is_told_of_each_entry() -> None:
    bad, good = raw([("245", b"10\x1fa\xc9thique")]), raw([("245", data("Một"))])
    assert titles(read(bad + good, charset="utf-8")) == ["marc-charset", "Một"]


def test_composed_always() -> None:
    (found,) = read(raw([("245", data("Tiê\u0301ng Viê\u0323t"))]))
    assert isinstance(found, MarcEntry)
    assert title(found) == "Tiếng Việt"
