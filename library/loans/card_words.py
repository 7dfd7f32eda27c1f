"""The card of the reader at the desk, as the page and its script draw it: who, how many books, which."""

from dataclasses import asdict
from datetime import date
from typing import Any

from flask_babel import gettext as _

from library.catalogue.covers import cover_art
from library.core import clock
from library.loans.facts import Held, ReaderFacts
from library.loans.happened import Happened
from library.loans.wording import day, shown_name, weekday


def _card_words(reader: ReaderFacts) -> str:
    digits = reader.card or ""
    number = " ".join(digits[i : i + 4] for i in range(0, len(digits), 4)) or _("chưa có")
    if until := reader.standing.expires_on:
        return str(_("Thẻ %(number)s · dùng đến %(day)s", number=number, day=f"{until:%d/%m/%Y}"))
    return str(_("Thẻ %(number)s", number=number))


def reader_card(told: Happened, brief: bool = False) -> dict[str, Any] | None:
    """What the card at the left shows; None when no reader was opened by this scan."""
    reader = told.reader
    if reader is None:
        return None
    group = _("Lớp %(name)s", name=reader.class_name) if reader.class_name else ""
    return {
        "uid": str(reader.uid),
        "name": shown_name(reader.full_name, brief),
        "context": _("Đang mượn cho %(name)s", name=shown_name(reader.full_name, brief)),
        "group": group,
        "card": _card_words(reader),
        **_limit(reader),
        "books": [_book(one.title, one.author, one.kind) for one in told.held],
        "loans": [loan_line(one, clock.today()) for one in told.held],
    }


def _book(title: str, author: str | None, kind: str | None) -> dict[str, Any]:
    words = {"title": title, "author": author or "", "kind": kind or ""}
    return {**words, "art": asdict(cover_art(**words))}


def loan_line(held: Held, today: date) -> dict[str, Any]:
    title = f"{held.title} – {held.part}" if held.part else held.title
    lent = clock.day_of(held.lent_at)
    since = _("vừa mượn") if lent == today else _("từ %(day)s", day=day(lent))
    late = held.due_on < today
    return {
        "title": title,
        "line": f"{held.accession or ''} · {since}",
        "due": day(held.due_on),
        "weekday": _("trễ %(days)s ngày", days=(today - held.due_on).days) if late else weekday(held.due_on),
        "late": late,
    }


def added(told: Happened) -> dict[str, Any]:
    """The book just lent, for the reader's shelf and list."""
    copy = told.copy
    assert copy
    assert told.due_on
    held = Held(copy.title, copy.part, copy.author, copy.kind, copy.accession, told.at, told.due_on)
    return {"book": _book(copy.title, copy.author, copy.kind), "loan": loan_line(held, clock.today())}


def _limit(reader: ReaderFacts) -> dict[str, Any]:
    limit = reader.limit
    return {"held": reader.standing.held, "limit": limit, "full": limit is not None and reader.standing.held >= limit}


def reader_counts(told: Happened) -> dict[str, Any]:
    """How many books the reader has now; the rest of the card is as it was."""
    assert told.reader
    return {"uid": str(told.reader.uid), **_limit(told.reader)}
