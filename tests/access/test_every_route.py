"""Every route: who may, and to whose things. A route without an entry here fails, and so does one without a mark."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library import access, files
from library.access import Permission as P
from library.accounts.models import RoleName
from library.accounts.roles import MAY
from library.calendars.models import Closure
from library.core import clock
from library.core.db import db
from library.exports.models import Export
from library.holdings.models import Item
from library.inbox import acts
from library.inbox.acts import Doing
from library.labels import stock
from library.labels.models import LabelPaper, LabelPrinter, LabelTemplate
from library.labels.templates import SHIPPED, as_plain
from library.loans import holds
from library.loans.models import Hold
from library.organisations import founding
from library.organisations.models import Organisation, OrganisationKind
from library.patrons.models import Rollover
from library.privacy import consenting
from library.privacy.consenting import Said
from library.privacy.models import Consent, Purpose, Relation
from library.staging.models import Load, LoadState
from tests.support.people import account, sign_in
from tests.support.world import World

EVERYONE, SIGNED_IN = "everyone", "signed-in"

MARKS: dict[str, str] = {
    "static": EVERYONE,
    "accounts.change_password": SIGNED_IN,
    "accounts.do_sign_in": EVERYONE,
    "accounts.end_others": SIGNED_IN,
    "accounts.end_session": SIGNED_IN,
    "accounts.make_paper": SIGNED_IN,
    "accounts.me": SIGNED_IN,
    "accounts.paper": SIGNED_IN,
    "accounts.remove_card": SIGNED_IN,
    "accounts.seen": SIGNED_IN,
    "accounts.sessions": SIGNED_IN,
    "accounts.set_card": SIGNED_IN,
    "accounts.sign_in": EVERYONE,
    "accounts.sign_out": SIGNED_IN,
    "catalogue.do_edit_title": P.EDIT_TITLE,
    "catalogue.do_new_title": P.EDIT_TITLE,
    "catalogue.edit_title": P.EDIT_TITLE,
    "catalogue.new_title": P.EDIT_TITLE,
    "cataloguing.add": P.EDIT_COPY,
    "cataloguing.do_add": P.EDIT_COPY,
    "cataloguing.do_scan": P.EDIT_COPY,
    "cataloguing.scan": P.EDIT_COPY,
    "cataloguing.suggestions": P.EDIT_COPY,
    "codes.ask": EVERYONE,
    "codes.open": EVERYONE,
    "codes.set": EVERYONE,
    "codes.take": EVERYONE,
    "covers.edit": P.EDIT_TITLE,
    "covers.picture": EVERYONE,
    "covers.put": P.EDIT_TITLE,
    "covers.remove": P.EDIT_TITLE,
    "duplicates.apart": P.EDIT_TITLE,
    "duplicates.list": P.EDIT_TITLE,
    "duplicates.merge": P.EDIT_TITLE,
    "duplicates.pair": P.EDIT_TITLE,
    "duplicates.split": P.EDIT_TITLE,
    "exports.choose": P.EXPORT,
    "exports.fetch": P.EXPORT,
    "exports.make": P.EXPORT,
    "exports.progress": P.EXPORT,
    "exports.show": P.EXPORT,
    "finding.add_copies": P.EDIT_COPY,
    "finding.anywhere": EVERYONE,
    "finding.book": EVERYONE,
    "finding.change_list": EVERYONE,
    "finding.do_add_copies": P.EDIT_COPY,
    "finding.feed": EVERYONE,
    "finding.front": EVERYONE,
    "finding.my_list": EVERYONE,
    "finding.robots": EVERYONE,
    "finding.search": EVERYONE,
    "finding.sitemap": EVERYONE,
    "finding.sitemaps": EVERYONE,
    "finding.suggestions": EVERYONE,
    "finding.title": P.SEARCH,
    "finding.titles": P.SEARCH,
    "finding.change_ways": P.RULES,
    "finding.way_picture": EVERYONE,
    "finding.ways": P.RULES,
    "groups.add": P.EDIT_PATRON,
    "groups.new": P.EDIT_PATRON,
    "holds.cancel": P.CIRCULATE,
    "holds.list": P.CIRCULATE,
    "holds.new": P.CIRCULATE,
    "holds.place": P.CIRCULATE,
    "labels.add_paper": P.RULES,
    "labels.add_printer": P.RULES,
    "labels.add_signs": P.PRINT_LABELS,
    "labels.add_template": P.RULES,
    "labels.calibration": P.PRINT_LABELS,
    "labels.cards": P.SEE_PATRONS,
    "labels.class_sheet": P.SEE_PATRONS,
    "labels.copy": P.PRINT_LABELS,
    "labels.delete_paper": P.RULES,
    "labels.delete_printer": P.RULES,
    "labels.delete_template": P.RULES,
    "labels.new_template": P.RULES,
    "labels.preview": P.PRINT_LABELS,
    "labels.print": P.PRINT_LABELS,
    "labels.print_signs": P.PRINT_LABELS,
    "labels.queue": P.PRINT_LABELS,
    "labels.save_template": P.RULES,
    "labels.signs": P.PRINT_LABELS,
    "labels.stock": P.RULES,
    "labels.template": P.RULES,
    "labels.template_preview": P.RULES,
    "lock.lock": SIGNED_IN,
    "lock.locked": SIGNED_IN,
    "lock.unlock": SIGNED_IN,
    "log.file": P.AUDIT_LOG,
    "log.show": P.AUDIT_LOG,
    "loans.plain_scan": P.CIRCULATE,
    "loans.reader": P.CIRCULATE,
    "loans.readers": P.CIRCULATE,
    "loans.scan": P.CIRCULATE,
    "loans.show_desk": P.CIRCULATE,
    "loans.undo": P.UNDO,
    "patrons.add": P.EDIT_PATRON,
    "patrons.ask_card": P.EDIT_PATRON,
    "patrons.ask_move": P.EDIT_PATRON,
    "patrons.change": P.EDIT_PATRON,
    "patrons.edit": P.EDIT_PATRON,
    "patrons.end": P.EDIT_PATRON,
    "patrons.move": P.EDIT_PATRON,
    "patrons.new": P.EDIT_PATRON,
    "patrons.new_card": P.EDIT_PATRON,
    "patrons.people": P.SEE_PATRONS,
    "patrons.person": P.SEE_PATRONS,
    "patrons.reopen": P.EDIT_PATRON,
    "quick.add": P.EDIT_PATRON,
    "twins.apart": P.EDIT_PATRON,
    "twins.list": P.EDIT_PATRON,
    "twins.merge": P.EDIT_PATRON,
    "twins.split": P.EDIT_PATRON,
    "safety.lock": P.ACCOUNTS,
    "safety.second": P.SETTINGS,
    "safety.show": P.ACCOUNTS,
    "second.ask": EVERYONE,
    "second.begin": SIGNED_IN,
    "second.do_ask": EVERYONE,
    "second.new_codes": SIGNED_IN,
    "second.show": SIGNED_IN,
    "second.turn_off": SIGNED_IN,
    "second.turn_on": SIGNED_IN,
    "pupil_details.save": P.RULES,
    "pupil_details.show": P.RULES,
    "rollover.done": P.EDIT_PATRON,
    "rollover.leavers": P.EDIT_PATRON,
    "rollover.roll": P.EDIT_PATRON,
    "rollover.show": P.EDIT_PATRON,
    "rollover.undo": P.EDIT_PATRON,
    "spine_rules.preview": P.RULES,
    "spine_rules.save_rhyme": P.RULES,
    "spine_rules.save_rule": P.RULES,
    "spine_rules.save_table": P.RULES,
    "spine_rules.settings": P.RULES,
    "spines.check": P.EDIT_TITLE,
    "spines.mark": P.EDIT_TITLE,
    "spines.settle": P.EDIT_TITLE,
    "spines.undo": P.EDIT_TITLE,
    "staff.account": P.ACCOUNTS,
    "staff.accounts": P.ACCOUNTS,
    "staff.disable": P.ACCOUNTS,
    "staff.drop_second": P.ACCOUNTS,
    "staff.enable": P.ACCOUNTS,
    "staff.end_grant": P.ACCOUNTS,
    "staff.end_sessions": P.ACCOUNTS,
    "staff.give": P.ACCOUNTS,
    "staff.invite": P.ACCOUNTS,
    "staff.new": P.ACCOUNTS,
    "staff.new_code": P.ACCOUNTS,
    "privacy.agree": P.EDIT_PATRON,
    "privacy.figures": P.STATISTICS,
    "privacy.forget": P.EDIT_PATRON,
    "privacy.memory": P.RULES,
    "privacy.page": P.SEE_PATRONS,
    "privacy.remember": P.RULES,
    "privacy.take": P.EXPORT_PATRONS,
    "privacy.withdraw": P.EDIT_PATRON,
    "staging.apply": P.IMPORT_BOOKS,
    "staging.ask_undo": P.IMPORT_BOOKS,
    "staging.bring": P.IMPORT_BOOKS,
    "staging.choose": P.IMPORT_BOOKS,
    "staging.loads": P.IMPORT_BOOKS,
    "staging.new": P.IMPORT_BOOKS,
    "staging.progress": P.IMPORT_BOOKS,
    "staging.reasons": P.IMPORT_BOOKS,
    "staging.resume": P.IMPORT_BOOKS,
    "staging.show": P.IMPORT_BOOKS,
    "staging.undo": P.IMPORT_BOOKS,
    "terms.close": P.RULES,
    "terms.open_again": P.RULES,
    "terms.open_on": P.RULES,
    "terms.save": P.RULES,
    "terms.settings": P.RULES,
    "welcome.ask_for_demo": EVERYONE,
    "welcome.first_run": EVERYONE,
    "welcome.first_run_step": EVERYONE,
    "welcome.found": EVERYONE,
    "welcome.give_code": EVERYONE,
    "welcome.home": EVERYONE,
    "welcome.set_language": EVERYONE,
    "welcome.set_theme": EVERYONE,
    "welcome.source": EVERYONE,
    "welcome.take_step": EVERYONE,
}


@dataclass
class Things:
    """One library's things, by the names routes give them."""

    library: Organisation
    membership: UUID
    record: UUID
    load: UUID
    hold: UUID
    school_class: UUID
    account: UUID
    closure: int
    export: UUID
    rollover: UUID


