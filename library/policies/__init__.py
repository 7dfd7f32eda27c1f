"""One table of rules for lending: whose rules, for which readers, for which books, by which channel.

A line says some values and is silent about others. Each value is resolved on its own: the most specific line that says
it holds. Where nobody says how long and how many, nothing is lent.
"""
