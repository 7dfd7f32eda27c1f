"""A life told by a table: which deed leads from which state to which. What is not in the table is refused."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from library.core.errors import Reason, Refused

State = TypeVar("State", bound=StrEnum)
Deed = TypeVar("Deed", bound=StrEnum)


class TooEarlyOrLate(Refused):
    """The thing is not at a point where this can be done. 409: somebody else may have been faster."""

    status = 409
    sentences: ClassVar[Mapping[Any, str]]
    """What is told whoever asks for a deed that the state does not know."""

    def __init__(self, state: StrEnum, deed: StrEnum) -> None:
        super().__init__(Reason("not-now", self.sentences[state], {"state": state.value, "deed": deed.value}))


class Life(Generic[State, Deed]):
    """Its table as (before, deed, after), and the refusal of everything else."""

    def __init__(self, ways: Iterable[tuple[State, Deed, State]], refusal: type[TooEarlyOrLate]) -> None:
        self._after = {(before, deed): after for before, deed, after in ways}
        self._refusal = refusal

    def after(self, state: State, deed: Deed) -> State:
        """Where the deed leads. Raises the refusal."""
        try:
            return self._after[state, deed]
        except KeyError:
            raise self._refusal(state, deed) from None

    def may(self, state: State, deed: Deed) -> bool:
        return (state, deed) in self._after
