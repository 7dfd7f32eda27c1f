"""A site's answer to a survey: so many copies of a level, a language, a subject, and words of its own."""

from collections.abc import Sequence

from library.catalogue.languages import LANGUAGES
from library.catalogue.levels import LEVELS
from library.core.errors import N_
from library.core.forms import Reader
from library.rotation.models import WishKind
from library.rotation.wishes import Asked

SUBJECTS = (
    N_("Truyện cổ tích"), N_("Truyện tranh"), N_("Văn học"), N_("Khoa học vui"), N_("Lịch sử"), N_("Thiên nhiên, con vật"),
    N_("Kỹ năng sống"), N_("Sách tham khảo, bài tập"), N_("Nông nghiệp, chăn nuôi"), N_("Sức khỏe, nuôi con"),
    N_("Pháp luật"), N_("Văn hóa dân tộc"),
)  # fmt: skip
LINES = 5
"""Lines for words of one's own."""
MOST = 2_000


def answer(reader: Reader) -> list[Asked]:
    """What has a number. Fields: level-3, language-hmn, subject-0, and words-1 with its number many-1."""
    asked = [_asked(reader, WishKind.LEVEL, f"level-{number}", str(number)) for number in LEVELS]
    asked += [_asked(reader, WishKind.LANGUAGE, f"language-{code}", code) for code in LANGUAGES if code != "vie"]
    asked += [_asked(reader, WishKind.SUBJECT, f"subject-{at}", words) for at, words in enumerate(SUBJECTS)]
    told = [one for one in asked if one] + _words(reader)
    if not told and not reader.complaints:
        reader.complain("level-1", "nothing", N_("Ghi ít nhất một số hoặc một tên sách."))
    return told


def _asked(reader: Reader, kind: WishKind, name: str, text: str) -> Asked | None:
    count = reader.number(name, 0, MOST, required=False)
    return Asked(kind, text, count) if count else None


def _words(reader: Reader) -> list[Asked]:
    found = []
    for line in range(1, LINES + 1):
        text = reader.text(f"words-{line}", required=False, longest=120)
        count = reader.number(f"many-{line}", 1, MOST, required=False)
        if text:
            found.append(Asked(WishKind.WORDS, text, count or 1))
    return found


def as_form(asked: Sequence[Asked]) -> dict[str, object]:
    """An answer given before, as the form has it."""
    told: dict[str, object] = {}
    lines = iter(range(1, LINES + 1))
    for one in asked:
        if one.kind is WishKind.LEVEL:
            told[f"level-{one.text}"] = one.quantity
        elif one.kind is WishKind.LANGUAGE:
            told[f"language-{one.text}"] = one.quantity
        elif one.kind is WishKind.SUBJECT and one.text in SUBJECTS:
            told[f"subject-{SUBJECTS.index(one.text)}"] = one.quantity
        elif (line := next(lines, None)) is not None:
            told[f"words-{line}"], told[f"many-{line}"] = one.text, one.quantity
    return told
