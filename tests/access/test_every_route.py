"""Every route: who may, and to whose things. A route without an entry here fails, and so does one without a mark."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from library import access, files
from library.access import Permission as P
from library.accounts.models import Account, RoleName
from library.accounts.roles import MAY
from library.calendars import opening_days
from library.calendars.models import Closure
from library.calendars.opening_days import Whose
from library.core import clock
from library.core.db import db
from library.exports.models import Export
from library.holdings.models import Condition, Item, ItemClass, PlaceKind
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.labels import stock
from library.labels.models import LabelPaper, LabelPrinter, LabelTemplate
from library.labels.templates import SHIPPED, as_plain
from library.loans import closing, compensation, condition, deeds, holds
from library.loans.deeds import Lending
from library.loans.models import Compensation, ConditionReport, DueShift, Harm, Hold, Loan
from library.mobile.models import Route, Stop, Suspension, Trip, Vehicle, VisitChange
from library.organisations import founding
from library.organisations.models import Organisation, OrganisationKind
from library.patrons.models import Membership, Rollover
from library.policies import classes
from library.privacy import consenting
from library.privacy.consenting import Said
from library.privacy.models import Consent, Purpose, Relation
from library.promotion import gates, visits
from library.rotation.models import Batch, Site, Survey
from library.shelves import counts, handing, pulls, swaps
from library.shelves.handing import Given
from library.shelves.models import (
    Handover,
    HandoverKind,
    Shelf,
    ShelfCount,
    ShelfPull,
    ShelfTenure,
    SwapEvery,
    SwapPlan,
)
from library.shelves.pulling import Wish
from library.staging.models import Load, LoadState
from library.uses.counting import Frozen
from library.uses.models import VisitKind
from tests.access import activity_things, campaign_things, club_things, giving_things, report_things, rotation_things
from tests.support.people import account, sign_in
from tests.support.policies import lends
from tests.support.shelves import put, school_class, shelf
from tests.support.world import World

EVERYONE, SIGNED_IN = "everyone", "signed-in"

MARKS: dict[str, str] = {
    "activities.list": P.PROMOTE,
    "activities.new": P.PROMOTE,
    "activities.make": P.PROMOTE,
    "activities.show": P.PROMOTE,
    "activities.edit": P.PROMOTE,
    "activities.change": P.PROMOTE,
    "activities.hold": P.PROMOTE,
    "activities.cancel": P.PROMOTE,
    "activities.undo": P.PROMOTE,
    "activities.calendar": P.PROMOTE,
    "activity_settings.show": P.PROMOTE,
    "activity_settings.types": P.PROMOTE,
    "activity_settings.dates": P.PROMOTE,
    "activity_files.add": P.PROMOTE,
    "activity_files.show": P.PROMOTE,
    "activity_files.remove": P.PROMOTE,
    "trainings.list": P.PROMOTE,
    "trainings.new": P.PROMOTE,
    "trainings.make": P.PROMOTE,
    "trainings.show": P.PROMOTE,
    "trainings.edit": P.PROMOTE,
    "trainings.change": P.PROMOTE,
    "trainings.count": P.PROMOTE,
    "trainings.names": P.PROMOTE,
    "trainings.tick": P.PROMOTE,
    "trainings.cancel": P.PROMOTE,
    "trainings.undo": P.PROMOTE,
    "online.list": P.PROMOTE,
    "online.new": P.PROMOTE,
    "online.make": P.PROMOTE,
    "online.show": P.PROMOTE,
    "online.edit": P.PROMOTE,
    "online.change": P.PROMOTE,
    "online.count": P.PROMOTE,
    "online.undo": P.PROMOTE,
    "lessons.list": P.PROMOTE,
    "lessons.tell": P.PROMOTE,
    "lessons.tell_all": P.PROMOTE,
    "lessons.extra": P.PROMOTE,
    "lessons.show": P.PROMOTE,
    "lessons.change": P.PROMOTE,
    "lessons.undo": P.PROMOTE,
    "lessons.timetable": P.PROMOTE,
    "lessons.set_slot": P.PROMOTE,
    "commendations.list": P.PROMOTE,
    "commendations.new": P.PROMOTE,
    "commendations.make": P.PROMOTE,
    "commendations.show": P.PROMOTE,
    "commendations.edit": P.PROMOTE,
    "commendations.change": P.PROMOTE,
    "commendations.certificate": P.PROMOTE,
    "commendations.undo": P.PROMOTE,
    "donors.change": P.PROMOTE,
    "donors.forget": P.PROMOTE,
    "donors.list": P.PROMOTE,
    "donors.show": P.PROMOTE,
    "donors.wall": EVERYONE,
    "drives.change": P.PROMOTE,
    "drives.count": P.PROMOTE,
    "drives.do_count": P.PROMOTE,
    "drives.edit": P.PROMOTE,
    "drives.list": P.PROMOTE,
    "drives.new": P.PROMOTE,
    "drives.open": P.PROMOTE,
    "drives.show": P.PROMOTE,
    "drives.undo": P.PROMOTE,
    "drives.workbook": P.PROMOTE,
    "funds.open": P.PROMOTE,
    "funds.show": P.PROMOTE,
    "funds.spend": P.PROMOTE,
    "funds.workbook": P.PROMOTE,
    "gifts.change": P.PROMOTE,
    "gifts.edit": P.PROMOTE,
    "gifts.fate": P.PROMOTE,
    "gifts.give": P.PROMOTE,
    "gifts.link": P.PROMOTE,
    "gifts.new": P.PROMOTE,
    "gifts.paper": P.PROMOTE,
    "gifts.show": P.PROMOTE,
    "gifts.thank": P.PROMOTE,
    "clubs.list": P.PROMOTE,
    "clubs.new": P.PROMOTE,
    "clubs.found": P.PROMOTE,
    "clubs.edit": P.PROMOTE,
    "clubs.change": P.PROMOTE,
    "clubs.state": P.PROMOTE,
    "clubs.show": P.PROMOTE,
    "clubs.meet": P.PROMOTE,
    "clubs.edit_meeting": P.PROMOTE,
    "clubs.change_meeting": P.PROMOTE,
    "clubs.members": P.PROMOTE,
    "challenges.list": P.STATISTICS,
    "challenges.show": P.STATISTICS,
    "challenges.new": P.PROMOTE,
    "challenges.set_up": P.PROMOTE,
    "challenges.edit": P.PROMOTE,
    "challenges.change": P.PROMOTE,
    "challenges.state": P.PROMOTE,
    "challenges.certificates": P.SEE_PATRONS,
    "challenge_class.list": P.CLASS_KEEP,
    "challenge_class.show": P.CLASS_KEEP,
    "challenge_class.tick": P.CLASS_KEEP,
    "challenge_class.undo": P.CLASS_KEEP,
    "challenge_class.certificate": P.CLASS_KEEP,
    "challenge_class.certificates": P.CLASS_KEEP,
    "digital.list": P.SEARCH,
    "digital.of_title": P.EDIT_TITLE,
    "digital.put": P.EDIT_TITLE,
    "digital.edit": P.EDIT_TITLE,
    "digital.change": P.EDIT_TITLE,
    "internet.list": P.PROMOTE,
    "internet.show": P.PROMOTE,
    "internet.put": P.PROMOTE,
    "internet.count": P.PROMOTE,
    "internet.undo": P.PROMOTE,
    "digital.go": EVERYONE,
    "digital.open_list": EVERYONE,
    "mobile.planner": P.VAN_SEE,
    "mobile_changes.cancel": P.VAN_PLAN,
    "mobile_changes.do_move": P.VAN_PLAN,
    "mobile_changes.do_move_trip": P.VAN_PLAN,
    "mobile_changes.do_suspend": P.VAN_PLAN,
    "mobile_changes.end": P.VAN_PLAN,
    "mobile_changes.list": P.VAN_PLAN,
    "mobile_changes.move": P.VAN_PLAN,
    "mobile_changes.move_trip": P.VAN_PLAN,
    "mobile_changes.skip": P.VAN_CREW,
    "mobile_changes.suspend": P.VAN_PLAN,
    "mobile_changes.undo": P.VAN_CREW,
    "mobile_routes.add_version": P.VAN_PLAN,
    "mobile_routes.close": P.VAN_PLAN,
    "mobile_routes.fill": P.VAN_PLAN,
    "mobile_routes.list": P.VAN_PLAN,
    "mobile_routes.make": P.VAN_PLAN,
    "mobile_routes.new": P.VAN_PLAN,
    "mobile_routes.plan": P.VAN_PLAN,
    "mobile_routes.show": P.VAN_PLAN,
    "mobile_routes.version": P.VAN_PLAN,
    "mobile_stops.change": P.VAN_PLAN,
    "mobile_stops.edit": P.VAN_PLAN,
    "mobile_stops.list": P.VAN_SEE,
    "mobile_stops.make": P.VAN_PLAN,
    "mobile_stops.new": P.VAN_PLAN,
    "mobile_stops.show": P.VAN_SEE,
    "mobile_trips.advance": P.VAN_CREW,
    "mobile_trips.kit": P.VAN_CREW,
    "mobile_trips.make": P.VAN_PLAN,
    "mobile_trips.man": P.VAN_PLAN,
    "mobile_trips.new": P.VAN_PLAN,
    "mobile_trips.show": P.VAN_SEE,
    "mobile_vehicles.change": P.VAN_PLAN,
    "mobile_vehicles.edit": P.VAN_PLAN,
    "mobile_vehicles.kit": P.VAN_PLAN,
    "mobile_vehicles.list": P.VAN_SEE,
    "mobile_vehicles.make": P.VAN_PLAN,
    "mobile_vehicles.new": P.VAN_PLAN,
    "mobile_vehicles.save": P.VAN_PLAN,
    "mobile_vehicles.settings": P.VAN_PLAN,
    "mobile_vehicles.show": P.VAN_SEE,
    "mobile_lend.new_reader": P.VAN_CREW,
    "mobile_lend.scan": P.VAN_CREW,
    "mobile_lend.show": P.VAN_CREW,
    "mobile_lend.undo": P.VAN_CREW,
    "mobile_times.show": P.VAN_CREW,
    "mobile_times.tell": P.VAN_CREW,
    "mobile_times.undo": P.VAN_CREW,
    "mobile_load.aboard": P.VAN_SEE,
    "mobile_load.do_log": P.VAN_CREW,
    "mobile_load.do_take_over": P.VAN_CREW,
    "mobile_load.load_list": P.VAN_CREW,
    "mobile_load.log": P.VAN_CREW,
    "mobile_load.photo": P.VAN_CREW,
    "mobile_load.scan_off": P.VAN_CREW,
    "mobile_load.scan_on": P.VAN_CREW,
    "mobile_load.show": P.VAN_CREW,
    "mobile_load.take_over": P.VAN_CREW,
    "mobile_load.undo": P.VAN_CREW,
    "mobile_load.unload": P.VAN_CREW,
    "mobile_load.unload_all": P.VAN_CREW,
    "mobile_paper.add_photo": P.VAN_CREW,
    "mobile_paper.do_type_in": P.VAN_CREW,
    "mobile_paper.form": P.VAN_CREW,
    "mobile_paper.photo": P.VAN_CREW,
    "mobile_paper.photos": P.VAN_CREW,
    "mobile_paper.remove_photo": P.VAN_CREW,
    "mobile_paper.type_in": P.VAN_CREW,
    "mobile_stop.back": P.VAN_CREW,
    "mobile_stop.close": P.VAN_CREW,
    "mobile_stop.count": P.VAN_CREW,
    "mobile_stop.do_close": P.VAN_CREW,
    "mobile_stop.open_": P.VAN_CREW,
    "mobile_stop.show": P.VAN_CREW,
    "mobile_stop.summary": P.VAN_SEE,
    "mobile_stop.undo": P.VAN_CREW,
    "visits.show": P.VISITS,
    "visits.record": P.VISITS,
    "visits.edit": P.VISITS,
    "visits.correct": P.VISITS,
    "visits.undo": P.VISITS,
    "visits.settings": P.RULES,
    "visits.save_settings": P.RULES,
    "gates.list": P.VISITS,
    "gates.make": P.VISITS,
    "gates.change": P.VISITS,
    "gates.close": P.VISITS,
    "gates.read": P.VISITS,
    "kiosk.ask": P.VISITS,
    "kiosk.open_": P.VISITS,
    "kiosk.show": EVERYONE,
    "kiosk.names": EVERYONE,
    "kiosk.come": EVERYONE,
    "kiosk.take_back": EVERYONE,
    "kiosk.ask_end": EVERYONE,
    "kiosk.end": EVERYONE,
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
    "camera.photo": P.CLASS_DESK,
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
    "clearance.of_class": P.SEE_PATRONS,
    "clearance.one": P.SEE_PATRONS,
    "clearance.owing": P.SEE_PATRONS,
    "compensation.ask": P.OVERRIDE,
    "compensation.decide": P.OVERRIDE,
    "compensation.list": P.OVERRIDE,
    "compensation.minutes": P.OVERRIDE,
    "compensation.open": P.OVERRIDE,
    "compensation.receipt": P.OVERRIDE,
    "compensation.refund": P.OVERRIDE,
    "compensation.settle": P.OVERRIDE,
    "compensation.show": P.OVERRIDE,
    "compensation.take_up": P.OVERRIDE,
    "condition.list": P.CIRCULATE,
    "condition.missing": P.CIRCULATE,
    "condition.of_copy": P.CIRCULATE,
    "condition.photo": P.CIRCULATE,
    "condition.report": P.CIRCULATE,
    "condition.slip": P.CIRCULATE,
    "losses.ask": P.CIRCULATE,
    "losses.lift": P.OVERRIDE,
    "losses.list": P.CIRCULATE,
    "losses.mark": P.CIRCULATE,
    "losses.save": P.RULES,
    "losses.settings": P.RULES,
    "losses.shelves": P.CIRCULATE,
    "losses.undo": P.UNDO,
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
    "classes.groups": P.CIRCULATE,
    "classes.projected": P.CIRCULATE,
    "classes.show": P.CIRCULATE,
    "groups.add": P.EDIT_PATRON,
    "groups.new": P.EDIT_PATRON,
    "holds.cancel": P.CIRCULATE,
    "holds.list": P.CIRCULATE,
    "holds.new": P.CIRCULATE,
    "holds.place": P.CIRCULATE,
    "transfers.ask": P.CIRCULATE,
    "transfers.cancel": P.CIRCULATE,
    "transfers.list": P.CIRCULATE,
    "transfers.scan": P.CIRCULATE,
    "waits.answer": P.CIRCULATE,
    "waits.change": P.CIRCULATE,
    "waits.keeper": P.CIRCULATE,
    "waits.pull": P.CIRCULATE,
    "waits.queue": P.CIRCULATE,
    "waits.show": P.CIRCULATE,
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
    "mobile_calendar.feeds": P.VAN_SEE,
    "mobile_calendar.renew": P.VAN_PLAN,
    "mobile_calendar.site": P.ROTATION_SEE,
    "mobile_calendar.site_feed": EVERYONE,
    "mobile_calendar.site_file": P.ROTATION_SEE,
    "mobile_calendar.stop": P.VAN_SEE,
    "mobile_calendar.stop_feed": EVERYONE,
    "mobile_calendar.stop_file": P.VAN_SEE,
    "mobile_calendar.timetable": EVERYONE,
    "mobile_calendar.vehicle": P.VAN_SEE,
    "mobile_calendar.vehicle_feed": EVERYONE,
    "mobile_calendar.vehicle_file": P.VAN_SEE,
    "mobile_calendar.whole_feed": EVERYONE,
    "mobile_figures.show": P.VAN_SEE,
    "mobile_figures.workbook": P.VAN_SEE,
    "mobile_map.save": P.VAN_PLAN,
    "mobile_map.settings": P.VAN_PLAN,
    "mobile_map.show": P.VAN_SEE,
    "mobile_outputs.notice": P.VAN_SEE,
    "mobile_outputs.notice_paper": P.VAN_SEE,
    "mobile_outputs.packing": P.VAN_SEE,
    "mobile_outputs.packing_book": P.VAN_SEE,
    "mobile_outputs.poster": P.VAN_SEE,
    "mobile_outputs.quarter": P.VAN_SEE,
    "mobile_outputs.quarter_paper": P.VAN_SEE,
    "mobile_outputs.run_sheet": P.VAN_SEE,
    "mobile_outputs.trip_paper": P.VAN_SEE,
    "mobile_outputs.trip_report": P.VAN_SEE,
    "mine.cancel": EVERYONE,
    "mine.hold": EVERYONE,
    "mine.renew": EVERYONE,
    "mine.show": EVERYONE,
    "mine.sign_in": EVERYONE,
    "mine.sign_out": EVERYONE,
    "mine.suspend": EVERYONE,
    "notes.ask_copy": P.EDIT_COPY,
    "notes.copy": P.EDIT_COPY,
    "notes.reader": P.EDIT_PATRON,
    "readers.drop_pin": P.EDIT_PATRON,
    "readers.give_pin": P.EDIT_PATRON,
    "readers.pin": P.EDIT_PATRON,
    "readers.renew": P.CIRCULATE,
    "slips.give_pins": P.EDIT_PATRON,
    "documents.back": P.RULES,
    "documents.list": P.RULES,
    "documents.put": P.RULES,
    "documents.sample": P.RULES,
    "documents.template": P.RULES,
    "handovers.cancel": P.CLASS_KEEP,
    "handovers.docx": P.CLASS_KEEP,
    "handovers.give": P.CLASS_KEEP,
    "handovers.of_shelf": P.CLASS_KEEP,
    "handovers.pdf": P.CLASS_KEEP,
    "handovers.show": P.CLASS_KEEP,
    "handovers.sign": P.CLASS_KEEP,
    "handovers.undo": P.CLASS_KEEP,
    "year_end.of_shelf": P.CLASS_KEEP,
    "year_end.owner": P.CLASS_KEEP,
    "year_end.promote": P.CLASS_PLAN,
    "year_end.promote_all": P.CLASS_PLAN,
    "year_end.show": P.CLASS_PLAN,
    "year_end.undo": P.CLASS_PLAN,
    "shelf_board.books": P.CLASS_DESK,
    "shelf_board.do_scan": P.CLASS_DESK,
    "shelf_board.do_tally": P.CLASS_DESK,
    "shelf_board.scan": P.CLASS_DESK,
    "shelf_board.show": P.CLASS_DESK,
    "shelf_board.tally": P.CLASS_DESK,
    "shelf_board.tally_back": P.CLASS_DESK,
    "shelf_board.undo": P.CLASS_DESK,
    "shelf_counts.begin": P.CLASS_KEEP,
    "shelf_counts.end": P.CLASS_KEEP,
    "shelf_counts.missing": P.CLASS_KEEP,
    "shelf_counts.result": P.CLASS_KEEP,
    "shelf_counts.scan": P.CLASS_KEEP,
    "shelf_counts.show": P.CLASS_KEEP,
    "shelf_counts.undo": P.CLASS_KEEP,
    "shelf_fill.accept": P.CLASS_KEEP,
    "shelf_fill.cancel": P.CLASS_PLAN,
    "shelf_fill.do_accept": P.CLASS_KEEP,
    "shelf_fill.give": P.CLASS_PLAN,
    "shelf_fill.list": P.CLASS_KEEP,
    "shelf_fill.plain_scan": P.CLASS_PLAN,
    "shelf_fill.pulls": P.CLASS_PLAN,
    "shelf_fill.scan": P.CLASS_PLAN,
    "shelf_fill.show": P.CLASS_PLAN,
    "shelf_fill.undo": P.CLASS_PLAN,
    "shelf_pulls.close": P.CLASS_PLAN,
    "shelf_pulls.make": P.CLASS_PLAN,
    "shelf_pulls.more": P.CLASS_PLAN,
    "shelf_pulls.new": P.CLASS_PLAN,
    "shelf_pulls.pass_over": P.CLASS_PLAN,
    "shelf_pulls.put": P.CLASS_PLAN,
    "shelf_pulls.show": P.CLASS_PLAN,
    "shelf_helpers.ask": P.CLASS_KEEP,
    "shelf_helpers.back": EVERYONE,
    "shelf_helpers.door": EVERYONE,
    "shelf_helpers.end": EVERYONE,
    "shelf_helpers.hand_over": P.CLASS_KEEP,
    "shelf_helpers.open": EVERYONE,
    "shelf_log.class_certificate": P.CLASS_KEEP,
    "shelf_log.diary": P.CLASS_KEEP,
    "shelf_log.diary_sheet": P.CLASS_KEEP,
    "shelf_log.pupil": P.CLASS_KEEP,
    "shelf_log.pupil_certificates": P.CLASS_KEEP,
    "shelf_log.show": P.CLASS_KEEP,
    "shelf_log.undo": P.CLASS_KEEP,
    "shelf_log.write": P.CLASS_KEEP,
    "rotation.batch": P.ROTATION_SEE,
    "rotation.board": P.ROTATION_SEE,
    "rotation.copy": P.ROTATION_SEE,
    "rotation.site": P.ROTATION_SEE,
    "rotation_batches.answer": P.ROTATION_HANDLE,
    "rotation_batches.approve_many": P.ROTATION_APPROVE,
    "rotation_batches.cancel": P.ROTATION_PLAN,
    "rotation_batches.change": P.ROTATION_PLAN,
    "rotation_batches.decide": P.ROTATION_APPROVE,
    "rotation_batches.do_answer": P.ROTATION_HANDLE,
    "rotation_batches.make": P.ROTATION_PLAN,
    "rotation_batches.new": P.ROTATION_PLAN,
    "rotation_batches.plan": P.ROTATION_PLAN,
    "rotation_batches.plan_many": P.ROTATION_PLAN,
    "rotation_batches.propose": P.ROTATION_PLAN,
    "rotation_batches.propose_many": P.ROTATION_PLAN,
    "rotation_batches.save_settings": P.ROTATION_PLAN,
    "rotation_batches.settings": P.ROTATION_PLAN,
    "rotation_batches.show": P.ROTATION_PLAN,
    "rotation_batches.take_back": P.ROTATION_PLAN,
    "rotation_batches.undo": P.ROTATION_PLAN,
    "rotation_sites.agree": P.ROTATION_PLAN,
    "rotation_sites.agreement": P.ROTATION_PLAN,
    "rotation_sites.change": P.ROTATION_PLAN,
    "rotation_sites.close": P.ROTATION_PLAN,
    "rotation_sites.edit": P.ROTATION_PLAN,
    "rotation_sites.end_agreement": P.ROTATION_PLAN,
    "rotation_sites.found": P.ROTATION_PLAN,
    "rotation_sites.list": P.ROTATION_SEE,
    "rotation_sites.new": P.ROTATION_PLAN,
    "rotation_stock.scan": P.ROTATION_PLAN,
    "rotation_stock.show": P.ROTATION_PLAN,
    "rotation_stock.undo": P.ROTATION_PLAN,
    "rotation_wishes.answer": P.ROTATION_HANDLE,
    "rotation_wishes.change": P.ROTATION_PLAN,
    "rotation_wishes.do_answer": P.ROTATION_HANDLE,
    "rotation_wishes.list": P.ROTATION_SEE,
    "rotation_wishes.open": P.ROTATION_PLAN,
    "rotation_wishes.show": P.ROTATION_PLAN,
    "rotation_close.close": P.ROTATION_PLAN,
    "rotation_close.do_home": P.ROTATION_HANDLE,
    "rotation_close.floating": P.ROTATION_HANDLE,
    "rotation_close.home": P.ROTATION_HANDLE,
    "rotation_close.keep": P.ROTATION_HANDLE,
    "rotation_close.owed": P.ROTATION_HANDLE,
    "rotation_close.recall": P.ROTATION_PLAN,
    "rotation_close.settle": P.ROTATION_PLAN,
    "rotation_close.short": P.ROTATION_HANDLE,
    "rotation_close.show": P.ROTATION_HANDLE,
    "rotation_legs.contest": P.ROTATION_HANDLE,
    "rotation_legs.decide": P.ROTATION_PLAN,
    "rotation_legs.do_extend": P.ROTATION_HANDLE,
    "rotation_legs.do_forward": P.ROTATION_HANDLE,
    "rotation_legs.do_receive": P.ROTATION_HANDLE,
    "rotation_legs.extend": P.ROTATION_HANDLE,
    "rotation_legs.forward": P.ROTATION_HANDLE,
    "rotation_legs.photo": P.ROTATION_HANDLE,
    "rotation_legs.receive": P.ROTATION_HANDLE,
    "rotation_legs.undo": P.ROTATION_HANDLE,
    "campaign_edit.change": P.CAMPAIGN,
    "campaign_edit.edit": P.CAMPAIGN,
    "campaign_edit.make": P.CAMPAIGN,
    "campaign_edit.new": P.CAMPAIGN,
    "campaigns.do": P.CAMPAIGN,
    "campaigns.file": P.CAMPAIGN,
    "campaigns.letters": P.CAMPAIGN,
    "campaigns.line": P.CAMPAIGN,
    "campaigns.list": P.CAMPAIGN,
    "campaigns.show": P.CAMPAIGN,
    "campaigns.unit": P.CAMPAIGN,
    "report_figures.show": P.STATISTICS,
    "reports.home": P.STATISTICS,
    "reports.show": P.STATISTICS,
    "reports.take": P.STATISTICS,
    "report_builder.show": P.STATISTICS,
    "report_builder.take": P.STATISTICS,
    "saved_reports.keep": P.STATISTICS,
    "saved_reports.show": P.STATISTICS,
    "saved_reports.change": P.STATISTICS,
    "saved_reports.result": P.STATISTICS,
    "saved_reports.take": P.STATISTICS,
    "standards.show": P.SHEET,
    "standards.say": P.SHEET,
    "standards.lines": P.RULES,
    "standards.keep_lines": P.RULES,
    "dashboard.show": P.STATISTICS,
    "dashboard.workbook": P.STATISTICS,
    "public_figures.show": "everyone",
    "society.show": P.STATISTICS,
    "society.workbook": P.STATISTICS,
    "society_entry.lines": P.CAMPAIGN,
    "society_entry.put_lines": P.CAMPAIGN,
    "society_entry.show": P.SHEET,
    "society_entry.tell": P.SHEET,
    "society_entry.undo": P.SHEET,
    "report_papers.campaign": P.CAMPAIGN,
    "report_papers.sheet": P.SHEET,
    "sums.show": P.RULES,
    "sums.start": P.SETTINGS,
    "sheets.change": P.SHEET,
    "sheets.file": P.SHEET,
    "sheets.list": P.SHEET,
    "sheets.show": P.SHEET,
    "rotation_figures.show": P.ROTATION_SEE,
    "rotation_figures.workbook": P.ROTATION_SEE,
    "rotation_log.show": P.ROTATION_HANDLE,
    "rotation_log.undo": P.ROTATION_HANDLE,
    "rotation_log.write": P.ROTATION_HANDLE,
    "rotation_papers.add": P.ROTATION_HANDLE,
    "rotation_papers.all": P.ROTATION_SEE,
    "rotation_papers.file": P.ROTATION_SEE,
    "rotation_papers.leg_list": P.ROTATION_SEE,
    "rotation_papers.list": P.ROTATION_SEE,
    "rotation_papers.minutes": P.ROTATION_SEE,
    "rotation_papers.remove": P.ROTATION_HANDLE,
    "rotation_papers.show": P.ROTATION_SEE,
    "rotation_papers.slip": P.ROTATION_SEE,
    "rotation_pick.add_crates": P.ROTATION_HANDLE,
    "rotation_pick.crate": P.ROTATION_SEE,
    "rotation_pick.do_send": P.ROTATION_HANDLE,
    "rotation_pick.labels": P.ROTATION_HANDLE,
    "rotation_pick.mark": P.ROTATION_HANDLE,
    "rotation_pick.pull": P.ROTATION_HANDLE,
    "rotation_pick.scan": P.ROTATION_HANDLE,
    "rotation_pick.seal": P.ROTATION_HANDLE,
    "rotation_pick.send": P.ROTATION_HANDLE,
    "rotation_pick.show": P.ROTATION_HANDLE,
    "rotation_pick.undo": P.ROTATION_HANDLE,
    "rotation_pick.undo_send": P.ROTATION_HANDLE,
    "rotation_pick.unseal": P.ROTATION_HANDLE,
    "shelf_milestones.save": P.CLASS_PLAN,
    "shelf_milestones.show": P.CLASS_PLAN,
    "shelf_figures.show": P.CLASS_KEEP,
    "shelf_figures.workbook": P.CLASS_KEEP,
    "shelf_week.show": P.CLASS_KEEP,
    "shelf_swaps.edit": P.CLASS_PLAN,
    "shelf_swaps.list": P.CLASS_PLAN,
    "shelf_swaps.make": P.CLASS_PLAN,
    "shelf_swaps.of_shelf": P.CLASS_KEEP,
    "shelf_swaps.say": P.CLASS_KEEP,
    "shelf_swaps.show": P.CLASS_PLAN,
    "shelf_swaps.take_back": P.CLASS_KEEP,
    "slips.of_class": P.CIRCULATE,
    "slips.reader": P.CIRCULATE,
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
    "shelves.add_light": P.CLASS_KEEP,
    "shelves.build": P.CLASS_PLAN,
    "shelves.change": P.CLASS_KEEP,
    "shelves.close": P.CLASS_PLAN,
    "shelves.end_light": P.CLASS_KEEP,
    "shelves.keep": P.CLASS_PLAN,
    "shelves.light": P.CLASS_KEEP,
    "shelves.new": P.CLASS_PLAN,
    "shelves.overview": P.CLASS_DESK,
    "shelves.reopen": P.CLASS_PLAN,
    "shelves.settings": P.CLASS_KEEP,
    "shelves.turns": P.CLASS_KEEP,
    "shelves.undo_light": P.CLASS_KEEP,
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
    "nights.show": P.RULES,
    "nights.start": P.SETTINGS,
    "opening.choose_holidays": P.RULES,
    "opening.close": P.RULES,
    "opening.move_due": P.RULES,
    "opening.not_anyway": P.RULES,
    "opening.open_anyway": P.RULES,
    "opening.open_again": P.RULES,
    "opening.open_on": P.RULES,
    "opening.put_back": P.RULES,
    "opening.set_terms": P.RULES,
    "opening.show": P.RULES,
    "explain.show": P.RULES,
    "item_classes.add": P.RULES,
    "item_classes.ask_copy": P.EDIT_COPY,
    "item_classes.change": P.RULES,
    "item_classes.copy": P.EDIT_COPY,
    "item_classes.list": P.RULES,
    "item_classes.remove": P.RULES,
    "presets.apply": P.RULES,
    "presets.show": P.RULES,
    "rules.add": P.RULES,
    "rules.change": P.RULES,
    "rules.edit": P.RULES,
    "rules.new": P.RULES,
    "rules.remove": P.RULES,
    "rules.show": P.RULES,
    "rules.whose": P.RULES,
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
    add_losses(world, library, reader)
    club_things.add(library, record)
    activity_things.add(library)
    giving_things.add(library)
    kept = shelf(world, taught, library=library)
    add_shelf_work(world, kept)
    add_handover(world, kept, staff)
    add_swap(world, kept)
    reach = closing.Reach(library.id, branch.id, clock.today(), clock.today())
    closing.begin(world.session(), Doing.now(branch_id=branch.id), reach, "mưa lũ")
    rotation_things.add_all(world, library)
    campaign_things.add(library)
    report_things.add(library)
    said = Said(Purpose.NAME, Relation.SELF, "", True, "phiếu", clock.today())
    consenting.give(world.session(), reader, said, None)
    return Things(library, reader.uid, record.uid, load.uid, hold.uid, taught.uid, staff.uid, closure.id,
                  export.uid, rollover=rollover.uid)  # fmt: skip


def add_shelf_work(world: World, one: Shelf) -> None:
    """A count that was ended, and a list of what to fetch."""
    count = counts.begin(world.session(), Doing.now(branch_id=one.branch_id), one)
    counts.end(world.session(), Doing.now(branch_id=one.branch_id), count)
    pulls.make(world.session(), clock.uuid7(), one, Wish(3), None)


def add_handover(world: World, one: Shelf, giver: Account) -> None:
    """A book on the shelf, given and not signed for."""
    put(world, one, world.items(1, one.library))
    doing, by = Doing.now(branch_id=one.branch_id), handing.person(giver)
    handing.give(world.session(), doing, one, by, Given(HandoverKind.TEACHER))


def add_swap(world: World, one: Shelf) -> None:
    """The shelf and another of the library exchange boxes."""
    library = one.library
    shelves = [one, shelf(world, school_class(world, "5Z", 5, library), library=library)]
    wanted = swaps.Wanted("Khối 5", shelves, SwapEvery.WEEK, clock.today())
    swaps.plan(world.session(), Doing.now(branch_id=one.branch_id), library.id, wanted)


def add_losses(world: World, library: Organisation, reader: Membership) -> None:
    """A copy lent, said to be lost, with its minutes; and one that came back damaged."""
    session, branch = world.session(), world.branch(library)
    lost, damaged = world.items(2, library)
    with_patrons = world.place(PlaceKind.WITH_PATRONS, library).id, branch.id
    what = Lending(lost.id, lost.uid, reader.id, clock.today(), Frozen(branch.id))
    now = clock.now()
    act = deeds.lend(session, Doing.now(branch_id=branch.id), what, with_patrons, now)
    loan = session.scalars(select(Loan.id).where(Loan.act_id == act[0])).one()
    asking = compensation.Asking(lost.id, Harm.LOST, 35_000, loan, reader.id)
    compensation.ask(session, Doing.now(branch_id=branch.id), asking)
    condition.report(session, Doing.now(branch_id=branch.id), damaged.id, condition.Look(Condition.WORN), branch.id)


def loan_of(library: Organisation) -> UUID:
    """The act that lent a book of the library."""
    query = select(Act.uid).join(Loan, Loan.act_id == Act.id).join(Item, Item.id == Loan.item_id)
    return db.session.scalars(query.where(Item.library_id == library.id)).first() or uuid4()


def report_of(library: Organisation) -> UUID:
    query = select(ConditionReport.uid).join(Item, Item.id == ConditionReport.item_id)
    return db.session.scalars(query.where(Item.library_id == library.id)).first() or uuid4()


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


def count_of(library: Organisation) -> UUID:
    """An ended count of the library's shelf."""
    query = select(ShelfCount.uid).join(Shelf, Shelf.id == ShelfCount.shelf_id)
    return db.session.scalars(query.where(Shelf.library_id == library.id)).first() or uuid4()


