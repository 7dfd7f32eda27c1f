"""QR codes as rows of ones and zeros. reportlab, which draws our pages, brings the encoder."""

from functools import lru_cache

from reportlab.graphics.barcode import qrencoder

from library.core.errors import N_, Reason
from library.labels.barcodes import UnprintableBarcode, in_words

QUIET_MODULES = 4
STEP_MM = 0.125  # a dot of a 203 dpi label printer
LEAST_MODULE = 0.375  # finer ones are lost on a phone's camera and a blurred print
EASY_MODULE = 0.5
LONGEST = 120


@lru_cache(maxsize=1024)
def matrix(payload: str) -> tuple[str, ...]:
    """Rows from the top, "1" dark, quiet zone aside; a fifth of it may be lost (level M). Raises UnprintableBarcode."""
    if not payload or len(payload) > LONGEST or not payload.isascii():
        sentence = N_("Mã “%(code)s” trống, hoặc có ký tự mà mã vạch không chứa được.")
        raise UnprintableBarcode(Reason("barcode-characters", sentence, {"code": payload}))
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(qrencoder.QRNumber(payload) if payload.isdigit() else payload)
    code.make()
    return tuple("".join("1" if dark else "0" for dark in row) for row in code.modules)


def module_for(payload: str, room: float, most: float = 2.0) -> float:
    """The widest module, in whole dots, with which the square and its quiet zone find room. Millimetres.

    Raises UnprintableBarcode, with the millimetres missing, when even the least does not.
    """
    wide = len(matrix(payload)) + 2 * QUIET_MODULES
    module = min(most, int(room / wide / STEP_MM + 1e-9) * STEP_MM)
    if module >= LEAST_MODULE:
        return module
    needs = wide * LEAST_MODULE
    sizes = {name: in_words(mm) for name, mm in (("needs", needs), ("has", room), ("missing", needs - room))}
    sentence = N_("Mã %(code)s cần rộng %(needs)s mm, nhãn chỉ có %(has)s mm: thiếu %(missing)s mm.")
    raise UnprintableBarcode(Reason("barcode-too-wide", sentence, {"code": payload} | sizes), needs - room)
