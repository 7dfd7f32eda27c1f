"""`flask jobs …`: what waits, and doing it once by hand."""

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import func, select

from library.core.db import db, read_only
from library.jobs import queue
from library.jobs.models import Job

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
