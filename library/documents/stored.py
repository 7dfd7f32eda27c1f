"""Which papers there are, the template each is made from, and the versions libraries made their own."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library import files
from library.core import clock
from library.core.errors import NotFound
from library.documents import checking
from library.documents.filling import Values, filled
from library.documents.models import DocumentTemplate


@dataclass(frozen=True)
class Kind:
    """A paper: its name in addresses, what people call it, the shipped template, values to try it with, and what each
    value is (name → words)."""

    name: str
    title: str
    shipped: Path
    sample: Callable[[], Values]
    means: Mapping[str, str] = field(default_factory=dict)


KINDS: dict[str, Kind] = {}
"""Filled by the packages above when they are imported."""


def register(kind: Kind) -> Kind:
    KINDS[kind.name] = kind
    return kind


def kind(name: str) -> Kind:
    """Raises NotFound."""
    found = KINDS.get(name)
    if found is None:
        raise NotFound
    return found


def own(session: Session, library_id: int) -> dict[str, DocumentTemplate]:
    """The templates this library made its own, by name."""
    rows = session.scalars(select(DocumentTemplate).where(DocumentTemplate.library_id == library_id))
    return {row.name: row for row in rows}


def template(session: Session, library_id: int, name: str) -> bytes:
    """The library's own if its bytes are there, else the shipped one."""
    mine = select(DocumentTemplate.file_key)
    key = session.scalar(mine.where(DocumentTemplate.library_id == library_id, DocumentTemplate.name == name))
    if key and files.path_of(key).exists():
        return files.path_of(key).read_bytes()
    return kind(name).shipped.read_bytes()


def made(session: Session, library_id: int, name: str, values: Values) -> bytes:
    """The paper as DOCX. Raises BadTemplate where the library's template asks for what there no longer is."""
    return filled(template(session, library_id, name), values)


@dataclass(frozen=True)
class Checked:
    """Bytes that may be the template `name`: made by `checked` only."""

    name: str
    data: bytes


def checked(name: str, data: bytes) -> Checked:
    """Filled and printed once to try it: seconds, so before anything is locked. Raises BadTemplate, NotFound."""
    checking.check(data, kind(name).sample())
    return Checked(name, data)


def put(session: Session, library_id: int, new: Checked, account: UUID | None) -> str | None:
    """From now on this library's papers are made from it; the key of what it replaces, to be forgotten after the
    commit."""
    key = files.keep(io.BytesIO(new.data))
    row = own(session, library_id).get(new.name) or DocumentTemplate(library_id=library_id, name=new.name, file_key="")
    before, row.file_key, row.account, row.put_at = row.file_key, key, account, clock.now()
    session.add(row)
    session.flush()
    return before if before and before != key else None


def back(session: Session, library_id: int, name: str) -> str | None:
    """The shipped template again; the key of the own one."""
    row = own(session, library_id).get(name)
    if row is None:
        return None
    session.execute(delete(DocumentTemplate).where(DocumentTemplate.id == row.id))
    return row.file_key


def forget(session: Session, key: str | None) -> None:
    """The bytes, unless another library's template is the same."""
    if key:
        files.forget(session, key)
