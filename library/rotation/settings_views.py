"""The numbers of a library for rotation, on a page."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, needs
from library.core.db import db
from library.core.errors import N_, Invalid
from library.core.forms import Reader
from library.loans import posting
from library.organisations.models import Organisation
from library.patrons import asked
from library.rotation import settings
from library.rotation.batches_pages import bp
from library.rotation.models import RotationSetting
from library.rotation.views import page

FIELDS = {
    "least_copies": (1, 20, N_("Nhan đề có từ mấy bản mới cho đi"), N_("Quy định nói ba bản trở lên.")),
    "years_apart": (0, 20, N_("Mấy năm mới gửi lại một nhan đề"), N_("Điểm không nhận lại nhan đề cũ trước hạn này.")),
    "longest_months": (1, 36, N_("Một điểm giữ một đợt nhiều nhất mấy tháng"), N_("Thỏa thuận nói khác thì theo thỏa thuận.")),
    "soon_days": (1, 90, N_("Báo sắp hết hạn trước mấy ngày"), ""),
    "contest_days": (1, 90, N_("Điểm được báo thiếu trong mấy ngày"), N_("Khi nhận theo danh mục, chưa đếm từng cuốn.")),
    "sample_percent": (1, 100, N_("Nhận theo mẫu thì quét mấy phần trăm"), N_("Sai một cuốn trong mẫu là quét cả thùng.")),
    "crate_grams": (1_000, 40_000, N_("Một thùng nặng nhiều nhất mấy gam"), N_("Mười lăm nghìn gam một người bê được.")),
}  # fmt: skip
"""Name → least, most, words, hint."""


@bp.get("/rotation/settings", endpoint="settings")
@needs(Permission.ROTATION_PLAN)
def show_settings() -> Any:
    return _page(asked.library())


def _page(library: Organisation, told: posting.Source | None = None, complaints: Any = None) -> str:
    now = settings.of(db.session(), library.id)
    return page(
        "rotation/rotation_settings.html", library=library, lib=asked.slug_of(library), fields=FIELDS,
        told=told if told is not None else {name: getattr(now, name) for name in FIELDS}, complaints=complaints or {},
        usual=settings.USUAL,
    )  # fmt: skip


@bp.post("/rotation/settings", endpoint="save_settings")
@needs(Permission.ROTATION_PLAN)
def save() -> Any:
    library, told = asked.library(), posting.source()
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    said = {name: reader.number(name, least, most) for name, (least, most, *_words) in FIELDS.items()}

    def work() -> dict[str, Any]:
        session = db.session()
        row = session.get(RotationSetting, library.id) or RotationSetting(library_id=library.id)
        for name, value in said.items():
            setattr(row, name, value)
        session.add(row)
        audit.note(current_user.uid, "change-rotation", "library", library.uid, library.id)
        return {"do": _("Đã lưu các mức của thư viện."), "outcome": "ok"}

    try:
        reader.done()
        assert posted
        content = {"rotation-settings": library.id, "to": said}
        return posting.answer_aloud(
            posted, content, work, lambda done: url_for("rotation_batches.settings", lib=asked.slug_of(library))
        )
    except Invalid as wrong:
        if request.is_json:
            raise
        return _page(library, told, wrong.fields), 422
