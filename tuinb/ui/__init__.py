"""The screen: a Textual app with one pane for each open notebook.

Owns the widgets, the routing of keys, the theme and everything else that exists once for a terminal. The content belongs to the
session, and the terminal's protocol to `terminal`. Nothing outside this room imports it, except the command line.
Begin with startup.py, which builds the app, then app.py and pane.py. Inside the room, modules below the app know it as a Shell.
"""
