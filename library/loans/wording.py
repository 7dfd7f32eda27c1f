"""What the desk says: one sentence on what to do with the book in the hand, then the facts. Nothing is decided here."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from library.core import clock
from library.core.errors import N_, Reason
from library.core.fold import given_name
from library.loans.facts import ReaderFacts
from library.loans.happened import Answer, Happened, Shelving, Spot, What
from library.loans.holds_shelves import USUAL_SHELF
from library.loans.rules import Severity, Verdict
from library.patrons.models import PatronGroup

WEEKDAYS = (
    N_("thứ Hai"), N_("thứ Ba"), N_("thứ Tư"), N_("thứ Năm"), N_("thứ Sáu"), N_("thứ Bảy"), N_("Chủ nhật"),
)  # fmt: skip
OVERRIDES = (
    ("lesson", N_("Cần cho bài học")),
    ("contest", N_("Thi, ngày hội đọc sách")),
    ("holiday", N_("Nghỉ dài ngày")),
    ("trusted", N_("Thủ thư bảo đảm")),
)
OUTCOMES = {
    What.READER: "luu", What.LENT: "ok", What.RENEWED: "ok", What.RETURNED: "ok", What.COUNTED: "ghi",
    What.ARRIVED: "luu", What.ASKED: "hoi", What.REFUSED: "khong", What.SET_ASIDE: "khong", What.UNKNOWN: "hoi",
    What.AMBIGUOUS: "hoi", What.QUESTION: "hoi", What.READ_HERE: "ghi",
    What.SENT: "ok",
}  # fmt: skip
PRIVATE = frozenset({"reader-note", "debt", "blocked", "suspended"})
"""Verdicts a helper does not read: of a reader they only hear that somebody else must be asked."""


def day(moment: date) -> str:
    """03/12, with the year only when it is another one."""
    return f"{moment:%d/%m}" if moment.year == clock.today().year else f"{moment:%d/%m/%Y}"


def weekday(moment: date) -> str:
    return str(_(WEEKDAYS[moment.weekday()]))


def weekday_day(moment: date) -> str:
    """thứ Năm, 03/12"""
    return f"{weekday(moment)}, {day(moment)}"


def say(reason: Reason) -> str:
    shown = {name: day(value) if isinstance(value, date) else value for name, value in reason.facts.items()}
    return str(_(reason.sentence)) % shown


def called(reader: ReaderFacts) -> str:
    """em Bảo · thầy cô Hoa · bạn đọc Mai"""
    name = given_name(reader.full_name)
    if reader.category_group == PatronGroup.PUPIL:
        return str(_("em %(name)s", name=name))
    if reader.category_group == PatronGroup.TEACHER:
        return str(_("thầy cô %(name)s", name=name))
    return str(_("bạn đọc %(name)s", name=name))


def shown_name(full_name: str, brief: bool) -> str:
    """Helpers see first names only."""
    return given_name(full_name) if brief else full_name


def _with_class(name: str, group: str | None) -> str:
    return f"{name}, {group}" if group else name


def shown(verdict: Verdict, brief: bool) -> str:
    """The sentence, or for helpers what is none of their business."""
    if brief and verdict.code in PRIVATE:
        return str(_("Hỏi thủ thư về bạn đọc này."))
    return say(verdict.reason)


def _sentences(verdicts: Sequence[Verdict], brief: bool, *which: Severity) -> list[list[str]]:
    """As the page lists them: sentence, way out. A helper is not told what a reader's note says."""
    wanted = [one for one in verdicts if one.severity in which and not (brief and one.code == "reader-note")]
    return [[sentence, ""] for sentence in dict.fromkeys(shown(one, brief) for one in wanted)]


def told_in_passing(told: Happened, brief: bool) -> list[list[str]]:
    return _sentences(told.verdicts, brief, Severity.TELL)


