"""The papers of a batch: what they say, that they can be read back, and photos of what was signed."""

import io
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from library import files
from library.core import clock
from library.documents import checking
from library.documents.filling import Values
from library.holdings.models import Condition
from library.inbox.acts import Doing
from library.loans.models import Compensation
from library.rotation import crates, paper_values, papers, picking, sending
from library.rotation.models import Batch, BatchFile, Leg, Method
from tests.rotation.way import scan
from tests.support import rotation
from tests.support.people import sign_in
from tests.support.world import World

ADDRESS = "https://tusach.example/rotation/batches/1"


def doing(of: Batch) -> Doing:
    return Doing(clock.uuid7(), branch_id=of.depot.branch_id)


def sent(world: World, count: int = 6, missing: int = 0) -> tuple[Batch, Leg]:
    """A batch for the school, sealed in one crate, on its way."""
    items = rotation.stock(world, count)
    of = rotation.batch(world, [rotation.school_site(world)], items)
    crate = crates.new(world.session(), doing(of), of)
    picking.pick_many(world.session(), doing(of), of, [item.id for item in items[: count - missing]], crate)
    crates.seal(world.session(), doing(of), crate, "00731", 4200)
    leg = rotation.legs_of(world, of)[0]
    sending.send(world.session(), doing(of), leg, rotation.signer(world), "Xe 97A-001.23, anh Tài")
    return of, leg


def text_of(docx: bytes) -> str:
    document = Document(io.BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def test_the_minutes_say_who_gives_what_to_whom(world: World) -> None:
    of, leg = sent(world)
    told = text_of(papers.minutes(world.session(), leg, ADDRESS))
    for words in (
        f"Bàn giao tài liệu luân chuyển, đợt {of.code}", "Căn cứ Quyết định số 12/QĐ-TVT", "Bên giao (Bên A): Thư viện tỉnh Bắc Kạn",
        "Bên nhận (Bên B): Trường Tiểu học Xuất Hóa", "6 bản, 2 tên, 1 thùng; trị giá 270.000 đồng",
        "(bằng chữ: hai trăm bảy mươi nghìn đồng)", "1 thùng đã niêm phong (số 00731); Bên B kiểm khi nhận",
        "Xe 97A-001.23, anh Tài", f"Số: {leg.minutes}/BB-TVTBK", "Nông Văn Tú",
    ):  # fmt: skip
        assert words in told


def test_a_crate_that_was_opened_again_is_not_called_sealed(world: World) -> None:
    """Somebody scanned a copy of it before it set out, so the seal was broken: the minutes promise nothing of it."""
    items = rotation.stock(world, 4)
    of = rotation.batch(world, [rotation.school_site(world)], items)
    for number, pair in (("00731", items[:2]), ("00732", items[2:])):
        crate = crates.new(world.session(), doing(of), of)
        picking.pick_many(world.session(), doing(of), of, [item.id for item in pair], crate)
        crates.seal(world.session(), doing(of), crate, number, 4200)
    scan(world, items[0], of.depot)
    leg = rotation.legs_of(world, of)[0]
    sending.send(world.session(), doing(of), leg, rotation.signer(world))
    told = text_of(papers.minutes(world.session(), leg, ADDRESS))
    assert "1 thùng đã niêm phong (số 00732); Bên B kiểm khi nhận" in told
    assert "00731" not in told


def test_what_follows_stands_in_the_minutes(world: World) -> None:
    _of, leg = sent(world, missing=2)
    assert "theo sau 02 bản (LC.00005, LC.00006): chưa lấy được" in text_of(
        papers.minutes(world.session(), leg, ADDRESS)
    )


def test_a_long_list_goes_on_behind_the_signatures(world: World) -> None:
    _of, leg = sent(world, 30)
    told = text_of(papers.minutes(world.session(), leg, ADDRESS))
    assert "… và 27 bản ở các trang sau" in told
    assert told.count("LC.00030") == 1
    assert told.count("LC.00001") == 2
    pages = pages_of(papers.pdf([papers.minutes(world.session(), leg, ADDRESS)], "x"))
    assert "ĐẠI DIỆN BÊN NHẬN" in pages[0], "both sign on the first page"
    assert pages[1].strip().startswith("2")


def test_a_short_list_is_whole_in_the_minutes(world: World) -> None:
    _of, leg = sent(world, 5)
    told = text_of(papers.minutes(world.session(), leg, ADDRESS))
    assert "ở các trang sau" not in told
    assert told.count("LC.00005") == 1


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (Method.SCAN_ALL, "quét từng bản"),
        (Method.CRATES, "quét mã 1 thùng còn niêm phong (số 00731)"),
        (Method.COUNT, "đếm được 6 bản, xem kỹ 0 bản do máy rút"),
        (Method.MANIFEST, "nhận theo danh mục; đến hết ngày 06/12/2026 Bên B báo nếu thiếu"),
    ],
)
def test_how_it_was_received_stands_in_the_minutes(world: World, method: Method, words: str) -> None:
    _of, leg = sent(world)
    rotation.received(world, leg)
    leg.method, leg.counted, leg.contest_until = method, 6, clock.today().replace(year=2026, month=12, day=6)
    assert words in text_of(papers.minutes(world.session(), leg, ADDRESS))


