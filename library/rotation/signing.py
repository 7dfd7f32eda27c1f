"""Who signs: one gives, another takes. The name stands under the minutes as it was that day."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Signer:
    """`id`: the account. `name`, `title`: as they stand under the minutes; a site's keeper may sign through an account that
    works for them, and is then named here."""

    id: int
    name: str
    title: str = ""
