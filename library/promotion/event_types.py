"""Types of events and subjects of training: what is shipped, what a library renamed, hid or added."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.core.fold import fold_words
from library.promotion.event_models import EventType

EVENTS: Mapping[str, str] = {
    "launch": N_("Lễ phát động, khai mạc"),
    "banner": N_("Treo băng rôn, khẩu hiệu"),
    "broadcast": N_("Tuyên truyền phát thanh, mạng xã hội"),
    "display": N_("Trưng bày, triển lãm sách"),
    "book-talk": N_("Giới thiệu sách"),
    "storytelling": N_("Thi kể chuyện theo sách"),
    "book-stacking": N_("Thi xếp sách nghệ thuật"),
    "drawing": N_("Vẽ tranh theo sách"),
    "seminar": N_("Tọa đàm, hội thảo"),
    "topic": N_("Chuyên đề"),
    "author": N_("Giao lưu tác giả"),
    "gifts": N_("Quyên góp, tặng sách"),
    "shelf": N_("Xây dựng tủ sách lớp học"),
    "ambassador": N_("Thi Đại sứ Văn hóa đọc"),
    "festival": N_("Ngày hội đọc sách"),
    "excursion": N_("Tham quan thư viện, bảo tàng"),
    "mobile": N_("Đón xe thư viện lưu động"),
    "other": N_("Hoạt động khác"),
}
SUBJECTS: Mapping[str, str] = {
    "internet-safety": N_("Khai thác Internet an toàn"),
    "information-skills": N_("Kỹ năng tìm kiếm thông tin"),
    "reading-skills": N_("Kỹ năng đọc sách"),
    "digital": N_("Chuyển đổi số"),
    "staff": N_("Nghiệp vụ thư viện"),
    "literacy": N_("Xóa mù chữ"),
    "universal": N_("Phổ cập giáo dục"),
    "life-skills": N_("Kỹ năng sống"),
    "vocational": N_("Nghề ngắn hạn"),
    "law-health": N_("Pháp luật, sức khỏe, đời sống"),
    "other": N_("Nội dung khác"),
}
SHIPPED: Mapping[str, Mapping[str, str]] = {"event": EVENTS, "training": SUBJECTS}
BETWEEN = "+"
"""One class may stand on two lines of a report: its sort is both codes, in order, with this between."""


@dataclass(frozen=True)
class Type:
    """`own`: added here, and not shipped. `name`: to be translated where it is a shipped one."""

    code: str
    name: str
    own: bool = False
    hidden: bool = False
    renamed: bool = False


class TypeTaken(Refused):
    def __init__(self, name: str) -> None:
        super().__init__(Reason("type-taken", N_("Đã có loại tên “%(name)s”."), {"name": name}))


def every(session: Session, library_id: int | None, of: str) -> list[Type]:
    """Shipped ones in their order, then the library's own; hidden ones too (one statement)."""
    query = select(EventType).where(EventType.library_id == library_id, EventType.of == of).order_by(EventType.id)
    said = {one.code: one for one in session.scalars(query)}
    shipped = [_shipped(code, name, said.pop(code, None)) for code, name in SHIPPED[of].items()]
    return [*shipped, *(Type(one.code, one.name, True, one.hidden) for one in said.values())]


def _shipped(code: str, name: str, said: EventType | None) -> Type:
    if said is None:
        return Type(code, name)
    return Type(code, said.name or name, hidden=said.hidden, renamed=bool(said.name))


def offered(session: Session, library_id: int | None, of: str) -> dict[str, str]:
    """Names by code of those one may choose."""
    return {one.code: one.name for one in every(session, library_id, of) if not one.hidden}


def names(session: Session, library_id: int | None, of: str) -> dict[str, str]:
    """Names by code, hidden ones too: for what was recorded before."""
    return {one.code: one.name for one in every(session, library_id, of)}


def add(session: Session, library_id: int, of: str, name: str) -> EventType:
    """Its code is made from its name, so that the same type of two libraries is added up together. Raises TypeTaken."""
    code = "-".join(fold_words(name))[:60]
    if code in names(session, library_id, of):
        raise TypeTaken(name)
    made = EventType(uid=clock.uuid7(), library_id=library_id, of=of, code=code, name=name)
    session.add(made)
    session.flush()
    return made


def say(session: Session, library_id: int, of: str, code: str, name: str, hidden: bool) -> None:
    """Another name (none: its first one again) and whether it is offered. Raises LookupError for no such type."""
    if code not in names(session, library_id, of):
        raise LookupError(code)
    which = select(EventType).where(EventType.library_id == library_id, EventType.of == of, EventType.code == code)
    row = session.scalar(which) or EventType(uid=clock.uuid7(), library_id=library_id, of=of, code=code, name="")
    shipped = SHIPPED[of].get(code)
    row.name, row.hidden = "" if name == shipped else name or row.name * (shipped is None), hidden
    session.add(row)
    session.flush()


def sort_of(subjects: list[str]) -> str | None:
    """How facts keep several subjects of one class."""
    return BETWEEN.join(sorted(set(subjects))) or None


def told_as(column: InstrumentedAttribute[str | None], code: str) -> ColumnElement[bool]:
    """The WHERE for facts of this type or subject, alone or beside others."""
    return or_(
        column == code,
        column.startswith(code + BETWEEN, autoescape=True),
        column.endswith(BETWEEN + code, autoescape=True),
        column.contains(BETWEEN + code + BETWEEN, autoescape=True),
    )
