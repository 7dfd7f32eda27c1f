"""Text of any age becomes Vietnamese; text of other languages, and text that is right, stays as it is."""

from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.staging.encodings import AS_IT_IS, ENCODINGS, detect, detect_text, plain, repair, spell
from library.staging.encodings_words import SYLLABLES, is_syllable

BOOKS = (
    "Dế Mèn phiêu lưu ký",
    "Tôi thấy hoa vàng trên cỏ xanh",
    "Nhà xuất bản Kim Đồng",
    "Nguyễn Nhật Ánh",
    "Trường Tiểu học Hồng Thái",
    "Lịch sử Việt Nam bằng tranh",
    "Đường lên đỉnh Olympia",
)
FRENCH = (
    "L'école des femmes", "Les misérables", "À la recherche du temps perdu", "Le père Goriot", "Éthique à Nicomaque",
    "Où est la clé", "Dé à coudre", "Né sous X", "Thé ou café", "La bête humaine", "Là-bas", "Forêt", "Noël", "Maïs",
)  # fmt: skip
ENGLISH = ("Harry Potter", "Where to? No. 5.", "The C++ book", "a^b", "Todd & Eddie", "What? Go. Do it.", "Brontë")
OTHERS = ("Müller", "Straße", "Köln", "Über alles", "mañana", "niño", "São Paulo", "coração", "smörgåsbord", "Nesbø")
PLAIN = ("TK.00011", "15.000đ", "2019", "19 × 27 cm", "© 2020", "978-604-2-12345-6", "a-b", "B-52", "TK-12")


def cp1258(text: str) -> bytes:
    """As Windows wrote it: some letters composed, tones behind them."""
    marks = "\u0300\u0301\u0303\u0309\u0323"
    parts = []
    for char in text:
        try:
            parts.append(char.encode("cp1258"))
        except UnicodeEncodeError:
            whole = normalize("NFD", char)
            base = normalize("NFC", "".join(part for part in whole if part not in marks))
            parts.append((base + "".join(part for part in whole if part in marks)).encode("cp1258"))
    return b"".join(parts)


def as_bytes(text: str, encoding: str) -> bytes:
    return cp1258(text) if encoding == "cp1258" else spell(text, encoding).encode("latin-1")


@pytest.mark.parametrize(
    ("seen", "encoding", "meant"),
    [
        ("Kho¸ luËn tèt nghiÖp", "tcvn3", "Khoá luận tốt nghiệp"),
        ("th\xad viÖn, h\xadíng dÉn", "tcvn3", "thư viện, hướng dẫn"),
        ("th- viÖn, h-íng dÉn", "tcvn3", "thư viện, hướng dẫn"),
        ("®îc, tríc, rîu", "tcvn3", "được, trước, rượu"),
        ("miÒn B¾c-Nam, b¶n ®å ViÖt-Trung, B-52", "tcvn3", "miền Bắc-Nam, bản đồ Việt-Trung, B-52"),
        ("TR\xadêNG TIÓU HäC Sè 1", "tcvn3", "TRƯỜNG TIỂU HỌC SỐ 1"),
        ("NguyÔn NhËt ¸nh", "tcvn3", "Nguyễn Nhật Ánh"),
        ("Ên t\xadîng vÒ Ên §é", "tcvn3", "Ấn tượng về ấn Độ"),
        ("tr\xadêng tiÓu häc", "tcvn3-capitals", "TRƯỜNG TIỂU HỌC"),
        ("Thö vieän tröôøng hoïc", "vni", "Thư viện trường học"),
        ("THÖ VIEÄN, Aùo, AÙo, ÑÖÔØNG, Vieät Nam", "vni", "THƯ VIỆN, Áo, Áo, ĐƯỜNG, Việt Nam"),
        ("Tiáº¿ng Viá»‡t, Ä‘Æ°á»\x9dng", "utf-8-misread", "Tiếng Việt, đường"),
        ("Vie^.t Nam dda^'t nu+o+'c", "viqr", "Việt Nam đất nước"),
        ("Anh ve^` nha`.", "viqr", "Anh về nhà."),
        (normalize("NFD", "Tiếng Việt"), AS_IT_IS, "Tiếng Việt"),
        ("Ðường Ðặng", AS_IT_IS, "Đường Đặng"),
        ("Kiyosaki \x96 Lechter", "tcvn3", "Kiyosaki – Lechter"),
        ("“TrÝch” – S¸ch…", "tcvn3", "“Trích” – Sách…"),
    ],
)
def test_old_text_reads_as_it_was_meant(seen: str, encoding: str, meant: str) -> None:
    assert repair(seen, encoding) == meant


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viqr", "viscii", "vps"])
def test_a_column_tells_its_encoding(encoding: str) -> None:
    guess = detect_text([spell(text, encoding) for text in BOOKS])
    assert guess.encoding == encoding
    assert guess.confidence > 0.9
    assert [repair(spell(text, encoding), encoding) for text in BOOKS] == list(BOOKS)
    assert guess.before != guess.after


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "cp1258", "viscii", "vps"])
def test_bytes_tell_their_encoding(encoding: str) -> None:
    data = as_bytes("\n".join(BOOKS), encoding)
    guess = detect(data)
    assert guess.encoding == ("" if encoding == "cp1258" else encoding)
    read = [repair(line, guess.encoding) for line in data.decode(guess.codec).split("\n")]
    assert read == list(BOOKS)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_known_with_and_without_its_mark(codec: str) -> None:
    data = "\n".join(BOOKS).encode(codec)
    guess = detect(data)
    assert (guess.encoding, data.decode(guess.codec)) == (AS_IT_IS, "\n".join(BOOKS))


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
@pytest.mark.parametrize("composed", [True, False])
def test_old_text_a_vietnamese_windows_read(encoding: str, composed: bool) -> None:
    """What a program made of it that took any bytes for Windows-1258."""
    seen = [spell(text, encoding).encode("latin-1").decode("cp1258") for text in BOOKS if "\xd2" not in text]
    seen = [normalize("NFC", text) if composed else text for text in seen]
    guess = detect_text(seen)
    assert guess.encoding == f"{encoding}-through-1258"
    assert [repair(text, guess.encoding) for text in seen] == list(BOOKS)


