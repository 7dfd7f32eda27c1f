"""What a unit's sheet sends: for each line (by its uid) v- the number, m- the machine's number it was shown, r- and n- the
reason and its words, t- the words of a line of text, f- a file, x- ticked: the file that stood there goes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from flask import request

from library.core.errors import N_, Reason
from library.core.fold import clean
from library.core.forms import Reader
from library.loans import posting
from library.loans.forms import Posted
from library.reports import sheet_evidence
from library.reports.campaign_models import CampaignIndicator, LineKind
from library.reports.sheet_evidence import BadFile
from library.reports.sheets import NOTHING, OTHER, REASONS, Told

MOST = 10**15
SAME = "same:"
"""Before the key of rows that are alike, in `do`: they are right so, send it."""
GROUPS = re.compile(r"\d{1,3}([. \u00a0]\d{3})+|\d+")
NOT_A_NUMBER = Reason("number", N_("Cần một số, viết như 1.213 hay 18.230.000."))


def number_of(text: str) -> int | None:
    """18.230.000, 18 230 000 or 18230000, with or without "đ". Raises ValueError for what is no such number."""
    bare = clean(text).removesuffix("đ").strip()
    if not bare:
        return None
    if not GROUPS.fullmatch(bare) or (value := int(re.sub(r"\D", "", bare))) > MOST:
        raise ValueError(text)
    return value


@dataclass(frozen=True)
class SheetForm:
    """`do`: save, send, withdraw. `same`: keys of rows that are right though alike."""

    posted: Posted
    do: str
    filled: dict[int, Told]
    same: tuple[str, ...]
    complaints: Mapping[str, Reason]

    @classmethod
    def read(cls, lines: Sequence[CampaignIndicator], before: Mapping[int, Told]) -> Self:
        """Numbers that cannot be read are complained of by line; the rest raises Invalid."""
        source = posting.source()
        reader = Reader(source)
        posted, do = posting.posted_of(source, reader), str(source.get("do") or "save")
        key = do.removeprefix(SAME) if do.startswith(SAME) else ""
        wrong: dict[str, Reason] = {}
        filled = {line.id: _told(source, line, before.get(line.id, NOTHING), wrong) for line in lines}
        reader.done()
        assert posted is not None
        known = do if do in ("save", "send", "withdraw") else "send" if key else "save"
        return cls(posted, known, filled, (key,) if key else (), wrong)

    @property
    def content(self) -> dict[str, Any]:
        told = {str(line): vars(one) for line, one in self.filled.items()} if self.do != "withdraw" else {}
        return {"sheet": self.do, "told": told, "same": list(self.same)}


def _told(source: Mapping[str, Any], line: CampaignIndicator, before: Told, wrong: dict[str, Reason]) -> Told:
    reader, uid = Reader(source), str(line.uid)
    if line.kind is LineKind.TEXT:
        return Told(words=reader.text(f"t-{uid}", False, 2000) or None, evidence=_evidence(source, line, before, wrong))
    stated = _stated(source, uid, wrong)
    reason = reader.text(f"r-{uid}", False, 40)
    known = reason if stated is not None and reason in REASONS else None
    note = reader.text(f"n-{uid}", False, 500) or None
    if note and stated is not None and known is None and line.formula:
        known = OTHER
    return Told(stated, None, known, note, _evidence(source, line, before, wrong))


def _stated(source: Mapping[str, Any], uid: str, wrong: dict[str, Reason]) -> int | None:
    """None where it is what the machine counted: it goes on following the machine until it is sent."""
    try:
        value = number_of(str(source.get(f"v-{uid}") or ""))
    except ValueError:
        wrong[uid] = NOT_A_NUMBER
        return None
    return None if str(value) == str(source.get(f"m-{uid}") or "") else value


def _evidence(
    source: Mapping[str, Any], line: CampaignIndicator, before: Told, wrong: dict[str, Reason]
) -> tuple[str, str] | None:
    sent = request.files.get(f"f-{line.uid}")
    if sent is None or not sent.filename:
        return None if source.get(f"x-{line.uid}") else before.evidence
    try:
        return sheet_evidence.keep(sent)
    except BadFile as bad:
        wrong[str(line.uid)] = bad.reason
        return before.evidence
