"""Text is cleaned, found without its marks, compared in any spelling, and scanned through any keyboard program."""

import random
from collections.abc import Iterator
from unicodedata import normalize

import pytest

from library.core.fold import (
    clean,
    code_keys,
    fold,
    fold_code,
    fold_words,
    given_name,
    loose,
    same_title,
    search_text,
)

SEEDS = 10_000
EVERY_CHARACTER = [*range(0x3400), *range(0x3400, 0x110000, 31)]  # and one in 31 of the rest
TONES = "\u0301\u0300\u0309\u0303\u0323"  # 1 to 5 of VNI, s f r x j of Telex
HATS = {"A": "Â", "E": "Ê", "O": "Ô"}
HORNS = {"U": "Ư", "O": "Ơ"}
WORN = {"Â": "A", "Ă": "A", "Ê": "E", "Ô": "O", "Ơ": "O", "Ư": "U", "Đ": "D"}
VOWELS = "AEIOUYĂÂÊÔƠƯ"


# Cleaning


def test_cleaning_keeps_what_can_be_seen_and_nothing_else():
    assert clean("\ufeff  Ðường\u00a0\u2003 lên\t\r\nđỉ\u00adnh\u200b\x00 ") == "Đường lên đỉnh"
    assert clean("ðất \ud800") == "đất"
    assert clean(normalize("NFD", "Đường Ễnh")) == "Đường Ễnh"
    assert clean(" \n") == clean("") == ""


def test_cleaning_twice_changes_nothing_for_any_character():
    wrong = [code for code in EVERY_CHARACTER if clean(once := clean(f"a{chr(code)}\u0323b")) != once]
    assert wrong == []


# Search


def test_words_are_found_without_marks():
    assert fold("Đắk Lắk hoà") == "dak lak hoa"
    assert fold(normalize("NFD", "Đặng ĐƯỜNG ðất Ðất")) == "dang duong dat dat"
    assert fold("Toán 5 – tập 1 (tái bản): “ABC”…") == "toan 5 tap 1 tai ban abc"
    assert fold("ＴＫ０１ ﬁ ½ H'Hen HʼHen ch\u200bó") == "tk01 fi 1 2 h hen h hen cho"
    assert fold("Søren Straße Łódź Æsop ǼSOP") == "soren strasse lodz aesop aesop"
    assert fold_words("  ") == [] and fold("!?") == ""


def test_both_places_of_a_tone_fold_alike():
    assert fold("hoà thuỷ khoẻ") == fold("hòa thủy khỏe") == "hoa thuy khoe"


def test_folding_twice_changes_nothing_for_any_character():
    assert [code for code in EVERY_CHARACTER if fold(once := fold(f"a{chr(code)}b")) != once] == []


def test_a_fold_is_letters_digits_and_single_blanks():
    made = fold("".join(map(chr, range(0x3000))))
    assert "  " not in made and made.replace(" ", "").isalnum()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kỹ năng", "kĩ năng"),
        ("Lý Thái Tổ", "Lí Thái Tổ"),
        ("nước Mỹ", "nước Mĩ"),
        ("quy tắc", "qui tắc"),
        ("Quỳnh", "Quình"),
        ("y tế", "i tế"),
        ("bác sỹ Hy", "bác sĩ Hi"),
    ],
)
def test_either_spelling_of_i_finds_the_other(one, other):
    assert loose(one) == loose(other)
    for stored, asked in ((one, other), (other, one), (one, one), (other, other)):
        assert set(loose(asked).split()) <= set(search_text(stored).split())
        assert set(fold_words(asked)) <= set(search_text(stored).split()) or asked != stored


def test_i_and_y_stay_apart_where_they_sound_apart():
    for one, other in (("tay", "tai"), ("thuý", "thúi"), ("quay", "quai"), ("ngụy", "ngùi"), ("mây", "mâi")):
        assert loose(one) != loose(other)
    assert loose("Nguyễn yêu 2y") == "nguyen yeu 2y"


def test_a_column_holds_a_second_spelling_only_where_there_is_one():
    assert search_text("Dế Mèn phiêu lưu ký") == "de men phieu luu ky ki"
    assert search_text("Tắt đèn") == "tat den"


# Titles and names


