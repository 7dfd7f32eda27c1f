"""Where each deed of a batch is done: the pages of this package by their names. A page that nobody made is no door."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, url_for
from flask_babel import gettext as _

from library import access
from library.access import Permission
from library.core.errors import N_
from library.rotation.board_decisions import Card
from library.rotation.models import Batch, BatchState, Leg, Site


@dataclass(frozen=True)
class Door:
    """`endpoint` with the uid of the batch, or of a leg (`of`: last, next, or coming: on the road). `site`: for who works at
    the end of the last leg too, not for the owner alone."""

    endpoint: str
    words: str
    icon: str
    needs: Permission
    of: str = "batch"
    site: bool = False


NEXT: Mapping[BatchState, tuple[Door, ...]] = {
    BatchState.DRAFT: (
        Door("rotation_batches.show", N_("Soạn danh mục"), "pencil", Permission.ROTATION_PLAN),
    ),
    BatchState.PROPOSED: (
        Door("rotation_batches.show", N_("Xem để duyệt"), "check", Permission.ROTATION_APPROVE),
    ),
    BatchState.APPROVED: (
        Door("rotation_pick.show", N_("Lấy sách"), "scan-barcode", Permission.ROTATION_HANDLE),
    ),
    BatchState.PICKING: (
        Door("rotation_pick.show", N_("Lấy sách tiếp"), "scan-barcode", Permission.ROTATION_HANDLE),
        Door("rotation_pick.send", N_("Giao đi"), "truck", Permission.ROTATION_HANDLE),
    ),
    BatchState.PACKED: (
        Door("rotation_pick.send", N_("Giao đi"), "truck", Permission.ROTATION_HANDLE),
    ),
    BatchState.IN_TRANSIT: (
        Door("rotation_legs.receive", N_("Ký nhận"), "check", Permission.ROTATION_HANDLE, "coming", True),
    ),
    BatchState.SERVING: (
        Door("rotation_legs.forward", N_("Chuyển tiếp"), "arrow-right", Permission.ROTATION_HANDLE, site=True),
        Door("rotation_close.home", N_("Đưa về kho"), "truck", Permission.ROTATION_HANDLE, site=True),
        Door("rotation_legs.extend", N_("Gia hạn"), "calendar-days", Permission.ROTATION_HANDLE, "last", True),
    ),
    BatchState.RETURNING: (
        Door("rotation_legs.receive", N_("Ký nhận về kho"), "check", Permission.ROTATION_HANDLE, "coming"),
        Door("rotation_close.show", N_("Đối chiếu"), "list-checks", Permission.ROTATION_HANDLE),
    ),
    BatchState.RECONCILED: (
        Door("rotation_close.show", N_("Đóng đợt"), "check", Permission.ROTATION_HANDLE),
    ),
}  # fmt: skip
"""What comes next in each state; the first there is, is the one main deed of the batch's page."""


def next_deeds(
    batch: Batch, legs: Mapping[str, UUID], last: Leg | None, home_first: bool
) -> list[tuple[str, str, str]]:
    """(address, words, icon) of what comes next, for this person; the first is the main one. `home_first`: the next leg
    goes home."""
    doors = [door for door in NEXT.get(batch.state, ()) if _may(door, batch, last)]
    if home_first:
        doors.sort(key=lambda door: door.endpoint != "rotation_close.home")
    found = ((address(door, batch, legs), _(door.words), door.icon) for door in doors)
    return [one for one in found if one[0]]


def _may(door: Door, batch: Batch, last: Leg | None) -> bool:
    scope = access.scope(door.needs)
    at_site = door.site and last is not None and last.to_site is not None and scope.holds_branch(last.to_site.branch_id)
    return scope.holds_library(batch.library_id) or at_site


def address(door: Door, batch: Batch, legs: Mapping[str, UUID]) -> str:
    """'' where there is no such page, or no such leg."""
    uid = _uid(door.of, batch, legs)
    return link(door.endpoint, uid=uid) if uid else ""


DEEDS: Mapping[str, tuple[str, str, Permission]] = {
    "fetch": ("rotation_close.home", "batch", Permission.ROTATION_HANDLE),
    "forward": ("rotation_legs.forward", "batch", Permission.ROTATION_HANDLE),
    "extend": ("rotation_legs.extend", "leg", Permission.ROTATION_HANDLE),
    "grant": ("rotation_legs.decide", "extension", Permission.ROTATION_PLAN),
    "deny": ("rotation_legs.decide", "extension", Permission.ROTATION_PLAN),
    "receive": ("rotation_legs.receive", "leg", Permission.ROTATION_HANDLE),
    "close": ("rotation_close.show", "batch", Permission.ROTATION_HANDLE),
    "short": ("rotation_close.short", "leg", Permission.ROTATION_HANDLE),
    "approve": ("rotation_batches.show", "batch", Permission.ROTATION_APPROVE),
    "go": ("rotation.batch", "batch", Permission.ROTATION_SEE),
}
"""Deeds of the board's cards: the page, whose uid it takes, who may."""