def pull_of(library: Organisation) -> UUID:
    query = select(ShelfPull.uid).join(Shelf, Shelf.id == ShelfPull.shelf_id)
    return db.session.scalars(query.where(Shelf.library_id == library.id)).first() or uuid4()


def opening_of(library: Organisation) -> int:
    """A day of this library on which it opens all the same, there again likewise."""
    found = opening_days.open_anyway(
        db.session(), Whose(branch_id=library.branches[0].id), clock.today(), "hội sách"
    ).id
    db.session.commit()
    return found


def line_of(library: Organisation) -> UUID:
    """A line of this library's own, there again if somebody has just taken it away."""
    uid = lends(db.session(), library.id).uid
    db.session.commit()
    return uid


def class_of(library: Organisation) -> UUID:
    """The network's class of copies, there again likewise."""
    assert library.network_id
    found = db.session.scalar(select(ItemClass.uid).where(ItemClass.network_id == library.network_id))
    found = found or classes.add(db.session(), library.network_id, "SGK", "Sách giáo khoa").uid
    db.session.commit()
    return found


def visits_of(library: Organisation) -> UUID:
    """A line of visits, written just now."""
    doing = Doing.now(branch_id=library.branches[0].id)
    entry = visits.Entry(VisitKind.GUEST, clock.today(), (visits.Heads(2),))
    visits.record(db.session(), doing, library.branches[0].id, entry)
    db.session.commit()
    return doing.uid


