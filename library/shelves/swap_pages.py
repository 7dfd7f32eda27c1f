"""The blueprint of swaps: the librarian's plan, and the teacher's two buttons."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request

bp = Blueprint("shelf_swaps", __name__)


def answered(told: dict[str, Any], back: str) -> Any:
    """As JSON, or told on top of the page that the form came from."""
    if request.is_json:
        return jsonify(told)
    flash(told["do"], told["outcome"])
    return redirect(back, 303)