def _lent(told: Happened, brief: bool) -> dict[str, Any]:
    reader, due = told.reader, told.due_on
    assert reader
    assert due
    who = called(reader)
    word, do = _handed(told, reader, due, who)
    outcome = "luu" if told.doubts or any(one.code == "reader-note" for one in told.verdicts) else "ok"
    if told.doubts:
        doubts = " ".join(shown(one, brief) for one in told.doubts)
        do = _("%(do)s Ghi nhớ: %(doubts)s", do=do, doubts=doubts)
    name = _with_class(shown_name(reader.full_name, brief), reader.class_name)
    said = _("Đọc tại chỗ – %(who)s", who=name) if told.on_site else _("Mượn – %(who)s", who=name)
    return {"outcome": outcome, "word": word, "do": do, "said": said, "fact": _("hạn %(day)s", day=day(due))}


def _handed(told: Happened, reader: ReaderFacts, due: date, who: str) -> tuple[str, str]:
    held, most = reader.standing.held, reader.limit
    word = _("Được mượn · cuốn thứ %(held)s trong %(most)s", held=held, most=most)
    if most is None:
        word = _("Được mượn · cuốn thứ %(held)s", held=held)
    if told.on_site:
        return _("Đọc tại chỗ"), _("Đưa sách cho %(who)s đọc ở đây, trả lại trong hôm nay.", who=who)
    return word, _("Đưa sách cho %(who)s. Hạn trả %(due)s.", who=who, due=weekday_day(due))


def _read_here(told: Happened, brief: bool) -> dict[str, Any]:
    assert told.reader
    name = _with_class(shown_name(told.reader.full_name, brief), told.reader.class_name)
    counted = _("Ghi 1 lượt đọc tại chỗ.") if told.counted else _("Lượt đọc này đã ghi rồi.")
    return {
        "word": _("Ghi nhận · đọc tại chỗ"),
        "do": _("%(counted)s Sách không mang về nhà.", counted=counted),
        "said": _("Đọc tại chỗ – %(who)s", who=name),
        "fact": _("đọc tại chỗ") if told.counted else _("đã ghi rồi"),
    }


def _renewed(told: Happened, brief: bool) -> dict[str, Any]:
    assert told.reader
    assert told.due_on
    who = _with_class(shown_name(told.reader.full_name, brief), told.reader.class_name)
    return {
        "word": _("Được gia hạn"),
        "do": _("Đưa lại sách. Hạn trả mới %(due)s.", due=weekday_day(told.due_on)),
        "said": _("Gia hạn – %(who)s", who=who),
        "fact": _("hạn %(day)s", day=day(told.due_on)),
    }


def _goes(told: Happened, brief: bool) -> Shelving:
    """Helpers are not told who waits."""
    goes = told.shelving or Shelving(Spot.ASIDE)
    if not brief or not goes.kept_for:
        return goes
    return replace(goes, kept_for="", spot=Spot.KEPT if goes.spot is Spot.HOLD_SHELF else goes.spot)


def _shelve(told: Happened, brief: bool) -> str:
    """Where the book in the hand goes now."""
    goes = _goes(told, brief)
    return " ".join((_SHELVING[goes.spot](goes), *map(say, goes.also)))


def hold_place(name: str | None) -> str:
    """Where a copy waits for its reader, inside a sentence: the usual shelf, else the place by its own name."""
    return name if name and name != USUAL_SHELF else str(_("giá Giữ chỗ"))


def _on_hold_shelf(goes: Shelving) -> str:
    where = {"place": hold_place(goes.place), "who": goes.kept_for}
    if goes.kept_until is None:
        return str(_("Để ở %(place)s cho %(who)s.", **where))
    return str(_("Để ở %(place)s cho %(who)s, giữ đến hết %(day)s.", **where, day=day(goes.kept_until)))


def _to_send(goes: Shelving) -> str:
    if goes.kept_for:
        return str(_("Để riêng, gửi đến %(place)s cho %(who)s.", place=goes.place, who=goes.kept_for))
    if goes.library:
        return str(_("Để riêng, gửi đến %(place)s, %(library)s.", place=goes.place, library=goes.library))
    return str(_("Để riêng, gửi đến %(place)s.", place=goes.place))