def things_of(world: World, library: Organisation) -> Things:
    record = world.record("Dế Mèn phiêu lưu ký", library)
    world.items(2, library, record=record)
    key = files.keep(BytesIO("Nhan đề;Số lượng\nDế Mèn;2\n".encode()))
    load = Load(
        uid=clock.uuid7(), kind="books", library_id=library.id, branch_id=world.branch(library).id, account=None,
        file_key=key, file_name="sach.xlsx", sheet=None, choices={}, state=LoadState.CHECKED, trouble=None,
        made_at=clock.now(),
    )  # fmt: skip
    world.session.add(load)
    reader = world.patron(library=library, class_name="5A")
    branch = world.branch(library)
    closure = Closure(branch_id=branch.id, first_on=clock.today(), last_on=clock.today(), why="mưa lũ")
    world.session.add(closure)
    hold_id = holds.place(world.session(), Doing.now(branch_id=branch.id), record.id, reader.id, branch.id)
    staff = account(world, f"nv{library.id}", RoleName.HELPER, library)
    world.session.flush()
    export = Export(uid=clock.uuid7(), library_id=library.id, kind="books", form="xlsx", libraries=[library.id], written={},
                    made_at=clock.now())  # fmt: skip
    world.session.add(export)
    world.session.flush()
    hold, taught = world.session.get_one(Hold, hold_id), reader.school_class
    assert taught
    act = acts.write(world.session(), Doing.now(branch_id=branch.id), "roll-over", clock.now())
    rollover = Rollover(uid=clock.uuid7(), library_id=library.id, act_id=act, year="2027-2028", figures=[],
                        moved={"members": [], "classes": [], "year": 0}, made_at=clock.now())  # fmt: skip
    world.session.add(rollover)
    world.session.flush()
    add_label_things(world, library)
    said = Said(Purpose.NAME, Relation.SELF, "", True, "phiếu", clock.today())
    consenting.give(world.session(), reader, said, None)
    return Things(library, reader.uid, record.uid, load.uid, hold.uid, taught.uid, staff.uid, closure.id,
                  export.uid, rollover=rollover.uid)  # fmt: skip


