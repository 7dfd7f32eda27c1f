"""A test client whose requests are as alone as real ones."""

from contextvars import Context
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient

from library.core import clock
from library.core.db import db


class Browser(FlaskClient):
    """Each request runs in a context of its own: nothing of the test's leaks into it but the clock.

    What the test built is committed first, and what it had read is read again afterwards.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            db.session.commit()
        alone = Context()
        alone.run(clock._frozen.set, clock._frozen.get())
        answer = alone.run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.expire_all()
        return answer
