"""What a WSGI server imports: `wsgi:app`."""

from library import create_app

app = create_app()