def test_titles_are_the_same_wherever_the_tone_stands():
    assert same_title("Hoà bình", "Hòa bình") and same_title("Thuỷ thủ", "THỦY  THỦ")
    assert same_title(normalize("NFD", "Khoẻ, đẹp"), "Khỏe, đẹp")
    assert not same_title("Hoa bình", "Hoà bình") and not same_title("Hoá", "Hoà")
    assert not same_title("Sổ đo", "Số đo") and not same_title("Ăn", "Ân") and not same_title("Đa", "Da")


def test_the_given_name_is_the_last_word():
    names = ["Nguyễn Thị Minh Khai", "Khoa", "Giàng A Páo", " Y Moan\u00a0Êñuôl ", ""]
    assert list(map(given_name, names)) == ["Khai", "Khoa", "Páo", "Êñuôl", ""]


# Codes: how Telex and VNI spoil what a scanner types


class SpoiledError(Exception):
    """The keyboard program swallowed a key and left no trace of it."""


class Word:
    """Letters typed since the last digit or sign, as a keyboard program with free marking keeps them."""

    def __init__(self, new_style: bool) -> None:
        self.letters: list[str] = []
        self.tone, self.new_style = "", new_style

    def add(self, letter: str) -> None:
        self.letters.append(letter)

    def wear(self, marked: dict[str, str]) -> bool:
        """Mark the last letter that can wear it; False when there is none. Raises SpoiledError for a second mark."""
        places = [at for at, letter in enumerate(self.letters) if letter in marked]
        if places:
            self.letters[places[-1]] = marked[self.letters[places[-1]]]
        elif any(WORN.get(letter) in marked for letter in self.letters):
            raise SpoiledError
        return bool(places)

    def hook(self, marked: dict[str, str]) -> bool:
        """One horn key serves both letters of UO."""
        typed = "".join(self.letters)
        if "UO" in typed and "O" in marked:
            self.letters = list(typed.replace("UO", "ƯƠ", 1))
            return True
        return self.wear(marked)

    def sing(self, tone: str) -> bool:
        if self.tone:
            raise SpoiledError
        if any(letter in VOWELS for letter in self.letters):
            self.tone = tone
        return bool(self.tone)

    def close(self) -> str:
        letters, self.letters, tone, self.tone = self.letters, [], self.tone, ""
        if tone:
            vowels = [at for at, letter in enumerate(letters) if letter in VOWELS]
            hatted = [at for at in vowels if letters[at] in WORN]
            letters[(hatted or vowels)[-1 if hatted or self.new_style else 0]] += tone
        return "".join(letters)


def telex_key(word: Word, key: str) -> bool:
    """Whether the word takes the key as a mark; Ư for a W alone."""
    if key in HATS:
        return word.wear({key: HATS[key]})
    if key == "D":
        return word.wear({"D": "Đ"})
    if key == "W":
        if not word.hook({"A": "Ă", **HORNS}):
            word.add("Ư")
        return True
    if key == "Z" and word.tone:
        raise SpoiledError
    return key in "SFRXJ" and word.sing(TONES["SFRXJ".index(key)])


def vni_key(word: Word, key: str) -> bool:
    marks = {"6": HATS, "7": HORNS, "8": {"A": "Ă"}, "9": {"D": "Đ"}}
    if key == "0" and word.tone:
        raise SpoiledError
    if key in marks:
        return word.hook(marks[key])
    return key in "12345" and word.sing(TONES[int(key) - 1])


def typed_through(take, code: str, new_style: bool = False) -> str:
    """What stands in the field after a scanner typed the code. Raises SpoiledError."""
    word, field = Word(new_style), ""
    for key in code:
        if take(word, key):
            continue
        if key.isalpha():
            word.add(key)
        else:
            field += word.close() + key
    return field + word.close()


def codes(letters: str, most: int, seeds: int = SEEDS) -> Iterator[tuple[random.Random, str]]:
    for seed in range(seeds):
        chance = random.Random(seed)
        prefix = "".join(chance.choices(letters, k=chance.randint(1, most)))
        number = "".join(chance.choices("0123456789", k=chance.randint(3, 6)))
        yield chance, prefix + chance.choice(["", ".", "-", "/", " "]) + number


