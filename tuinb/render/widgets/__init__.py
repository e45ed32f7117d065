"""Jupyter widgets as text.

Owns the drawing of widget models. Must not change a model, and calls other renderers only through the context.
Begin with `view` (boxes, captured outputs); `controls` draws the widgets without children.
"""
