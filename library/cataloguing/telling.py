"""What the pages of a title say of it beyond the plain fields: words for codes."""

from flask_babel import gettext

from library.catalogue import audiences, forms, isbd, links
from library.catalogue.languages import LANGUAGES
from library.catalogue.models import Format, Record
from library.catalogue.writing import as_new


def _(words: str) -> str:
    return str(gettext(words))


def card(record: Record) -> str:
    """The title as a catalogue card has it."""
    return isbd.isbd(as_new(record, with_source=False))


def more_facts(record: Record) -> list[tuple[str, str]]:
    """(name, words) of what is known: form, languages, for whom, free words."""
    told = [
        (_("Dạng"), "" if record.format is Format.PRINT else _(forms.FORMATS[record.format])),
        (_("Ngôn ngữ"), "" if record.language == "vie" else language(record.language)),
        (_("Dịch từ"), ", ".join(map(language, (record.original_languages or "").split()))),
        (_("Cho ai"), _(audiences.label(record.audience)) if record.audience else ""),
        (_("Từ khóa"), ", ".join((record.keywords or "").splitlines())),
    ]
    return [(name, words) for name, words in told if words]


def language(code: str) -> str:
    return _(LANGUAGES[code]) if code in LANGUAGES else code


def web_address(record: Record) -> str:
    """Where it can be read or heard, if that is a place a browser may be sent to."""
    url = record.url or ""
    return url if url.startswith(("https://", "http://")) else ""


def web_words(record: Record) -> tuple[str, str]:
    """(words of the link to that address, note on it) of the title's source; ours where it says nothing."""
    said, note = links.words(record.marc, record.url or "")
    return said or _("Đọc, nghe trên mạng"), note
