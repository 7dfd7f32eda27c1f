"""Who did what for a title: our code, what it is called here, how a card says it, and MARC's relator code.

In the order of a Vietnamese title page: who wrote, who gathered, who told, who turned it into another tongue, who drew.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from library.catalogue.models import Role
from library.core.errors import N_
from library.core.fold import fold


@dataclass(frozen=True)
class RoleName:
    """`label` is for pages, `card` stands before the names on a card (nothing for authors), `relator` is MARC's $4.

    `written` are other ways title pages and lists write it.
    """

    role: Role
    label: str
    card: str
    relator: str
    written: tuple[str, ...] = ()


_ROLES = (
    RoleName(Role.AUTHOR, N_("Tác giả"), "", "aut", ("đồng tác giả", "tg", "viết")),
    RoleName(Role.CORPORATE, N_("Cơ quan ban hành"), "", "isb", ("cơ quan", "tổ chức")),
    RoleName(
        Role.CHIEF_EDITOR, N_("Chủ biên"), "Ch.b.", "pbd", ("tổng chủ biên", "đồng chủ biên", "chb", "cb", "ch b")
    ),
    RoleName(Role.COMPILER, N_("Biên soạn"), "B.s.", "com", ("bs", "b s", "soạn")),
    RoleName(Role.COLLECTOR, N_("Sưu tầm"), "S.t.", "col", ("st", "s t", "sưu tập")),
    RoleName(Role.SELECTOR, N_("Tuyển chọn"), "Tuyển chọn", "edc", ("tuyển", "t ch")),
    RoleName(Role.TELLER, N_("Kể"), "Kể", "stl", ("lời kể", "người kể", "kể lại")),
    RoleName(Role.TEXT, N_("Lời"), "Lời", "wat", ("soạn lời", "lời văn", "viết lời")),
    RoleName(Role.LYRICIST, N_("Lời ca"), "Lời ca", "lyr", ("lời bài hát", "đặt lời")),
    RoleName(Role.COMPOSER, N_("Nhạc"), "Nhạc", "cmp", ("nhạc sĩ", "soạn nhạc")),
    RoleName(Role.ADAPTER, N_("Phóng tác"), "Phóng tác", "adp", ("chuyển thể", "phỏng theo", "cải biên")),
    RoleName(Role.TRANSLATOR, N_("Dịch"), "Dịch", "trl", ("người dịch", "dịch giả", "biên dịch", "d")),
    RoleName(Role.ARTIST, N_("Vẽ tranh"), "Tranh", "art", ("tranh", "vẽ", "họa sĩ", "vẽ tranh")),
    RoleName(Role.ILLUSTRATOR, N_("Minh họa"), "Minh họa", "ill", ("minh hoạ", "người minh họa", "mh")),
    RoleName(Role.PHOTOGRAPHER, N_("Ảnh"), "Ảnh", "pht", ("chụp ảnh", "nhiếp ảnh")),
    RoleName(Role.EDITOR, N_("Biên tập"), "Biên tập", "edt", ("bt", "b t")),
    RoleName(Role.CORRECTOR, N_("Hiệu đính"), "H.đ.", "crr", ("hđ", "h đ", "hiệu đính và chú giải")),
    RoleName(Role.INTRODUCER, N_("Giới thiệu"), "Giới thiệu", "win", ("lời giới thiệu", "gth", "đề tựa", "lời tựa")),
    RoleName(Role.DESIGNER, N_("Trình bày"), "Trình bày", "bkd", ("vẽ bìa", "bìa", "thiết kế", "trình bày bìa")),
    RoleName(Role.READER, N_("Đọc"), "Đọc", "nrt", ("người đọc", "giọng đọc")),
    RoleName(Role.OTHER, N_("Việc khác"), "", "oth"),
)
ROLES: Mapping[Role, RoleName] = {one.role: one for one in _ROLES}
ORDER: Mapping[Role, int] = {one.role: at for at, one in enumerate(_ROLES)}
_BY_RELATOR = {one.relator: one.role for one in _ROLES}
_BY_WORDS = {fold(words): one.role for one in _ROLES for words in (one.label, one.card, *one.written) if words}


def of_relator(code: str) -> Role | None:
    """The role of a MARC relator code; None for one we do not tell apart."""
    return _BY_RELATOR.get(code.strip().lower())


def of_words(words: str) -> Role | None:
    """The role of what a title page or $e says: 'Ch.b.', 'người dịch', 'Minh hoạ'."""
    return _BY_WORDS.get(fold(words))
