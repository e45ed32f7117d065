"""Markdown of cells, outputs and widgets.

Owns all use of markdown-it-py. Must not know where the source comes from; attachments are passed in.
Begin with `blocks`; `syntax` is the parser with its rules for formulas, `inline` makes the spans of a paragraph.
"""
