"""What a shelf says: short, for a phone in one hand and a book in the other. Nothing is decided here."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from library.core import clock
from library.core.errors import N_
from library.core.fold import given_name
from library.loans import wording
from library.loans.facts import CopyFacts
from library.loans.happened import Answer, Happened, What
from library.shelves.borrowing import Came
from library.shelves.borrowing_rules import Stop, Way

WHY = {
    Stop.CLOSED: N_("Tủ này đã đóng nên không cho mượn. Mang sách về thư viện."),
    Stop.HONOUR: N_("Tủ này đếm theo màu, không ghi tên. Em lấy sách thì chạm màu ở mục Đếm lượt."),
    Stop.ANOTHERS: N_("Sách của %(library)s, không thuộc tủ này. Để riêng, đưa cho thư viện."),
    Stop.KEPT: N_("Cuốn này đang giữ cho bạn đọc khác. Để riêng, đưa cho thư viện."),
}


def answer(came: Came, brief: bool) -> dict[str, Any]:
    """As the desk's answers, with the sentences of a shelf. `brief`: a pupil helper reads it."""
    told = came.told
    base = wording.result(told, brief) if _is_known(told) else _unread(told)
    said = _SAYINGS.get(came.way, _plain)(came, brief) if came.way else _plain(came, brief)
    return {**base, "overrides": [], "way": came.way.value if came.way else "", **said}


def _is_known(told: Happened) -> bool:
    """A card that says nothing here has no reader, and no words of the desk."""
    return told.what not in (What.READER, What.QUESTION, What.REFUSED) or bool(told.verdicts)


def _unread(told: Happened) -> dict[str, Any]:
    copy = told.copy
    return {
        "what": told.what.value, "outcome": wording.OUTCOMES[told.what], "text": told.text, "word": "", "do": "",
        "title": copy.full_title if copy else "", "code": (copy.accession if copy else "") or "", "said": "", "fact": "",
        "act": str(told.act) if told.act else None, "reasons": [], "overrides": [], "choices": [], "verdicts": [],
        "time": f"{told.at.astimezone(clock.HERE):%H:%M:%S}", "counted": False,
    }  # fmt: skip


def _plain(came: Came, brief: bool) -> dict[str, Any]:
    told = came.told
    if told.what is What.READER and told.reader is None:
        return {"outcome": "khong", "word": _("Thẻ này của bạn ngoài tủ"),
                "do": _("Ai đọc ở tủ này thì chạm tên, hoặc quét thẻ của mình.")}  # fmt: skip
    if told.what is What.READER and told.reader:
        name = wording.shown_name(told.reader.full_name, brief)
        return {"outcome": "luu", "title": "", "word": _("Cho %(name)s mượn", name=name), "do": _("Quét sách, hoặc chạm bìa."),
                "pupil": str(told.reader.uid)}  # fmt: skip
    if came.sign:
        do = _("Quét mã trên từng cuốn sách.")
        return {"outcome": "luu", "word": _("Đây là mã của %(name)s", name=came.sign), "do": do}
    if told.what is What.UNKNOWN:
        return {"do": _("Máy chưa biết mã này. Quét lại cho rõ, hoặc chạm bìa sách ở dưới.")}
    return {}


def _lent(came: Came, brief: bool) -> dict[str, Any]:
    told = came.told
    if told.what is What.REFUSED:
        who = given_name(told.reader.full_name) if told.reader else ""
        return {"do": _("Cất sách lại tủ. Lý do với %(who)s:", who=who)}
    if told.what is not What.LENT or told.reader is None or told.due_on is None:
        return {}
    who = given_name(told.reader.full_name)
    limit, held = told.reader.limit, told.reader.standing.held
    full = limit is not None and held >= limit
    due = _("Hẹn trả %(day)s.", day=wording.weekday_day(told.due_on))
    if told.on_site:
        due = _("Đọc tại lớp, trả lại trong hôm nay.")
    doubts = " ".join(wording.shown(one, brief) for one in told.doubts)
    do = _("%(do)s Ghi nhớ: %(doubts)s", do=due, doubts=doubts) if doubts else due
    return {"word": _("Đã cho %(who)s mượn", who=who), "do": do, "again": None if full else str(told.reader.uid),
            "who": who}  # fmt: skip


def _kept(came: Came, brief: bool) -> dict[str, Any]:
    told = came.told
    if told.what is What.RENEWED and told.due_on:
        return {"do": _("Hẹn trả mới %(day)s.", day=wording.weekday_day(told.due_on))}
    if told.what is What.ASKED and told.copy and told.copy.due_on:
        due = wording.weekday_day(told.copy.due_on)
        who = given_name(told.reader.full_name) if told.reader else ""
        return {"word": _("%(who)s đang giữ cuốn này", who=who), "do": _("Hẹn trả %(due)s. Trả, hay giữ thêm?", due=due),
                "choices": [["return", _("Trả")], ["renew", _("Giữ thêm")]]}  # fmt: skip
    return {}


