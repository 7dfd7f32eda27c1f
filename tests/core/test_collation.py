"""Sort keys stand in the order of ICU's Vietnamese collation, in Python, in SQLite and for names."""

import random
import sqlite3
from itertools import pairwise, product
from unicodedata import normalize

import icu
import pytest

from library.core.fold import TONES, name_key, sort_key

ONSETS = " b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x f j w z "
RHYMES = """a ă â e ê i o ô ơ u ư y an ăn ân anh ach ăm âm ap ay ây ao au âu en ên em eo êu ia iê iêu in inh oa oe oai
oan oăn on ôn ơn ong ông oi ôi ơi ua uâ uân uê ui un ung uôi uôn ươ ương ươi ưa ưng ưu uy uya uyên uynh yên yêu"""
SIGNS = " | |  | - | – |, |: |. |'|’| (|) |/|! |? | & | 1| 12| 2"
FOREIGN = "Café Caffè Zürich naïve Čapek Dvořák Êñuôl Ênuôl Niê Đĭnh Y-Blŏ Søren Łódź Æsop Ǽsop Straße façade Ångström"

TITLES = """Dế Mèn phiêu lưu ký|Dế mèn phiêu lưu kí|Đất rừng phương Nam|Đất Rừng Phương Nam|Tuổi thơ dữ dội|Tắt đèn
Tất cả|Số đỏ|Sổ tay Toán 5|Sổ tay toán 4|Sách giáo khoa Toán 10|Sách giáo khoa Toán 2|Toán 1, tập 1|Toán 1 – tập 2
Toán 1: tập 1|Ông già và biển cả|Ơn thầy|O du kích nhỏ|Ổ bánh mì|Ô cửa sổ|Ở nhà một mình|Ớt cay|Ăn quả nhớ kẻ trồng cây
Ấm trà|Anh em|Ánh sáng|Hòa bình|Hoà bình|Hoa bình|Hoạ mi|Họa mi hót|Hỏa tiễn|Hóa học 8|Hoá học 8|Lý Thường Kiệt
Lí Thường Kiệt|Lịch sử|Lịch sử và Địa lí 5|Tiếng Việt 1|Tiếng Việt 1 (tập hai)|Tiếng Anh 3|Tiếng anh 3|Thơ|Thỏ và rùa
Thợ săn|Thờ|Thở|Thỡ|Thớ|Thủy thủ|Thuỷ thủ|Thủy cung|“Nhật ký trong tù”|Nhật ký trong tù|Nhật kí: trong tù|Truyện Kiều
'Truyện Kiều'|Truyện kiều|TRUYỆN KIỀU|Truyền kỳ mạn lục|100 câu hỏi|10 vạn câu hỏi vì sao?|20.000 dặm dưới biển|Ước mơ
Ưng và rắn|U Minh|Uống nước nhớ nguồn|Y học|Ý nghĩa|Yêu|Ỷ Lan"""


def titles() -> list[str]:
    return TITLES.replace("\n", "|").split("|")


@pytest.fixture(scope="module")
def vi():
    return icu.Collator.createInstance(icu.Locale("vi"))


def syllable(chance: random.Random) -> str:
    rhyme = normalize("NFD", chance.choice(RHYMES.split()))
    at = chance.randrange(1, len(rhyme) + 1)
    spelled = chance.choice(ONSETS.split(" ")) + rhyme[:at] + chance.choice(["", *TONES]) + rhyme[at:]
    return chance.choice([str, str, str, str.capitalize, str.upper])(spelled)


def text(chance: random.Random, words: list[str]) -> str:
    made = "".join(chance.choice(words) + chance.choice(SIGNS.split("|")) for _ in range(chance.randint(1, 6)))
    return normalize(chance.choice(["NFC", "NFD"]), made.strip() if chance.random() < 0.9 else made)


def shuffled(words: list[str]) -> list[str]:
    return random.Random(0).sample(words, len(words))


def sign(a: str | int, b: str | int) -> int:
    return (a > b) - (a < b)  # type: ignore[operator]


def differences(vi, texts: list[str], seed: int) -> list[tuple[str, str]]:
    """Pairs that the two orders judge differently, of neighbours in ICU's order and four times as many at random."""
    chance = random.Random(seed)
    pairs = [*pairwise(sorted(texts, key=vi.getSortKey)), *(chance.choices(texts, k=2) for _ in range(4 * len(texts)))]
    return [(a, b) for a, b in pairs if vi.compare(a, b) != sign(sort_key(a), sort_key(b))]


