"""JSON as a folding tree.

Owns the rows of a tree. The user's choice of folded nodes is in the context; this package keeps no view state.
Begin with `view`; `tree` computes which row shows what.
"""