def goes(came: Came) -> str:
    """Where a book that is not of this shelf should go."""
    copy = came.told.copy
    assert copy
    if copy.is_out:
        return str(_("Sách đã ra khỏi sổ: để riêng, đưa cho thư viện."))
    if came.why is Stop.ANOTHERS:
        return str(_(WHY[Stop.ANOTHERS], library=copy.library_name))
    if copy.kept_for is not None or copy.waiting:
        return str(_("Có bạn đọc khác đang chờ cuốn này: mang về thư viện."))
    place = copy.stay_name or copy.home_name
    return str(_("Cuốn này thuộc %(place)s. Để riêng, đưa về đó.", place=place))


def _waited(copy: CopyFacts) -> str:
    waits = copy.kept_for is not None or copy.waiting > 0
    return str(_(" Có bạn đọc khác đang chờ cuốn này: báo thư viện.")) if waits else ""


def _back(came: Came, brief: bool) -> dict[str, Any]:
    told = came.told
    copy = told.copy
    assert copy
    late = max((clock.day_of(told.at) - copy.due_on).days, 0) if copy.due_on else 0
    who = holder(came, brief)
    word = _("%(who)s trả xong", who=who)
    if told.reader and told.reader.membership_id != copy.lent_to:
        word = _(
            "%(who)s trả xong. Quét lần nữa để cho %(other)s mượn", who=who, other=given_name(told.reader.full_name)
        )
    where = _("Cất lại vào tủ.") + _waited(copy) if came.belongs else goes(came)
    gentle = _(" Trễ %(days)s ngày, nhắc nhẹ một câu là đủ.", days=late) if late else ""
    again = str(told.reader.uid) if told.reader and told.reader.membership_id != copy.lent_to else None
    minded = late or not came.belongs or told.tells or again
    return {"outcome": "luu" if minded else "ok", "word": word, "do": where + gentle, "said": "", "again": again}


def holder(came: Came, brief: bool) -> str:
    """Who had it: of this shelf by name, else by class alone."""
    copy = came.told.copy
    assert copy
    if copy.holder and came.theirs:
        return wording.shown_name(copy.holder, brief)
    if copy.holder_class:
        return str(_("Một bạn lớp %(name)s", name=copy.holder_class))
    return str(_("Một bạn đọc khác"))


def _put_back(came: Came, brief: bool) -> dict[str, Any]:
    copy = came.told.copy
    assert copy
    if came.belongs:
        return {"outcome": "ghi", "word": _("Không ai đang mượn cuốn này"), "do": _("Cất lại vào tủ.") + _waited(copy)}
    return {"outcome": "luu", "word": _("Sách không thuộc tủ này"), "do": goes(came)}


def _ask_other(came: Came, brief: bool) -> dict[str, Any]:
    copy, who = came.told.copy, given_name(came.told.reader.full_name) if came.told.reader else ""
    assert copy
    place = copy.stay_name or copy.home_name
    return {"outcome": "hoi", "word": _("Hỏi · cho %(who)s mượn cuốn này?", who=who),
            "do": _("Cuốn này thuộc %(place)s, không phải của tủ này.", place=place),
            "choices": [[Answer.YES.value, _("Cho mượn")]]}  # fmt: skip


def _ask_both(came: Came, brief: bool) -> dict[str, Any]:
    who = holder(came, brief)
    return {"outcome": "hoi", "word": _("Hỏi · máy khác vừa cho mượn cuốn này"),
            "do": _("%(who)s vừa được ghi mượn. Ai đang cầm sách?", who=who),
            "choices": [["return", _("Bạn ấy trả lại")]]}  # fmt: skip


def _taken(came: Came, brief: bool) -> dict[str, Any]:
    return {"outcome": "khong", "word": _("%(who)s đang giữ cuốn này", who=holder(came, brief)),
            "do": _("Chọn cuốn khác. Sách đang ở trên tay thì quét mã của nó.")}  # fmt: skip


def _set_aside(came: Came, brief: bool) -> dict[str, Any]:
    return {"outcome": "khong", "word": _("Sách đã ra khỏi sổ"), "do": goes(came)}


def _not_lent(came: Came, brief: bool) -> dict[str, Any]:
    copy = came.told.copy
    assert copy
    assert came.why
    return {
        "outcome": "khong",
        "word": _("Chưa cho mượn được"),
        "do": _(WHY[came.why]) % {"library": copy.library_name},
    }


def _not_returned(came: Came, brief: bool) -> dict[str, Any]:
    """Nothing is said of who has it."""
    do = _("Để riêng, đưa cho thư viện.")
    if brief:
        do = _("Để riêng, đưa cho thầy cô hoặc thư viện.")
    return {"outcome": "khong", "word": _("Cuốn này đang ghi cho bạn đọc ngoài tủ mượn"), "do": do}


_SAYINGS: dict[Way | None, Callable[[Came, bool], dict[str, Any]]] = {
    Way.LEND: _lent, Way.ASK_KEEP: _kept, Way.TAKE_BACK: _back, Way.PUT_BACK: _put_back, Way.LEAVE: _put_back,
    Way.ASK_OTHER: _ask_other, Way.ASK_BOTH: _ask_both, Way.TAKEN: _taken, Way.SET_ASIDE: _set_aside,
    Way.NOT_LENT: _not_lent, Way.NOT_RETURNED: _not_returned,
}  # fmt: skip
