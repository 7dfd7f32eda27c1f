"""Nothing was found: what may have been meant. One letter too many, too few or another one; the keys of a Vietnamese
keyboard that was off (dees mefn, de61 me2n); a word that is not there at all."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from string import ascii_lowercase

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from library.access import Scope
from library.catalogue import search
from library.catalogue.models import Record
from library.catalogue.search import Condition, Question
from library.core.fold import fold_words

LIKE_ENOUGH, LOOKED_AT, TAKEN = 0.72, 1500, 5000
_TELEX = (
    (r"([aeo])\1", r"\1"), (r"dd", "d"), (r"([aou])w", r"\1"), (r"^w|(?<=[^aeiouy])w", "u"),
    (r"(?<=[aeiouy])([a-z]*?)[sfrxj](?=[a-z]*$)", r"\1"),
)  # fmt: skip
_VNI = re.compile(r"(?<=[a-z])[1-9]")


def did_you_mean(session: Session, text: str, scope: Scope, only: Condition | None = None) -> str | None:
    """Words of a title that look most like what was typed, with their marks: “Dế Mèn” for “de mem”."""
    question = Question(text)
    if not question or len(question.folded) < 3:
        return None
    for asked, typed in _ways(session, question):
        if said := _most_alike(typed, _titles(session, asked, scope, typed, only)):
            return said
    return None


def _ways(session: Session, question: Question) -> Iterator[tuple[str, Question]]:
    """What to ask the index, narrow questions first, and what its answers are compared with."""
    plain = Question(without_keys(question.folded))
    if plain.folded != question.folded:
        yield search.all_of(session, plain), plain
    yield _one_letter(session, question), question
    yield _nearly(session, question), question
    if plain.folded != question.folded:
        yield _nearly(session, plain), plain


def without_keys(folded: str) -> str:
    """What Telex or VNI would have made of the keys, without marks: dees mefn → de men, d9o62 → do."""
    return " ".join(_without_keys(word) for word in folded.split())


def _without_keys(word: str) -> str:
    if not word.isascii() or not word[:1].isalpha():
        return word
    word = _VNI.sub("", word)
    for pattern, letters in _TELEX:
        word = re.sub(pattern, letters, word)
    return word


def _titles(session: Session, asked: str, scope: Scope, typed: Question, only: Condition | None) -> Sequence[str]:
    hits = search.asked_so(session, asked, scope, TAKEN)
    begins = case(*((Record.match_key.startswith(word), at) for at, word in enumerate(typed.words[:2])), else_=2)
    query = select(Record.title).where(search.among(session, hits.ids))
    query = (query if only is None else query.where(only)).order_by(begins, Record.title_sort).limit(LOOKED_AT)
    return session.scalars(query).all() if hits.ids else ()


def _one_letter(session: Session, question: Question) -> str:
    """Every word as typed but one, which has another letter somewhere, one too many or one too few."""
    words = question.words[:4]
    ways = []
    for at in (at for at, word in enumerate(words) if 2 < len(word) < 12):
        said = [search.word(session, variant) for variant in variants(words[at])]
        others = [search.word(session, word) for other, word in enumerate(words) if other != at]
        ways.append(search.joined(session, "AND", [*others, search.joined(session, "OR", said)]))
    return search.joined(session, "OR", ways)


def variants(word: str) -> list[str]:
    """All words one slip of the finger away."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    fewer = [head + tail[1:] for head, tail in cuts if tail]
    swapped = [head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1]
    other = [head + letter + tail[1:] for head, tail in cuts if tail for letter in ascii_lowercase]
    more = [head + letter + tail for head, tail in cuts for letter in ascii_lowercase]
    return [one for one in dict.fromkeys([*fewer, *swapped, *other, *more]) if one and one != word]


def _nearly(session: Session, question: Question) -> str:
    """One word may be wrong altogether, or every word near its end."""
    words = question.words[:6]
    clipped = [search.begins(session, word[: max(1, len(word) - 1 - (len(word) > 4))]) for word in words]
    ways = [clipped] + [
        [search.begins(session, word) for at, word in enumerate(words) if at != wrong]
        for wrong in range(len(words) if len(words) > 1 else 0)
    ]
    return search.joined(session, "OR", [search.joined(session, "AND", way) for way in ways])


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
