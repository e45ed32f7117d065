"""HTML as text, tables and pictures.

Owns all use of lxml. Must fetch nothing and run nothing, and must end in bounded time for any markup.
Begin with `blocks`; `tree` parses, `inline` and `styles` make spans, `tables` makes grids.
"""
