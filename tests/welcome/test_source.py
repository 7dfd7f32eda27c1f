"""Whoever uses it over the network may take the source: what is running here, whole."""

import io
import zipfile

from flask import Flask


def test_the_source_is_there_for_everybody(app: Flask) -> None:
    answer = app.test_client().get("/source.zip")
    assert answer.status_code == 200
    names = zipfile.ZipFile(io.BytesIO(answer.get_data())).namelist()
    answer.close()
    wanted = {
        "library/loans/desk.py",
        "templates/base.html",
        "static/css/base.css",
        "migrations/env.py",
        "LICENSE",
        "wsgi.py",
    }
    assert {f"tusach/{name}" for name in wanted} <= set(names)
    assert not [name for name in names if "__pycache__" in name or "secret" in name or name.endswith(".db")]
