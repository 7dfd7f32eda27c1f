"""What a reader, often a child, may ask of the library: what is known of me, who looked, with whose consent, and be forgotten.

Law and practice: `docs/privacy.md`. Nothing here is needed to lend a book; everything here takes away or tells.
"""
