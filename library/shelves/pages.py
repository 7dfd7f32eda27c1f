"""The blueprint of the shelves' own pages: building, setting, light lists, all of them side by side."""

from typing import Any

from flask import Blueprint, current_app, render_template

from library.core import clock

bp = Blueprint("shelves", __name__)


def page(template: str, **told: Any) -> str:
    """With what each of these pages asks for: the local zone, addresses there are, and a fresh uid for every form."""
    return render_template(template, here_=clock.HERE, known=current_app.view_functions, fresh_uid=clock.uuid7, **told)
