"""Finding titles by what somebody typed: marks optional, word order free, the last word may be half a word.

Both databases hold the same folded words (`Record.search_text`) and are asked the same question, so they find the same
titles in the same order. i and y are one letter where they sound alike (kĩ năng = kỹ năng): the column carries both
spellings of such a word, and a whole word is asked in the loose one. Order: the title just as typed, titles that begin
as typed, titles whose folded words begin so, all others; within each by title. Of more than LEADERS, those others come
newest first: to put thousands in order by title, each of their rows would have to be fetched.

A question is asked in two steps. `gather` takes from the index the ids of what answers, all of them or the first MOST;
`page` puts these in order. Of a word that more titles have, those that begin as typed are fetched by the index of sort
keys besides, so that the first pages are right; nobody turns to the last.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    any_,
    bindparam,
    case,
    column,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    true,
)  # fmt: skip
from sqlalchemy.orm import InstrumentedAttribute, Session

from library.access import Scope
from library.catalogue import volumes
from library.catalogue.models import Contributor, Record
from library.core.db import table_of
from library.core.fold import clean, fold_words, loose, same_title, sort_key
from library.organisations.models import Organisation

MOST_WORDS, LONGEST, COUNTED = 12, 60, 10_000
LEADERS, NAMES_LOOKED_AT = 400, 20_000
LAST = "\U0010fffd"
"""Sorts behind every letter."""
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
    def initials(self) -> list[str]:
        """Letters that stand for names: n, n of “N N Ánh”. They are looked for as beginnings of words."""
        alone = [word for word in self.words[:-1] if len(word) == 1 and word.isalpha()]
        return alone if any(len(word) > 1 for word in self.words) else []

    @property
    def whole(self) -> list[str]:
        """Words that are finished, as they are asked."""
        initials = self.initials
        return list(dict.fromkeys(loose(word) for word in self.words[:-1] if word not in initials))

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


@dataclass(frozen=True)
class Hits:
    """Ids of all titles that answer, in no order; with `more` only COUNTED of them, for there are more."""

    ids: list[int]
    more: bool = False

    def __len__(self) -> int:
        return len(self.ids)


Condition = ColumnElement[bool]
Order = Sequence[Any]
"""Columns of `record`, or what is made of them."""


def search(
    session: Session, text: str, scope: Scope, only: Condition | None = None, first: Sequence[int] = (),
    limit: int = 50, offset: int = 0,
) -> Found:  # fmt: skip
    """Titles of the networks of `scope` that answer to `text`; no text means all of them.

    `only` narrows it further. `first` are titles found in another way (a number on a copy): they lead the list.
    """
    hits = gather(session, text, scope, only, first)
    return Found(page(session, hits, text, scope, only, first, limit=limit, offset=offset), len(hits))


def ids(
    session: Session, text: str, scope: Scope, only: Condition | None = None, first: Sequence[int] = (),
    limit: int = 50, offset: int = 0,
) -> list[int]:  # fmt: skip
    """One page of `search`."""
    return search(session, text, scope, only, first, limit, offset).ids


def gather(
    session: Session, text: str, scope: Scope, only: Condition | None = None, first: Sequence[int] = (),
    inside: Sequence[int] | None = None,
) -> Hits:  # fmt: skip
    """What answers, at most COUNTED titles of it.

    `inside` are ids among which alone is looked, one by one: give them where they are few beside the catalogue.
    """
    question = Question(text)
    if not question and text.strip():
        return narrowed(session, Hits(list(first)), only)
    if inside is not None:
        hits = narrowed(session, Hits(list(inside)), scope.of_networks(network(session)), reads(text), only)
    elif question.initials:
        hits = narrowed(session, _by_initials(session, question, scope), only)
    else:
        hits = _taken(session, question, scope)
        again = hits.more and only is not None
        hits = _taken_of(session, _index(session, question, scope, only)) if again else narrowed(session, hits, only)
    return _with(narrowed(session, Hits(list(first)), only), hits) if question else hits


def _taken(session: Session, question: Question, scope: Scope, most: int = 0) -> Hits:
    return _taken_of(session, _index(session, question, scope), most)


def _taken_of(session: Session, query: Select[int], most: int = 0) -> Hits:
    most = most or COUNTED
    found = list(session.scalars(query.limit(most + 1)))
    return Hits(found[:most], len(found) > most)


def _with(first: Hits, hits: Hits) -> Hits:
    known = set(hits.ids)
    return Hits([*(one for one in first.ids if one not in known), *hits.ids], hits.more)


def _by_initials(session: Session, question: Question, scope: Scope) -> Hits:
    """Titles by people whose names may be written so; where there are none, titles that have such words."""
    hits = _taken(session, question, scope, NAMES_LOOKED_AT)
    people = select(Contributor.record_id, Contributor.name).where(among(session, hits.ids, Contributor.record_id))
    theirs = {record_id for record_id, name in session.execute(people) if _may_be(question.words, _name_words(name))}
    ids = list(theirs) or narrowed(session, hits, _reads(question)).ids
    return Hits(ids[:COUNTED], len(ids) > COUNTED)


@lru_cache(maxsize=20_000)
def _name_words(name: str) -> tuple[str, ...]:
    return tuple(fold_words(name))


def _may_be(typed: Sequence[str], name: Sequence[str]) -> bool:
    """“n n anh” may be “nguyen nhat anh”: each word of the name begins with one typed, in order."""
    return len(typed) == len(name) and all(map(str.startswith, name, typed))


def narrowed(session: Session, hits: Hits, *only: Condition | None) -> Hits:
    """Those of the hits that fulfil the conditions."""
    asked = [one for one in only if one is not None]
    if not asked or not hits.ids:
        return hits
    return Hits(list(session.scalars(select(Record.id).where(among(session, hits.ids), *asked))), hits.more)


def among(session: Session, ids: Sequence[int], of: Any = Record.id) -> Condition:
    """`of` is one of these ids, however many: they travel as one value."""
    if _is_postgresql(session):
        told = bindparam(None, list(ids), type_=ARRAY(BigInteger), unique=True)
        return cast(Condition, of == any_(told))
    values = func.json_each(json.dumps(list(ids))).table_valued("value")
    return cast(Condition, of.in_(select(values.c.value)))


def count(
    session: Session, text: str, scope: Scope, only: Sequence[Condition | None], first: Sequence[int] = ()
) -> list[int]:
    """How many titles each condition leaves; at most COUNTED are counted."""
    return [len(gather(session, text, scope, one, first)) for one in only]


def _index(session: Session, question: Question, scope: Scope, only: Condition | None = None) -> Select[int]:
    """Ids straight from the index of words, in its order."""
    if not question:
        return select(Record.id).where(scope.of_networks(Record.network_id), true() if only is None else only)
    return _asked(session, all_of(session, question), scope, only)


def asked_so(session: Session, asked: str, scope: Scope, most: int) -> Hits:
    """What answers to words put together by `all_of`, `joined`, `word` and `begins`."""
    return _taken_of(session, _asked(session, asked, scope), most) if asked else Hits([])


def _asked(session: Session, asked: str, scope: Scope, only: Condition | None = None) -> Select[int]:
    wanted = [scope.of_networks(network(session)), true() if only is None else only]
    if _is_postgresql(session):
        words: Any = func.to_tsvector(_SIMPLE, Record.search_text)
        answers = words.op("@@", is_comparison=True)(func.to_tsquery(_SIMPLE, asked))
        return select(Record.id).where(answers, *wanted)
    answers = _FTS.c.record_search.op("MATCH", is_comparison=True)(asked)
    if only is None and _are_all(session, scope):
        return select(_FTS.c.rowid).where(answers)
    rows = _FTS.join(table_of(Record), Record.id == _FTS.c.rowid)
    return select(_FTS.c.rowid).select_from(rows).where(answers, *wanted)


def network(session: Session) -> "InstrumentedAttribute[int]":
    """SQLite knows no numbers about its indexes: told `+`, it begins with the ids it has and not with the network."""
    plain = cast("InstrumentedAttribute[int]", literal_column("+record.network_id"))
    return Record.network_id if _is_postgresql(session) else plain


def _are_all(session: Session, scope: Scope) -> bool:
    """Whether there is no other network: the rows need not be looked at to know whose they are."""
    others = select(Organisation.id).where(~scope.of_networks(cast(Any, Organisation.network_id)))
    return scope.everything or session.scalar(others.limit(1)) is None


def reads(text: str) -> Condition:
    """The same asked of the words of a title themselves, without the index; no text is no condition."""
    question = Question(text)
    return _reads(question) if question else true()


def _reads(question: Question) -> Condition:
    """For titles walked through in some order."""
    padded = literal(" ") + Record.search_text + literal(" ")
    growing = or_(padded.like(f"% {question.last}%"), padded.like(f"% {loose(question.last)} %"))
    wholes = (padded.like(f"% {word} %") for word in question.whole)
    return and_(growing, *wholes, *(padded.like(f"% {letter}%") for letter in question.initials))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


# The language of the index: words are letters and digits only, so nothing in them can speak it


def all_of(session: Session, question: Question) -> str:
    """("de" AND ("men"* OR "men")), ('de' & ('men':* | 'men'))."""
    growing, other = begins(session, question.last), loose(question.last)
    if other != question.last:
        growing = joined(session, "OR", [growing, word(session, other)])
    return joined(session, "AND", [*(word(session, one) for one in question.whole), growing])


def joined(session: Session, how: str, asked: Sequence[str]) -> str:
    """`how` is AND or OR; '' where nothing is asked."""
    sign = {"AND": "&", "OR": "|"}[how] if _is_postgresql(session) else how
    told = f" {sign} ".join(one for one in asked if one)
    return f"({told})" if told else ""


def word(session: Session, text: str) -> str:
    return f"'{text}'" if _is_postgresql(session) else f'"{text}"'


def begins(session: Session, text: str) -> str:
    """A word that begins so."""
    return f"'{text}':*" if _is_postgresql(session) else f'"{text}"*'


# Putting what was found in order


def page(
    session: Session, hits: Hits, text: str, scope: Scope, only: Condition | None = None, first: Sequence[int] = (),
    order: Order = (), limit: int = 50, offset: int = 0,
) -> list[int]:  # fmt: skip
    """One page of the hits: by `order` (columns of `record`), without one by how well they answer.

    `only` is what the hits were gathered with: where there are more of them, the first of the order are looked up.
    """
    question = Question(text)
    if hits.more and (order or not question):
        return _walked(session, question, scope, only, order, limit, offset)
    if order or not question:
        return _in_order(session, hits.ids, scope, (*order, Record.title_sort, Record.id), limit, offset)
    exact = _just_so(session, question, scope)
    known, others = hits.ids, list[int]()
    if len(known) > LEADERS:
        known = _kept(session, hits, dict.fromkeys([*first, *exact, *_leaders(session, question, scope)]), only)
        others = sorted(set(hits.ids).difference(known), reverse=True) if len(known) < offset + limit else []
    best = (_rank(question, first, exact), Record.title_sort, Record.id)
    placed = _in_order(session, known, scope, best, limit, offset)
    start = max(0, offset - len(known))
    return placed + others[start : start + limit - len(placed)]


def _in_order(session: Session, ids: Sequence[int], scope: Scope, order: Order, limit: int, offset: int) -> list[int]:
    wanted = [among(session, ids), scope.of_networks(network(session))]
    query = select(Record.id).where(*wanted).order_by(*order)
    return list(session.scalars(query.limit(limit).offset(offset)))


def _kept(session: Session, hits: Hits, leaders: Iterable[int], only: Condition | None) -> list[int]:
    """Those that are among the hits, or would be, were there not more of them."""
    if hits.more:
        return narrowed(session, Hits(list(leaders)), only).ids
    known = set(hits.ids)
    return [one for one in leaders if one in known]


NEWEST: Order = (Record.id.desc(),)


def _walked(
    session: Session, question: Question, scope: Scope, only: Condition | None, order: Order, limit: int, offset: int
) -> list[int]:
    """A page of very many: titles are looked at in the order of its index until there are enough."""
    whose = network(session) if order is NEWEST else Record.network_id  # the others have an index that begins with it
    wanted = [scope.of_networks(whose), *([_reads(question)] if question else [])]
    query = select(Record.id).where(*wanted, true() if only is None else only)
    return list(session.scalars(query.order_by(*order, Record.title_sort, Record.id).limit(limit).offset(offset)))


def _leaders(session: Session, question: Question, scope: Scope) -> list[int]:
    """Titles that begin as typed, found by the indexes that are in order."""
    found: list[int] = []
    for key, begins_so in ((Record.title_sort, question.as_typed), (Record.match_key, question.folded)):
        wanted = [scope.of_networks(Record.network_id), key >= begins_so, key < begins_so + LAST]
        found += session.scalars(select(Record.id).where(*wanted).order_by(key).limit(LEADERS)) if begins_so else ()
    return found


def _rank(question: Question, first: Sequence[int], exact: Sequence[int]) -> ColumnElement[int]:
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
