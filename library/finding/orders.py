"""In which order titles stand: by how well they answer, or as a reader chose."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlalchemy import and_, func, select, true
from sqlalchemy.orm import Session

from library.access import Scope
from library.catalogue import search
from library.catalogue.models import Contributor, Record, Role
from library.catalogue.search import Condition, Hits, Order
from library.core.errors import N_
from library.core.fold import name_key
from library.finding.asking import Asked
from library.finding.models import TitleLoans

NAMES: Mapping[str, str] = {
    "": N_("Đúng nhất"), "ten": N_("Tên sách"), "tac-gia": N_("Tác giả"), "nam": N_("Năm xuất bản"),
    "moi": N_("Mới về"), "muon": N_("Được mượn nhiều"),
}  # fmt: skip
_MAKERS = (Role.AUTHOR, Role.CHIEF_EDITOR, Role.COMPILER, Role.TELLER, Role.TEXT)
_BEHIND, LOOKED_AT = "\x7f", 1000


def columns(name: str) -> Order:
    """Columns of `record` to order by; none by how well titles answer, and none for the order by author."""
    if name == "ten":
        return (Record.title_sort,)
    if name == "nam":
        return (Record.year.desc().nulls_last(),)
    if name == "moi":
        return search.NEWEST
    if name == "muon":
        loans = select(TitleLoans.loans).where(TitleLoans.record_id == Record.id).scalar_subquery()
        return (func.coalesce(loans, 0).desc(),)
    return ()


def page(
    session: Session, hits: Hits, asked: Asked, scope: Scope, only: Condition | None, first: Sequence[int], size: int
) -> list[int]:
    """One page of the hits in the order asked for. `only` is what they were gathered with, for when there are more."""
    start, name = (asked.page - 1) * size, asked.order
    if name == "tac-gia":
        return by_author(session, hits.ids)[start : start + size]
    if name == "muon" and hits.more:
        hits = Hits(list(dict.fromkeys([*_lent_most(session, asked.text, scope, only), *hits.ids])))
    if name == "nam" and hits.more:
        dated = Record.year.is_not(None) if only is None else and_(Record.year.is_not(None), only)
        return search.page(session, hits, asked.text, scope, dated, (), (Record.year.desc(),), size, start)
    return search.page(session, hits, asked.text, scope, only, first, columns(name), size, start)


def _lent_most(session: Session, text: str, scope: Scope, only: Condition | None) -> list[int]:
    """The titles lent most that answer: enough for the first pages of very many."""
    wanted = [scope.of_networks(search.network(session)), search.reads(text), true() if only is None else only]
    query = select(Record.id).join(TitleLoans, TitleLoans.record_id == Record.id).where(*wanted)
    return list(session.scalars(query.order_by(TitleLoans.loans.desc()).limit(LOOKED_AT)))


def by_author(session: Session, ids: Sequence[int]) -> list[int]:
    """By the first person's tên, họ, đệm, then by title; titles without a person stand behind."""
    if not ids:
        return []
    named = select(Contributor.record_id, Contributor.name).where(
        search.among(session, ids, Contributor.record_id), Contributor.role.in_(_MAKERS)
    )
    people: dict[int, str] = {}
    for record_id, name in session.execute(named.order_by(Contributor.record_id, Contributor.position)):
        people.setdefault(record_id, name)
    titles = session.execute(select(Record.id, Record.title_sort).where(search.among(session, ids)))
    return [one for one, _ in sorted(titles, key=lambda row: (_person_key(people.get(row[0], "")), row[1], row[0]))]


@lru_cache(maxsize=50_000)
def _person_key(name: str) -> str:
    return name_key(name) or _BEHIND
