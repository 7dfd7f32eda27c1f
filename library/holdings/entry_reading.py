"""A MARC entry as a row of a load keeps it: the title told whole, its copies, and what the preview shows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from library.catalogue import marc_profiles, plain_titles
from library.catalogue.marc_fields import Copy, MarcBook, read_book
from library.catalogue.models import Role
from library.core.errors import N_
from library.staging.importers import Entries
from library.staging.marc import Broken, MarcEntry
from library.staging.verdicts import Note, Reading, plain

PROFILES = (
    ("marc21", "MARC21"),
    ("unimarc", "UNIMARC"),
    ("isis-marc", N_("WinISIS theo nhãn MARC (245, 260 …)")),
    ("isis-200", N_("WinISIS theo nhãn UNIMARC (200, 210 …)")),
    ("isis-ccf", N_("WinISIS theo nhãn CCF (200, 300, 400 …)")),
)
CELLS = ("title", "author", "publisher", "year", "accession", "quantity")

_NUMBER = re.compile(r"\D{0,12}\d{1,9}")
NOT_A_NUMBER = N_("Mã %(label)s không giống số đăng ký cá biệt: máy đánh số mới, quét mã ấy vẫn ra bản này.")
_SHOWN = 3


def read_entry(entry: MarcEntry, profile: str) -> Reading[Mapping[str, Any]]:
    """Its line is None when a note refuses the entry: it has no title."""
    reading = read_book(entry, marc_profiles.profiles()[profile])
    book = reading.line
    if book is None:
        return Reading(None, reading.notes)
    copies, notes = _copies(book.copies)
    values = {
        "full": plain_titles.to_json(book.new),
        "code": book.line.code,
        "call_number": book.line.call_number,
        "copies": [_told(one) for one in copies],
        "cells": _cells(book, copies),
    }
    return Reading(
        {name: value for name, value in values.items() if value or name == "copies"}, (*reading.notes, *notes)
    )


def _copies(copies: Sequence[Copy]) -> tuple[list[Copy], list[Note]]:
    """Each label once; a field that says nothing of a copy is none, nor is a summary beside copies with numbers."""
    labelled = list({one.label: one for one in copies if one.label}.values())
    kept = labelled or [one for one in copies if one != Copy()]
    odd = [one for one in kept if one.label and not _NUMBER.fullmatch(one.label)]
    notes = [Note(NOT_A_NUMBER, {"label": one.label}, "accession") for one in odd[:_SHOWN]]
    return [replace(one, label="", code=one.label) if one in odd else one for one in kept], notes


def _told(one: Copy) -> dict[str, Any]:
    return {name: plain(value) for name, value in vars(one).items() if value not in ("", None)}


def _cells(book: MarcBook, copies: Sequence[Copy]) -> dict[str, str]:
    new = book.new
    labels = [one.label for one in copies if one.label]
    return {
        "title": " – ".join(filter(None, (new.title, new.part_number, new.part_title))),
        "author": ", ".join(name for name, role in new.credits[:_SHOWN] if role in (Role.AUTHOR, Role.CORPORATE)),
        "publisher": new.publisher,
        "year": str(new.year or ""),
        "accession": ", ".join(labels[:_SHOWN]) + (" …" if len(labels) > _SHOWN else ""),
        "quantity": str(len(copies)),
    }


def guess(entries: Iterable[MarcEntry | Broken]) -> str:
    return marc_profiles.guess(iter(entries)).name


ENTRIES = Entries(PROFILES, CELLS, guess, read_entry)