def test_who_answers_for_what_is_short_stands_in_the_minutes(world: World) -> None:
    _of, leg = sent(world)
    short = rotation.lines_of(world, leg.batch)[0].item
    rotation.received(world, leg, short=[short])
    told = text_of(papers.minutes(world.session(), leg, ADDRESS))
    assert f"thiếu 01 bản ({short.accession}), Nông Văn Tú trả lời" in told
    assert "5 bản, 2 tên" in told, "the quantity is what was there"
    assert "Lường Thị Hà" in told


def test_a_site_gives_in_the_owners_name(world: World) -> None:
    sites = [rotation.school_site(world, name) for name in ("Trường Tiểu học Đức Xuân", "Trường Tiểu học Xuất Hóa")]
    of = rotation.packed(world, count=4, sites=sites)
    first, second, _home = rotation.legs_of(world, of)
    rotation.sent(world, of)
    rotation.received(world, first)
    told = text_of(papers.minutes(world.session(), second, ADDRESS))
    day = f"{clock.day_of(first.received_at):%d/%m/%Y}" if first.received_at else ""
    assert "niêm phong" not in told, "what was sealed in the depot was opened here"
    assert f"Trường Tiểu học Đức Xuân, đại diện cho Thư viện tỉnh Bắc Kạn theo biên bản ngày {day}" in told
    assert "4 bản" in told


def test_the_minutes_of_the_way_home_account_for_every_copy(world: World) -> None:
    of = rotation.packed(world, count=4)
    first, home = rotation.legs_of(world, of)
    rotation.sent(world, of)
    rotation.received(world, first)
    sending.send(world.session(), doing(of), home, rotation.signer(world, "thao"))
    lost = rotation.lines_of(world, of)[0].item
    rotation.received(world, home, short=[lost], by="tu")
    told = text_of(papers.minutes(world.session(), home, ADDRESS))
    assert "đã giao 4 bản = nhận lại 3 bản + mất 1 bản" in told
    assert "Bồi thường" in told
    assert world.session.scalars(select(Compensation)).all() == []


def test_the_list_tells_author_and_publisher(world: World) -> None:
    of, leg = sent(world)
    record = rotation.lines_of(world, of)[0].item.record
    record.publisher, record.year = "Kim Đồng", 2024
    rotation.lines_of(world, of)[0].item.condition = Condition.WORN
    world.session.flush()
    told = text_of(papers.listing(world.session(), leg, ADDRESS))
    assert "Kim Đồng, 2024" in told
    assert "Lường Thị Hà" in told


def test_a_slip_lies_in_every_crate(world: World) -> None:
    _of, leg = sent(world)
    (slip,) = papers.slips(world.session(), leg)
    told = text_of(slip)
    for words in ("Thùng 1 trong 1", "4,2 kg", "00731", "6", "Trường Tiểu học Xuất Hóa"):
        assert words in told
    with zipfile.ZipFile(io.BytesIO(slip)) as package:
        assert any(name.startswith("word/media/") for name in package.namelist()), "its square code"


