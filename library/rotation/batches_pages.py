"""The blueprint of pages on which batches are planned."""

from flask import Blueprint

bp = Blueprint("rotation_batches", __name__)
