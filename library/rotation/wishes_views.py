"""What sites wish for: surveys are opened and closed, answered by the site or for it, read together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, Scope, here, needs, or_not_found
from library.catalogue.languages import LANGUAGES
from library.catalogue.levels import LEVELS
from library.core import clock
from library.core.db import db
from library.core.errors import Invalid
from library.core.forms import Reader
from library.loans import posting
from library.organisations.models import Organisation
from library.patrons import asked
from library.rotation import sites, wishes, wishes_forms
from library.rotation.models import Site, Survey, Wish, WishKind
from library.rotation.scopes import of_sites
from library.rotation.views import page
from library.rotation.wishes import Asked, SurveyRefused

bp = Blueprint("rotation_wishes", __name__)
YEAR = timedelta(days=365)
SHOWN = 20


@dataclass(frozen=True)
class Round:
    """A survey with who answered: sites and how many there are in all."""

    survey: Survey
    answered: int
    sites: int
    is_open: bool


@dataclass(frozen=True)
class ToAnswer:
    """A survey that waits for an answer of a site in reach."""

    survey: Survey
    site: Site
    answered: bool


def survey_here(session: Session, uid: UUID) -> Survey:
    """Of a library in scope. Raises NotFound."""
    return or_not_found(session.scalar(select(Survey).where(Survey.uid == uid, here().of_libraries(Survey.library_id))))


@bp.get("/rotation/wishes", endpoint="list")
@needs(Permission.ROTATION_SEE)
def show_list() -> Any:
    return _list_page()


def _list_page(told: posting.Source | None = None, complaints: Mapping[str, Any] | None = None) -> str:
    session, today = db.session(), clock.today()
    plans = access.scope(Permission.ROTATION_PLAN)
    library = asked.library() if plans else None
    mine = session.scalars(select(Site).where(of_sites(here()), Site.closed_on.is_(None)).order_by(Site.name)).all()
    unmet = wishes.standing(
        session, Wish.site_id.in_([one.id for one in mine]), Wish.survey_id.is_(None), Wish.wished_on >= today - YEAR
    )
    return page(
        "rotation/wish_list.html", rounds=_rounds(session, library) if library else [], plans=bool(plans), library=library,
        lib=asked.slug_of(library) if library else None, to_answer=_to_answer(session, mine, plans), told=told or {},
        complaints=complaints or {}, closes=today + timedelta(days=21), unmet=together(unmet)[:SHOWN],
    )  # fmt: skip


def _rounds(session: Session, library: Organisation) -> list[Round]:
    every = wishes.surveys_of(session, [library.id])
    told = answered_by(session, [one.id for one in every])
    count = len(sites.open_of(session, library.id))
    return [Round(one, len(told.get(one.id, ())), count, wishes.is_open(one, clock.today())) for one in every]


def answered_by(session: Session, survey_ids: Iterable[int]) -> dict[int, set[int]]:
    """Sites that answered, by survey (one statement)."""
    found: dict[int, set[int]] = defaultdict(set)
    for one in wishes.standing(session, Wish.survey_id.in_(list(survey_ids))):
        found[one.survey_id or 0].add(one.site_id)
    return found


def _to_answer(session: Session, mine: Iterable[Site], plans: Scope) -> list[ToAnswer]:
    """For who works at a site; whoever plans sees all of them in the survey itself."""
    own = [one for one in mine if not plans.holds_library(one.library_id)]
    every = [
        one for one in wishes.surveys_of(session, {one.library_id for one in own}) if wishes.is_open(one, clock.today())
    ]
    told = answered_by(session, [one.id for one in every])
    return [
        ToAnswer(survey, site, site.id in told.get(survey.id, ()))
        for survey in every for site in own if site.library_id == survey.library_id
    ]  # fmt: skip


@dataclass(frozen=True)
class Together:
    """A wish that several sites have, in one line. `text` as it was said first."""

    kind: WishKind
    text: str
    quantity: int
    sites: int


def together(asked: Iterable[Wish]) -> list[Together]:
    """The most wished first."""
    count: Counter[tuple[WishKind, str]] = Counter()
    names: dict[tuple[WishKind, str], str] = {}
    where: dict[tuple[WishKind, str], set[int]] = defaultdict(set)
    for one in asked:
        key = one.kind, one.text.casefold()
        count[key] += one.quantity
        names[key] = one.text
        where[key].add(one.site_id)
    return [Together(key[0], names[key], many, len(where[key])) for key, many in count.most_common()]


@bp.post("/rotation/wishes", endpoint="open")
@needs(Permission.ROTATION_PLAN)
def open_survey() -> Any:
    library, told = asked.library(), posting.source()
    reader = Reader(told)
    posted, name, closes = (
        posting.posted_of(told, reader),
        reader.text("name", longest=100),
        reader.planned_day("closes_on"),
    )

    def work() -> dict[str, Any]:
        assert posted and closes
        doing = posting.doing_at(posted, library.branches[0].id)
        made = wishes.open_survey(db.session(), doing, library.id, name, closes)
        audit.note(current_user.uid, "open-survey", "survey", made.uid, library.id)
        return {"survey": str(made.uid), "do": _("Đã mở khảo sát “%(name)s”.", name=name), "outcome": "ok"}

    try:
        reader.done()
        assert posted
        content = {"open-survey": name, "closes": closes, "lib": library.id}
        return posting.answer_aloud(
            posted, content, work, lambda done: url_for("rotation_wishes.show", uid=UUID(done["survey"]))
        )
    except (Invalid, SurveyRefused) as wrong:
        if request.is_json:
            raise
        db.session.rollback()
        return _list_page(told, wrong.fields if isinstance(wrong, Invalid) else _beside(wrong)), 422


def _beside(wrong: SurveyRefused) -> Mapping[str, Any]:
    reason = wrong.reasons[0]
    return {"closes_on" if reason.code == "day" else "name": reason}


@bp.get("/rotation/wishes/<uuid:uid>", endpoint="show")
@needs(Permission.ROTATION_PLAN)
def show(uid: UUID) -> Any:
    session = db.session()
    survey = survey_here(session, uid)
    told = wishes.standing(session, Wish.survey_id == survey.id)
    by_site: dict[int, list[Wish]] = defaultdict(list)
    for one in told:
        by_site[one.site_id].append(one)
    return page(
        "rotation/wish_survey.html", survey=survey, sites=sites.open_of(session, survey.library_id), by_site=by_site,
        sums=together(told), is_open=wishes.is_open(survey, clock.today()), levels=LEVELS, languages=LANGUAGES,
    )  # fmt: skip


@bp.post("/rotation/wishes/<uuid:uid>", endpoint="change")
@needs(Permission.ROTATION_PLAN)
def change(uid: UUID) -> Any:
    """`do`: close, or extend to the day `closes_on`."""
    survey_here(db.session(), uid)
    told = posting.source()
    reader = Reader(told)
    posted, do = posting.posted_of(told, reader), reader.choice("do", {"close": "close", "extend": "extend"})
    closes = reader.planned_day("closes_on", required=do == "extend")
    reader.done()
    assert posted

    def work() -> dict[str, Any]:
        survey = survey_here(db.session(), uid)
        if do == "extend" and closes:
            wishes.extend_survey(db.session(), survey, closes)
            said = _("Khảo sát nhận trả lời đến hết %(day)s.", day=f"{closes:%d/%m/%Y}")
        else:
            wishes.close_survey(db.session(), survey, clock.today())
            said = _("Đã đóng khảo sát “%(name)s”.", name=survey.name)
        audit.note(
            current_user.uid, "extend-survey" if do == "extend" else "close-survey", "survey", uid, survey.library_id
        )
        return {"do": said, "outcome": "ok"}

    content = {"survey": str(uid), "do": do, "closes": closes}
    return posting.answer_aloud(posted, content, work, lambda done: url_for("rotation_wishes.show", uid=uid))


# Answering


def _asked_here(session: Session, uid: UUID, site_uid: UUID) -> tuple[Survey, Site]:
    """A survey of whoever sends books to that site, which is in scope. Raises NotFound."""
    query = select(Survey, Site).join(Site, Site.library_id == Survey.library_id)
    row = or_not_found(
        session.execute(query.where(Survey.uid == uid, Site.uid == site_uid, of_sites(here()))).one_or_none()
    )
    return row[0], row[1]


@bp.get("/rotation/wishes/<uuid:uid>/sites/<uuid:site>", endpoint="answer")
@needs(Permission.ROTATION_HANDLE)
def show_answer(uid: UUID, site: UUID) -> Any:
    return _answer_page(*_asked_here(db.session(), uid, site))


def _answer_page(survey: Survey, site: Site, told: posting.Source | None = None, complaints: Any = None) -> str:
    session = db.session()
    before = wishes.standing(session, Wish.survey_id == survey.id, Wish.site_id == site.id)
    given = wishes_forms.as_form([Asked(one.kind, one.text, one.quantity, one.record_id) for one in before])
    unmet = wishes.standing(
        session, Wish.site_id == site.id, Wish.survey_id.is_(None), Wish.wished_on >= clock.today() - YEAR
    )
    return page(
        "rotation/wish_answer.html", survey=survey, site=site, told=told if told is not None else given, answered=bool(before),
        complaints=complaints or {}, levels=LEVELS, languages={code: words for code, words in LANGUAGES.items() if code != "vie"},
        subjects=wishes_forms.SUBJECTS, lines=range(1, wishes_forms.LINES + 1), is_open=wishes.is_open(survey, clock.today()),
        unmet=together(unmet)[:6], plans=access.scope(Permission.ROTATION_PLAN).holds_library(survey.library_id),
    )  # fmt: skip


@bp.post("/rotation/wishes/<uuid:uid>/sites/<uuid:site>", endpoint="do_answer")
@needs(Permission.ROTATION_HANDLE)
def do_answer(uid: UUID, site: UUID) -> Any:
    told = posting.source()
    survey, at_site = _asked_here(db.session(), uid, site)
    reader = Reader(told)
    posted, said = posting.posted_of(told, reader), wishes_forms.answer(reader)

    def work() -> dict[str, Any]:
        assert posted
        mine, here_ = _asked_here(db.session(), uid, site)
        wishes.answer(db.session(), posting.doing_at(posted, here_.branch_id), here_, mine, said)
        audit.note(current_user.uid, "answer-survey", "survey", uid, mine.library_id)
        return {"do": _("Đã gửi nhu cầu của %(site)s. Sửa được đến hết hạn.", site=here_.name), "outcome": "ok"}

    try:
        reader.done()
        assert posted
        content = {"answer": str(uid), "site": str(site), "told": [asdict(one) for one in said]}
        return posting.answer_aloud(
            posted, content, work, lambda done: url_for("rotation_wishes.answer", uid=uid, site=site)
        )
    except Invalid as wrong:
        if request.is_json:
            raise
        return _answer_page(survey, at_site, told, wrong.fields), 422
