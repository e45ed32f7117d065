"""The workspace: what one client has open and where it is in it.

Owns the view state of a notebook (mode, active cell, selection, expanded outputs, scroll position) and the cell clipboard,
which all open notebooks share. It knows the notebook, but no screen, widget or kernel.
Begin with view_state.py.
"""
