"""Labels and cards on paper."""

from flask import Blueprint

bp = Blueprint("labels", __name__)
