"""What can be exported, who may, and in which forms."""

from collections.abc import Mapping

from library.access import Permission
from library.core.errors import N_
from library.exports import as_marc, as_told, book_list, copies, people, titles
from library.exports.things import Kind

EVERY_FORM = ("xlsx", "csv", "mrc", "xml", "jsonl")

_ALL = (
    Kind(
        "books", N_("Sách và bản sách"),
        N_("Mỗi dòng là các bản giống nhau của một nhan đề. Mang nạp vào thư viện khác được ngay."), Permission.EXPORT,
        "sach", book_list.BOOK_HEAD, titles.ids, titles.some_with_copies, book_list.book_rows,
        as_told.told_with_copies, as_marc.entries, EVERY_FORM,
    ),
    Kind(
        "titles", N_("Nhan đề"), N_("Phần mô tả của mục lục, không kể bản nào ở đâu."), Permission.EXPORT, "nhan-de",
        (*book_list.TITLE_HEAD, *book_list.MORE_HEAD), titles.ids, titles.some, book_list.title_rows, as_told.told,
        as_marc.entries, EVERY_FORM,
    ),
    Kind(
        "copies", N_("Từng bản sách"),
        N_("Mỗi bản một dòng: số đăng ký, mã, nơi để, tình trạng, nguồn nhập; cả bản đã thanh lý."), Permission.EXPORT,
        "ban-sach", copies.HEAD, copies.ids, copies.some, copies.rows, copies.told,
    ),
    Kind(
        "readers", N_("Bạn đọc"), N_("Số thẻ, họ tên, lớp, loại bạn đọc và hạn thẻ. Không có gì khác về các em."),
        Permission.EXPORT_PATRONS, "ban-doc", people.READER_HEAD, people.ids_of_readers, people.some_readers, people.rows,
        people.told_reader,
    ),
    Kind(
        "loans", N_("Lượt mượn"), N_("Ai mượn cuốn nào, từ ngày nào đến ngày nào. Bạn đọc chỉ hiện số thẻ."),
        Permission.EXPORT_PATRONS, "luot-muon", people.LOAN_HEAD, people.ids_of_loans, people.some_loans, people.rows,
        people.told_loan,
    ),
)  # fmt: skip
KINDS: Mapping[str, Kind] = {one.name: one for one in _ALL}
