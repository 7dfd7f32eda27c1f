"""Draw the shipped templates of the mobile library's papers anew: `python docs/mobile_papers.py`. As docs/papers.py does."""

import sys
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from papers import head, into, listed, paper, rule, say, signs, table

TARGET = Path(__file__).parent.parent / "library" / "mobile" / "data"


def _title(document: Any, kind: str, about: str = "{{ about }}") -> None:
    head(document)
    say(document, (kind, "b"), side=ALIGN.CENTER, size=14, after=0)
    say(document, (about, "b"), side=ALIGN.CENTER, after=0)
    rule(document, 62, 62)


def _paragraphs(document: Any, *lines: tuple[Any, ...]) -> None:
    for parts in lines:
        say(document, *parts, side=ALIGN.JUSTIFY)


def trip() -> Any:
    """What a trip came to."""
    document = paper()
    _title(document, "BÁO CÁO CHUYẾN")
    _paragraphs(
        document,
        (("1. Xe và người: ", "b"), "{{ vehicle }}; {{ crew }}{{ crew_why }}."),
        (("2. Thời gian: ", "b"), "{{ day }}; đi {{ out }}, về {{ back }} (lịch hẹn {{ planned }})."),
        (("3. Đường đi: ", "b"), "{{ km }} km; xăng dầu {{ fuel }}; chi phí {{ cost }}."),
        (("4. Sách mang theo: ", "b"), "{{ carried }} bản; chưa về kho {{ missing }} bản."),
        (("5. Phục vụ: ", "b"),
         "{{ calls }} điểm, {{ visits }} lượt bạn đọc (học sinh {{ pupils }}, trong đó nam {{ boys }}, nữ {{ girls }}; ",
         "giáo viên {{ teachers }}; người dân {{ citizens }}; người khuyết tật {{ access }}), ",
         "{{ uses }} lượt sách (mượn về {{ lent }})."),
        (("6. Việc khác: ", "b"), "{{ others }}."),
        (("7. Luân chuyển đi cùng: ", "b"), "{{ batches }}."),
        (("8. Việc xảy ra: ", "b"), "{{ incidents }}."),
    )  # fmt: skip
    say(document, ("Từng điểm dừng", "b"), after=2, keep=True)
    listed(document, [
        ("STT", "number", 11, ALIGN.CENTER), ("Điểm dừng", "name", 48, None), ("Giờ", "hours", 26, ALIGN.CENTER),
        ("Bạn đọc", "visits", 17, ALIGN.RIGHT), ("Lượt sách", "uses", 17, ALIGN.RIGHT), ("Lớp", "classes", 23, None),
        ("Đại diện ký", "signed", 23, None),
    ])  # fmt: skip
    signs(document, ("LÁI XE", "{{ driver }}"), ("NGƯỜI BÁO CÁO", "{{ officer }}"), square=True)
    return document


def quarter() -> Any:
    """What a quarter of trips came to: two measures, never one sum."""
    document = paper()
    _title(document, "BÁO CÁO")
    _paragraphs(
        document,
        (("1. Phục vụ lưu động: ", "b"),
         "{{ trips }} chuyến, {{ calls }} lượt dừng ở {{ stops }} điểm ({{ left_out }} lượt bỏ hoặc dời), ",
         "{{ km }} km, {{ hours }} giờ phục vụ."),
        (("2. Bạn đọc: ", "b"),
         "{{ visits }} lượt, trong đó học sinh {{ pupils }} lượt, người khuyết tật {{ access }} lượt."),
        (("3. Lượt sử dụng sách (lượt luân chuyển theo nghĩa lượt đọc, mượn): ", "b"),
         "{{ uses }} lượt, mượn về {{ lent }} lượt; bình quân {{ each }} lượt sách một lượt bạn đọc."),
        (("4. Sách đưa đi (luân chuyển theo nghĩa chuyển sách): ", "b"),
         "mang theo xe {{ carried }} bản; gửi các điểm luân chuyển {{ rotation_trips }} lượt, {{ rotation_copies }} bản. ",
         "Các số này không cộng với lượt sách ở mục 3."),
        (("5. Kinh phí: ", "b"), "{{ cost }} (bằng chữ: {{ cost_words }}); mỗi lượt sách {{ cost_a_use }}."),
        (("6. Sách chưa về kho sau chuyến: ", "b"), "{{ missing }} bản ({{ loss }})."),
        (("7. Việc khác: ", "b"), "{{ others }}."),
    )  # fmt: skip
    columns = [
        ("Chuyến", "trips", 17, ALIGN.RIGHT), ("Lượt dừng", "calls", 17, ALIGN.RIGHT), ("Km", "km", 18, ALIGN.RIGHT),
        ("Bạn đọc", "visits", 20, ALIGN.RIGHT), ("Lượt sách", "uses", 20, ALIGN.RIGHT),
    ]  # fmt: skip
    say(document, ("Theo tháng", "b"), after=2, keep=True)
    listed(document, [("Tháng", "name", 50, None), *columns], of="months")
    say(document, ("Theo điểm dừng", "b"), after=2, keep=True).paragraph_format.space_before = document.styles[
        "Normal"
    ].font.size
    listed(document, [("Điểm dừng", "name", 67, None), *columns[1:2], *columns[3:]], of="rows")
    # Who signs is never alone on a page.
    say(document, "Trên đây là kết quả phục vụ lưu động của {{ library }}. Số bản ở mục 4 và lượt sách ở mục 3 là hai số khác "
        "nhau, báo cáo riêng.", side=ALIGN.JUSTIFY, keep=True).paragraph_format.space_before = document.styles[
        "Normal"
    ].font.size  # fmt: skip
    signs(document, ("NGƯỜI LẬP BÁO CÁO", "{{ officer }}"), ("GIÁM ĐỐC", "{{ director }}"), square=True)
    return document


def notice() -> Any:
    """Old days, new days: to schools and readers."""
    document = paper()
    _title(document, "THÔNG BÁO")
    say(document, ("Kính gửi: ", "b"), "{{ receivers }}.", side=ALIGN.JUSTIFY)
    _paragraphs(
        document,
        ("{{ library }} thông báo thay đổi lịch phục vụ của thư viện lưu động{{ because }} như sau:",),
    )
    listed(document, [
        ("STT", "number", 12, ALIGN.CENTER), ("Điểm dừng", "name", 57, None), ("Lịch cũ", "before", 48, ALIGN.CENTER),
        ("Lịch mới", "after", 48, ALIGN.CENTER),
    ])  # fmt: skip
    _paragraphs(document, ("{{ loans }}",), ("Lịch mới nhất có ở địa chỉ trong mã vuông bên dưới.",))
    _receivers(document)
    return document


def _receivers(document: Any) -> None:
    """Who gets a copy at the left, the square code, who signs at the right."""
    say(document, after=2)
    left, middle, right = (into(cell) for cell in table(document, [62, 41, 62], 1).rows[0].cells)
    say(left, ("Nơi nhận:", "bi"), size=12, after=0)
    say(left, "{{ copies }}", size=11, after=0)
    say(middle, "{{ square }}", side=ALIGN.CENTER, after=0)
    say(middle, "{{ square_says }}", side=ALIGN.CENTER, size=9, after=0)
    say(right, ("GIÁM ĐỐC", "b"), side=ALIGN.CENTER, after=52, keep=True)
    say(right, ("{{ director }}", "b"), side=ALIGN.CENTER, after=0)


PAPERS = {"trip-report": trip, "mobile-quarter": quarter, "visit-notice": notice}


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name in sys.argv[1:] or PAPERS:
        PAPERS[name]().save(str(TARGET / f"{name}.docx"))
