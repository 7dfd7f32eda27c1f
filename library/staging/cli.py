"""`flask staging forget`: what was brought long ago is forgotten. For the nightly clock."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from library.core import clock
from library.core.db import db, for_writing
from library.staging import ageing

commands = AppGroup("staging", help="Danh sách nạp vào.")


@commands.command("forget")
@click.option("--days", default=ageing.KEPT_FOR.days, show_default=True, help="Giữ bao nhiêu ngày.")
def forget(days: int) -> None:
    """Xóa từng dòng và tệp của những danh sách mang đến đã lâu. Sách và bạn đọc đã nạp vẫn còn nguyên."""
    before, steps = clock.now() - timedelta(days=days), 0
    for_writing()
    while ageing.forget_some(db.session(), before):
        db.session.commit()
        steps += 1
    db.session.rollback()
    click.echo(f"{steps} bước.")
