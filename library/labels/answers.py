"""The pages of this package: their blueprint, and what they answer with."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response

from library import access
from library.access import Permission, Scope
from library.core.errors import NotFound, Refused
from library.labels.barcodes import UnprintableBarcode

bp = Blueprint("labels", __name__)


class TooWide(Refused):
    """A number on a card that no card has room for: one that came from elsewhere."""

    status = 422


def file(content: bytes, kind: str, name: str) -> Response:
    """To be saved."""
    return Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def pdf(content: bytes, name: str) -> Response:
    """To be looked at and printed."""
    return Response(
        content, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'}
    )


def drawn(draw: Callable[[], bytes]) -> bytes:
    """Raises TooWide."""
    try:
        return draw()
    except UnprintableBarcode as error:
        raise TooWide(error.reason) from error


def as_uuid(text: str) -> UUID:
    """Raises NotFound."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def may_print(scope: Scope) -> Scope:
    """Cards show whole names: who prints them may see readers *and* print, at the same library."""
    printing = access.scope(Permission.PRINT_LABELS)
    libraries = scope.libraries & printing.libraries
    return Scope(libraries, scope.branches & printing.branches, scope.classes, networks=scope.networks)
