"""Showing in a title which of its words were asked for."""

import re

from markupsafe import Markup, escape

from library.core.fold import fold_words, loose


def matched(title: str, words: list[str]) -> list[tuple[str, bool]]:
    """The title in pieces, each said to answer or not; words that answer side by side are one piece."""
    pieces: list[tuple[str, bool]] = []
    for text in re.split(r"(\s+)", title):
        answers = _answers(text, words)
        if text.isspace() and pieces and pieces[-1][1]:
            pieces.append((text, False))
        elif answers and len(pieces) > 1 and pieces[-2][1] and pieces[-1][0].isspace():
            pieces[-2:] = [(pieces[-2][0] + pieces[-1][0] + text, True)]
        else:
            pieces.append((text, answers))
    return pieces


def marked(title: str, words: list[str]) -> Markup:
    """The title with <mark> around what answers."""
    told = (
        Markup("<mark>{}</mark>").format(text) if answers else escape(text) for text, answers in matched(title, words)
    )
    return Markup("").join(told)


def run(title: str, words: list[str]) -> str:
    """The longest piece of the title that answers: “Dế Mèn” for de, men."""
    return max((text for text, answers in matched(title, words) if answers), key=len, default="")


def _answers(text: str, words: list[str]) -> bool:
    """Whole words loosely, the last one also as it begins."""
    own = fold_words(text)
    wanted = {loose(word) for word in words}
    return any(loose(word) in wanted or (words and word.startswith(words[-1])) for word in own)
