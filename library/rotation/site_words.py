"""Kinds of sites in words, and the icon that stands beside each."""

from collections.abc import Mapping

from library.core.errors import N_
from library.rotation.models import SiteKind as K

KINDS: Mapping[K, str] = {
    K.COMMUNE: N_("Thư viện xã, phường"),
    K.VILLAGE: N_("Tủ sách thôn, bản, nhà văn hóa"),
    K.POST_POINT: N_("Điểm Bưu điện – Văn hóa xã"),
    K.LEARNING_CENTRE: N_("Trung tâm học tập cộng đồng"),
    K.SCHOOL: N_("Trường học"),
    K.SCHOOL_SITE: N_("Điểm trường"),
    K.BORDER_POST: N_("Đồn biên phòng"),
    K.PRISON: N_("Trại giam"),
    K.UNIT: N_("Đơn vị, công ty"),
    K.LEGAL_SHELF: N_("Tủ sách pháp luật"),
    K.OTHER: N_("Nơi khác"),
}
ICONS: Mapping[K, str] = {
    K.COMMUNE: "building-2", K.VILLAGE: "library", K.POST_POINT: "mail", K.LEARNING_CENTRE: "building-2",
    K.SCHOOL: "school", K.SCHOOL_SITE: "school", K.LEGAL_SHELF: "library",
}  # fmt: skip
USUAL_ICON = "map-pin"


def icon_of(kind: K) -> str:
    return ICONS.get(kind, USUAL_ICON)
