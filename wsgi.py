"""What another WSGI server, or `flask`, imports: `wsgi:app`. A wrong setting ends it with the sentence alone."""

import sys

from library import create_app
from library.settings import WrongSetting

try:
    app = create_app()
except WrongSetting as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)
