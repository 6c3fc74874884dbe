"""The walk of a photo. Each module is one step; each step is one transaction that ends by queueing the next.

intake -> prepare -> release -> (a withdrawal, by sync or edit) -> retract; dispose and sweep tidy up behind. Steps never call
each other: they meet only in the database. What several of them need to see is in ``standing``.
"""
