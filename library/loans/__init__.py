"""The desk: lending, taking back, renewing, undoing.

A loan has a reader and a due date, and no place: the ledger knows where the book is. It ends when the book is next
seen where readers do not keep books; `history.ENDS` tells which sightings those are.
"""
