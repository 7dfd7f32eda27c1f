"""What the pages of a batch on its way say and show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox.models import Act
from library.rotation.forwarding import HandedOn
from library.rotation.manifest import Manifest
from library.rotation.models import Batch, BatchStep, Extension, Leg, Method, Site
from library.rotation.receiving import Received
from library.rotation.strangers import Stranger

WAYS: Mapping[Method, tuple[str, str]] = {
    Method.CRATES: (N_("Quét mã thùng"), N_("Niêm phong còn nguyên thì quét thùng là nhận cả thùng.")),
    Method.SCAN_ALL: (N_("Quét từng cuốn"), N_("Chắc nhất. Cuốn không quét là thiếu.")),
    Method.COUNT: (N_("Đếm và quét mẫu"), N_("Đếm tổng số, rồi quét mấy cuốn máy chọn.")),
    Method.MANIFEST: (N_("Nhận theo danh mục"), N_("Ký trước, xem sau: báo thiếu trong mấy ngày tới.")),
}
"""The four ways to receive: words, and what they mean."""


@dataclass(frozen=True)
class Counts:
    """Copies of one leg. `expected`: on its papers less what was not there when it set out."""

    listed: int
    expected: int
    proved: int
    asserted: int
    short: int


def counts(listed: Manifest) -> Counts:
    proved = sum(one.proved for one in listed.entries)
    asserted = sum(one.asserted and not one.is_short and not one.proved for one in listed.entries)
    short = sum(one.is_short for one in listed.entries)
    there = sum(not one.follows for one in listed.entries)
    return Counts(there, len(listed.expected), proved, asserted, short)


def for_script(listed: Manifest) -> dict[str, Any]:
    """What a page needs to know a code by itself: keys of copies and of crates."""
    return {
        "copies": [{"uid": str(one.uid), "title": one.title, "code": one.code, "keys": one.keys} for one in listed.entries],
        "crates": [{"uid": str(one.uid), "number": one.number, "count": one.count, "keys": one.keys} for one in listed.boxes],
    }  # fmt: skip


def received(leg: Leg, done: Received) -> dict[str, Any]:
    """The answer to a signature."""
    there, gone = len(done.proved) + len(done.asserted), len(done.short)
    said = [_("Đã nhận %(count)s cuốn.", count=there)]
    if gone:
        said.append(_("Thiếu %(count)s cuốn.", count=gone))
    if leg.contest_until is not None:
        days = (leg.contest_until - clock.today()).days
        said.append(_("Còn %(days)s ngày để báo nếu thiếu cuốn nào.", days=days))
    said += [strange(one) for one in done.strange[:5]]
    return {"outcome": "luu" if gone or done.strange else "ok", "act_id": done.act_id, "do": " ".join(said),
            "asserted": len(done.asserted), "proved": len(done.proved), "short": gone}  # fmt: skip


def strange(one: Stranger) -> str:
    """A copy that did not stand on the list, and where it belongs."""
    name = f"“{one.title}” ({one.code})"
    if one.came_along:
        return str(_("%(name)s không ghi là gửi mà vẫn đến: đã thêm vào chặng này.", name=name))
    if one.batch:
        return str(
            _("%(name)s thuộc đợt %(batch)s của %(owner)s: để riêng.", name=name, batch=one.batch, owner=one.owner)
        )
    if one.goes:
        return str(
            _("%(name)s là sách của %(owner)s: để riêng, gửi về %(goes)s.", name=name, owner=one.owner, goes=one.goes)
        )
    return str(_("%(name)s không thuộc đợt này, sách của %(owner)s.", name=name, owner=one.owner))


def handed_on(batch: Batch, done: HandedOn, to: Site | None) -> dict[str, Any]:
    where = to.name if to else batch.depot.name
    said = [_("Đã giao %(count)s cuốn đi %(where)s. Chờ bên nhận ký.", count=done.sent.count, where=where)]
    if done.missing:
        said.append(_("%(count)s cuốn thiếu do bên ký nhận gần nhất trả lời.", count=len(done.missing)))
    if done.sent.exceptions:
        said.append(_("%(count)s cuốn theo sau.", count=len(done.sent.exceptions)))
    return {"outcome": "luu" if done.missing or done.sent.exceptions else "ok", "do": " ".join(said),
            "leg": str(done.leg.uid)}  # fmt: skip


def site_options(session: Session, batch: Batch, now: Leg | None) -> list[tuple[UUID, str]]:
    """(uid, name), where the batch may go next: open sites of its library but the one it is at."""
    today = clock.today()
    query = select(Site).where(
        Site.library_id == batch.library_id, or_(Site.closed_on.is_(None), Site.closed_on > today)
    )
    found = session.scalars(query.order_by(Site.area, Site.name))
    return [(one.uid, one.name) for one in found if now is None or one.id != now.to_site_id]


def act_of(session: Session, act_id: int | None) -> UUID | None:
    """For the button that takes it back."""
    return session.scalar(select(Act.uid).where(Act.id == act_id, Act.voided_by.is_(None))) if act_id else None


def last_act(session: Session, batch: Batch) -> UUID | None:
    """What brought the batch to its state, for as long as it can be taken back."""
    query = select(Act.uid).join(BatchStep, BatchStep.act_id == Act.id).where(BatchStep.batch_id == batch.id)
    return session.scalar(
        query.where(BatchStep.voided.is_(False), Act.voided_by.is_(None)).order_by(BatchStep.id.desc()).limit(1)
    )


def extensions(session: Session, leg_id: int) -> list[Extension]:
    query = select(Extension).where(Extension.leg_id == leg_id, Extension.voided.is_(False))
    return list(session.scalars(query.order_by(Extension.asked_at.desc())))
