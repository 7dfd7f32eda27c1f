"""Rotation goes on under the successor; minutes stay in the name in which they were signed."""

from sqlalchemy.orm import Session

from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, hand_over
from library.rotation.models import Batch, RotationSetting, Site, StockChange, Survey


def take_over(session: Session, what: Succession) -> Told:
    hand_over(session, what, RotationSetting, same=())
    hand_over(session, what, Survey, same=("name",))
    hand_over(session, what, StockChange)
    return [
        ("điểm luân chuyển", hand_over(session, what, Site, same=("name",))),
        ("đợt luân chuyển", hand_over(session, what, Batch, same=("code",))),
    ]


SUCCESSION["rotation"] = Part(
    take_over,
    moves=frozenset({"rotation_stock_change.library_id"}),
    leaves={
        "rotation_site.library_id": "the successor has a site of that name already; the old one's batches end under it",
        "rotation_batch.library_id": "the successor has a batch of that code already; it stays readable under the old name",
        "wish_survey.library_id": "the successor's own survey of that name is the one that goes on",
        "rotation_setting.library_id": "the successor's own numbers win",
    },
)
