"""Between Textual and the terminal: what is painted becomes bytes, and bytes become keys.

Owns the wanted and the shown screen (screen_diff.py), the one ordered writer, the parser of input, pictures, and what the
terminal can do. Knows no notebook. A terminal is a value (terminal.py); own.py has the process's own. Begin with
diffed_app.py.
"""
