"""`flask accounts code LOGIN`: a way in for who lost every other, given by whoever sits at the server itself."""

import click
from flask.cli import AppGroup

from library import audit
from library.accounts import codes, managing, second, staff
from library.accounts.models import CodeFor
from library.core.db import db

commands = AppGroup("accounts", help="Tài khoản.")


@commands.command("code")
@click.argument("login")
def code(login: str) -> None:
    """In mã một lần để đặt mật khẩu mới cho LOGIN, và bỏ mã trên điện thoại. Thoát 1 nếu không có tên này."""
    account = managing.by_login(db.session(), login)
    if account is None:
        click.echo(f"Không có tài khoản nào đang mở mang tên vào {login}.")
        raise SystemExit(1)
    second.turn_off(db.session(), account.id)
    staff.shut_out(db.session(), account)
    made = codes.make(db.session(), account.id, CodeFor.RECOVER, codes.DAYS_TO_RECOVER)
    audit.note(None, "new-password", "account", account.uid, account.library_id)
    db.session.commit()
    click.echo(f"Mã cho {account.login}, dùng được {codes.DAYS_TO_RECOVER} ngày, gõ ở trang /code: {codes.shown(made)}")
