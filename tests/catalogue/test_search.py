"""A question finds the same titles in the same order on both databases, however it is typed."""

import unicodedata

import icu
import pytest

from library.access import Scope
from library.catalogue import guessing, search
from library.catalogue.models import NumberKind, Record, Role
from library.catalogue.writing import NewRecord
from tests.support.world import World

CORPUS = (
    "Dế Mèn phiêu lưu ký / Tô Hoài", "Dế Mèn phiêu lưu ký – Truyện tranh / Tô Hoài", "Những con mèo sau bức tường hoa",
    "Kĩ năng sống cho học sinh", "Kỹ năng giao tiếp", "Mỹ thuật 5", "Mĩ thuật 4", "Thơ Xuân Quỳnh / Xuân Quỳnh",
    "Thỏ con và sói", "Thời thơ ấu / Nguyên Hồng", "Đất rừng phương Nam / Đoàn Giỏi", "Dất lạ", "Hoà bình", "Hòa bình mới",
    "Lý Thường Kiệt", "Lịch sử Việt Nam bằng tranh", "Ma", "Má", "Mà thôi", "Mưa đỏ", "Mua sắm", "Toán 5 – Tập 1",
    "Toán 5 – Tập 2", "Toán 5 – Tập 10", "H2O và đời sống", "1984", "Война и мир",
    NewRecord("Cây khế", (("Nhiều tác giả", Role.AUTHOR),), publisher="NXB Kim Đồng", subjects=("Truyện cổ tích",),
              series="Tủ sách Vàng", numbers=(("9786042123457", NumberKind.ISBN), ("8935244801234", NumberKind.EAN))),
)  # fmt: skip


@pytest.fixture
def asked(world: World, shelve):
    shelve(*CORPUS)
    scope = Scope(networks=frozenset({world.school().network_id}))

    def ask(text: str, **more) -> list[str]:
        found = search.search(world.session(), text, scope, **more)
        titles = [world.session.get_one(Record, one).full_title for one in found.ids]
        assert found.total >= len(titles)
        return titles

    ask.scope = scope
    return ask


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("de men", "Dế Mèn phiêu lưu ký"),
        ("DE MEN", "Dế Mèn phiêu lưu ký"),
        ("Dế Mèn", "Dế Mèn phiêu lưu ký"),
        (unicodedata.normalize("NFD", "Dế Mèn phiêu lưu ký"), "Dế Mèn phiêu lưu ký"),
        ("mèn dế", "Dế Mèn phiêu lưu ký"),
        ("to hoai de men", "Dế Mèn phiêu lưu ký"),
        ("phieu luu ki", "Dế Mèn phiêu lưu ký"),
        ("dế mèn phiêu lưu k", "Dế Mèn phiêu lưu ký"),
        ("tho", "Thơ Xuân Quỳnh"),
        ("tho", "Thỏ con và sói"),
        ("tho", "Thời thơ ấu"),
        ("xuan quinh", "Thơ Xuân Quỳnh"),
        ("kỹ năng", "Kĩ năng sống cho học sinh"),
        ("kĩ năng", "Kỹ năng giao tiếp"),
        ("ki nang giao", "Kỹ năng giao tiếp"),
        ("mĩ thuật", "Mỹ thuật 5"),
        ("my thuat", "Mĩ thuật 4"),
        ("ly", "Lý Thường Kiệt"),
        ("li thuong", "Lý Thường Kiệt"),
        ("dat rung", "Đất rừng phương Nam"),
        ("ĐẤT RỪNG", "Đất rừng phương Nam"),
        ("Ðất rừng", "Đất rừng phương Nam"),
        ("đat la", "Dất lạ"),
        ("hòa bình", "Hoà bình"),
        ("hoà bình", "Hòa bình mới"),
        ("toán 5 tập 2", "Toán 5 – Tập 2"),
        ("toan tap 10", "Toán 5 – Tập 10"),
        ("h2o", "H2O và đời sống"),
        ("1984", "1984"),
        ("война", "Война и мир"),
        ("kim dong khe", "Cây khế"),
        ("truyen co", "Cây khế"),
        ("tu sach vang", "Cây khế"),
        ("9786042123457", "Cây khế"),
        ("978-604-2-12345-7", "Cây khế"),
        ("978604212", "Cây khế"),
        ("893 5244 801234", "Cây khế"),
        ("cây, khế!", "Cây khế"),
        ("' | 'de:* \"men", "Dế Mèn phiêu lưu ký"),
    ],
)
def test_a_question_finds_the_book(asked, text, expected):
    assert expected in asked(text)


