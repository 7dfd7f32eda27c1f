"""Finding titles by what somebody typed: marks optional, word order free, the last word may be half a word.

Both databases hold the same folded words (`Record.search_text`) and are asked the same question, so they find the same
titles in the same order. i and y are one letter where they sound alike (kĩ năng = kỹ năng): the column carries both
spellings of such a word, and a whole word is asked in the loose one. Order: the title just as typed, titles that begin
as typed, titles whose folded words begin so, all others; within each by title.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
)  # fmt: skip
from sqlalchemy.orm import InstrumentedAttribute, Session

from library.access import Scope
from library.catalogue import volumes
from library.catalogue.models import Record
from library.core.fold import clean, fold_words, loose, same_title, sort_key

MOST_WORDS, LONGEST, COUNTED = 12, 60, 1000
_FTS = table("record_search", column("rowid"), column("record_search"))
_SIMPLE: ColumnElement[str] = literal_column("'simple'")
_DIGITS = re.compile(r"[\d\s\-–.]{10,20}[\dXx]?")


@dataclass(frozen=True)
class Question:
    """What somebody typed, taken apart."""

    text: str

    @cached_property
    def words(self) -> list[str]:
        """Folded; a number printed on a book is one word, however it is grouped."""
        if _DIGITS.fullmatch(self.text.strip()):
            return [re.sub(r"[^0-9x]", "", self.text.lower())]
        return [word[:LONGEST] for word in fold_words(self.text)[:MOST_WORDS]]

    @property
    def whole(self) -> list[str]:
        """Words that are finished, as they are asked."""
        return list(dict.fromkeys(loose(word) for word in self.words[:-1]))

    @property
    def last(self) -> str:
        """The word that may still be growing: asked as it begins, and loosely as a whole."""
        return self.words[-1] if self.words else ""

    @cached_property
    def folded(self) -> str:
        return " ".join(self.words)

    @cached_property
    def as_typed(self) -> str:
        """The first level of a sort key: letters with their hats and horns, without tones."""
        return sort_key(clean(self.text)).partition("!")[0]

    def __bool__(self) -> bool:
        return bool(self.words)


@dataclass(frozen=True)
class Found:
    """Ids of one page of titles in order, and how many there are in all."""

    ids: list[int]
    total: int


Condition = ColumnElement[bool]


def search(
    session: Session, text: str, scope: Scope, only: Condition | None = None, first: Sequence[int] = (),
    limit: int = 50, offset: int = 0,
) -> Found:  # fmt: skip
    """Titles of the networks of `scope` that answer to `text`; no text means all of them.

    `only` narrows it further. `first` are titles found in another way (a number on a copy): they lead the list.
    """
    (total,) = count(session, text, scope, [only], first)
    return Found(ids(session, text, scope, only, first, limit, offset), total)


def ids(
    session: Session, text: str, scope: Scope, only: Condition | None = None, first: Sequence[int] = (),
    limit: int = 50, offset: int = 0,
) -> list[int]:  # fmt: skip
    """One page of `search`, without counting."""
    question = Question(text)
    wanted = [_in_scope(session, question, scope), _answers(session, question, first), true() if only is None else only]
    order = [_rank(session, question, scope, first)] if question else []
    query = select(Record.id).where(*wanted).order_by(*order, Record.title_sort, Record.id)
    return list(session.scalars(query.limit(limit).offset(offset)))


def count(
    session: Session, text: str, scope: Scope, only: Sequence[Condition | None], first: Sequence[int] = ()
) -> list[int]:
    """How many titles each condition leaves, in one statement; of answers to a question at most COUNTED are counted."""
    question = Question(text)
    wanted = and_(_in_scope(session, question, scope), _answers(session, question, first))
    counts = [
        select(func.count())
        .select_from(_some(select(Record.id).where(wanted, true() if one is None else one), question))
        .scalar_subquery()
        for one in only
    ]
    return list(session.execute(select(*counts)).one())


def _some(query: Select[int], question: Question) -> Subquery:
    # Nobody turns fifty pages of answers, and a single letter has tens of thousands.
    return (query.limit(COUNTED) if question else query).subquery()


def _in_scope(session: Session, question: Question, scope: Scope) -> Condition:
    """SQLite knows no numbers about its indexes: told `+`, it begins with the words asked for and not with the network."""
    if question and not _is_postgresql(session):
        return scope.of_networks(cast("InstrumentedAttribute[int]", literal_column("+record.network_id")))
    return scope.of_networks(Record.network_id)


def _answers(session: Session, question: Question, first: Sequence[int]) -> Condition:
    if not question:
        return Record.id.in_(first) if question.text.strip() else true()
    said = _says(session, _all_of(session, question))
    return or_(said, Record.id.in_(first)) if first else said


def _says(session: Session, asked: str) -> Condition:
    """The words of a title answer to `asked`, in the language of this database."""
    if _is_postgresql(session):
        words: Any = func.to_tsvector(_SIMPLE, Record.search_text)
        return words.op("@@", is_comparison=True)(func.to_tsquery(_SIMPLE, asked))  # type: ignore[no-any-return]
    return Record.id.in_(select(_FTS.c.rowid).where(_FTS.c.record_search.op("MATCH", is_comparison=True)(asked)))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _all_of(session: Session, question: Question) -> str:
    """ "de" AND ("men"* OR "men"), 'de' & ('men':* | 'men'). Words are letters and digits only."""
    asked = [_word(session, word) for word in question.whole]
    growing = _begins(session, question.last)
    other = loose(question.last)
    if other != question.last:
        growing = f"({growing} {_joined(session, 'OR')} {_word(session, other)})"
    return f" {_joined(session, 'AND')} ".join([*asked, growing])


def _joined(session: Session, how: str) -> str:
    return {"AND": "&", "OR": "|"}[how] if _is_postgresql(session) else how


def _word(session: Session, word: str) -> str:
    return f"'{word}'" if _is_postgresql(session) else f'"{word}"'


def _begins(session: Session, word: str) -> str:
    return f"'{word}':*" if _is_postgresql(session) else f'"{word}"*'


def _rank(session: Session, question: Question, scope: Scope, first: Sequence[int]) -> ColumnElement[int]:
    exact = _just_so(session, question, scope)
    ranks: list[tuple[Condition, int]] = [(Record.id.in_(known), at) for at, known in ((0, first), (1, exact)) if known]
    ranks.append((_starts(Record.title_sort, question.as_typed), 2))
    ranks.append((_starts(Record.match_key, question.folded), 3))
    return case(*ranks, else_=4)


def _starts(key: Any, with_: str) -> Condition:
    return func.substr(key, 1, len(with_)) == with_ if with_ else false()


def _just_so(session: Session, question: Question, scope: Scope) -> list[int]:
    """Titles that read as typed, tones and all."""
    query = select(Record.id, Record.title, Record.part_number)
    found = volumes.parted(question.text)
    keys = {question.folded, volumes.match_key(found.title, found.number)}
    rows = session.execute(
        query.where(scope.of_networks(Record.network_id), Record.match_key.in_(keys)).order_by(Record.id).limit(200)
    )
    return [
        record_id
        for record_id, title, part in rows
        if same_title(title, question.text)
        or (same_title(title, found.title) and volumes.part_key(part or "") == volumes.part_key(found.number))
    ]


# Nothing was found: what may have been meant

LIKE_ENOUGH, LOOKED_AT = 0.72, 1500


def did_you_mean(session: Session, text: str, scope: Scope, only: Condition | None = None) -> str | None:
    """Words of a title that look most like what was typed, with their marks: “Dế Mèn” for “de mem”."""
    question = Question(text)
    if not question or len(question.folded) < 3:
        return None
    query = select(Record.title).where(_in_scope(session, question, scope), _says(session, _nearly(session, question)))
    begins = case(*((_starts(Record.match_key, word), at) for at, word in enumerate(question.words[:2])), else_=2)
    titles = (query if only is None else query.where(only)).order_by(begins, Record.title_sort).limit(LOOKED_AT)
    return _most_alike(question, session.scalars(titles).all())


def _nearly(session: Session, question: Question) -> str:
    """One word may be wrong altogether, or every word near its end."""
    words = question.words[:6]
    clipped = [_begins(session, word[: max(1, len(word) - 1 - (len(word) > 4))]) for word in words]
    ways = [clipped] + [
        [_begins(session, word) for at, word in enumerate(words) if at != wrong]
        for wrong in range(len(words) if len(words) > 1 else 0)
    ]
    both, either = f" {_joined(session, 'AND')} ", f" {_joined(session, 'OR')} "
    return either.join(f"({both.join(way)})" for way in ways)


def _most_alike(question: Question, titles: Sequence[str]) -> str | None:
    """The run of as many words as were typed that resembles them most, if it resembles them enough."""
    best, said = LIKE_ENOUGH, None
    matcher = SequenceMatcher(None, "", question.folded, autojunk=False)
    for run in (run for title in titles for run in _runs(title, len(question.words))):
        matcher.set_seq1(" ".join(fold_words(run)))
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best and (alike := matcher.ratio()) > best:
            best, said = alike, run.strip(" ,.:;–-()“”\"'")
    return said


def _runs(title: str, size: int) -> list[str]:
    words = title.split()
    return [" ".join(words[at : at + size]) for at in range(max(1, len(words) - size + 1))]
