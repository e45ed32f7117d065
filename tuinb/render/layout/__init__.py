"""Layout that several renderers share: wrapping, flowing, stacking, tables.

Owns how spans and blocks are arranged in a width. Must not know MIME types or any markup.
Begin with `wrapped` (terminal text) and `flow` (prose), then `stacking` and `tables`.
"""