_SHELVING: dict[Spot, Callable[[Shelving], str]] = {
    Spot.HOLD_SHELF: _on_hold_shelf,
    Spot.KEPT: lambda goes: str(_("Để ở %(place)s, đang có bạn đọc chờ cuốn này.", place=hold_place(goes.place))),
    Spot.SEND: _to_send,
    Spot.STAY: lambda goes: str(_("Xếp vào %(place)s, sách đang để ở đó.", place=goes.place)),
    Spot.HOME: lambda goes: str(_("Cất lên %(place)s.", place=goes.place)),
    Spot.ASIDE: lambda goes: str(_("Sách của %(library)s. Để riêng, đừng xếp lên kệ.", library=goes.library)),
    Spot.OUT: lambda goes: str(_("Sách đã ra khỏi sổ: để riêng, không xếp lên kệ.")),
}
ORDINARY = (Spot.HOME, Spot.STAY)
"""The book goes on a shelf of this house: nothing to mind."""


def _minded(told: Happened) -> bool:
    """Something is to be done with the book, or said, beyond putting it on its shelf."""
    return told.shelving is None or told.shelving.spot not in ORDINARY or bool(told.tells)


def _returned(told: Happened, brief: bool) -> dict[str, Any]:
    copy = told.copy
    assert copy
    came_on = told.returned_on or clock.day_of(told.at)
    late = max((came_on - copy.due_on).days, 0) if copy.due_on else 0
    early = (copy.due_on - came_on).days if copy.due_on else 0
    forgiven = any(one.code == "amnesty" for one in told.verdicts)
    holder = shown_name(copy.holder, brief) if copy.holder else _("bạn đọc đã rời thư viện")
    word = _("Trả xong, trễ %(days)s ngày", days=late) if late and not forgiven else _("Trả xong")
    gentle = _(" Nhắc nhẹ một câu là đủ.") if late and not forgiven else ""
    fact = _("trả đúng hạn") if early < 1 else _("sớm %(days)s ngày", days=early)
    fact = _("trễ %(days)s ngày", days=late) if late else fact
    if told.reader:
        word = _("Trả xong – cuốn này %(who)s đang mượn", who=holder)
    if told.returned_on:
        word = _("%(word)s · tính từ %(day)s", word=word, day=weekday_day(told.returned_on))
    return {
        "outcome": "luu" if _minded(told) or told.reader else "ok",
        "word": word,
        "do": _shelve(told, brief) + gentle,
        "said": _("Trả xong – %(who)s", who=_with_class(holder, copy.holder_class)),
        "fact": _kept_until(told) or fact,
    }


def _kept_until(told: Happened) -> str:
    until = told.shelving.kept_until if told.shelving else None
    return str(_("giữ đến hết %(day)s", day=day(until))) if until else ""


def _aside(told: Happened) -> str:
    """In the list: where a copy nobody has went."""
    goes = told.shelving or Shelving(Spot.ASIDE)
    if goes.spot in ORDINARY:
        return str(_("Không ai đang mượn – cất lên kệ"))
    if goes.spot in (Spot.HOLD_SHELF, Spot.KEPT):
        return str(_("Không ai đang mượn – để ở %(place)s", place=hold_place(goes.place)))
    if goes.spot is Spot.SEND:
        return str(_("Không ai đang mượn – gửi đến %(place)s", place=goes.place))
    return str(_("Không ai đang mượn – để riêng"))


def _counted(told: Happened, brief: bool) -> dict[str, Any]:
    where = _shelve(told, brief)
    is_shelved = told.shelving is not None and told.shelving.spot not in ORDINARY
    uncounted = "" if is_shelved else _("đã ghi rồi")
    return {
        "outcome": "luu" if _minded(told) else "ghi",
        "word": _("Ghi nhận · không ai đang mượn cuốn này"),
        "do": _("Ghi 1 lượt đọc tại chỗ. %(where)s", where=where) if told.counted else where,
        "said": _aside(told),
        "fact": _kept_until(told) or (_("đọc tại chỗ") if told.counted else uncounted),
    }


