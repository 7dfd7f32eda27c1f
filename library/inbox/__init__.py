"""What people and devices do arrives here, once.

An **Act** is one thing done: its uid is made where it happened, and it owns every row it wrote. An **Entry** is one
message that arrived: the same uid again gets the first answer again, the same uid with another content is refused.
A refused scan leaves an entry and no act: nothing was done.
"""