LETTERS = "".join(
    base + tone for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for tone in ("", *"\u0300\u0301\u0303\u0309\u0323")
)


def test_viscii_is_what_rfc_1456_says() -> None:
    """Its table, told here by its 128 upper places, and the six capitals among the control codes."""
    upper = (
        "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡư"
        "àáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
    )
    low = {2: "Ẳ", 5: "Ẵ", 6: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
    table = {**low, **{0x80 + at: letter for at, letter in enumerate(upper)}}
    assert {spell(letter, "viscii"): letter for letter in table.values()} == {
        chr(code): letter for code, letter in table.items()
    }


LOST = "ẠẬẶẸỆỊỌỘỢỤỰỴẪỮ"
"""Capitals that VPS keeps among the control codes: they are written small, as in TCVN3."""


@pytest.mark.parametrize("encoding", ["viscii", "vps"])
def test_every_letter_has_one_byte(encoding: str) -> None:
    letters = [letter for letter in normalize("NFC", LETTERS) + "đĐ" if not letter.isascii()]
    written = {letter: spell(letter, encoding) for letter in letters if encoding == "viscii" or letter not in LOST}
    assert len(letters) == 134 and len(set(written.values())) == len(written)
    assert all(len(one) == 1 and ord(one) < 0x100 for one in written.values())
    words = {letter: repair(f"{spell('Đ', encoding)}{seen} th{seen}", encoding) for letter, seen in written.items()}
    assert words == {letter: f"Đ{letter} th{letter}" for letter in written}


def test_utf8_read_as_western_comes_back() -> None:
    seen = [text.encode().decode("latin-1") for text in BOOKS]
    assert detect_text(seen).encoding == "utf-8-misread"
    assert [repair(text, "utf-8-misread") for text in seen] == list(BOOKS)


@pytest.mark.parametrize("column", [FRENCH, ENGLISH, OTHERS, PLAIN, BOOKS, ("là", "có", "và", "thì", "à"), ("né",), ()])
def test_what_is_right_stays(column: tuple[str, ...]) -> None:
    guess = detect_text(column)
    assert guess.encoding == AS_IT_IS
    assert [repair(text, guess.encoding) for text in column] == list(column)


@pytest.mark.parametrize("word", [*FRENCH, *OTHERS, *ENGLISH])
def test_one_foreign_word_is_no_evidence(word: str) -> None:
    assert detect_text([word]).encoding == AS_IT_IS


def test_only_the_columns_that_are_old_change() -> None:
    rows = [(spell(text, "tcvn3"), text, f"TK.{at:05d}") for at, text in enumerate(BOOKS)]
    guesses = [detect_text(column).encoding for column in zip(*rows, strict=True)]
    assert guesses == ["tcvn3", AS_IT_IS, AS_IT_IS]


def test_a_cell_that_is_right_stays_in_a_column_that_is_old() -> None:
    column = [*(spell(text, "tcvn3") for text in BOOKS[:4]), "Cổ tích", "Sách là bạn", "có và thì", "© 2020"]
    assert detect_text(column).encoding == "tcvn3"
    assert [repair(text, "tcvn3") for text in column] == [*BOOKS[:4], "Cổ tích", "Sách là bạn", "có và thì", "© 2020"]


def test_every_choice_can_be_made() -> None:
    assert all(isinstance(repair("S¸ch TiÕng ViÖt", name), str) for name in ENCODINGS)
    assert len(set(ENCODINGS)) == len(ENCODINGS)


@pytest.mark.parametrize(
    "word", ["Việt", "nghiêng", "quốc", "hoà", "hòa", "giết", "Giúp", "thuở", "khuya", "ý", "KHOẢNH"]
)
def test_a_syllable(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["cĩ", "nge", "kà", "mạx", "trốs", "ắrien", "cat", "họcc", "", "ngx", "ộtộ"])
def test_no_syllable(word: str) -> None:
    assert not is_syllable(word)


TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")


@st.composite
def syllables(draw: st.DrawFn) -> str:
    """A syllable with its tone on a vowel; the mark falls where NFC can join it."""
    bare = draw(st.sampled_from(sorted(SYLLABLES)))
    tones = TONES[4:] if bare.endswith(("c", "ch", "p", "t")) else TONES
    vowels = [at for at, char in enumerate(bare) if char in "aăâeêioôơuưy"]
    at = draw(st.sampled_from(vowels)) + 1
    return normalize("NFC", bare[:at] + draw(st.sampled_from(tones)) + bare[at:])


def accented(text: str) -> bool:
    return len({word for word in text.split() if not word.isascii()}) > 3


texts = st.lists(syllables(), min_size=4, max_size=12).map(" ".join).filter(accented)


@given(texts)
@settings(deadline=None)
def test_vni_and_viqr_lose_nothing(text: str) -> None:
    for meant in (text, text.upper(), text.title()):
        assert repair(spell(meant, "vni"), "vni") == meant
    assert repair(spell(text, "viqr"), "viqr") == text


@given(texts)
@settings(deadline=None)
def test_tcvn3_loses_nothing_but_capitals(text: str) -> None:
    assert repair(spell(text, "tcvn3"), "tcvn3").lower() == text
    assert repair(spell(text, "tcvn3"), "tcvn3-capitals") == text.upper()


@given(texts)
@settings(deadline=None)
def test_bytes_of_any_such_text_come_back(text: str) -> None:
    for encoding in ("tcvn3", "vni"):
        data = as_bytes(text, encoding)
        assert repair(data.decode("latin-1"), encoding).lower() == text
    assert plain(cp1258(text).decode("cp1258")) == text


@given(st.lists(st.text(max_size=60), max_size=8))
@settings(deadline=None)
def test_any_text_is_looked_at_without_an_error(column: list[str]) -> None:
    guess = detect_text(column)
    assert 0 <= guess.confidence <= 1
    for name in ENCODINGS:
        for text in column:
            assert isinstance(repair(text, name), str)


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_are_opened_with_a_codec_that_reads_them(data: bytes) -> None:
    guess = detect(data)
    assert guess.encoding in ENCODINGS
    assert isinstance(data.decode(guess.codec, "replace"), str)


def test_a_long_text_takes_no_long_time() -> None:
    """Nothing is quadratic: at this length that would take minutes."""
    for piece in ("-", "a-", "a.", ".", "\xad", "ö", "a^", "dd", "<a", "¸", "¸ ", "a ", "\\"):
        assert len(repair(piece * 100_000, "tcvn3")) > 0
        assert len(repair(piece * 100_000, "viqr")) > 0
        assert len(repair(piece * 100_000, "vni")) > 0
