"""Languages school libraries have books in, by ISO 639-2/B code as MARC writes them. Any other code is kept too."""

from collections.abc import Mapping

from library.core.errors import N_

LANGUAGES: Mapping[str, str] = {
    "vie": N_("Tiếng Việt"), "eng": N_("Tiếng Anh"), "fre": N_("Tiếng Pháp"), "rus": N_("Tiếng Nga"),
    "chi": N_("Tiếng Trung"), "jpn": N_("Tiếng Nhật"), "kor": N_("Tiếng Hàn"), "ger": N_("Tiếng Đức"),
    "spa": N_("Tiếng Tây Ban Nha"), "ita": N_("Tiếng Ý"), "por": N_("Tiếng Bồ Đào Nha"), "dan": N_("Tiếng Đan Mạch"),
    "swe": N_("Tiếng Thụy Điển"), "hmn": N_("Tiếng Mông"), "tai": N_("Tiếng Tày, Thái"),
    "khm": N_("Tiếng Khmer"), "cmc": N_("Tiếng Chăm"),
    "mul": N_("Song ngữ, nhiều thứ tiếng"),
}  # fmt: skip