def deed(card: Card, what: str) -> str:
    """'' where there is no such page, or not for this person."""
    endpoint, of, needed = DEEDS[what]
    if not access.scope(needed):
        return ""
    uid = {"batch": card.batch.uid, "leg": card.leg, "extension": card.extension}[of]
    return link(endpoint, uid=uid) if uid else ""


def link(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


PAPERS = (
    ("rotation_papers.minutes", "last", N_("Biên bản mẫu 02"), "printer"),
    ("rotation_papers.list", "batch", N_("Danh mục"), "list-checks"),
)
MORE = (
    ("rotation_batches.show", "batch", N_("Danh mục, sửa và bỏ đợt"), Permission.ROTATION_PLAN),
    ("rotation_batches.answer", "batch", N_("Điểm trả lời danh mục"), Permission.ROTATION_HANDLE),
    ("rotation_pick.pull", "batch", N_("Danh sách đi lấy"), Permission.ROTATION_HANDLE),
    ("rotation_papers.show", "batch", N_("Giấy tờ và ảnh biên bản"), Permission.ROTATION_SEE),
    ("rotation_close.show", "batch", N_("Đối chiếu, đóng đợt"), Permission.ROTATION_HANDLE),
)
EARLY = frozenset({BatchState.DRAFT, BatchState.PROPOSED})
MEANT: Mapping[str, frozenset[BatchState]] = {
    "rotation_batches.show": EARLY | {BatchState.APPROVED, BatchState.PICKING, BatchState.PACKED},
    "rotation_batches.answer": frozenset({BatchState.PROPOSED}),
    "rotation_pick.pull": frozenset({BatchState.APPROVED, BatchState.PICKING}),
    "rotation_close.show": frozenset({BatchState.RETURNING, BatchState.RECONCILED, BatchState.CLOSED}),
}
"""States in which a page has something to say; the others always."""


OWNERS = frozenset({"rotation_batches.show", "rotation_pick.pull", "rotation_close.show"})


def _reaches(endpoint: str, needed: Permission, batch: Batch) -> bool:
    """Pages of the owner are for who works for the owner."""
    scope = access.scope(needed)
    return scope.holds_library(batch.library_id) if endpoint in OWNERS else bool(scope)


def _uid(of: str, batch: Batch, legs: Mapping[str, UUID]) -> UUID | None:
    return batch.uid if of == "batch" else legs.get(of)


def papers(batch: Batch, legs: Mapping[str, UUID]) -> list[tuple[str, str, str]]:
    """(address, words, icon) of what is printed for it."""
    found = ((endpoint, _uid(of, batch, legs), words, icon) for endpoint, of, words, icon in PAPERS)
    made = ((link(endpoint, uid=uid) if uid else "", _(words), icon) for endpoint, uid, words, icon in found)
    return [one for one in made if one[0]]


def more(batch: Batch, legs: Mapping[str, UUID], swaps: bool = True) -> list[tuple[str, str, str]]:
    """(address, words, '') of pages about it that are no next deed. `swaps`: nothing comes for it yet."""
    found = (
        (endpoint, _uid(of, batch, legs), words)
        for endpoint, of, words, needed in MORE
        if _reaches(endpoint, needed, batch) and batch.state in MEANT.get(endpoint, frozenset(BatchState))
    )  # fmt: skip
    made = ((link(endpoint, uid=uid) if uid else "", _(words), "") for endpoint, uid, words in found)
    return [one for one in (*made, *([_one_for_one(batch)] if swaps else [])) if one[0]]


def _one_for_one(batch: Batch) -> tuple[str, str, str]:
    """A batch is planned that comes for what a site has."""
    plans = access.scope(Permission.ROTATION_PLAN).holds_library(batch.library_id)
    there = plans and batch.state in (BatchState.SERVING, BatchState.RETURNING)
    return link("rotation_batches.new", replaces=batch.uid) if there else "", _("Đổi một lấy một"), ""


def asked(leg: Leg | None) -> str:
    """Where an extension that was asked for is decided."""
    return link("rotation_legs.extend", uid=leg.uid) if leg and access.scope(Permission.ROTATION_PLAN) else ""


SITE = (
    ("rotation_log.show", N_("Sổ ghi"), "tally-5", Permission.ROTATION_HANDLE),
    ("rotation_sites.agreement", N_("Thỏa thuận"), "file-text", Permission.ROTATION_PLAN),
    ("rotation_close.floating", N_("Sách thả nổi"), "refresh-cw", Permission.ROTATION_HANDLE),
    ("rotation_sites.edit", N_("Sửa"), "pencil", Permission.ROTATION_PLAN),
)


def of_site(site: Site) -> list[tuple[str, str, str]]:
    found = (
        (link(endpoint, uid=site.uid), _(words), icon) for endpoint, words, icon, needed in SITE if access.scope(needed)
    )
    return [one for one in found if one[0]]
