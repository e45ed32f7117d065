"""Commands: what a key, the palette or the command line of the screen can do.

Each command is a free function of a Context with one line of documentation. Commands change the session and the view state, and
reach the screen only through the Protocols in host.py. They import neither Textual nor anything of `ui`.
Begin with command.py and run.py; registry.py collects all commands, keymap/ binds keys to their names.
"""