def gate_of(library: Organisation) -> UUID:
    made = gates.make(db.session(), library.branches[0].id, "Cửa chính", True, False, None)
    db.session.commit()
    return made.uid


ARGUMENTS: dict[str, Callable[[Things], dict[str, Any]]] = {
    "visits": lambda it: {"uid": visits_of(it.library)},
    "gates": lambda it: {"uid": gate_of(it.library)},
    "campaigns": lambda it: campaign_things.things_of(it.library),
    "saved_reports": lambda it: report_things.things_of(it.library),
    "campaign_edit": lambda it: campaign_things.things_of(it.library),
    "sheets": lambda it: campaign_things.sheet_of(it.library),
    "society_entry": lambda it: {"uid": it.library.uid, "year": 2026},
    "public_figures": lambda it: {"slug": it.library.slug},
    "report_papers": lambda it: {"uid": campaign_things.sheet_of(it.library)["uid"], "form": "xlsx"},
    "report_papers.campaign": lambda it: {"uid": campaign_things.things_of(it.library)["uid"], "form": "xlsx"},
    "mobile_trips": lambda it: {"uid": uid_of(Trip, it.library)},
    "mobile_vehicles": lambda it: {"uid": uid_of(Vehicle, it.library)},
    "mobile_stops": lambda it: {"uid": uid_of(Stop, it.library)},
    "mobile_routes": lambda it: {"uid": uid_of(Route, it.library)},
    "mobile_changes": lambda it: {"uid": rotation_things.visit_of(it.library)},
    "mobile_changes.cancel": lambda it: {"uid": uid_of(Trip, it.library)},
    "mobile_changes.do_move_trip": lambda it: {"uid": uid_of(Trip, it.library)},
    "mobile_changes.move_trip": lambda it: {"uid": uid_of(Trip, it.library)},
    "mobile_changes.end": lambda it: {"uid": uid_of(Suspension, it.library)},
    "mobile_changes.undo": lambda it: {"uid": uid_of(VisitChange, it.library)},
    "mobile_stop": lambda it: {"uid": rotation_things.visit_of(it.library)},
    "mobile_lend": lambda it: {"uid": rotation_things.visit_of(it.library)},
    "mobile_paper": lambda it: {"uid": rotation_things.visit_of(it.library)},
    "mobile_paper.photo": lambda it: {"uid": rotation_things.trip_file_of(it.library)},
    "mobile_paper.remove_photo": lambda it: {"uid": rotation_things.trip_file_of(it.library)},
    "mobile_calendar": lambda it: {
        "slug": it.library.slug,
        "signed": "0",
        "kind": "pdf",
        "uid": uid_of(Vehicle, it.library),
    },
    "mobile_calendar.site": lambda it: {"uid": uid_of(Site, it.library)},
    "mobile_calendar.site_file": lambda it: {"uid": uid_of(Site, it.library), "kind": "pdf"},
    "mobile_calendar.stop": lambda it: {"uid": uid_of(Stop, it.library)},
    "mobile_calendar.stop_feed": lambda it: {"slug": it.library.slug, "uid": uid_of(Stop, it.library)},
    "mobile_calendar.stop_file": lambda it: {"uid": uid_of(Stop, it.library), "kind": "pdf"},
    "mobile_outputs": lambda it: {"uid": uid_of(Trip, it.library), "kind": "pdf"},
    "mobile_outputs.poster": lambda it: {"uid": uid_of(Stop, it.library)},
    "mobile_outputs.notice": lambda it: {"uid": uid_of(VisitChange, it.library)},
    "mobile_outputs.notice_paper": lambda it: {"uid": uid_of(VisitChange, it.library), "kind": "pdf"},
    "mobile_load": lambda it: {"uid": uid_of(Trip, it.library)},
    "mobile_times": lambda it: {"uid": uid_of(Trip, it.library)},
    "mobile_load.aboard": lambda it: {"uid": uid_of(Vehicle, it.library)},
    "catalogue": lambda it: {"uid": it.record},
    "covers": lambda it: {"uid": it.record, "slug": it.library.slug},
    "exports": lambda it: {"uid": it.export},
    "finding": lambda it: {"uid": it.record, "slug": it.library.slug, "number": 1, "place_id": 1},
    "loans": lambda it: {"uid": it.membership},
    "classes": lambda it: {"uid": it.school_class},
    "mine": lambda it: {"slug": it.library.slug},
    "notes": lambda it: {"uid": uid_of(Item, it.library)},
    "notes.reader": lambda it: {"uid": it.membership},
    "readers": lambda it: {"uid": it.membership, "loan_id": 1},
    "slips": lambda it: {"uid": it.membership, "class_uid": it.school_class},
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
    "rules": lambda it: {"uid": line_of(it.library)},
    "item_classes": lambda it: {"uid": class_of(it.library)},
    "item_classes.ask_copy": lambda it: {"uid": uid_of(Item, it.library)},
    "item_classes.copy": lambda it: {"uid": uid_of(Item, it.library)},
    "opening": lambda it: {"closure_id": it.closure, "uid": uid_of(DueShift, it.library)},
    "opening.not_anyway": lambda it: {"opening_id": opening_of(it.library)},
    "clearance.one": lambda it: {"uid": it.membership},
    "clearance.of_class": lambda it: {"uid": it.school_class},
    "compensation": lambda it: {"uid": uid_of(Compensation, it.library)},
    "compensation.ask": lambda it: {"uid": uid_of(Item, it.library)},
    "compensation.open": lambda it: {"uid": uid_of(Item, it.library)},
    "condition": lambda it: {"uid": report_of(it.library)},
    "condition.of_copy": lambda it: {"uid": uid_of(Item, it.library)},
    "condition.missing": lambda it: {"uid": uid_of(Item, it.library)},
    "losses": lambda it: {"act": loan_of(it.library)},
    "holds.cancel": lambda it: {"uid": it.hold},
    "transfers": lambda it: {"uid": uuid4()},
    "waits": lambda it: {"uid": it.hold},
    "waits.queue": lambda it: {"uid": it.record},
    "holds": lambda it: {"uid": it.record},
    "welcome": lambda it: {"step": "1"},
    "handovers": lambda it: {"uid": uid_of(Handover, it.library)},
    "handovers.of_shelf": lambda it: {"uid": uid_of(Shelf, it.library)},
    "handovers.give": lambda it: {"uid": uid_of(Shelf, it.library)},
    "year_end": lambda it: {"uid": uid_of(Shelf, it.library)},
    "shelf_board": lambda it: {"uid": uid_of(Shelf, it.library)},
    "shelves": lambda it: {"uid": uid_of(Shelf, it.library), "item": uid_of(Item, it.library)},
    "shelf_fill": lambda it: {"uid": uid_of(Shelf, it.library)},
    "shelf_counts": lambda it: {"uid": uid_of(Shelf, it.library)},
    "shelf_log": lambda it: {"uid": uid_of(Shelf, it.library), "member": it.membership},
    "shelf_week": lambda it: {"uid": uid_of(Shelf, it.library)},
    "shelf_counts.result": lambda it: {"uid": count_of(it.library)},
    "shelf_counts.missing": lambda it: {"uid": count_of(it.library)},
    "shelf_pulls": lambda it: {"uid": pull_of(it.library)},
    "shelf_pulls.new": lambda it: {"uid": uid_of(Shelf, it.library)},
    "shelf_pulls.make": lambda it: {"uid": uid_of(Shelf, it.library)},
    "shelf_helpers": lambda it: {"uid": uid_of(Shelf, it.library)},
    "shelf_swaps": lambda it: {"uid": uid_of(Shelf, it.library)},
    "shelf_swaps.show": lambda it: {"uid": uid_of(SwapPlan, it.library)},
    "shelf_swaps.edit": lambda it: {"uid": uid_of(SwapPlan, it.library)},
    "rotation.batch": lambda it: {"uid": uid_of(Batch, it.library)},
    "rotation.copy": lambda it: {"uid": uid_of(Item, it.library)},
    "rotation.site": lambda it: {"uid": uid_of(Site, it.library)},
    "rotation_close": lambda it: {"uid": uid_of(Batch, it.library)},
    "rotation_close.floating": lambda it: {"uid": uid_of(Site, it.library)},
    "rotation_close.keep": lambda it: {"uid": uid_of(Site, it.library)},
    "rotation_close.short": lambda it: {"uid": rotation_things.leg_of(it.library)},
    "rotation_legs": lambda it: {"uid": rotation_things.leg_of(it.library)},
    "rotation_legs.decide": lambda it: {"uid": rotation_things.extension_of(it.library)},
    "rotation_legs.do_forward": lambda it: {"uid": uid_of(Batch, it.library)},
    "rotation_legs.forward": lambda it: {"uid": uid_of(Batch, it.library)},
    "rotation_legs.undo": lambda it: {"uid": rotation_things.act_of(it.library)},
    "rotation_log": lambda it: {"uid": uid_of(Site, it.library)},
    "rotation_batches": lambda it: {"uid": uid_of(Batch, it.library)},
    "rotation_sites": lambda it: {"uid": uid_of(Site, it.library)},
    "rotation_wishes": lambda it: {"uid": uid_of(Survey, it.library), "site": uid_of(Site, it.library)},
    "rotation_papers": lambda it: {"uid": rotation_things.leg_of(it.library)},
    "rotation_papers.add": lambda it: {"uid": uid_of(Batch, it.library)},
    "rotation_papers.file": lambda it: {"uid": rotation_things.batch_file_of(it.library)},
    "rotation_papers.list": lambda it: {"uid": uid_of(Batch, it.library)},
    "rotation_papers.remove": lambda it: {"uid": rotation_things.batch_file_of(it.library)},
    "rotation_papers.show": lambda it: {"uid": uid_of(Batch, it.library)},
    "rotation_papers.slip": lambda it: {"uid": rotation_things.crate_of(it.library)},
    "drives": lambda it: {"uid": giving_things.drive_of(it.library)},
    "drives.undo": lambda it: {"uid": giving_things.act_of(it.library)},
    "gifts": lambda it: {"uid": giving_things.gift_of(it.library)},
    "gifts.paper": lambda it: {"uid": giving_things.gift_of(it.library), "paper": "letter", "kind": "docx"},
    "funds": lambda it: {"uid": giving_things.fund_of(it.library)},
    "donors": lambda it: {"uid": giving_things.donor_of(it.library), "slug": it.library.slug},
    "activities": lambda it: {"uid": activity_things.of("activities", it.library)},
    "trainings": lambda it: {"uid": activity_things.of("trainings", it.library)},
    "online": lambda it: {"uid": activity_things.of("online", it.library)},
    "lessons": lambda it: {"uid": activity_things.of("lessons", it.library)},
    "commendations": lambda it: {"uid": activity_things.of("commendations", it.library)},
    "activity_files": lambda it: {"uid": activity_things.file_of(it.library)},
    "activity_files.add": lambda it: {"uid": activity_things.of("activities", it.library), "kind": "event"},
    "clubs": lambda it: {"uid": club_things.club_of(it.library)},
    "clubs.edit_meeting": lambda it: {"uid": club_things.meeting_of(it.library)},
    "clubs.change_meeting": lambda it: {"uid": club_things.meeting_of(it.library)},
    "challenges": lambda it: {"uid": club_things.challenge_of(it.library)},
    "challenges.certificates": lambda it: {"uid": club_things.challenge_of(it.library, club_things.Reach.LIBRARY)},
    "challenge_class": lambda it: {
        "uid": club_things.challenge_of(it.library),
        "of_class": club_things.class_of(it.library),
    },
    "digital": lambda it: {"uid": club_things.link_of(it.library), "slug": it.library.slug},
    "digital.of_title": lambda it: {"uid": it.record},
    "digital.put": lambda it: {"uid": it.record},
    "internet": lambda it: {"uid": it.library.branches[0].uid},
    "rotation_pick": lambda it: {"uid": uid_of(Batch, it.library)},
    "rotation_pick.crate": lambda it: {"uid": rotation_things.crate_of(it.library)},
    "rotation_pick.seal": lambda it: {"uid": rotation_things.crate_of(it.library)},
    "rotation_pick.undo_send": lambda it: {"uid": rotation_things.leg_of(it.library)},
    "rotation_pick.unseal": lambda it: {"uid": rotation_things.crate_of(it.library)},
    "static": lambda it: {"filename": "css/base.css"},
}
"""What a rule's places are filled with, by endpoint or by its first word."""

