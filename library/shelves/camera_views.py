"""The camera of a telephone: a photograph is read here; a page that looks live asks for what its decoder needs."""

from typing import Any

from flask import Blueprint, g

from library.access import Permission, needs, reads_first
from library.labels import photos

bp = Blueprint("camera", __name__)


@bp.post("/shelves/photo")
@needs(Permission.CLASS_DESK)
@reads_first
def photo() -> Any:
    """{codes: [...], said: what to do when there is none}. Nothing is written, the picture is not kept."""
    return photos.codes_told()


@bp.app_template_global("open_camera")
def open_camera() -> str:
    """Written where the camera stands in a page: this page alone may run the decoder (WebAssembly)."""
    g.more_policy = "script-src 'self' 'wasm-unsafe-eval'"
    return ""
