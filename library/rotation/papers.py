"""The papers of a batch: which there are, what each value of them means, values to try a template with, and making them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from library.core.errors import N_
from library.core.numbers import written
from library.documents import amounts, binding, printing, stored
from library.documents.filling import Square
from library.documents.stored import Kind
from library.labels import squares
from library.rotation import crates, paper_lines, paper_values
from library.rotation.models import Batch, Crate, Leg

FOLDER = Path(__file__).parent / "data"

HEAD = {
    "above": N_("cơ quan cấp trên, chữ in hoa"),
    "issuer": N_("tên thư viện, chữ in hoa"),
    "library": N_("tên thư viện"),
    "place_day": N_("nơi và ngày làm giấy"),
    "code": N_("số của đợt"),
    "theme": N_("tên đợt"),
    "leg": N_("chặng thứ mấy"),
    "square": N_("mã vuông mở đợt này trên máy"),
    "square_says": N_("chữ dưới mã vuông"),
    "total": N_("số bản"),
    "titles": N_("số tên sách"),
    "crates": N_("số thùng"),
    "worth": N_("tổng giá trị, bằng số"),
    "worth_words": N_("tổng giá trị, bằng chữ"),
    "unpriced": N_("số bản chưa ghi giá"),
    "about": N_("về việc gì"),
    "period": N_("từ ngày nào đến ngày nào"),
    "taken_org": N_("bên nhận"),
    "given_name": N_("người giao"),
}
SIGNED = {
    **HEAD,
    "symbol": N_("số và ký hiệu biên bản"),
    "decision": N_("quyết định cho luân chuyển, để trống khi không có"),
    "when": N_("giờ và ngày bàn giao"),
    "at_place": N_("nơi bàn giao"),
    "given_org": N_("bên giao"),
    "given_for": N_("giao thay cho ai, theo biên bản nào"),
    "given_person": N_("người giao và chức vụ"),
    "taken_person": N_("người nhận và chức vụ"),
    "taken_sign": N_("người nhận, để trống khi chưa ký"),
    "how": N_("cách nhận"),
    "difference": N_("thiếu bản nào, ai trả lời"),
    "carrier": N_("xe và người chở"),
}
MINUTES = {
    **SIGNED,
    "lines": N_("số dòng danh mục"),
    "first": N_("mấy dòng đầu của danh mục: number, code, title, price, crate, state, tick"),
    "rest": N_("số dòng ở các trang sau"),
    "rows": N_("cả danh mục, cùng các cột"),
}
RETURN = {
    **SIGNED,
    "sums": N_("đã giao, nhận lại, mất, hỏng"),
    "rows": N_("danh mục: number, code, title, price, given, back, lost, damaged, paid"),
}
LIST = {
    **HEAD,
    "keeper": N_("người phụ trách tại điểm"),
    "keeper_sign": N_("người phụ trách, dưới chỗ ký"),
    "rows": N_("danh mục: number, code, title, author, published, price, crate, state, tick"),
}
CRATE = {
    "issuer": N_("tên thư viện, chữ in hoa"),
    "code": N_("số của đợt"),
    "theme": N_("tên đợt"),
    "number": N_("thùng thứ mấy"),
    "of": N_("trong mấy thùng"),
    "goes_from": N_("đi từ đâu"),
    "goes_to": N_("đến đâu"),
    "total": N_("số bản"),
    "weight": N_("cân nặng"),
    "seal": N_("số niêm phong"),
    "packer": N_("người đóng thùng"),
    "packed_on": N_("ngày niêm phong"),
    "square": N_("mã của thùng"),
    "square_says": N_("mã của thùng, bằng số"),
    "rows": N_("danh mục: number, code, title, state, tick"),
}

TITLES = ("Cây khế", "Dế Mèn phiêu lưu ký", "Góc sân và khoảng trời", "Kính vạn hoa", "Sự tích hồ Ba Bể", "Truyện kể")


def sample_rows() -> list[dict[str, Any]]:
    return [
        {
            "number": at, "code": f"LC.{1870 + at:05}", "title": title, "price": written(30_000 + 1_000 * at), "crate": "1",
            "state": "Tốt", "tick": paper_values.BOX, "author": "Tô Hoài", "published": "Kim Đồng, 2024", "given": "×",
            "back": "×", "lost": "", "damaged": "", "paid": "",
        }
        for at, title in enumerate(TITLES, 1)
    ]  # fmt: skip


def sample_head() -> dict[str, Any]:
    worth = sum(30_000 + 1_000 * at for at in range(1, len(TITLES) + 1))
    return {
        "above": "SỞ VĂN HÓA, THỂ THAO VÀ DU LỊCH THÁI NGUYÊN", "issuer": "THƯ VIỆN TỈNH THÁI NGUYÊN",
        "library": "Thư viện tỉnh Thái Nguyên", "place_day": "Bắc Kạn, ngày 05 tháng 10 năm 2026",
        "code": "LC26-014", "theme": "Truyện thiếu nhi và khoa học vui", "leg": "chặng 2", "total": len(TITLES),
        "titles": len(TITLES), "crates": ", 1 thùng", "worth": written(worth),
        "worth_words": amounts.dong(worth).removesuffix(" đồng"), "unpriced": "",
        "about": "Bàn giao tài liệu luân chuyển, đợt LC26-014", "period": "từ ngày 05/10/2026 đến ngày 18/12/2026",
        "taken_org": "Trường Tiểu học Xuất Hóa", "given_name": "Ma Thị Huệ",
        "square": Square(squares.matrix("LC26-014")), "square_says": "LC26-014, chặng 2",
    }  # fmt: skip


def sample_signed() -> dict[str, Any]:
    return {
        **sample_head(), "symbol": "47/2026/BB-TVT", "decision": "Quyết định số 12/QĐ-TVT",
        "when": "09 giờ 14 phút, ngày 05 tháng 10 năm 2026", "at_place": "Trường Tiểu học Xuất Hóa",
        "given_org": "Trường Tiểu học Đức Xuân",
        "given_for": ", đại diện cho Thư viện tỉnh Thái Nguyên theo biên bản ngày 07/09/2026",
        "given_person": "Ma Thị Huệ, nhân viên thư viện", "taken_person": "Lường Thị Hà, nhân viên thư viện",
        "taken_sign": "Lường Thị Hà", "how": "quét mã 1 thùng còn niêm phong (số 00731)", "difference": "không",
        "carrier": "Xe 97A-001.23, ông Triệu Văn Tài",
    }  # fmt: skip


def sample_minutes() -> Mapping[str, Any]:
    rows = sample_rows()
    return {
        **sample_signed(), "lines": len(rows), "rows": rows, "first": rows[: paper_values.FIRST],
        "rest": len(rows) - paper_values.FIRST,
    }  # fmt: skip


def sample_return() -> Mapping[str, Any]:
    return {**sample_signed(), "sums": "đã giao 6 bản = nhận lại 6 bản + mất 0 bản", "rows": sample_rows()}


def sample_list() -> Mapping[str, Any]:
    return {**sample_head(), "keeper": "Lường Thị Hà", "keeper_sign": "Lường Thị Hà", "rows": sample_rows()}


def sample_crate() -> Mapping[str, Any]:
    return {
        "issuer": "THƯ VIỆN TỈNH THÁI NGUYÊN", "code": "LC26-014", "theme": "Truyện thiếu nhi và khoa học vui",
        "number": 1, "of": 5, "goes_from": "Kho luân chuyển", "goes_to": "Trường Tiểu học Xuất Hóa", "total": len(TITLES),
        "weight": "1,2 kg", "seal": "00731", "packer": "Nông Văn Tú", "packed_on": "04/10/2026",
        "square": Square(squares.matrix("500420000017"), 30.0), "square_says": "5004 2000 0017", "rows": sample_rows(),
    }  # fmt: skip


MINUTES_PAPER = stored.register(
    Kind(
        "rotation-minutes",
        N_("Biên bản bàn giao luân chuyển (mẫu 02)"),
        FOLDER / "minutes.docx",
        sample_minutes,
        MINUTES,
    )
)
RETURN_PAPER = stored.register(
    Kind("rotation-return", N_("Biên bản nhận lại sách luân chuyển"), FOLDER / "return.docx", sample_return, RETURN)
)
LIST_PAPER = stored.register(
    Kind("rotation-list", N_("Danh mục sách luân chuyển"), FOLDER / "list.docx", sample_list, LIST)
)
CRATE_PAPER = stored.register(
    Kind("rotation-crate", N_("Phiếu thùng sách"), FOLDER / "crate.docx", sample_crate, CRATE)
)


# Making them


def minutes(session: Session, leg: Leg, address: str) -> bytes:
    """Biên bản bàn giao (mẫu 02) as DOCX; for a leg home the one with what came back, was lost, damaged and paid for.
    `address`: where the batch is on the machine. Raises BadTemplate."""
    batch = session.get_one(Batch, leg.batch_id)
    if leg.to_site_id is None:
        values = paper_values.of_return(session, leg, address)
        return stored.made(session, batch.library_id, RETURN_PAPER.name, values)
    return stored.made(session, batch.library_id, MINUTES_PAPER.name, paper_values.of_minutes(session, leg, address))


def listing(session: Session, leg: Leg, address: str) -> bytes:
    """The list for whoever arranges the books there, as DOCX. Raises BadTemplate."""
    batch = session.get_one(Batch, leg.batch_id)
    return stored.made(session, batch.library_id, LIST_PAPER.name, paper_values.of_list(session, leg, address))


def slip(session: Session, crate: Crate, leg: Leg) -> bytes:
    """The slip that lies in a crate, as DOCX. Raises BadTemplate."""
    batch = session.get_one(Batch, crate.batch_id)
    return stored.made(session, batch.library_id, CRATE_PAPER.name, paper_values.of_crate(session, crate, leg))


def slips(session: Session, leg: Leg) -> list[bytes]:
    """One for each crate of the leg, in order; empty crates have none."""
    used = paper_lines.crates_of(paper_lines.of_leg(session, leg))
    return [slip(session, one, leg) for one in crates.of_batch(session, leg.batch_id) if one.id in used]


def pdf(papers: Sequence[bytes], title: str) -> bytes:
    """Papers one after the other. Raises BadTemplate."""
    return printing.pdf(papers[0], title) if len(papers) == 1 else binding.pdf(papers, title)


def all_of(session: Session, leg: Leg, address: str) -> bytes:
    """What goes with a leg, to be printed with one deed: minutes twice (each side keeps one), then a slip for each crate."""
    signed = minutes(session, leg, address)
    return pdf([signed, signed, *slips(session, leg)], f"{leg.batch.code}, {paper_values.leg_words(leg)}")
