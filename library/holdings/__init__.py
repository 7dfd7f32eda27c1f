"""Which copies there are, where each one is, and every move it made.

Seven facts about a copy are kept apart: in the register or not, whose it is, where it belongs (home), where it
deliberately stays (`Stay`), where it is (`Movement`, repeated in `Item.place`), where it is asked to go (`Transfer`),
and whether it may be lent. `ledger.move` is the only door to *where it is*.
"""
