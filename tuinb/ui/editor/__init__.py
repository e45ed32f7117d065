"""The editor of the active cell, its completion list, and the line that answers the kernel's `input()`.

Owns the text area while a cell is edited; every edit becomes a splice of the session at once. Knows the view, on which it is
placed, and the session, but not the app, the router or other cells.
Begin with cell_editor.py; text_area.py is the widget, actions.py serves the editor to commands.
"""