def _arrived(told: Happened, brief: bool) -> dict[str, Any]:
    assert told.copy
    return {
        "word": _("Lưu ý · sách từ nơi khác về đây"),
        "do": _shelve(told, brief),
        "said": _("Sách của %(library)s", library=told.copy.library_name),
        "fact": _("vừa đến"),
    }


def _sent(told: Happened, brief: bool) -> dict[str, Any]:
    goes = told.shelving or Shelving(Spot.SEND)
    return {
        "word": _("Gửi đi"),
        "do": _("Bỏ vào chuyến đi %(library)s, %(place)s.", library=goes.library, place=goes.place),
        "said": _("Gửi đi – %(library)s", library=goes.library),
        "fact": _("đang trên đường"),
    }


def _asked(told: Happened, brief: bool) -> dict[str, Any]:
    assert told.copy
    assert told.copy.due_on
    assert told.reader
    return {
        "word": _("Hỏi · %(who)s đang giữ cuốn này", who=called(told.reader)),
        "do": _("Hạn trả %(due)s. Gia hạn hay trả?", due=weekday_day(told.copy.due_on)),
        "said": _("Chờ chọn: gia hạn hay trả"),
        "fact": "",
        "choices": [["renew", _("Gia hạn")], ["return", _("Trả")]],
    }


_KEYS = {Answer.YES: "C", Answer.PUT_BACK: "C", Answer.CANCEL_HOLD: "H"}
"""One letter each: C for "cho mượn"."""


def _question(told: Happened, brief: bool) -> dict[str, Any]:
    """Lend it all the same? One key answers; scanning on is a no."""
    reasons = _sentences(told.verdicts, brief, Severity.ASK, Severity.TELL)
    kept = any(one.code == "kept-for-other" and one.severity is Severity.ASK for one in told.verdicts)
    choices = [(Answer.YES, _("Cho mượn"))]
    if kept:
        choices = [
            (Answer.PUT_BACK, _("Cho mượn, bạn kia chờ cuốn sau")),
            (Answer.CANCEL_HOLD, _("Cho mượn, bỏ giữ chỗ của bạn kia")),
        ]
    return {
        "word": _("Hỏi · cho %(who)s mượn cuốn này?", who=called(told.reader) if told.reader else ""),
        "do": _("Bấm phím là cho mượn. Quét tiếp là thôi, không mất gì."),
        "reasons": reasons,
        "said": _("Chờ chọn – %(why)s", why=reasons[0][0] if reasons else ""),
        "fact": "",
        "choices": [[answer.value, words, _KEYS[answer]] for answer, words in choices],
    }


def _refused(told: Happened, brief: bool) -> dict[str, Any]:
    reasons = _sentences(told.verdicts, brief, Severity.REFUSE, Severity.ASK)
    renewing = told.copy is not None and told.reader is not None and told.copy.lent_to == told.reader.membership_id
    word = _("Chưa gia hạn được") if renewing else _("Chưa cho mượn được")
    do = _("Để sách lại quầy. Lý do với %(who)s:", who=called(told.reader)) if told.reader else ""
    return {
        "word": word,
        "do": _("Lý do với %(who)s:", who=called(told.reader)) if renewing and told.reader else do,
        "reasons": reasons,
        "overrides": [[value, _(words)] for value, words in OVERRIDES] if told.overridable else [],
        "said": f"{word} – {reasons[0][0] if reasons else ''}",
        "fact": "",
    }


def _set_aside(told: Happened, brief: bool) -> dict[str, Any]:
    return {
        "word": _("Không được · sách đã ra khỏi sổ"),
        "do": _("Để riêng, không cho mượn, không xếp lên kệ."),
        "said": _("Sách đã thanh lý hoặc gạch sổ"),
        "fact": _("ngoài sổ"),
    }


