"""What a page is answered that sends a photograph of labels: for a telephone whose browser does not open its camera."""

from flask import Response, jsonify, request
from flask_babel import gettext as _

from library.core.errors import N_, Reason
from library.labels import reading

NO_PHOTO = Reason("no-photo", N_("Chưa có ảnh nào. Chụp mã trên bìa sách."))


def codes_told() -> Response:
    """{codes: [...], said: what to do when there is none}, of the `photo` sent. Nothing is written, the picture is not
    kept. Raises BadPhoto."""
    sent = request.files.get("photo")
    data = sent.stream.read(reading.LARGEST_FILE + 1) if sent else b""
    if not data:
        raise reading.BadPhoto(NO_PHOTO)
    codes = reading.codes_in(data)
    return jsonify(codes=codes, said="" if codes else _("Chưa thấy mã nào trong ảnh. Chụp gần hơn, đủ sáng, cả mã."))
