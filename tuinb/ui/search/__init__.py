"""Search in the sources and outputs of a notebook, or in the outputs of one cell.

Owns the search bar, the search that runs in the background, and the translation of matches to rows. `notebook.search` finds the
matches in text; nothing here knows the app or other dialogs.
Begin with controller.py; background.py is the search, locate.py finds the row of a match.
"""