@pytest.mark.parametrize("text", ["de xyz", "zzz", "9786040000000", "men de hoai xuan", '"', "*", "de -men x", "…"])
def test_what_is_not_there_is_not_found(asked, text):
    assert asked(text) == []


def test_a_question_of_signs_alone_is_no_question_for_everything(asked):
    assert asked("??") == []
    assert len(asked("")) == len(CORPUS)
    assert len(asked("   ")) == len(CORPUS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Má", ["Má", "Ma", "Mà thôi"]),
        ("ma", ["Ma", "Má", "Mà thôi"]),
        ("hòa bình", ["Hoà bình", "Hòa bình mới"]),
        ("mưa", ["Mưa đỏ", "Mua sắm"]),
        ("mua", ["Mua sắm", "Mưa đỏ"]),
        ("thơ", ["Thơ Xuân Quỳnh", "Thời thơ ấu", "Thỏ con và sói"]),
        ("kỹ năng", ["Kỹ năng giao tiếp", "Kĩ năng sống cho học sinh"]),
        ("toán 5 tập 2", ["Toán 5 – Tập 2"]),
        ("toán", ["Toán 5 – Tập 1", "Toán 5 – Tập 2", "Toán 5 – Tập 10"]),
        ("dế mèn phiêu lưu ký", ["Dế Mèn phiêu lưu ký", "Dế Mèn phiêu lưu ký – Truyện tranh"]),
    ],
)
def test_the_title_as_typed_comes_first_then_those_that_begin_so(asked, text, expected):
    assert asked(text)[: len(expected)] == expected


def test_a_list_stands_in_vietnamese_order(asked):
    collator = icu.Collator.createInstance(icu.Locale("vi"))
    listed = [title for title in asked("") if "Tập" not in title]
    assert listed == sorted(listed, key=collator.getSortKey)


def test_pages_of_a_list_follow_each_other(asked):
    whole = asked("t")
    assert len(whole) > 4
    assert asked("t", limit=2) + asked("t", limit=2, offset=2) == whole[:4]


def test_titles_found_otherwise_lead_the_list_once(asked, world):
    khe = world.session.scalar(Record.__table__.select().where(Record.title == "Cây khế").with_only_columns(Record.id))
    assert asked("thơ", first=[khe])[0] == "Cây khế"
    assert asked("khế", first=[khe]) == ["Cây khế"]
    assert asked("", first=[khe])[0] != "Cây khế"


def test_another_networks_titles_never_appear(asked, shelve, world):
    elsewhere = world.province("Thư viện tỉnh Hà Giang").network_id
    shelve("Dế Mèn ở Hà Giang", network=elsewhere)
    assert "Dế Mèn ở Hà Giang" not in asked("dế mèn") + asked("")
    assert guessing.did_you_mean(world.session(), "ha giag", asked.scope) is None


def test_how_many_each_condition_leaves_is_told_in_one_answer(asked, world):
    numbers = search.count(
        world.session(), "de", asked.scope, [Record.id > 0, Record.title.like("%tranh%"), Record.id < 0]
    )
    assert numbers[0] >= 2 and numbers[1] == 1 and numbers[2] == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("de mem", "Dế Mèn"), ("phieu luuu ky", "phiêu lưu ký"), ("dat runk", "Đất rừng"), ("xuan kuynh", "Xuân Quỳnh"),
     ("kỹ nắg", "Kỹ năng"), ("ze men phieu", "Dế Mèn phiêu")],
)  # fmt: skip
def test_a_slip_of_the_finger_is_guessed(asked, world, text, expected):
    assert asked(text) == []
    assert guessing.did_you_mean(world.session(), text, asked.scope) == expected


def test_nothing_is_guessed_from_nothing_alike(asked, world):
    for text in ("", "z", "qwerty uiop", "?", "'"):
        assert guessing.did_you_mean(world.session(), text, asked.scope) is None
