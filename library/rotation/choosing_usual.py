"""What a site is proposed where nobody asked for anything else: by its grades, its readers, its agreement. Pure."""

from collections.abc import Collection

from library.rotation.choosing import USUAL_MOST

PRIMARY, SECONDARY, HIGH = range(1, 6), range(6, 10), range(10, 13)
AUDIENCES_OF = (
    (PRIMARY, ("mau_giao", "thieu_nhi", "tieu_hoc", "moi_nguoi")),
    (SECONDARY, ("thieu_nhi", "thieu_nien", "thcs", "moi_nguoi")),
    (HIGH, ("thieu_nien", "thpt", "moi_nguoi", "nguoi_lon")),
)


def audiences_of(grades: Collection[int]) -> frozenset[str]:
    """For whom titles may be; empty: anybody (a commune's library serves all)."""
    return frozenset(code for span, codes in AUDIENCES_OF if any(one in span for one in grades) for code in codes)


def room_for(quota: int | None, there: int, readers: int | None) -> int:
    """How many copies a site should get by default: what its agreement leaves, a copy for every reader, the usual size."""
    by_readers = max(readers, 50) if readers else USUAL_MOST
    most = min(by_readers, 300)
    return max(min(most, quota - there), 0) if quota is not None else most
