"""Everything leaves as it came: titles, copies, readers, loans, in the forms other programs read.

A kind of thing (`kinds.KINDS`) gives its things in chunks, a form (`forms.FORMS`) turns them into bytes. Short exports
are made while somebody waits, long ones by a job that appends a chunk at a time to a file: a kill loses one chunk. What
was written is not kept for longer than `ageing.KEPT_FOR`.

Headings of tables are the words of our own importer, always in Vietnamese: a list that left can be brought again.
"""
