"""How a process that lives long treats its memory."""

import gc

AFTER = 20_000
"""New objects until Python looks for circles among them. A page makes some thousands, which die with it."""


def settle() -> None:
    """Call when the application stands: what stands now stays for good and is never looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(AFTER, 20, 20)
