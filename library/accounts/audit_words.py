"""Traces as plain sentences. A verb nobody has words for is told as it stands, so that nothing is left out.

Sentences may use %(who)s, %(what)s and, where the verb ends in something of its own (export-xlsx), %(how)s.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from library.core.errors import N_


@dataclass(frozen=True)
class Group:
    """Verbs asked for together. A verb ending in "-" stands for all that begin so."""

    name: str
    words: str
    told: Mapping[str, str]


GROUPS = (
    Group("in-and-out", N_("Ra vào"), {
        "sign-in": N_("%(who)s vào làm việc."),
        "sign-out": N_("%(who)s ra về."),
        "hand-over": N_("%(who)s rời máy, %(what)s ngồi vào."),
        "end-session": N_("%(who)s cho máy khác của mình ra."),
        "end-sessions": N_("%(who)s cho mọi máy của %(what)s ra."),
    }),
    Group("accounts", N_("Tài khoản và quyền"), {
        "invite": N_("%(who)s mời %(what)s vào làm việc."),
        "invite-again": N_("%(who)s cấp mã mời mới cho %(what)s."),
        "accept-invitation": N_("%(who)s vào lần đầu bằng mã mời."),
        "change-password": N_("%(who)s đổi mật khẩu của mình."),
        "new-password": N_("%(who)s cấp mã đặt lại mật khẩu cho %(what)s."),
        "print-recovery-code": N_("%(who)s in mã phòng khi quên mật khẩu."),
        "recover": N_("%(who)s đặt mật khẩu mới bằng mã trên giấy."),
        "set-card": N_("%(who)s gắn thẻ và PIN để mở khóa màn hình."),
        "remove-card": N_("%(who)s bỏ thẻ mở khóa màn hình."),
        "second-on": N_("%(who)s bật mã trên điện thoại."),
        "second-off": N_("%(who)s tắt mã trên điện thoại."),
        "second-codes": N_("%(who)s in lại các mã dự phòng."),
        "drop-second": N_("%(who)s bỏ mã trên điện thoại của %(what)s."),
        "give-": N_("%(who)s giao việc cho %(what)s: %(how)s."),
        "take-": N_("%(who)s thôi giao việc cho %(what)s: %(how)s."),
        "disable": N_("%(who)s khóa tài khoản của %(what)s."),
        "enable": N_("%(who)s mở lại tài khoản của %(what)s."),
    }),
    Group("books", N_("Sách"), {
        "make-title": N_("%(who)s thêm nhan đề %(what)s."),
        "change-title": N_("%(who)s sửa nhan đề %(what)s."),
        "change-cover": N_("%(who)s đổi bìa của %(what)s."),
        "add-book": N_("%(who)s thêm sách %(what)s."),
        "add-books": N_("%(who)s thêm một loạt sách vừa quét."),
        "add-copies": N_("%(who)s thêm bản của %(what)s."),
        "merge-titles": N_("%(who)s gộp nhan đề trùng %(what)s."),
        "split-titles": N_("%(who)s tách lại nhan đề đã gộp %(what)s."),
        "keep-titles-apart": N_("%(who)s ghi %(what)s không trùng với nhan đề kia."),
        "print-labels": N_("%(who)s in nhãn cho %(count)s bản."),
        "mark-spines": N_("%(who)s đánh dấu nhãn gáy cần kiểm."),
        "settle-spines-": N_("%(who)s chốt nhãn gáy."),
        "undo-spines": N_("%(who)s hoàn tác việc với nhãn gáy."),
        "add-signs": N_("%(who)s thêm biển cho kệ và lớp."),
        "add-label-paper": N_("%(who)s thêm một khổ giấy nhãn."),
        "delete-label-paper": N_("%(who)s bỏ một khổ giấy nhãn."),
        "add-label-printer": N_("%(who)s thêm một máy in nhãn."),
        "delete-label-printer": N_("%(who)s bỏ một máy in nhãn."),
        "change-label-template": N_("%(who)s đổi một mẫu nhãn."),
        "delete-label-template": N_("%(who)s bỏ một mẫu nhãn."),
    }),
    Group("readers", N_("Bạn đọc"), {
        "add-reader": N_("%(who)s thêm bạn đọc %(what)s."),
        "change-full-name": N_("%(who)s sửa họ tên của %(what)s."),
        "change-class-id": N_("%(who)s chuyển lớp cho %(what)s."),
        "change-category-id": N_("%(who)s đổi loại bạn đọc của %(what)s."),
        "change-expires-on": N_("%(who)s đổi hạn thẻ của %(what)s."),
        "change-blocked-until": N_("%(who)s đổi ngày ngừng mượn của %(what)s."),
        "end-membership": N_("%(who)s cho %(what)s thôi làm bạn đọc."),
        "reopen-membership": N_("%(who)s nhận lại %(what)s làm bạn đọc."),
        "replace-card": N_("%(who)s cấp thẻ mới cho %(what)s."),
        "add-group": N_("%(who)s thêm nhóm mượn %(what)s."),
        "merge-people": N_("%(who)s gộp hai dòng của một người."),
        "split-people": N_("%(who)s tách lại hai người đã gộp."),
        "keep-people-apart": N_("%(who)s ghi hai người giống nhau là hai người khác nhau."),
        "roll-over": N_("%(who)s chuyển các lớp sang năm học mới."),
        "undo-roll-over": N_("%(who)s hoàn tác việc chuyển năm học."),
        "keep-pupil-details": N_("%(who)s cho giữ thêm thông tin học sinh."),
        "drop-pupil-details": N_("%(who)s bỏ thông tin thêm của học sinh."),
        "forget-reader": N_("%(who)s xóa danh tính của một bạn đọc."),
        "take-data": N_("%(who)s in dữ liệu của %(what)s cho chính người đó."),
        "write-consent": N_("%(who)s ghi ý kiến đồng ý của gia đình."),
        "withdraw-consent": N_("%(who)s ghi việc gia đình rút ý kiến đồng ý."),
    }),
    Group("lists", N_("Danh sách và tệp"), {
        "bring-list": N_("%(who)s đưa vào một danh sách."),
        "write-list": N_("%(who)s ghi một danh sách vào sổ."),
        "undo-list": N_("%(who)s hoàn tác một danh sách đã nạp."),
        "export-": N_("%(who)s xuất dữ liệu ra tệp %(how)s."),
        "take-away-log": N_("%(who)s lấy nhật ký ra tệp."),
    }),
    Group("settings", N_("Cài đặt"), {
        "change-terms": N_("%(who)s đổi chính sách mượn."),
        "change-opening": N_("%(who)s đổi ngày mở cửa của %(what)s."),
        "add-closure": N_("%(who)s thêm ngày nghỉ của %(what)s."),
        "delete-closure": N_("%(who)s bỏ ngày nghỉ của %(what)s."),
        "change-ways": N_("%(who)s đổi chỉ đường đến giá sách."),
        "change-call-numbers": N_("%(who)s đổi quy tắc ký hiệu xếp giá."),
        "change-rhymes": N_("%(who)s đổi bảng mã tên sách."),
        "change-memory": N_("%(who)s đổi thời gian giữ lịch sử mượn."),
        "change-lock": N_("%(who)s đổi số phút tự khóa màn hình."),
        "require-second": N_("%(who)s đổi ai cần mã trên điện thoại."),
        "found": N_("%(who)s lập %(what)s."),
        "succeed": N_("%(what)s được sáp nhập."),
    }),
)  # fmt: skip
OTHER = N_("%(who)s làm việc “%(verb)s”.")
MACHINE = N_("Máy")
GONE = N_("một người không còn trong sổ")
SUBJECTS = {
    "account": N_("một tài khoản"),
    "record": N_("một nhan đề"),
    "membership": N_("một bạn đọc"),
    "library": N_("thư viện"),
    "organisation": N_("một thư viện"),
    "branch": N_("một điểm thư viện"),
}
"""What a thing is called where its name may not be told, or is not known."""


def group_named(name: str | None) -> Group | None:
    return next((one for one in GROUPS if one.name == name), None)


def _told() -> Iterator[tuple[str, str]]:
    for group in GROUPS:
        yield from group.told.items()


WORDS = dict(_told())
BEGINNINGS = tuple(sorted((verb for verb in WORDS if verb.endswith("-")), key=len, reverse=True))


def sentence_of(verb: str) -> tuple[str, str]:
    """The sentence of a verb, and what of the verb is its own (the xlsx of export-xlsx)."""
    if verb in WORDS:
        return WORDS[verb], ""
    begin = next((one for one in BEGINNINGS if verb.startswith(one)), None)
    return (WORDS[begin], verb.removeprefix(begin)) if begin else (OTHER, "")
