"""The kinds of what promotion records: how each is called, and which page tells about one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, url_for

from library.core.errors import N_


@dataclass(frozen=True)
class Kind:
    """`endpoint` shows one thing of the kind, by its uid under the name `argument`."""

    name: str
    words: str
    endpoint: str
    argument: str = "uid"


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("event", N_("Hoạt động"), "activities.show"),
        Kind("training", N_("Lớp tập huấn"), "trainings.show"),
        Kind("online", N_("Chương trình trực tuyến"), "online.show"),
        Kind("lesson", N_("Tiết đọc thư viện"), "lessons.show"),
        Kind("commendation", N_("Khen thưởng"), "commendations.show"),
        Kind("club", N_("Câu lạc bộ"), "clubs.show"),
        Kind("challenge", N_("Thử thách đọc"), "challenges.show"),
        Kind("drive", N_("Đợt quyên góp"), "drives.show"),
        Kind("gift", N_("Quà tặng"), "gifts.show"),
        Kind("internet", N_("Chỗ truy cập Internet"), "internet.show"),
    )
}


def address(name: str, source: UUID) -> str | None:
    """The page of what was recorded; None: no kind of that name, or its page does not exist here."""
    kind = KINDS.get(name)
    if kind is None or kind.endpoint not in current_app.view_functions:
        return None
    values: dict[str, Any] = {kind.argument: source}
    return url_for(kind.endpoint, **values)
