"""Paper of one's own, printers and what they get wrong, templates, what was printed, and signs: codes on things that
are neither copies nor readers."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model


class Why(StrEnum):
    """Why labels were printed."""

    NEW = "new"
    TORN = "torn"
    MISPRINT = "misprint"
    MARK = "mark"
    LAYOUT = "layout"
    OTHER = "other"


class LabelTemplate(Model):
    """What a library's own labels say: lines in order for each of one or two cells (`templates.as_plain`)."""

    __tablename__ = "label_template"
    __table_args__ = (UniqueConstraint("library_id", "name"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    logo: Mapped[str] = mapped_column(default="", doc="What stands for the library instead of its whole name.")
    symbology: Mapped[str] = mapped_column(default="code128")
    payload: Mapped[str] = mapped_column(default="own", doc="What the bars hold: own, short, accession.")
    cells: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    changed_at: Mapped[datetime]


class LabelPaper(Model):
    """A sheet or roll the library measured itself. Millimetres."""

    __tablename__ = "label_paper"
    __table_args__ = (
        UniqueConstraint("library_id", "name"),
        CheckConstraint("cols > 0 AND rows > 0", name="has_cells"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    page_w: Mapped[float] = mapped_column(Float)
    page_h: Mapped[float] = mapped_column(Float)
    label_w: Mapped[float] = mapped_column(Float)
    label_h: Mapped[float] = mapped_column(Float)
    cols: Mapped[int]
    rows: Mapped[int]
    margin_left: Mapped[float] = mapped_column(Float)
    margin_top: Mapped[float] = mapped_column(Float)
    pitch_x: Mapped[float] = mapped_column(Float)
    pitch_y: Mapped[float] = mapped_column(Float)
    cut: Mapped[bool] = mapped_column(default=False, doc="Plain paper: outlines are printed to be cut along.")


class LabelPrinter(Model):
    """What one printer gets wrong, and where the half-used sheet of each paper goes on."""

    __tablename__ = "label_printer"
    __table_args__ = (UniqueConstraint("library_id", "name"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    x_mm: Mapped[float] = mapped_column(Float, default=0.0, doc="To the right.")
    y_mm: Mapped[float] = mapped_column(Float, default=0.0, doc="Down.")
    ruler_mm: Mapped[float] = mapped_column(Float, default=100.0, doc="What 100 mm measure on its paper.")
    dpi: Mapped[int] = mapped_column(default=203, doc="Dots an inch of a label printer; others do not ask.")
    starts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, doc="Paper code → first free cell, from 1.")


class LabelRun(Model):
    """Labels that came out of the printer together: who, when, on what, why. Never changed."""

    __tablename__ = "label_run"
    __table_args__ = (Index(None, "library_id", "printed_at"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    account: Mapped[UUID | None] = mapped_column(doc="Who; none for those printed before the log was kept.")
    printed_at: Mapped[datetime]
    why: Mapped[Why]
    paper: Mapped[str] = mapped_column(doc="The code of the paper.")
    template: Mapped[str] = mapped_column(doc="The name of the template at that time.")
    labels: Mapped[int]


class LabelRunItem(Model):
    """A copy whose label was in a run."""

    __tablename__ = "label_run_item"
    __table_args__ = (Index(None, "item_id"),)
    __scope__ = "run_id>label_run.library_id:library"

    run_id: Mapped[int] = mapped_column(ForeignKey("label_run.id", ondelete="RESTRICT"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), primary_key=True)


class Sign(Model):
    """A code on a shelf, a class, somebody of the staff; or on a crate or a stop, which has only its name so far: the
    package that knows crates and stops points at this row."""

    __tablename__ = "sign"
    __table_args__ = (
        Index(None, "library_id"),
        Index(None, "place_id", unique=True),
        Index(None, "class_id", unique=True),
        Index(None, "account_id", unique=True),
        CheckConstraint(
            "(place_id IS NOT NULL AND class_id IS NULL AND account_id IS NULL AND name IS NULL)"
            " OR (place_id IS NULL AND class_id IS NOT NULL AND account_id IS NULL AND name IS NULL)"
            " OR (place_id IS NULL AND class_id IS NULL AND account_id IS NOT NULL AND name IS NULL)"
            " OR (place_id IS NULL AND class_id IS NULL AND account_id IS NULL AND name IS NOT NULL)",
            name="of_one_thing",
        ),
    )
    __scope__ = "library_id:library"

    code_id: Mapped[int] = mapped_column(ForeignKey("code.id", ondelete="RESTRICT"), primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    name: Mapped[str | None] = mapped_column(doc="Of a crate or a stop.")
