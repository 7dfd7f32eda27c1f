"""What searching keeps for itself: how often titles are lent, and the way to a shelf."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from library import files
from library.catalogue.models import Record
from library.core.db import Model
from library.holdings.models import Place

Index("ix_record_year", Record.network_id, Record.year)


class TitleLoans(Model):
    """How often a title was lent in the last year, by its network's libraries together. Counted anew every night."""

    __tablename__ = "title_loans"
    __table_args__ = (Index(None, "loans"),)
    __scope__ = "record_id>record.network_id:network"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    loans: Mapped[int] = mapped_column(doc="More than none: titles nobody borrowed have no row.")


class ListedTitle(Model):
    """A title somebody put on their own list. Their name is in their account alone."""

    __tablename__ = "listed_title"
    __scope__ = "record_id>record.network_id:network"

    account: Mapped[UUID] = mapped_column(primary_key=True, doc="Whose list it is.")
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(doc="The last put on it has the highest.")


class WayToPlace(Model):
    """How a reader walks to a place, in the words of those who work there, and what it looks like."""

    __tablename__ = "way_to_place"
    __scope__ = "place_id>place.branch_id:branch"

    place_id: Mapped[int] = mapped_column(ForeignKey(Place.id, ondelete="RESTRICT"), primary_key=True)
    words: Mapped[str | None] = mapped_column(doc="Tủ thứ hai bên trái cửa, ngăn thấp.")
    picture_key: Mapped[str | None] = mapped_column(info=files.KEY)
