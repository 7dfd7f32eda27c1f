"""Book lists: rows become titles of the network and copies in the register of one library.

A copy is known again by its accession number, a row without numbers by what it says: the same list brought twice
changes nothing, the same list with twenty rows more adds twenty. A title is never merged by its number alone
(`catalogue.matching`), and a number of the register never passes to another book.

MARC entries go the same way, each with its copies, and the source of a title is kept whole (`entry_rows`).

Undoing strikes copies out; their numbers stay with them, and a list brought again takes them up again. Titles stay in
the catalogue, for the register's struck-out lines must say which books they were; a title without a listed copy is
nothing a reader finds. Copies that have lived on (lent, moved, asked for, labelled) stay as they are and are listed.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission
from library.catalogue.columns import BOOK_WORDS
from library.core import clock
from library.core.errors import N_
from library.core.forms import Reader
from library.holdings import list_programs
from library.holdings.entry_reading import ENTRIES
from library.holdings.entry_rows import apply, judge, prepare
from library.holdings.entry_undoing import undo
from library.holdings.list_entries import DEFAULT_SOURCE, begin, homes_of
from library.holdings.list_rows import COUNTED, KIND, found
from library.organisations.models import Counter
from library.staging.importers import Importer, Question, Task, register

USUAL_SERIES = (
    ("TN", N_("TN – sách thiếu nhi")),
    ("TK", N_("TK – sách tham khảo")),
    ("GK", N_("GK – sách giáo khoa")),
    ("NV", N_("NV – sách nghiệp vụ")),
)

WHEN = (
    ("no", N_("Sách mới về, tính vào bổ sung năm nay")),
    ("yes", N_("Sách có từ trước: nhập hồi cố")),
)
WITHOUT_COPIES = (
    ("none", N_("Chỉ lấy nhan đề, chưa có bản nào")),
    ("one", N_("Ghi vào sổ một bản cho mỗi biểu ghi")),
)


def questions(session: Session, task: Task) -> list[Question]:
    answers = task.answers
    homes = homes_of(session, task.branch_id)
    asked = [
        Question("series", N_("Chữ đầu số đăng ký khi tệp không ghi"), answers.get("series", "TN"), "select",
                 _series(session, task.library_id), N_("Bản chưa có số được đánh tiếp sau số lớn nhất của dãy này.")),
        Question("home", N_("Sách xếp ở đâu"), answers.get("home", homes[0][0] if homes else ""), "select", homes),
        Question("source", N_("Nguồn khi tệp không ghi"), answers.get("source", DEFAULT_SOURCE)),
        Question("received_on", N_("Ngày vào sổ khi tệp không ghi"),
                 answers.get("received_on", clock.today().isoformat()), "date"),
        Question("retrospective", N_("Sách có từ bao giờ"), answers.get("retrospective", "no"), "select", WHEN,
                 N_("Nhập hồi cố giữ đúng ngày vào sổ của từng dòng, và không tính vào sách bổ sung năm nay.")),
    ]  # fmt: skip
    without = Question(
        "bare", N_("Biểu ghi không kể bản sách nào"), answers.get("bare", "none"), "select", WITHOUT_COPIES
    )
    return [*asked, without] if task.choices.get("entries") else asked


def _series(session: Session, library_id: int) -> tuple[tuple[str, str], ...]:
    """The usual ones and those this library counts already."""
    query = select(Counter.series).where(Counter.library_id == library_id, Counter.series.startswith(COUNTED))
    others = sorted(name.removeprefix(COUNTED) for name in session.scalars(query))
    return (*USUAL_SERIES, *((name, name) for name in others if name not in dict(USUAL_SERIES)))


def check(session: Session, task: Task, given: Mapping[str, str]) -> dict[str, str]:
    """Raises Invalid."""
    reader = Reader(given)
    series = reader.choice("series", {name: name for name, _ in _series(session, task.library_id)})
    home = reader.choice("home", {place: place for place, _ in homes_of(session, task.branch_id)})
    source = reader.text("source", longest=200)
    day = reader.day("received_on")
    late = reader.choice("retrospective", {name: name for name, _ in WHEN}) if "retrospective" in given else "no"
    bare = reader.choice("bare", {name: name for name, _ in WITHOUT_COPIES}) if "bare" in given else "none"
    reader.done()
    return {
        "series": series or "", "home": home or "", "source": source, "received_on": day.isoformat() if day else "",
        "retrospective": late or "no", "bare": bare or "none",
    }  # fmt: skip


def weight(values: Mapping[str, Any]) -> int:
    """Copies a row brings."""
    told = values.get("copies") or values.get("accessions")
    return len(told) if told else int(values.get("quantity") or 1)


register(
    Importer(
        kind=KIND,
        title=N_("Danh sách sách"),
        about=N_("Cột nào cũng được. Máy tự đoán tên sách, tác giả, số đăng ký cá biệt, giá tiền, rồi hỏi lại."),
        icon="book",
        deed=N_("Nạp %(count)s dòng sách"),
        permission=Permission.IMPORT_BOOKS,
        words=BOOK_WORDS,
        essential=("title", "author_title"),
        shown=("title", "author_title", "author", "accession", "accession_first", "quantity", "price"),
        tallies={
            "titles": N_("%(count)s nhan đề mới"),
            "copies": N_("%(count)s bản sách vào sổ"),
            "updated": N_("%(count)s nhan đề được bổ sung"),
        },
        kept=N_(
            "Bản đã có người mượn, đã chuyển chỗ, đã in nhãn hay có người đặt thì giữ nguyên."
            " Số đăng ký của các bản khác bị gạch khỏi sổ; nạp lại tệp đã sửa thì dùng lại đúng số cũ."
        ),
        find_header=list_programs.find,
        read=list_programs.read,
        questions=questions,
        check=check,
        judge=judge,
        begin=begin,
        prepare=prepare,
        apply=apply,
        undo=undo,
        found=found,
        serif=True,
        weight=weight,
        programs=list_programs.PROGRAMS,
        as_program=list_programs.as_program,
        entries=ENTRIES,
        lasting=("retrospective", "bare"),
    )
)
