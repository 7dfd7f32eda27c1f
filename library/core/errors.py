"""What can go wrong in a way a person must hear about: a stable code, a sentence, an HTTP status.

Sentences are written in Vietnamese and marked with `N_`; they are translated where they are shown, so that rules
and readers stay free of Flask.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Facts = Mapping[str, Any]


def N_(sentence: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a sentence for translation without translating it here."""
    return sentence


@dataclass(frozen=True)
class Reason:
    """Why something is not done, or done with a doubt. `sentence` has %(name)s places that `facts` fill."""

    code: str
    sentence: str
    facts: Facts = field(default_factory=dict)


class Refused(Exception):
    """The request is understood and will not be done. All reasons are told at once."""

    status = 409

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons


class NotFound(Refused):
    """There is no such thing, or it is none of your business: the two are told alike."""

    status = 404

    def __init__(self) -> None:
        super().__init__(Reason("not-found", N_("Không có trang này, hoặc trang thuộc thư viện khác.")))


class Forbidden(Refused):
    """You may see this place, but not do that here."""

    status = 403

    def __init__(self, needs: str = "") -> None:
        super().__init__(Reason("forbidden", N_("Tài khoản này chưa được giao việc đó."), {"needs": needs}))


class Busy(Refused):
    """Somebody else is writing for longer than we care to wait. Nothing was written; ask again."""

    status = 503

    def __init__(self) -> None:
        super().__init__(Reason("busy", N_("Máy đang bận ghi việc khác. Chưa mất gì, thử lại sau vài giây.")))


class Invalid(Refused):
    """Fields that could not be read: {field: reasons}. Values typed are kept by the page."""

    status = 422

    def __init__(self, fields: Mapping[str, Reason]) -> None:
        super().__init__(*fields.values())
        self.fields = dict(fields)