def test_everything_is_bound_into_one_print(world: World) -> None:
    _of, leg = sent(world, 30)
    pages = pages_of(papers.all_of(world.session(), leg, ADDRESS))
    starts = [at for at, page in enumerate(pages) if "CỘNG HÒA" in page]
    assert len(starts) == 2, "each side keeps one"
    assert "PHIẾU THÙNG SÁCH" in pages[-1] or "PHIẾU THÙNG SÁCH" in pages[-2]
    assert pages[starts[1] + 1].strip().startswith("2"), "pages are counted anew in each paper"


@pytest.mark.parametrize("kind", [papers.MINUTES_PAPER, papers.RETURN_PAPER, papers.LIST_PAPER, papers.CRATE_PAPER])
def test_a_template_that_ships_may_be_brought_back_as_ones_own(kind: papers.Kind) -> None:
    checking.check(kind.shipped.read_bytes(), kind.sample())
    assert set(kind.sample()) == set(kind.means)


def test_values_are_those_the_settings_page_explains(world: World) -> None:
    _of, leg = sent(world)
    crate = crates.of_batch(world.session(), leg.batch_id)[0]
    made: list[tuple[papers.Kind, Values]] = [
        (papers.MINUTES_PAPER, paper_values.of_minutes(world.session(), leg, ADDRESS)),
        (papers.RETURN_PAPER, paper_values.of_return(world.session(), leg, ADDRESS)),
        (papers.LIST_PAPER, paper_values.of_list(world.session(), leg, ADDRESS)),
        (papers.CRATE_PAPER, paper_values.of_crate(world.session(), crate, leg)),
    ]
    for kind, values in made:
        assert set(values) >= set(kind.means), kind.name


# Pages


@pytest.fixture
def office(app: Flask, world: World) -> tuple[FlaskClient, Batch, Leg]:
    of, leg = sent(world)
    world.session.commit()
    return sign_in(app, "tu"), of, leg


def test_every_paper_is_printed_and_taken_away_to_be_edited(
    office: tuple[FlaskClient, Batch, Leg], world: World
) -> None:
    client, of, leg = office
    crate = crates.of_batch(world.session(), of.id)[0]
    for path in (
        f"legs/{leg.uid}/minutes",
        f"legs/{leg.uid}/list",
        f"batches/{of.uid}/list",
        f"crates/{crate.uid}/slip",
    ):
        assert client.get(f"/rotation/{path}").mimetype == "application/pdf"
        docx = client.get(f"/rotation/{path}?as=docx")
        assert docx.data[:2] == b"PK"
        docx.close()
    assert client.get(f"/rotation/legs/{leg.uid}/papers.pdf").mimetype == "application/pdf"


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (900, 1200), "white").save(out, "JPEG")
    out.seek(0)
    return out


def test_the_signed_copy_is_kept_as_a_photo(office: tuple[FlaskClient, Batch, Leg], world: World) -> None:
    client, of, leg = office
    sent_ = {"photo": (picture(), "bien ban.jpg")}
    answer = client.post(f"/rotation/batches/{of.uid}/files", data=sent_, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    (one,) = world.session.scalars(select(BatchFile)).all()
    assert (one.leg_id, one.kind) == (leg.id, "signed")
    shown = client.get(f"/rotation/files/{one.uid}")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert files.path_of(one.key).exists()
    client.post(f"/rotation/files/{one.uid}/remove")
    assert client.get(f"/rotation/files/{one.uid}").status_code == 404
    assert world.session.scalars(select(BatchFile)).one().removed_at is not None


def test_what_is_no_picture_is_not_kept(office: tuple[FlaskClient, Batch, Leg], world: World, tmp_path: Path) -> None:
    client, of, _leg = office
    at = f"/rotation/batches/{of.uid}/files"
    bad = {"photo": (io.BytesIO(b"<script>alert(1)</script>"), "bien-ban.jpg")}
    assert client.post(at, data=bad, content_type="multipart/form-data").status_code == 422
    assert client.post(at, data={}).status_code == 422
    assert world.session.scalars(select(BatchFile)).all() == []
