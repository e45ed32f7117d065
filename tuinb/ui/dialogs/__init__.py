"""Dialogs over the notebook: lists of options, questions, the palette, the help page and the pager.

Owns the stack of open dialogs, which decides which of them has the keys. A dialog returns a result and changes nothing else; it
knows neither the session nor the notebook.
Begin with stack.py, which serves commands, then base.py.
"""
