"""What the desk says: one sentence on what to do with the book in the hand, then the facts. Nothing is decided here."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from library.catalogue.covers import cover_art
from library.core import clock
from library.core.errors import N_, Reason
from library.core.fold import given_name
from library.loans.desk import Happened, What
from library.loans.facts import CopyFacts, Held, ReaderFacts
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
    What.AMBIGUOUS: "hoi",
}  # fmt: skip


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


def _lent(told: Happened, brief: bool) -> dict[str, Any]:
    reader, due = told.reader, told.due_on
    assert reader
    assert due
    most = reader.standing.terms.most if reader.standing.terms else 0
    who = called(reader)
    word = _("Được mượn · cuốn thứ %(held)s trong %(most)s", held=reader.standing.held, most=most)
    do = _("Đưa sách cho %(who)s. Hạn trả %(due)s.", who=who, due=weekday_day(due))
    outcome = "ok"
    if told.doubts:
        outcome = "luu"
        doubts = " ".join(say(reason) for reason in told.doubts)
        do = _("%(do)s Ghi nhớ: %(doubts)s", do=do, doubts=doubts)
    said = _("Mượn – %(who)s", who=_with_class(shown_name(reader.full_name, brief), reader.class_name))
    return {"outcome": outcome, "word": word, "do": do, "said": said, "fact": _("hạn %(day)s", day=day(due))}


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


def _shelve(copy: CopyFacts, told: Happened) -> str:
    """Where the book in the hand goes now."""
    if told.kept_until:
        return str(_("Để ở giá Giữ chỗ cho %(who)s, giữ đến hết %(day)s.", who=told.kept_for, day=day(told.kept_until)))
    if copy.kept_for is not None:
        return str(_("Để ở giá Giữ chỗ, đang có bạn đọc chờ cuốn này."))
    if copy.transfer_to:
        return str(_("Để riêng, gửi đến %(place)s.", place=copy.transfer_to))
    if copy.stay_name:
        return str(_("Xếp vào %(place)s, sách đang để ở đó.", place=copy.stay_name))
    return str(_("Cất lên %(place)s.", place=copy.home_name))


def _returned(told: Happened, brief: bool) -> dict[str, Any]:
    copy = told.copy
    assert copy
    today = clock.day_of(told.at)
    late = max((today - copy.due_on).days, 0) if copy.due_on else 0
    early = (copy.due_on - today).days if copy.due_on else 0
    holder = shown_name(copy.holder, brief) if copy.holder else _("bạn đọc đã rời thư viện")
    word = _("Trả xong, trễ %(days)s ngày", days=late) if late else _("Trả xong")
    gentle = _(" Nhắc nhẹ một câu là đủ.") if late else ""
    fact = _("trả đúng hạn") if early < 1 else _("sớm %(days)s ngày", days=early)
    fact = _("trễ %(days)s ngày", days=late) if late else fact
    minded = told.kept_until or copy.transfer_to or told.reader
    if told.reader:
        word = _("Trả xong – cuốn này %(who)s đang mượn", who=holder)
    return {
        "outcome": "luu" if minded else "ok",
        "word": word,
        "do": _shelve(copy, told) + gentle,
        "said": _("Trả xong – %(who)s", who=_with_class(holder, copy.holder_class)),
        "fact": fact,
    }


def _counted(told: Happened, brief: bool) -> dict[str, Any]:
    assert told.copy
    where = _shelve(told.copy, told)
    return {
        "outcome": "luu" if told.kept_until else "ghi",
        "word": _("Ghi nhận · không ai đang mượn cuốn này"),
        "do": _("Ghi 1 lượt đọc tại chỗ. %(where)s", where=where) if told.counted else where,
        "said": _("Không ai đang mượn – cất lên kệ"),
        "fact": _("đọc tại chỗ") if told.counted else _("đã ghi rồi"),
    }


def _arrived(told: Happened, brief: bool) -> dict[str, Any]:
    copy = told.copy
    assert copy
    return {
        "word": _("Lưu ý · sách từ nơi khác về đây"),
        "do": _("Sách của %(library)s. Để riêng, đừng xếp lên kệ.", library=copy.library_name),
        "said": _("Sách của %(library)s", library=copy.library_name),
        "fact": _("vừa đến"),
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


def _refused(told: Happened, brief: bool) -> dict[str, Any]:
    who = called(told.reader) if told.reader else ""
    reasons = [say(reason) for reason in told.reasons]
    return {
        "word": _("Chưa cho mượn được"),
        "do": _("Để sách lại quầy. Lý do với %(who)s:", who=who),
        "reasons": [[reason, ""] for reason in reasons],
        "overrides": [[value, _(words)] for value, words in OVERRIDES] if told.overridable else [],
        "said": _("Chưa cho mượn – %(why)s", why=reasons[0] if reasons else ""),
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
    return {
        "outcome": "hoi" if late else "luu",
        "word": _("Đang mượn cho"),
        "title": shown_name(told.reader.full_name, brief),
        "do": words,
        "said": "",
        "fact": "",
    }


SAYINGS: dict[What, Callable[[Happened, bool], dict[str, Any]]] = {
    What.READER: _reader, What.LENT: _lent, What.RENEWED: _renewed, What.RETURNED: _returned, What.COUNTED: _counted,
    What.ARRIVED: _arrived, What.ASKED: _asked, What.REFUSED: _refused, What.SET_ASIDE: _set_aside,
    What.UNKNOWN: _unknown, What.AMBIGUOUS: _ambiguous,
}  # fmt: skip


def result(told: Happened, brief: bool = False) -> dict[str, Any]:
    """The answer a page shows: outcome, word, title, do, said, code, fact, reasons, overrides, choices, act, time."""
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
        "reasons": [],
        "overrides": [],
        "choices": [],
    }
    return {**base, **{name: _plain(value) for name, value in said.items()}}


def _plain(value: Any) -> Any:
    """Lazy sentences become text: the answer is kept as JSON."""
    return [[str(part) for part in one] for one in value] if isinstance(value, list) else str(value)


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
    limit = reader.standing.terms.most if reader.standing.terms else None
    return {"held": reader.standing.held, "limit": limit, "full": limit is not None and reader.standing.held >= limit}


def reader_counts(told: Happened) -> dict[str, Any]:
    """How many books the reader has now; the rest of the card is as it was."""
    assert told.reader
    return {"uid": str(told.reader.uid), **_limit(told.reader)}


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
