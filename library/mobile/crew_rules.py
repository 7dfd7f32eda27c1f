"""Who must be aboard: the library's rule against those who go. Pure. It warns; a reason sends the trip out all the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from library.core.errors import N_, Reason
from library.mobile.models import CrewRole


@dataclass(frozen=True)
class CrewRule:
    """At least so many people, drivers and librarians among them."""

    people: int
    drivers: int
    librarians: int


def lacking(roles: Sequence[CrewRole], rule: CrewRule) -> list[Reason]:
    """What the rule misses, all at once; nothing where it is kept."""
    found = []
    if len(roles) < rule.people:
        sentence = N_("Chuyến có %(count)s người, quy định ít nhất %(least)s.")
        found.append(Reason("few-people", sentence, {"count": len(roles), "least": rule.people}))
    drivers, librarians = roles.count(CrewRole.DRIVER), roles.count(CrewRole.LIBRARIAN)
    if drivers < rule.drivers:
        sentence = N_("Có %(count)s người lái, quy định ít nhất %(least)s.")
        found.append(Reason("no-driver", sentence, {"count": drivers, "least": rule.drivers}))
    if librarians < rule.librarians:
        sentence = N_("Có %(count)s thủ thư, quy định ít nhất %(least)s.")
        found.append(Reason("few-librarians", sentence, {"count": librarians, "least": rule.librarians}))
    return found