def _unknown(told: Happened, brief: bool) -> dict[str, Any]:
    return {
        "word": _("Hỏi · mã lạ"),
        "title": told.text[:60],
        "do": _("Máy chưa biết mã này. Quét lại, hoặc dán nhãn cho cuốn sách rồi quét."),
        "said": _("Mã lạ"),
        "fact": "",
    }


def _ambiguous(told: Happened, brief: bool) -> dict[str, Any]:
    return {
        "word": _("Hỏi · hai cuốn cùng mang mã này"),
        "title": told.text[:60],
        "do": _("Chọn cuốn đang cầm, rồi in nhãn mới cho nó."),
        "said": _("Mã trùng"),
        "fact": "",
        "choices": [[f"item-{copy.id}", f"{copy.full_title} – {copy.library_name}"] for copy in told.among],
    }


def _reader(told: Happened, brief: bool) -> dict[str, Any]:
    assert told.reader
    late = told.reader.standing.overdue
    words = _("%(count)s cuốn trễ hẹn. Nhắc nhẹ một câu là đủ.", count=late) if late else _("Quét sách để cho mượn.")
    against = [one for one in told.verdicts if one.code != "overdue"]
    return {
        "outcome": "hoi" if late or any(one.severity is not Severity.TELL for one in against) else "luu",
        "reasons": _sentences(against, brief, *Severity),
        "word": _("Đang mượn cho"),
        "title": shown_name(told.reader.full_name, brief),
        "do": words,
        "said": "",
        "fact": "",
    }


SAYINGS: dict[What, Callable[[Happened, bool], dict[str, Any]]] = {
    What.READER: _reader, What.LENT: _lent, What.RENEWED: _renewed, What.RETURNED: _returned, What.COUNTED: _counted,
    What.ARRIVED: _arrived, What.ASKED: _asked, What.REFUSED: _refused, What.SET_ASIDE: _set_aside,
    What.UNKNOWN: _unknown, What.AMBIGUOUS: _ambiguous, What.QUESTION: _question, What.READ_HERE: _read_here,
    What.SENT: _sent,
}  # fmt: skip


def result(told: Happened, brief: bool = False) -> dict[str, Any]:
    """The answer a page shows: outcome, word, title, do, said, code, fact, reasons, overrides, choices, act, time.

    `choices`: value, words and perhaps the letter that chooses it. `verdicts`: every code with its severity.
    """
    copy = told.copy
    said = SAYINGS[told.what](told, brief)
    base: dict[str, Any] = {
        "what": told.what.value,
        "outcome": OUTCOMES[told.what],
        "text": told.text,
        "title": copy.full_title if copy else "",
        "code": (copy.accession if copy else "") or "",
        "act": str(told.act) if told.act else None,
        "counted": told.counted,
        "time": f"{told.at.astimezone(clock.HERE):%H:%M:%S}",
        "reasons": told_in_passing(told, brief),
        "overrides": [],
        "choices": [],
        "verdicts": [[one.code, one.severity.value] for one in told.verdicts],
    }
    return {**base, **{name: _plain(value) for name, value in said.items()}}


def _plain(value: Any) -> Any:
    """Lazy sentences become text: the answer is kept as JSON."""
    return [[str(part) for part in one] for one in value] if isinstance(value, list) else str(value)


def undone(act: UUID, title: str, accession: str | None, at: datetime) -> dict[str, Any]:
    return {
        "what": "undone",
        "outcome": "ok",
        "word": _("Đã hoàn tác"),
        "title": title,
        "do": _("Mọi thứ như trước khi quét cuốn này."),
        "said": "",
        "fact": "",
        "code": accession or "",
        "undid": str(act),
        "act": None,
        "time": f"{at.astimezone(clock.HERE):%H:%M:%S}",
        "reasons": [],
        "overrides": [],
        "choices": [],
    }


def tally(lent: int, back: int, read: int) -> str:
    """hôm nay: 39 mượn · 31 trả · 12 đọc tại chỗ"""
    return str(_("hôm nay: %(lent)s mượn · %(back)s trả · %(read)s đọc tại chỗ", lent=lent, back=back, read=read))
