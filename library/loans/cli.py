"""`flask loans audit`: does every loan end where its copy's history says?"""

from collections.abc import Iterator

import click
from flask.cli import AppGroup
from sqlalchemy import select

from library.core.db import db, read_only
from library.holdings.models import Item
from library.loans import settling
from library.loans.models import Loan

commands = AppGroup("loans", help="Lượt mượn.")
BATCH = 500


def _lent_items() -> Iterator[list[int]]:
    """Ids of copies that were ever lent, in batches."""
    after = 0
    query = select(Loan.item_id).distinct().order_by(Loan.item_id).limit(BATCH)
    while found := list(db.session.scalars(query.where(Loan.item_id > after))):
        yield found
        after = found[-1]


@commands.command("audit")
def audit() -> None:
    """Tính lại từng lượt mượn từ lịch sử bản sách. Thoát 1 nếu có lượt nào lệch."""
    read_only()
    total, wrong = 0, list[int]()
    for items in _lent_items():
        total += len(items)
        wrong += settling.astray(db.session(), items)
    for item in db.session.scalars(select(Item).where(Item.id.in_(wrong))):
        click.echo(f"{item.accession or item.uid}: lượt mượn khác với lịch sử")
    click.echo(f"{total} bản sách từng cho mượn, {len(wrong)} bản lệch.")
    raise SystemExit(1 if wrong else 0)
