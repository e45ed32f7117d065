"""Formulas as text: LaTeX or MathML, on one row or on several.

Owns all use of math-core. Must not show an incomplete formula: what is not supported returns None, and the source is shown.
Begin with `latex`; `mathml` draws, `box` composes, `symbols` has the tables.
"""
