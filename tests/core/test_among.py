"""A column among few or many numbers, on both databases."""

from sqlalchemy import select

from library.access import MANY, Scope
from library.core.among import among
from library.organisations.models import Organisation
from tests.support.world import World


def test_numbers_written_into_a_statement_choose_as_numbers_sent_apart_do(world: World) -> None:
    school, session = world.school(), world.session()
    everything = set(session.scalars(select(Organisation.id)))
    assert school.id in everything and len(everything) > 1

    def chosen(condition: object) -> set[int]:
        return set(session.scalars(select(Organisation.id).where(condition)))  # type: ignore[arg-type]

    for ids in (set(), {school.id}, everything, {-1, school.id}):
        assert chosen(among(Organisation.id, ids)) == ids & everything
        assert chosen(~among(Organisation.id, ids)) == everything - ids
        assert chosen(among(Organisation.id + 0, ids) & (Organisation.id > 0)) == ids & everything
    many = frozenset(range(10**6, 10**6 + MANY))
    for libraries in (frozenset({school.id}), many | {school.id}):
        assert chosen(Scope(libraries).of_libraries(Organisation.id)) == {school.id}
    assert chosen(Scope().of_libraries(Organisation.id)) == set()
