"""Rendering: outputs, sources and Markdown become blocks of styled lines of a given width.

Owns the choice of renderer and the safety of foreign text (`safe`). Must not know the session, the kernel, files or Textual.
Begin with `registry` (chooses the renderer), `block` (the result) and `context` (the input). `layout` holds what renderers
share: wrapping, flowing, tables. The other packages are renderers, one for each kind of content.
"""
