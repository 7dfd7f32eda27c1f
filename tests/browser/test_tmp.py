import pytest
from tests.browser.test_desk_shell import *
@pytest.fixture
def app(app):
    from flask import request
    @app.after_request
    def allow(answer):
        if request.path.endswith("/desk-worker.js"): answer.headers["Service-Worker-Allowed"]="/desk"
        return answer
    return app
