"""A training class and its sessions as they are typed."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from library.core.errors import N_
from library.core.forms import Reader
from library.loans import posting
from library.promotion import event_forms
from library.promotion.event_steps import Plain
from library.promotion.event_words import AUDIENCES
from library.promotion.training_models import Training

ROWS = 4
"""Sessions that may be typed at once; more are added on the page of the class."""


def training_of(reader: Reader, told: posting.Source, subjects: Mapping[str, str]) -> Plain:
    """All the class says, but for its sessions."""
    chosen = [code for code in dict.fromkeys(posting.many(told, "subjects")) if code in subjects]
    if not chosen:
        reader.complain("subjects", "required", N_("Chọn ít nhất một nội dung."))
    return {
        "title": reader.text("title", False, 200) or next((subjects[code] for code in chosen), ""), "subjects": chosen,
        "teacher": event_forms.words_of(reader, "teacher"), "place": event_forms.words_of(reader, "place"),
        "partners": event_forms.words_of(reader, "partners", 300),
        "cost": event_forms.count_of(reader, "cost", event_forms.MOST_MONEY),
        "note": event_forms.many_lines(reader, "note"), "people": event_forms.people_of(reader, "enrolled-"),
        "as_visits": reader.ticked("as_visits"),
    }  # fmt: skip


def sessions_of(reader: Reader) -> list[Plain]:
    """Rows day-0, from_at-0, topic-0, and people-…-0 of whom came; the first is asked for."""
    return [
        session_of(reader, f"-{at}", required=True)
        for at in range(ROWS)
        if at == 0 or str(reader.source.get(f"day-{at}") or "").strip()
    ]


def session_of(reader: Reader, after: str = "", required: bool = True) -> Plain:
    """One session: {day, from_at, topic, came}."""
    came = {audience: event_forms.count_of(reader, f"people-{audience}{after}") for audience in AUDIENCES}
    return {
        "day": event_forms.day_of(reader, f"day{after}", required), "from_at": event_forms.time_of(reader, f"from_at{after}"),
        "topic": event_forms.words_of(reader, f"topic{after}"),
        "came": {audience: count for audience, count in came.items() if count},
    }  # fmt: skip


def said(one: Training) -> MultiDict[str, str]:
    """As the form names it."""
    names = ("title", "teacher", "place", "partners", "cost", "note")
    fields: MultiDict[str, str] = MultiDict(
        [(name, "" if getattr(one, name) is None else str(getattr(one, name))) for name in names]
    )
    for code in one.subjects:
        fields.add("subjects", code)
    for audience, count in one.people.items():
        fields.add(f"enrolled-{audience}", str(count))
    fields.add("as_visits", "1" if one.as_visits else "")
    return fields
