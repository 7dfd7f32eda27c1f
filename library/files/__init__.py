"""Bytes by their hash, in a folder beside the database. The row that owns a file keeps the key."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from flask import current_app

CHUNK = 1 << 20


def _folder() -> Path:
    return Path(current_app.config["FILES"])


def path_of(key: str) -> Path:
    """Where the bytes of `key` (64 hexadecimal letters) lie. Raises ValueError for anything else."""
    if len(key) != 64 or any(letter not in "0123456789abcdef" for letter in key):
        raise ValueError("not a file key")
    return _folder() / key[:2] / key


def keep(stream: BinaryIO) -> str:
    """Store the bytes and return their key. The same bytes twice are kept once; a half-written file is never seen."""
    _folder().mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=_folder(), delete=False) as draft:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            draft.write(chunk)
        draft.flush()
        os.fsync(draft.fileno())
    target = path_of(digest.hexdigest())
    target.parent.mkdir(exist_ok=True)
    Path(draft.name).replace(target)
    return target.name


def forget(key: str) -> None:
    """The owner row is gone; so are the bytes."""
    path_of(key).unlink(missing_ok=True)
