"""For whom a title is: our code, its name here, and MARC's code of 008/22."""

from collections.abc import Mapping
from dataclasses import dataclass

from library.core.errors import N_
from library.core.fold import fold


@dataclass(frozen=True)
class Audience:
    code: str
    label: str
    marc: str


_ALL = (
    Audience("mau_giao", N_("Mẫu giáo"), "a"),
    Audience("thieu_nhi", N_("Thiếu nhi"), "j"),
    Audience("tieu_hoc", N_("Học sinh tiểu học"), "b"),
    Audience("thcs", N_("Học sinh trung học cơ sở"), "c"),
    Audience("thpt", N_("Học sinh trung học phổ thông"), "d"),
    Audience("thieu_nien", N_("Thiếu niên"), "d"),
    Audience("nguoi_lon", N_("Người lớn"), "e"),
    Audience("giao_vien", N_("Giáo viên"), "f"),
    Audience("moi_nguoi", N_("Mọi người"), "g"),
)
AUDIENCES: Mapping[str, Audience] = {one.code: one for one in _ALL}
_WORDS = {fold(words): one.code for one in _ALL for words in (one.code.replace("_", " "), one.label)}
_MARC = {one.marc: one.code for one in reversed(_ALL)}


def of_words(words: str) -> str:
    """The code of 'Tiểu học' or 'thcs'; words nobody told us stay as they are."""
    folded = fold(words)
    return _WORDS.get(folded) or _WORDS.get(f"hoc sinh {folded}") or words


def of_marc(code: str) -> str | None:
    return _MARC.get(code)


def label(code: str) -> str:
    """What it is called, in Vietnamese; a code of somebody's own is its own name."""
    return AUDIENCES[code].label if code in AUDIENCES else code
