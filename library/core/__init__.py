"""Plumbing that knows no noun of the field: db, clock, errors, forms, fold, paging. Nothing else, ever."""
