"""One book described twice: likely pairs side by side, merged by a person, and taken apart again exactly.

The title that goes stays as a row without words: `merging.merge` says what moves and remembers it. No pair is merged by
the machine, and two titles that share an ISBN and nothing else are never called the same.
"""
