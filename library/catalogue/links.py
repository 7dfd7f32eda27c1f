"""What the source of a title says of its address on the net: the words to click on and a note (MARC 856 $y, $z). Pure.

They stand in the entry as it came (`Record.marc`) and nowhere else, so they leave with it as they came. Once somebody
gives the title another address they are said of it no more.
"""

from library.staging.marc import Field, MarcEntry, read
from library.staging.tables import UnreadableFile


def words(marc: bytes | None, url: str) -> tuple[str, str]:
    """(words of the link, note) for this address; '' for what the source does not say."""
    for one in _links(marc):
        if url and url in _said(one, "u"):
            return _first(one, "y"), " ".join(_said(one, "z"))
    return "", ""


def _links(marc: bytes | None) -> list[Field]:
    try:
        source = next(iter(read(marc)), None) if marc else None
    except UnreadableFile:
        return []
    return [one for one in source.fields if one.tag == "856"] if isinstance(source, MarcEntry) else []


def _said(field: Field, code: str) -> list[str]:
    return [text.strip() for name, text in field.subfields if name == code and text.strip()]


def _first(field: Field, code: str) -> str:
    return next(iter(_said(field, code)), "")
