"""Readers who wait."""

from flask import Blueprint

bp = Blueprint("holds", __name__)
