"""When one library may take the place of another: facts in, reasons out."""

from dataclasses import dataclass
from datetime import date, timedelta

from library.core.errors import N_, Reason, Refused


class CannotSucceed(Refused):
    """Nothing was moved; all reasons are told at once."""


@dataclass(frozen=True)
class Ask:
    """What is known of the two before anything moves. `last_done`: the last day on which something was done at `old`."""

    old: str
    new: str
    on: date
    today: date
    same: bool = False
    old_since: date = date.min
    new_since: date = date.min
    old_until: date | None = None
    heir: str = ""
    new_until: date | None = None
    new_is_below: bool = False
    parts_a_network: bool = False
    last_done: date | None = None
    jobs: int = 0

    @property
    def earliest(self) -> date:
        """The first day that would be right."""
        after = self.last_done + timedelta(days=1) if self.last_done else date.min
        return max(self.old_since, self.new_since, min(after, self.today))


def day(one: date) -> str:
    return f"{one:%d/%m/%Y}"


def is_another(ask: Ask) -> Reason | None:
    return Reason("same", N_("Một thư viện không kế tục chính nó.")) if ask.same else None


def old_is_there(ask: Ask) -> Reason | None:
    if ask.old_until is None:
        return None
    if ask.heir:
        sentence = N_("%(old)s đã có thư viện kế tục là %(heir)s.")
        return Reason("has-heir", sentence, {"old": ask.old, "heir": ask.heir})
    sentence = N_("%(old)s đã ngừng hoạt động từ ngày %(day)s.")
    return Reason("old-closed", sentence, {"old": ask.old, "day": day(ask.old_until)})


def new_is_there(ask: Ask) -> Reason | None:
    if ask.new_until is None:
        return None
    sentence = N_("%(new)s ngừng hoạt động từ ngày %(day)s nên không kế tục được thư viện nào.")
    return Reason("new-closed", sentence, {"new": ask.new, "day": day(ask.new_until)})


def new_is_not_below(ask: Ask) -> Reason | None:
    sentence = N_("%(new)s đang đứng dưới %(old)s. Chuyển %(new)s sang nơi khác trước, rồi mới cho kế tục.")
    return Reason("below", sentence, {"new": ask.new, "old": ask.old}) if ask.new_is_below else None


def network_stays_whole(ask: Ask) -> Reason | None:
    sentence = N_(
        "%(old)s và %(new)s không chung mạng nhan đề và bạn đọc."
        " Chỉ thư viện đứng đầu mạng mới sang mạng khác được, cùng cả mạng của mình."
    )
    return Reason("network", sentence, {"old": ask.old, "new": ask.new}) if ask.parts_a_network else None


def day_has_come(ask: Ask) -> Reason | None:
    sentence = N_("Ngày %(day)s chưa tới. Máy chuyển ngay khi chạy lệnh, nên chạy từ ngày ấy trở đi.")
    return Reason("future", sentence, {"day": day(ask.on)}) if ask.on > ask.today else None


def day_is_late_enough(ask: Ask) -> Reason | None:
    """What was done at the old library after that day would be told as the new one's, in figures already handed in."""
    if ask.on >= ask.earliest:
        return None
    sentence = N_(
        "Ngày %(day)s quá sớm: hai thư viện chưa có đủ, hoặc %(old)s còn việc ghi từ ngày ấy. Chọn từ ngày %(first)s."
    )
    return Reason("too-early", sentence, {"day": day(ask.on), "old": ask.old, "first": day(ask.earliest)})


def no_job_is_under_way(ask: Ask) -> Reason | None:
    sentence = N_(
        "Hai thư viện còn %(count)s việc đang chờ hay đang chạy, như một danh sách nạp dở. Đợi xong rồi làm lại."
    )
    return Reason("jobs", sentence, {"count": ask.jobs}) if ask.jobs else None


RULES = (
    is_another, old_is_there, new_is_there, new_is_not_below, network_stays_whole, day_has_come, day_is_late_enough,
    no_job_is_under_way,
)  # fmt: skip


def check(ask: Ask) -> None:
    """Raises CannotSucceed."""
    reasons = [reason for rule in RULES if (reason := rule(ask))]
    if reasons:
        raise CannotSucceed(*reasons)
