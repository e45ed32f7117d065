"""Syntax highlighting, incremental and on demand.

Owns all use of Pygments' lexers. Must not know cells or the editor: both call it with source text.
Begin with `highlight`; `lexing` runs a lexer step by step; `fences` are code blocks in prose.
"""
