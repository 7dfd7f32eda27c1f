"""MARCXML that leaves is valid against its schema (tests/fixtures/marcxml.xsd), whatever the titles say."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xmlschema import XMLSchema, XMLSchemaValidationError

from library.catalogue.marc_fields import Copy
from library.catalogue.marc_making import make
from library.catalogue.writing import NewRecord
from library.staging.marc import writing
from tests.exports.conftest import Person
from tests.staging.marc.test_as_books import copies, news

SCHEMA = XMLSchema(str(Path(__file__).parents[1] / "fixtures" / "marcxml.xsd"))
SLIM = "{http://www.loc.gov/MARC21/slim}"


def parsed(data: bytes) -> ElementTree.Element:
    tree = ElementTree.fromstring(data)
    SCHEMA.validate(tree)
    return tree


@pytest.mark.parametrize("kind", ["books", "titles"])
def test_what_a_school_takes_away(ha: Person, kind: str) -> None:
    tree = parsed(ha.taken(kind, "xml"))
    assert len(tree.findall(f"{SLIM}record")) == 6


odd = st.text(max_size=30)  # any sign Unicode has, those XML cannot hold among them


@given(news, st.lists(copies, max_size=2), odd, odd)
@settings(deadline=None, max_examples=60)
def test_whatever_titles_say(new: NewRecord, some: list[list[Copy]], title: str, note: str) -> None:
    strange = NewRecord(title or "A", summary=note, note=note, keywords=(title,), url=note, audience=title)
    entries = [make(new, each, code="vn1") for each in some] + [make(strange, code=note)]
    parsed("".join(writing.marcxml(entries)).encode())


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("<leader>", "<leader>x"),
        ('tag="245"', 'tag="2"'),
        ('ind1="0"', 'ind1="_"'),
        ('code="a"', 'code="|"'),
        ('<controlfield tag="008">', '<controlfield tag="108">'),
        ("<record>", "<record><datafield/>"),
        ("</record>", "<leader>00000nam a2200000 c 4500</leader></record>"),
    ],
)
def test_the_schema_refuses_what_is_wrong(good: str, bad: str) -> None:
    """Or the tests above would say nothing."""
    text = "".join(writing.marcxml([make(NewRecord("Dế Mèn"))]))
    assert good in text
    parsed(text.encode())
    with pytest.raises(XMLSchemaValidationError):
        parsed(text.replace(good, bad, 1).encode())
