"""What the mobile library refuses: a code, a sentence, and what fills its places."""

from library.core.errors import Reason, Refused


class NotDone(Refused):
    """Nothing was written. Every reason is told at once."""

    @classmethod
    def because(cls, code: str, sentence: str, **facts: object) -> "NotDone":
        return cls(Reason(code, sentence, facts))
