"""A school's catalogue in few words."""

from collections.abc import Callable

import pytest

from library.catalogue.models import Record, Role
from library.catalogue.writing import NewRecord, insert_many
from tests.support.world import World

Shelve = Callable[..., dict[str, Record]]


@pytest.fixture
def shelve(world: World) -> Shelve:
    """Titles into the school's network, by name: `shelve("Dế Mèn phiêu lưu ký / Tô Hoài", NewRecord(…))`."""

    def put(*titles: str | NewRecord, network: int | None = None) -> dict[str, Record]:
        new = [_described(one) if isinstance(one, str) else one for one in titles]
        ids = insert_many(world.session(), network or world.school().network_id or 0, new)
        return {one.title: world.session.get_one(Record, made) for one, made in zip(new, ids, strict=True)}

    return put


def _described(text: str) -> NewRecord:
    title, _, author = text.partition(" / ")
    return NewRecord(title, ((author, Role.AUTHOR),) if author else ())
