"""Documents used (lượt tài liệu): counted from rows that are only ever added, reversals included."""
