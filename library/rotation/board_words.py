"""What the board says of looks, kinds and states."""

from collections.abc import Mapping

from library.core.errors import N_
from library.rotation.board_state import Look
from library.rotation.models import BatchKind, BatchState, LineOutcome, Method

OUTCOMES: Mapping[Look, str] = {
    Look.PLANNED: "ghi", Look.MOVING: "luu", Look.SERVING: "ok", Look.SOON: "hoi", Look.OVERDUE: "khong",
    Look.BACK: "luu", Look.DONE: "done",
}  # fmt: skip
LOOKS: Mapping[Look, str] = {
    Look.SERVING: N_("Đang phục vụ"),
    Look.MOVING: N_("Trên đường"),
    Look.SOON: N_("Sắp hết hạn"),
    Look.OVERDUE: N_("Quá hạn"),
    Look.BACK: N_("Chờ đối chiếu"),
    Look.PLANNED: N_("Đã lên lịch"),
    Look.DONE: N_("Đã xong"),
}
"""In the order of the chips."""
STATES: Mapping[BatchState, str] = {
    BatchState.DRAFT: N_("Đang soạn"),
    BatchState.PROPOSED: N_("Chờ duyệt"),
    BatchState.APPROVED: N_("Đã duyệt"),
    BatchState.PICKING: N_("Đang lấy sách"),
    BatchState.PACKED: N_("Đã đóng thùng"),
    BatchState.IN_TRANSIT: N_("Trên đường"),
    BatchState.SERVING: N_("Đang phục vụ"),
    BatchState.RETURNING: N_("Đang về kho"),
    BatchState.RECONCILED: N_("Đã đối chiếu"),
    BatchState.CLOSED: N_("Đã đóng"),
    BatchState.CANCELLED: N_("Đã bỏ"),
}
KINDS: Mapping[BatchKind, str] = {
    BatchKind.ROTATION: N_("Luân chuyển"),
    BatchKind.DEPOSIT: N_("Gửi kho"),
    BatchKind.THEME: N_("Mượn theo chuyên đề"),
    BatchKind.EXCHANGE: N_("Đổi sách"),
}
DEEDS: Mapping[str, str] = {
    "make": N_("Lập đợt"),
    "propose": N_("Gửi duyệt"),
    "send-back": N_("Trả lại để sửa"),
    "answer": N_("Điểm trả lời"),
    "approve": N_("Duyệt"),
    "pick": N_("Bắt đầu lấy sách"),
    "seal": N_("Đóng xong các thùng"),
    "unseal": N_("Mở lại thùng"),
    "dispatch": N_("Giao đi"),
    "receive": N_("Ký nhận"),
    "forward": N_("Chuyển tiếp"),
    "extend": N_("Gia hạn"),
    "recall": N_("Gọi về kho"),
    "come-home": N_("Chặng về kho"),
    "reconcile": N_("Đối chiếu xong"),
    "close": N_("Đóng đợt"),
    "cancel": N_("Bỏ đợt"),
}
LINE_OUTCOMES: Mapping[LineOutcome, str] = {
    LineOutcome.RETURNED: N_("Về kho"),
    LineOutcome.DAMAGED: N_("Về kho, hỏng"),
    LineOutcome.LOST: N_("Mất"),
    LineOutcome.KEPT: N_("Để lại điểm"),
    LineOutcome.FORWARDED: N_("Sang đợt khác"),
    LineOutcome.WITH_READER: N_("Bạn đọc còn giữ"),
    LineOutcome.FOLLOWS: N_("Theo sau về kho"),
    LineOutcome.LEFT_OUT: N_("Không đi"),
}
METHODS: Mapping[Method, str] = {
    Method.SCAN_ALL: N_("quét từng bản"),
    Method.CRATES: N_("nhận theo thùng còn niêm phong"),
    Method.COUNT: N_("đếm, có kiểm mẫu"),
    Method.MANIFEST: N_("nhận theo danh mục"),
}