def lost_and_spoiled(take, letters: str, most: int) -> tuple[list[tuple[str, str]], int, int]:
    """Codes that none of the keys of their scan answers to; how many swallowed a key; the most keys of one scan."""
    lost, spoiled, longest = [], 0, 0
    for chance, code in codes(letters, most):
        try:
            scanned = typed_through(take, code, chance.random() < 0.5)
        except SpoiledError:
            spoiled += 1
            continue
        scanned = chance.choice([str.upper, str.lower])(normalize(chance.choice(["NFC", "NFD"]), scanned))
        keys = code_keys(scanned)
        longest = max(longest, len(keys))
        if fold_code(code) not in keys:
            lost.append((code, scanned))
    return lost, spoiled, longest


ANY_LETTER, NO_VOWEL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "BCDFGHKLMNPQRSTVXZ"


def test_the_simulated_keyboards_spoil_codes_as_real_ones_do():
    telex = {
        "DD.12": "Đ.12",
        "TAAN1": "TÂN1",
        "W5": "Ư5",
        "TUOW-1": "TƯƠ-1",
        "KAS2": "KÁ2",
        "THOAF": "THÒA",
        "TN1": "TN1",
    }
    vni = {"KA1": "KÁ", "D9": "Đ", "A61": "Ấ", "UO7.1": "ƯƠ.1", "TK123": "TK123", "KA.12": "KA.12"}
    for take, cases in ((telex_key, telex), (vni_key, vni)):
        assert {code: normalize("NFC", typed_through(take, code)) for code in cases} == cases
    for take, spoiled in ((telex_key, ["ASS1", "DDD1", "ASF1", "AAA1", "ASZ"]), (vni_key, ["A12", "A10", "D99"])):
        for code in spoiled:
            with pytest.raises(SpoiledError):
                typed_through(take, code)


@pytest.mark.parametrize("take", [telex_key, vni_key])
def test_any_code_is_found_after_a_keyboard_program_unless_a_key_was_swallowed(take):
    lost, spoiled, longest = lost_and_spoiled(take, ANY_LETTER, 4)
    assert lost == []
    assert spoiled < SEEDS * {telex_key: 0.03, vni_key: 0.05}[take]
    assert longest <= 129


@pytest.mark.parametrize("take", [telex_key, vni_key])
def test_a_code_without_vowel_and_w_is_always_found(take):
    lost, spoiled, _ = lost_and_spoiled(take, NO_VOWEL.replace("D", ""), 4)
    assert (lost, spoiled) == ([], 0)


def test_a_code_typed_in_any_width_case_or_punctuation_has_one_key():
    for way in ("TK.00012", "tk-00012", " Tk 000 12\r\n", "ＴＫ．０００１２", "TK/00012", "*TK00012*", "TK\u200b00012"):
        assert code_keys(way) == [fold_code(way)] == ["TK00012"]


def test_the_plain_key_comes_first():
    assert code_keys("Đ.00012")[:2] == ["D00012", "DD00012"]
    assert code_keys("KÁ2")[0] == "KA2" and {"KA12", "KAS2"} < set(code_keys("KÁ2"))
    assert code_keys("Ð1")[:2] == ["D1", "DD1"]
    assert "W1" in code_keys("Ư1") and "UOW1" in code_keys("ƯƠ1")
    assert code_keys("") == [""]


def test_digits_alone_are_never_touched():
    for seed in range(1000):
        digits = str(random.Random(seed).randrange(10**13))
        assert typed_through(vni_key, digits) == typed_through(telex_key, digits) == digits
        assert code_keys(digits) == [digits]


def test_a_vietnamese_digit_row_is_read_as_digits():
    row = dict(zip("1234567890", "ăâêô\u0300\u0309\u0303\u0301\u0323đ", strict=True))
    for chance, code in codes("BCDFGHKLMNPQRSTVX", 3, 2000):
        scanned = chance.choice([str.upper, str.lower])("".join(row.get(key, key) for key in code))
        assert fold_code(code) in code_keys(scanned)
        if "9" not in code:
            assert fold_code(code) in code_keys(normalize("NFC", scanned))


def test_text_that_is_no_code_costs_little():
    assert len(code_keys("ĐƯỜNGĐƯỜNGĐƯỜNGĐƯỜNGĐƯỜNGĐƯỜNG")) <= 129
    assert code_keys("Đ" * 10_000) == ["D" * 10_000]
