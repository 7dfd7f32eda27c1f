"""Numbers and sums in words, as minutes and receipts have them. Pure; Vietnamese only, for so are the papers."""

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
GROUPS = ("", "nghìn", "triệu", "tỷ")


def number(value: int) -> str:
    """18230000 → mười tám triệu hai trăm ba mươi nghìn. Raises ValueError below 0."""
    if value < 0:
        raise ValueError("no words for less than nothing")
    if value == 0:
        return DIGITS[0]
    return " ".join(_grouped(value))


def _grouped(value: int) -> list[str]:
    """Billions are counted in billions, however many: một nghìn tỷ."""
    if value >= 1_000_000_000:
        above, rest = divmod(value, 1_000_000_000)
        return [*_grouped(above), GROUPS[3], *(_groups(rest, full=True) if rest else [])]
    return _groups(value, full=False)


def _groups(value: int, full: bool) -> list[str]:
    words: list[str] = []
    for place in (2, 1, 0):
        part = value // 1000**place % 1000
        if part:
            words += [*_hundreds(part, full or bool(words)), *([GROUPS[place]] if place else [])]
    return words


def _hundreds(part: int, full: bool) -> list[str]:
    """Three digits; `full` where something larger stands before: không trăm linh năm."""
    hundreds, rest = divmod(part, 100)
    words = [DIGITS[hundreds], "trăm"] if hundreds or full else []
    return words + _tens(rest, after=bool(words))


def _tens(rest: int, after: bool) -> list[str]:
    tens, ones = divmod(rest, 10)
    if tens == 0:
        return ([*(["linh"] if after else []), DIGITS[ones]]) if ones else []
    words = ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    special = {1: "một" if tens == 1 else "mốt", 5: "lăm"}
    return words + ([special.get(ones, DIGITS[ones])] if ones else [])


def dong(value: int) -> str:
    """35000 → Ba mươi lăm nghìn đồng."""
    said = number(value)
    return f"{said[0].upper()}{said[1:]} đồng"
