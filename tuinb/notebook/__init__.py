"""The document: cells, their outputs, undo, widgets and search, as pure data structures without I/O.

Owns the content of a notebook; only `Notebook.apply` changes it. Must not know kernels, files or screens. Begin with changes.py
(what can happen), then document.py (how it is applied), history.py (undo) and outputs.py. plain.py and json_codec.py write
commits down.
"""
