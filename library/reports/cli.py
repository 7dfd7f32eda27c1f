"""`flask reports audit` and `flask reports rebuild`: are the sums those of the ledgers, and making them anew."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from library.core.db import db, for_writing, read_only
from library.organisations.models import Branch
from library.reports import rolling

commands = AppGroup("reports", help="Số liệu.")


@commands.command("audit")
def audit() -> None:
    """So số đã cộng sẵn với từng lượt trong sổ. Thoát 1 nếu có chỗ lệch."""
    read_only()
    wrong = rolling.astray(db.session())
    names = {row.id: row.name for row in db.session.execute(select(Branch.id, Branch.name))}
    for one in wrong:
        face, branch = one.split(": ")
        click.echo(f"Bảng cộng {face}, {names.get(int(branch), branch)}: khác với từng lượt trong sổ")
    for ledger, many in rolling.ahead(db.session()).items():
        click.echo(f"{many} lượt trong sổ {ledger} ghi giờ ở tương lai: máy chưa cộng sẵn những lượt sau đó")
    click.echo(f"{len(wrong)} chỗ lệch.")
    raise SystemExit(1 if wrong else 0)


@commands.command("rebuild")
@click.option("--most", type=int, help="Số dòng cộng trong một lần ghi.")
def rebuild(most: int | None) -> None:
    """Cộng lại từ đầu. Trong lúc cộng, số liệu vẫn đúng nhưng hiện chậm hơn."""
    for_writing()
    click.echo(f"Đã cộng {rolling.rebuild(db.session(), most)} dòng.")
