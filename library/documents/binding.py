"""Several papers in one PDF, to be printed with one deed. Each begins on a page of its own, counted from one, on its own
paper with its own margins."""

import io
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from docx import Document
from reportlab.platypus import BaseDocTemplate, Frame, NextPageTemplate, PageBreak, PageTemplate, Spacer

from library.documents import faces
from library.documents.filling import BadTemplate
from library.documents.printing import SIZE, UNPRINTABLE, flowing, points


def pdf(docxs: Sequence[bytes], title: str) -> bytes:
    """At least one paper; the same one twice is read once. Raises BadTemplate."""
    try:
        read = {docx: _read(docx) for docx in docxs}
        return _bound([read[docx] for docx in docxs], title)
    except Exception as wrong:  # as in `printing.pdf`: it is in the template
        raise BadTemplate(UNPRINTABLE) from wrong


def _read(docx: bytes) -> tuple[Any, list[Any]]:
    """The section of the paper, and what flows on its pages."""
    paper = Document(io.BytesIO(docx))
    section = paper.sections[0]
    room = points(section.page_width) - points(section.left_margin) - points(section.right_margin)
    return section, list(flowing(paper, room - 12)) or [Spacer(1, 1)]


def _bound(papers: Sequence[tuple[Any, list[Any]]], title: str) -> bytes:
    out, story = io.BytesIO(), []
    templates = [one for at, (section, _) in enumerate(papers) for one in _templates(at, section)]
    frame = BaseDocTemplate(
        out, pageTemplates=templates, title=title, creator="Tủ Sách", lang="vi", initialFontName=faces.name_of()
    )
    for at, (_, story_of_one) in enumerate(papers):
        story += [NextPageTemplate(f"first{at}"), PageBreak()] if at else []
        story += deepcopy(story_of_one)  # what is laid out once cannot be laid out again
    frame.build(story)
    return out.getvalue()


def _templates(at: int, section: Any) -> list[PageTemplate]:
    """The first page of a paper, and those after it, which are numbered in the middle of the head."""
    width, height = points(section.page_width), points(section.page_height)
    left, bottom = points(section.left_margin), points(section.bottom_margin)
    room, high = width - left - points(section.right_margin), height - bottom - points(section.top_margin)
    size = (width, height)
    return [
        PageTemplate(f"first{at}", [Frame(left, bottom, room, high)], _begun, pagesize=size,
                     autoNextPageTemplate=f"later{at}"),
        PageTemplate(f"later{at}", [Frame(left, bottom, room, high)], _numbered, pagesize=size),
    ]  # fmt: skip


def _begun(canvas: Any, frame: Any) -> None:
    frame.began = canvas.getPageNumber()


def _numbered(canvas: Any, frame: Any) -> None:
    canvas.setFont(faces.name_of(), SIZE)
    width, height = canvas._pagesize
    canvas.drawCentredString(width / 2, height - 32, str(canvas.getPageNumber() - frame.began + 1))
