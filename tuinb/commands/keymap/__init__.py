"""The keymap: from sequences of keys to names of commands.

keymap.py holds the bindings and the unfinished sequence, jupyter.py the default keys, key_names.py the names of keys.
Nothing here knows the screen, a clock or the terminal. Begin with keymap.py.
"""