def test_random_strings_of_few_syllables_sort_as_icu_sorts_them(vi):
    """A handful of syllables with every tone and case, so that ties reach the second and third level."""
    chance = random.Random(1)
    words = [normalize("NFC", "".join(way)) for way in product(["la", "LA", "lă", "Lâ", "lo", "lơ"], ["", *TONES])]
    assert differences(vi, [text(chance, words) for _ in range(5000)], 2) == []


def test_random_strings_of_any_syllables_sort_as_icu_sorts_them(vi):
    chance = random.Random(3)
    assert differences(vi, [text(chance, [syllable(chance) for _ in range(4)]) for _ in range(5000)], 4) == []


def test_tones_anywhere_in_a_long_text_sort_as_icu_sorts_them(vi):
    """The key writes runs of toneless letters short: runs of every length up to 40 must keep their order."""
    chance = random.Random(5)
    texts = []
    for _ in range(3000):
        letters = list("a" * chance.choice([9, 17, 40]))
        for at in chance.sample(range(len(letters)), 2):
            letters[at] = chance.choice(["á", "à", "A", "Ạ", "a"])
        texts.append("".join(letters))
    assert differences(vi, texts, 6) == []


def test_titles_sort_as_icu_sorts_them(vi):
    assert len(titles()) > 60
    assert sorted(titles(), key=sort_key) == sorted(titles(), key=vi.getSortKey)
    assert differences(vi, titles(), 7) == []


def test_signs_stand_in_the_order_of_icu(vi):
    signs = [*(chr(code) for code in range(32, 127)), *"–—‘’“”«»§·•°×₫€…"]
    assert differences(vi, signs, 8) == []


def test_foreign_words_sort_as_icu_sorts_them(vi):
    chance = random.Random(9)
    words = FOREIGN.split()
    assert differences(vi, [*words, *(text(chance, words) for _ in range(2000))], 10) == []


def test_letters_of_other_scripts_follow_z():
    words = ["😀", "9", "a", "Ẩn", "zz", "Ω mega", "Жук", "漢字"]
    assert sorted(shuffled(words), key=sort_key) == words


def test_every_character_has_a_key_of_printable_ascii():
    keys = [sort_key(f"a{chr(code)}Ộ") for code in (*range(0x3400), *range(0x3400, 0x110000, 31))]
    assert set("".join(keys)) <= {chr(code) for code in range(0x21, 0x7F)}


def test_keys_stay_short_enough_to_index():
    assert max(len(sort_key(title)) / len(title) for title in titles() if len(title) > 15) < 2.6


def test_sqlite_orders_keys_as_python_does():
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE t (title TEXT, k TEXT)")
    base.executemany("INSERT INTO t VALUES (?, ?)", [(title, sort_key(title)) for title in titles()])
    found = [title for (title,) in base.execute("SELECT title FROM t ORDER BY k, rowid")]
    base.close()
    assert found == sorted(titles(), key=sort_key)


@pytest.mark.parametrize(
    "line",
    [
        "la là lả lã lá lạ lă lâ",
        "da du dz đa Đà đá đu",
        "thơ thờ thở thỡ thớ thợ",
        "an ăn ân bán en ên on ôn ơn un ưn",
    ],
)
def test_tones_and_letters_in_the_order_people_know(line):
    assert sorted(shuffled(line.split()), key=sort_key) == line.split()


def test_people_sort_by_given_name_then_family_name():
    people = ["Đỗ An", "Trần Văn An", "Nguyễn Thị Ánh", "Bùi Thị Dung", "Nguyễn Văn Dũng", "Lê Văn Đức"]
    assert sorted(shuffled(people), key=name_key) == people


def test_everyone_called_dung_stands_before_anyone_called_dũng():
    people = ["An", "Lê An", "Lê Thị An", "Lê Văn An", "Lò An", "Vũ Dung", "An Dũng", "An Ý"]
    assert sorted(shuffled(people), key=name_key) == people


def test_names_of_every_people_and_length_have_a_place():
    people = ["", "Y Moan Êñuôl", "Khoa", "Công Tằng Tôn Nữ Hỷ Khương", "Vàng Thị Mỷ", "H'Hen Niê", "Giàng A Páo"]
    assert sorted(shuffled(people), key=name_key) == people
    assert name_key("  ") == name_key("") == ""
    assert name_key("  nguyễn   văn an ") < name_key("Nguyễn Văn An") < name_key("Nguyễn Vân An")
