"""Terms and opening days."""

from flask import Blueprint

bp = Blueprint("terms", __name__)
