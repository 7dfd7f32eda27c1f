"""`flask organisations succeed OLD NEW --on DATE`: a school or library takes the place of another."""

from datetime import date, datetime

import click
from flask.cli import AppGroup
from sqlalchemy import select

from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import Refused
from library.organisations import founding
from library.organisations.inheriting import Told
from library.organisations.models import Organisation

commands = AppGroup("organisations", help="Thư viện, trường và cơ sở.")
DAY = click.DateTime(["%d/%m/%Y", "%Y-%m-%d"])


@commands.command("succeed")
@click.argument("old")
@click.argument("new")
@click.option("--on", "day", type=DAY, help="Từ ngày nào, như 01/07/2025. Không ghi là hôm nay.")
@click.option("--dry-run", is_flag=True, help="Chỉ nói sẽ chuyển những gì, không ghi.")
def succeed(old: str, new: str, day: datetime | None, dry_run: bool) -> None:
    """Thư viện NEW kế tục thư viện OLD (tên viết trong địa chỉ): nhận hết sách, bạn đọc, tài khoản, sổ sách.

    Chạy lúc các quầy nghỉ, sau khi sao lưu. Tất cả ghi trong một lần, hoặc không ghi gì.
    """
    for_writing()
    before, after = _named(old), _named(new)
    on = day.date() if day else clock.today()
    heading = f"{before.name} ({old}) → {after.name} ({new}), từ ngày"
    try:
        told = founding.succeed(db.session(), before, after, on)
    except Refused as refused:
        db.session.rollback()
        raise click.ClickException(
            "\n".join(reason.sentence % dict(reason.facts) for reason in refused.reasons)
        ) from None
    _tell(heading, before.to_on or on, told, dry_run)
    if dry_run:
        db.session.rollback()
    else:
        db.session.commit()


def _named(slug: str) -> Organisation:
    found = db.session.scalar(select(Organisation).where(Organisation.slug == slug))
    if found is None:
        raise click.ClickException(f"Không có thư viện nào mang tên “{slug}” trong địa chỉ.")
    return found


def _tell(heading: str, on: date, told: Told, dry_run: bool) -> None:
    click.echo(f"{heading} {on:%d/%m/%Y}")
    click.echo("Sẽ chuyển:" if dry_run else "Đã chuyển:")
    for name, count in told:
        if count:
            click.echo(f"{count:>9,}  {name}".replace(",", ".", count > 999))
    if dry_run:
        click.echo("Chưa ghi gì. Bỏ --dry-run để làm thật.")
