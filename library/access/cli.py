"""`flask access routes`: every address of the application with who may come in, as JSON."""

import json

import click
from flask import current_app
from flask.cli import AppGroup

from library.access import mark_of

commands = AppGroup("access", help="Ai vào được trang nào.")


@commands.command("routes")
def routes() -> None:
    """In mọi địa chỉ, cách gọi và quyền cần có, dạng JSON. Thoát 1 nếu có địa chỉ chưa đánh dấu."""
    rules = sorted(current_app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    told = [
        {
            "address": rule.rule,
            "methods": sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
            "endpoint": rule.endpoint,
            "needs": mark_of(current_app, rule.endpoint),
        }
        for rule in rules
    ]
    click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    raise SystemExit(any(one["needs"] is None for one in told))
