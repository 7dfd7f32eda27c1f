"""`flask jobs …`: what waits, and doing it once by hand."""

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db, read_only
from library.jobs import nights_told, nights_work, queue
from library.jobs.models import Job, Night

commands = AppGroup("jobs", help="Việc dài, làm bên cạnh máy chủ.")


@commands.command("list")
def show() -> None:
    """Bao nhiêu việc đang ở mỗi trạng thái."""
    read_only()
    for state, kind, count in db.session.execute(
        select(Job.state, Job.kind, func.count()).group_by(Job.state, Job.kind).order_by(Job.state, Job.kind)
    ):
        click.echo(f"{state:10} {kind:30} {count}")


@commands.command("work")
def work() -> None:
    """Làm hết việc đang chờ rồi thôi."""
    click.echo(f"{queue.work_off(current_app._get_current_object())} bước đã xong.")  # type: ignore[attr-defined]


@commands.command("nights")
@click.option("--again", is_flag=True, help="Làm lại dù hôm nay đã làm.")
def nights_now(again: bool) -> None:
    """Làm ngay những việc hằng đêm, hoặc làm tiếp nếu đang dở."""
    nights_work.begin(clock.today(), clock.uuid7() if again else None)
    nights_work.go_on()
    read_only()
    night = db.session.scalars(select(Night).order_by(Night.id.desc()).limit(1)).one()
    for line in nights_told.lines(night):
        click.echo(f"{line.words:60} {line.trouble or ('' if line.count is None else line.count)}")
    click.echo("Đã xong." if night.ended_at else "Máy khác đang làm.")
