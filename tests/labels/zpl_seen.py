"""A label printer for the commands we use: reads ZPL, gives each format as an image. Written from the language's manual,
without the encoder under test: codes are expanded from the data by their own rules."""

import re

from barcode.charsets import code39, code128, ean
from PIL import Image, ImageDraw

SPECIAL = {"0": ">", "<": "^", "=": "~"}
COUNTS = {chr(ord("G") + at): at + 1 for at in range(19)} | {chr(ord("g") + at): 20 * (at + 1) for at in range(20)}


def formats(job: str) -> list[Image.Image]:
    return [_format(one) for one in re.findall(r"\^XA(.*?)\^XZ", job, re.S)]


def _format(text: str) -> Image.Image:
    (wide,), (high,) = re.findall(r"\^PW(\d+)", text), re.findall(r"\^LL(\d+)", text)
    shift = re.search(r"\^LS(-?\d+)", text), re.search(r"\^LT(-?\d+)", text)
    left, down = -int(shift[0][1]), int(shift[1][1])
    page = Image.new("L", (int(wide), int(high)), 255)
    for x, y, field in re.findall(r"\^FO(\d+),(\d+)(.*?)\^FS", text, re.S):
        if field.startswith("^GFA"):
            _graphic(page, int(x) + left, int(y) + down, field)
        else:
            _bars(page, int(x) + left, int(y) + down, field)
    return page


def _graphic(page: Image.Image, x: int, y: int, field: str) -> None:
    total, again, wide, data = re.fullmatch(r"\^GFA,(\d+),(\d+),(\d+),(.*)", field, re.S).groups()
    assert total == again
    rows, row, at = [], "", 0
    while at < len(data):
        many = 0
        while data[at] in COUNTS:
            many, at = many + COUNTS[data[at]], at + 1
        if data[at] == ":":
            assert not row
            rows.append(rows[-1])
        elif data[at] in ",!":
            row += ("0" if data[at] == "," else "F") * (2 * int(wide) - len(row))
        else:
            row += data[at] * (many or 1)
        at += 1
        if len(row) == 2 * int(wide):
            rows, row = [*rows, row], ""
    assert not row
    assert len(rows) * int(wide) == int(total)
    picture = Image.frombytes("1", (8 * int(wide), len(rows)), bytes.fromhex("".join(rows)))
    page.paste(0, (x, y), picture)


def _bars(page: Image.Image, x: int, y: int, field: str) -> None:
    module, ratio, high = re.search(r"\^BY(\d+),(\d+),(\d+)", field).groups()
    assert ratio == "3"
    kind, data = re.search(r"\^(B[C3E])[^^]*\^FD(.*)", field, re.S).groups()
    line = {"BC": _code128, "B3": _code39, "BE": _ean13}[kind](data)
    pen = ImageDraw.Draw(page)
    for at, bar in enumerate(line):
        if bar == "1":
            pen.rectangle((x + at * int(module), y, x + (at + 1) * int(module) - 1, y + int(high) - 1), 0)


def _code128(data: str) -> str:
    start, rest = {">:": 104, ">;": 105}[data[:2]], data[2:]
    values, in_b, at = [start], start == 104, 0
    while at < len(rest):
        pair = rest[at : at + 2]
        if pair == ">5" and in_b:
            values, in_b, at = [*values, 99], False, at + 2
        elif pair == ">6" and not in_b:
            values, in_b, at = [*values, 100], True, at + 2
        elif in_b and pair[0] == ">":
            values, at = [*values, ord(SPECIAL[pair[1]]) - 32], at + 2
        elif in_b:
            values, at = [*values, ord(pair[0]) - 32], at + 1
        else:
            values, at = [*values, int(pair)], at + 2
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % 103
    return "".join(code128.CODES[value] for value in (*values, check)) + code128.STOP + "11"


def _code39(data: str) -> str:
    return "0".join((code39.EDGE, *(code39.MAP[char][1] for char in data), code39.EDGE))


def _ean13(data: str) -> str:
    """Twelve digits; the printer works the check digit out."""
    assert len(data) == 12
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(data)) % 10
    first, *digits = map(int, data + str(check))
    left = "".join(ean.CODES[form][digit] for form, digit in zip(ean.LEFT_PATTERN[first], digits[:6], strict=True))
    return ean.EDGE + left + ean.MIDDLE + "".join(ean.CODES["C"][digit] for digit in digits[6:]) + ean.EDGE
