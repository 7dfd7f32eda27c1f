"""Every sentence has an English one, and the compiled catalogue says the same as the written one."""

import re
from pathlib import Path
from runpy import run_path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "library" / "translations" / "en" / "LC_MESSAGES"
PLACE = re.compile(r"%\((\w+)\)[a-z]")


def written(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def words(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    """Sentence, with its plural if it has one, to its translations."""
    return {str(one.id): tuple(one.string) if one.pluralizable else (one.string,) for one in catalogue if one.id}


@pytest.fixture(scope="module")
def english() -> Catalog:
    return written(FOLDER / "messages.po")


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the program says, collected anew."""
    target = tmp_path_factory.mktemp("sentences") / "messages.pot"
    run_path(str(ROOT / "docs" / "translations.py"))["extract"](target)
    return written(target)


def test_many_sentences_are_found(sentences: Catalog) -> None:
    found = words(sentences)
    assert len(found) > 50
    assert "Đến phần chính" in found, "from a template"
    assert "Tài khoản này chưa được giao việc đó." in found, "marked with N_ in pure code"


def test_no_sentence_is_missing(sentences: Catalog, english: Catalog) -> None:
    assert set(words(sentences)) - set(words(english)) == set()


def test_no_sentence_is_left_empty(english: Catalog) -> None:
    assert [sentence for sentence, told in words(english).items() if not all(told)] == []


def test_no_translation_is_a_guess(english: Catalog) -> None:
    assert [one.id for one in english if one.id and one.fuzzy] == []


def test_translations_have_the_same_places(english: Catalog) -> None:
    """A name that is not filled would break the page in English only."""
    wrong = [
        one.id
        for one in english
        if one.id and not one.pluralizable and set(PLACE.findall(str(one.string))) != set(PLACE.findall(str(one.id)))
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_the_written_one(english: Catalog) -> None:
    with (FOLDER / "messages.mo").open("rb") as file:
        compiled = words(read_mo(file))
    assert compiled == {sentence: told for sentence, told in words(english).items() if all(told)}
