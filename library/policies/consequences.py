"""What a line would do, before it is written: does it ever speak, and can anybody still borrow? Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from library.core.errors import N_, Reason
from library.policies.rulebook import Rulebook
from library.policies.values import Channel, Lending, Line, Values, Where, applies, may_borrow

ABOUT_LENDING = frozenset({"lending", "length", "most", "most_of_class", "most_of_group"})
Probe = tuple[int | None, int | None, Channel]


def with_line(book: Rulebook, line: Line) -> Rulebook:
    """The rulebook as it would be; a line of the same id, or for the same keys, is replaced."""
    others = [one for one in book.lines if one.id != line.id and _keys(one) != _keys(line)]
    return replace(book, lines=(*others, line), _asked={})


def without_line(book: Rulebook, line_id: int) -> Rulebook:
    return replace(book, lines=tuple(one for one in book.lines if one.id != line_id), _asked={})


def _keys(line: Line) -> tuple[int, int | None, int | None, Channel | None]:
    return line.owner_id, line.category_id, line.item_class_id, line.channel


def _probes(book: Rulebook, line: Line, categories: Sequence[int]) -> Iterator[Probe]:
    """Every reader, book and channel the line is for."""
    for category, sort, channel in product(categories, (None, *book.sorts), Channel):
        if applies(line, Where(book.owners, category, sort, channel)):
            yield category, sort, channel


def lends(values: Values) -> bool:
    """Whether a first book can be had, to take home or to read in the house."""
    none = 0 in (values.most, values.most_of_class, values.most_of_group)
    return may_borrow(values) and values.lending is not Lending.NO and not none


def speaks(book: Rulebook, line: Line, categories: Sequence[int]) -> bool:
    """Whether anything it says ever holds at the library of this rulebook."""
    return any(line.id in book.resolve(*probe).lines.values() for probe in _probes(book, line, categories))


def doubts(before: Rulebook, line: Line, categories: Mapping[int, str]) -> list[Reason]:
    """What somebody should hear before the line is written at the library of this rulebook. Categories by name."""
    after = with_line(before, line)
    found = []
    if not speaks(after, line, list(categories)):
        sentence = N_("Dòng này không bao giờ dùng đến: mọi điều nó nói đã có dòng cụ thể hơn nói.")
        found.append(Reason("never-used", sentence))
    elif who := overruled(after, line, list(categories)):
        sentence = N_(
            "Với %(who)s thì dòng riêng của họ được theo trước ở vài điều. "
            "Muốn họ theo dòng này thì thêm dòng cho cả loại bạn đọc lẫn loại sách hay cách mượn."
        )
        found.append(Reason("overruled", sentence, {"who": ", ".join(categories[one] for one in who)}))
    return found + _shut(before, after, line, list(categories))


def overruled(book: Rulebook, line: Line, categories: Sequence[int]) -> list[int]:
    """Categories with a line of their own that goes before this one for a class or a channel: easily overlooked."""
    if line.category_id is not None or (line.item_class_id is None and line.channel is None):
        return []
    probes = [probe for probe in _probes(book, line, categories) if not set(line.said) <= _said_by(book, line, probe)]
    return list(dict.fromkeys(category for category, _, _ in probes if category is not None))


def _said_by(book: Rulebook, line: Line, probe: Probe) -> set[str]:
    """Values that this line says, or another one that speaks of all readers too."""
    found = book.resolve(*probe)
    by_id = {one.id: one for one in book.lines}
    return {name for name, told in found.lines.items() if told == line.id or by_id[told].category_id is None}


def _shut(before: Rulebook, after: Rulebook, line: Line, categories: Sequence[int]) -> list[Reason]:
    probes = list(_probes(after, line, categories))
    if any(lends(after.resolve(*probe).values) for probe in probes):
        return []
    if any(lends(before.resolve(*probe).values) for probe in probes):
        return [Reason("shut", N_("Theo dòng này thì không ai mượn được cuốn nào ở chỗ nó nói đến."))]
    if ABOUT_LENDING & set(line.said):
        sentence = N_("Vẫn chưa ai mượn được: phải có cả mượn trong bao lâu và giữ mấy cuốn.")
        return [Reason("not-enough", sentence)]
    return []
