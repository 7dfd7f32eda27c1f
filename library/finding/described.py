"""A title in the words of schema.org, for search engines; and the one address they should know it by."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from library.catalogue.models import Contributor, Format, NumberKind, Record, Role
from library.finding.queries import Book
from library.organisations.models import Organisation

_FORMATS = {Format.AUDIO: "AudiobookFormat", Format.LINK: "EBook"}
_ROLES = {"author": (Role.AUTHOR, Role.TELLER, Role.TEXT), "translator": (Role.TRANSLATOR,),
          "illustrator": (Role.ILLUSTRATOR, Role.ARTIST), "editor": (Role.EDITOR, Role.CHIEF_EDITOR)}  # fmt: skip


def address_of(session: Session, record: Record, library: Organisation) -> str:
    """The whole address of the title in the library at the head of the network: the same book stands in many."""
    root = session.get_one(Organisation, library.network_id or library.id)
    return url_for("finding.book", slug=root.slug, uid=record.uid, _external=True)


def as_linked_data(record: Record, book: Book, library: Organisation) -> dict[str, Any]:
    """A schema.org Book; what is not known is left out."""
    told = {
        "@context": "https://schema.org",
        "@type": "Book",
        "name": record.full_title,
        "alternativeHeadline": record.subtitle,
        **{name: _people(record.contributors, roles) for name, roles in _ROLES.items()},
        "isbn": next((one.number for one in record.numbers if one.kind is NumberKind.ISBN), None),
        "publisher": {"@type": "Organization", "name": record.publisher} if record.publisher else None,
        "datePublished": str(record.year) if record.year else None,
        "bookEdition": record.edition,
        "bookFormat": f"https://schema.org/{_FORMATS[record.format]}" if record.format in _FORMATS else None,
        "inLanguage": record.language,
        "description": record.summary,
        "isPartOf": {"@type": "BookSeries", "name": record.series} if record.series else None,
        "offers": _offer(book, library),
    }
    return {name: value for name, value in told.items() if value}


def _people(people: Sequence[Contributor], roles: Sequence[Role]) -> list[dict[str, str]]:
    return [{"@type": "Person", "name": one.name} for one in people if one.role in roles]


def _offer(book: Book, library: Organisation) -> dict[str, Any]:
    """Lent for nothing by the library of the page; without any copy it is read on the net."""
    free = not book.spots or any(spot.free for spot in book.spots if spot.library_id == library.id)
    return {
        "@type": "Offer", "price": "0", "priceCurrency": "VND", "businessFunction": "http://purl.org/goodrelations/v1#LeaseOut",
        "availability": f"https://schema.org/{'InStock' if free else 'OutOfStock'}",
        "offeredBy": {"@type": "Library", "name": library.name},
    }  # fmt: skip
