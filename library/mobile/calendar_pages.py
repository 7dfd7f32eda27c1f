"""The blueprint of calendars: months of a vehicle, a stop, a site; addresses of .ics; the public timetable."""

from flask import Blueprint

bp = Blueprint("mobile_calendar", __name__)