def add_label_things(world: World, library: Organisation) -> None:
    """Two of each: the routes that take one away come before those that look at one."""
    for name in ("A", "B"):
        for row in (
            LabelPaper(name=name, page_w=210, page_h=297, label_w=70, label_h=37, cols=3, rows=8, margin_left=0,
                       margin_top=0, pitch_x=70, pitch_y=37),
            LabelPrinter(name=name, starts={}),
            LabelTemplate(name=name, cells=as_plain(SHIPPED["barcode"].cells), changed_at=clock.now()),
        ):  # fmt: skip
            stock.add(world.session(), library.id, row)
    world.session.flush()


def uid_of(model: type[Any], library: Organisation) -> UUID:
    """One that is still there."""
    return (
        db.session.scalars(select(model.uid).where(model.library_id == library.id).order_by(model.id)).first()
        or uuid4()
    )


ARGUMENTS: dict[str, Callable[[Things], dict[str, Any]]] = {
    "catalogue": lambda it: {"uid": it.record},
    "covers": lambda it: {"uid": it.record, "slug": it.library.slug},
    "exports": lambda it: {"uid": it.export},
    "finding": lambda it: {"uid": it.record, "slug": it.library.slug, "number": 1, "place_id": 1},
    "loans": lambda it: {"uid": it.membership},
    "patrons": lambda it: {"uid": it.membership},
    "privacy": lambda it: {"uid": it.membership, "consent": uid_of(Consent, it.library)},
    "rollover": lambda it: {"uid": it.rollover},
    "staging": lambda it: {"uid": it.load},
    "accounts": lambda it: {"uid": it.account},
    "staff": lambda it: {"uid": it.account, "grant_id": 1},
    "labels": lambda it: {"class_uid": it.school_class},
    "labels.copy": lambda it: {"uid": uid_of(Item, it.library)},
    "labels.delete_paper": lambda it: {"uid": uid_of(LabelPaper, it.library)},
    "labels.delete_printer": lambda it: {"uid": uid_of(LabelPrinter, it.library)},
    "labels.delete_template": lambda it: {"uid": uid_of(LabelTemplate, it.library)},
    "labels.save_template": lambda it: {"uid": uid_of(LabelTemplate, it.library)},
    "labels.template": lambda it: {"uid": uid_of(LabelTemplate, it.library)},
    "terms": lambda it: {"closure_id": it.closure},
    "holds.cancel": lambda it: {"uid": it.hold},
    "holds": lambda it: {"uid": it.record},
    "welcome": lambda it: {"step": "1"},
    "static": lambda it: {"filename": "css/base.css"},
}
"""What a rule's places are filled with, by endpoint or by its first word."""

