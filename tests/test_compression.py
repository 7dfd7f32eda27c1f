"""Pages and style sheets travel small, and are still asked for once."""

import gzip
import zlib

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TAKES = {"Accept-Encoding": "gzip, deflate"}
STYLE = "/static/css/base.css"


def unpacked(answer: TestResponse) -> bytes:
    how = {"gzip": gzip.decompress, "deflate": zlib.decompress}
    return how[answer.headers["Content-Encoding"]](answer.data)


def ask(client: FlaskClient, path: str) -> tuple[TestResponse, TestResponse]:
    """The plain answer and the small one, read to their end."""
    plain, small = client.get(path, buffered=True), client.get(path, headers=TAKES, buffered=True)
    plain.close()
    small.close()
    return plain, small


def test_a_page_and_a_style_sheet_travel_small(app: Flask) -> None:
    for path, times in (("/sign-in", 2), (STYLE, 3)):
        plain, small = ask(app.test_client(), path)
        assert unpacked(small) == plain.data, path
        assert len(small.data) * times < len(plain.data), path
        assert "Accept-Encoding" in small.headers["Vary"]


def test_what_was_sent_small_is_known_again(app: Flask) -> None:
    client = app.test_client()
    _, small = ask(client, STYLE)
    with client.get(STYLE, headers={**TAKES, "If-None-Match": small.headers["ETag"]}) as again:
        assert again.status_code == 304


def test_pictures_and_fonts_are_sent_as_they_are(app: Flask) -> None:
    path = "/static/vendor/be-vietnam-pro/be-vietnam-pro-latin-400-normal.woff2"
    _, small = ask(app.test_client(), path)
    assert "Content-Encoding" not in small.headers
