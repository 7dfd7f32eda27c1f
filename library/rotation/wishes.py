"""What sites wish for: answers to a survey, and what readers asked for and did not find."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.rotation.models import Site, Survey, Wish, WishKind

KIND = "site-wish"


@dataclass(frozen=True)
class Asked:
    """One wish. `text`: a level's number, a subject, a language's code, or words; `quantity`: copies wished."""

    kind: WishKind
    text: str
    quantity: int = 1
    record_id: int | None = None


class SurveyRefused(Refused):
    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


# Surveys


def open_survey(session: Session, doing: Doing, library_id: int, name: str, closes_on: date) -> Survey:
    """Sites may answer until the end of `closes_on`. Raises SurveyRefused."""
    at = doing.at or clock.now()
    names = session.scalars(select(Survey.name).where(Survey.library_id == library_id))
    if name.casefold() in {one.casefold() for one in names}:
        raise SurveyRefused("name-taken", N_("Đã có khảo sát tên “%(name)s”. Đặt tên khác."), name=name)
    if closes_on < clock.day_of(at):
        raise SurveyRefused("day", N_("Hạn trả lời phải từ hôm nay trở đi."))
    made = Survey(uid=clock.uuid7(), library_id=library_id, name=name, opened_on=clock.day_of(at), closes_on=closes_on)
    made.act_id = acts.write(session, doing, KIND, at)
    session.add(made)
    session.flush()
    return made


def close_survey(session: Session, survey: Survey, on: date) -> None:
    survey.closed_on = survey.closed_on or on
    session.flush()


def extend_survey(session: Session, survey: Survey, closes_on: date) -> None:
    """It goes on, also one that was over. Raises SurveyRefused."""
    if closes_on < clock.today():
        raise SurveyRefused("day", N_("Hạn trả lời phải từ hôm nay trở đi."))
    survey.closes_on, survey.closed_on = closes_on, None
    session.flush()


def is_open(survey: Survey, today: date) -> bool:
    return survey.closed_on is None and survey.opened_on <= today <= survey.closes_on


def surveys_of(session: Session, library_ids: Iterable[int]) -> list[Survey]:
    """The newest first."""
    query = select(Survey).where(Survey.library_id.in_(list(library_ids)))
    return list(session.scalars(query.order_by(Survey.opened_on.desc(), Survey.id.desc())))


def answer(session: Session, doing: Doing, site: Site, survey: Survey, asked: Sequence[Asked]) -> int:
    """The site's answer; one it gave before is taken back by rows of its own. The act's id. Raises SurveyRefused."""
    at = doing.at or clock.now()
    if not is_open(survey, clock.day_of(at)):
        raise SurveyRefused("over", N_("Khảo sát này đã hết hạn trả lời. Báo nơi gửi sách mở thêm ngày."))
    if survey.library_id != site.library_id:
        raise SurveyRefused("not-asked", N_("Khảo sát này không hỏi điểm ấy."))
    act_id = acts.write(session, doing, KIND, at)
    for before in standing(session, Wish.site_id == site.id, Wish.survey_id == survey.id):
        _reverse(session, act_id, before, clock.day_of(at))
    session.add_all([_row(act_id, site.id, one, clock.day_of(at), survey.id) for one in asked if one.quantity > 0])
    session.flush()
    return act_id


# Asked for and not there


def unmet(session: Session, doing: Doing, site: Site, text: str, times: int = 1, record_id: int | None = None) -> Wish:
    """Readers asked for it `times` times, and it was not there."""
    at = doing.at or clock.now()
    kind = WishKind.TITLE if record_id is not None else WishKind.WORDS
    act_id = acts.write(session, doing, KIND, at)
    made = _row(act_id, site.id, Asked(kind, text, times, record_id), clock.day_of(at), None)
    session.add(made)
    session.flush()
    return made


def undo(session: Session, act_id: int, voiding: int | None = None) -> None:
    """The act was voided: what it told is taken back, what it took back stands again."""
    mine = select(Wish).where(Wish.act_id == act_id).order_by(Wish.id)
    rows = list(session.scalars(mine))
    today = clock.today()
    for row in rows:
        if row.reverses_id is None and not _is_reversed(session, row.id):
            _reverse(session, voiding or act_id, row, today)
        elif row.reverses_id is not None:  # what stood before stands again
            was = session.get_one(Wish, row.reverses_id)
            session.add(_copy(was, voiding or act_id))
    session.flush()


def _is_reversed(session: Session, wish_id: int) -> bool:
    return session.execute(select(Wish.id).where(Wish.reverses_id == wish_id)).first() is not None


def _row(act_id: int, site_id: int, one: Asked, on: date, survey_id: int | None) -> Wish:
    return Wish(
        uid=clock.uuid7(), site_id=site_id, survey_id=survey_id, kind=one.kind, text=one.text, record_id=one.record_id,
        quantity=one.quantity, wished_on=on, act_id=act_id,
    )  # fmt: skip


def _copy(was: Wish, act_id: int) -> Wish:
    return _row(
        act_id, was.site_id, Asked(was.kind, was.text, was.quantity, was.record_id), was.wished_on, was.survey_id
    )


def _reverse(session: Session, act_id: int, was: Wish, on: date) -> None:
    back = _copy(was, act_id)
    back.quantity, back.reverses_id, back.wished_on = -was.quantity, was.id, on
    session.add(back)


# Asking


def _still() -> ColumnElement[bool]:
    """The WHERE for wishes that nothing takes back."""
    back = aliased(Wish)
    return and_(Wish.quantity > 0, ~exists().where(back.reverses_id == Wish.id))


def standing(session: Session, *which: ColumnElement[bool]) -> list[Wish]:
    """Wishes that stand, the newest first (one statement)."""
    query = select(Wish).where(_still(), *which)
    return list(session.scalars(query.order_by(Wish.wished_on.desc(), Wish.id.desc())))


def of_site(session: Session, site_id: int, since: date) -> list[Wish]:
    """What a site wished since that day, in surveys and in its log."""
    return standing(session, Wish.site_id == site_id, Wish.wished_on >= since)


def of_sites(session: Session, site_ids: Iterable[int], since: date) -> list[Wish]:
    return standing(session, Wish.site_id.in_(list(site_ids)), Wish.wished_on >= since)