SHARED = frozenset({"catalogue", "covers", "finding", "holds.new", "holds.place"})
"""Titles are shared in a network: what belongs to the next school is seen, and may be catalogued, here too."""


def doors(app: Flask) -> list[tuple[str, str, frozenset[str]]]:
    """(endpoint, method, places) of every route."""
    return [
        (rule.endpoint, method, frozenset(rule.arguments))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def address(app: Flask, endpoint: str, places: frozenset[str], things: Things) -> str:
    values = ARGUMENTS.get(endpoint, ARGUMENTS.get(endpoint.partition(".")[0], lambda it: {}))(things)
    with app.test_request_context():
        from flask import url_for

        return url_for(endpoint, **{name: values[name] for name in places})


def call(client: FlaskClient, method: str, path: str) -> int:
    answer = client.open(path, method=method, data={} if method == "POST" else None)
    answer.close()
    return answer.status_code


def test_every_route_has_an_entry_and_a_mark(app: Flask) -> None:
    found = {rule.endpoint: access.mark_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert found == MARKS


@pytest.mark.parametrize("role", list(RoleName))
def test_roles_by_routes_by_whose(app: Flask, world: World, role: RoleName) -> None:
    """Own things: allowed or 403. The next school's: 404 unless shared. Another network's: 404, whatever the role."""
    mine, next_door = things_of(world, world.school()), things_of(world, world.school("Trường Tiểu học Sông Cầu"))
    far = founding.found(world.session(), OrganisationKind.PROVINCE, "Thư viện tỉnh khác")
    foreign = things_of(world, world._furnished(far))
    account(world, "ha", role)
    world.session.commit()
    client = sign_in(app)
    for endpoint, method, places in doors(app):
        mark = MARKS[endpoint]
        if mark in (EVERYONE, SIGNED_IN):
            continue
        told = f"{role} {method} {endpoint}"
        allowed = mark in MAY[role]
        status = call(client, method, address(app, endpoint, places, mine))
        assert status < 500, told
        assert (status != 403) == allowed, f"{told}: {status}"
        if not places:
            continue
        assert not allowed or status != 404 or method == "POST", f"{told}: own thing {status}"
        theirs = call(client, method, address(app, endpoint, places, next_door))
        if not allowed:
            assert theirs == 403, f"{told}: next door {theirs}"
        elif not {endpoint, endpoint.partition(".")[0]} & SHARED:
            assert theirs == 404, f"{told}: next door {theirs}"
        beyond = call(client, method, address(app, endpoint, places, foreign))
        assert beyond == (404 if allowed else 403), f"{told}: another network {beyond}"


def test_a_visitor_is_sent_to_the_door(app: Flask, world: World) -> None:
    mine = things_of(world, world.school())
    world.session.commit()
    client = app.test_client()
    for endpoint, method, places in doors(app):
        status = call(client, method, address(app, endpoint, places, mine))
        assert status < 500, endpoint
        if MARKS[endpoint] != EVERYONE:
            assert status in (303, 401), f"{method} {endpoint}: {status}"


def test_an_unmarked_view_is_refused_to_everybody(app: Flask, world: World) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    account(world, "ha", RoleName.ADMINISTRATOR)
    world.session.commit()
    assert sign_in(app).get("/forgotten").status_code == 403
    assert app.test_client().get("/forgotten").status_code in (303, 401)


def test_a_grant_above_reaches_below_for_those_who_schedule_only(app: Flask, world: World) -> None:
    """A provincial librarian is no librarian of the schools; a provincial administrator is."""
    school = things_of(world, world.school())
    for login, role in (("lb", RoleName.LIBRARIAN), ("ad", RoleName.ADMINISTRATOR)):
        account(world, login, role, world.province())
    world.session.commit()
    path = f"/people/{school.membership}"
    assert sign_in(app, "lb").get(path).status_code == 404
    assert sign_in(app, "ad").get(path).status_code == 200


def test_a_grant_that_ended_gives_nothing(app: Flask, world: World) -> None:
    from datetime import timedelta

    hoa = account(world, "hoa")
    hoa.grants[0].from_on = clock.today() - timedelta(days=9)
    hoa.grants[0].to_on = clock.today()
    world.session.commit()
    assert sign_in(app, "hoa").get("/desk").status_code == 403
