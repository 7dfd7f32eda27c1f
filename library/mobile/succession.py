"""Vehicles, stops and trips go on under the successor."""

from sqlalchemy.orm import Session

from library.mobile.models import MobileSetting, Route, Stop, Suspension, Trip, Vehicle, VisitChange
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, hand_over


def take_over(session: Session, what: Succession) -> Told:
    hand_over(session, what, MobileSetting, same=())
    hand_over(session, what, Suspension)
    hand_over(session, what, VisitChange)
    return [
        ("xe thư viện lưu động", hand_over(session, what, Vehicle, same=("name",))),
        ("điểm dừng", hand_over(session, what, Stop, same=("name",))),
        ("tuyến xe", hand_over(session, what, Route, same=("name",))),
        ("chuyến xe", hand_over(session, what, Trip)),
    ]


SUCCESSION["mobile"] = Part(
    take_over,
    moves=frozenset({"trip.library_id", "mobile_suspension.library_id", "visit_change.library_id"}),
    leaves={
        "vehicle.library_id": "the successor has a vehicle of that name already",
        "stop.library_id": "the successor has a stop of that name already; visits there end under the old one",
        "route.library_id": "the successor has a route of that name already",
        "mobile_setting.library_id": "the successor's own numbers win",
    },
)