SHARED = frozenset({
    "waits.queue", "catalogue", "covers", "finding", "digital.of_title", "digital.put", "holds.new", "holds.place",
    "item_classes.change", "item_classes.remove",
})  # fmt: skip
"""Titles are shared in a network: what belongs to the next school is seen, and may be catalogued, here too."""


BECOMES_ANOTHER = frozenset({"kiosk.open_", "shelf_helpers.hand_over"})
"""After these the browser is somebody else's."""


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


def keeps(world: World, who: Account) -> None:
    """The shelves of the school are theirs, and they go with its trips: teachers and crews reach no others."""
    mine = select(Shelf.id).where(Shelf.library_id == world.school().id)
    world.session.execute(update(ShelfTenure).where(ShelfTenure.shelf_id.in_(mine)).values(keeper_id=who.id))
    rotation_things.goes_along(world, who, world.school())


@pytest.mark.parametrize("role", list(RoleName))
def test_roles_by_routes_by_whose(app: Flask, world: World, role: RoleName) -> None:
    """Own things: allowed or 403. The next school's: 404 unless shared. Another network's: 404, whatever the role."""
    mine, next_door = things_of(world, world.school()), things_of(world, world.school("Trường Tiểu học Sông Cầu"))
    far = founding.found(world.session(), OrganisationKind.PROVINCE, "Thư viện tỉnh khác")
    foreign = things_of(world, world._furnished(far))
    keeps(world, account(world, "ha", role))
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
        client = sign_in(app) if endpoint in BECOMES_ANOTHER and status == 303 else client
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
