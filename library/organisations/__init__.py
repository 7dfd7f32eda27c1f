"""Who answers for books: province, commune, school, learning centre; their branches and satellite sites; their codes.

The tree changes (districts went in 2025, provinces merged), so parenthood has dates and an organisation may succeed
another. Rights follow today's tree, reports the tree of the fact's day; facts carry branch ids only.
"""
