"""`flask holdings audit`: is every copy where its history says?"""

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from library.core.db import db, read_only
from library.holdings import ledger
from library.holdings.models import Item

commands = AppGroup("holdings", help="Bản sách và sổ di chuyển.")


@commands.command("audit")
def audit() -> None:
    """Tính lại chỗ của từng bản sách từ toàn bộ lịch sử. Thoát 1 nếu có bản nào lệch."""
    read_only()
    total = db.session.scalar(select(func.count(Item.id))) or 0
    wrong = ledger.astray(db.session())
    for item in db.session.scalars(select(Item).where(Item.id.in_(wrong))):
        click.echo(f"{item.accession or item.uid}: chỗ ghi trên bản sách khác với lịch sử")
    click.echo(f"{total} bản sách, {len(wrong)} bản lệch.")
    raise SystemExit(1 if wrong else 0)
