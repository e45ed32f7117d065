"""tuinb, a Jupyter notebook front end for the terminal.

cli.py is the entry point. `notebook` owns the content, `session` joins it to a file and a kernel, `ui` shows it on a screen,
and `headless` runs it without one. Lower rooms never import higher ones; ARCHITECTURE.md has the rooms and their contracts.
"""

__version__ = "0.1.0"
