"""Who borrows: persons, their memberships and cards, classes and categories of readers.

One child may read at school, at the commune and on the van: one `Person`, three `Membership`s. A person's id stands
in memberships only, a membership's in loans and holds only, so that a person can be forgotten.
"""
