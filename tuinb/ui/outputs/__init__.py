"""The outputs of a cell beyond the notebook's view: the viewer, the links, the whole text to copy and page.

Owns the viewer, which shows the outputs of one cell on the full screen. Knows the session, the view and the Shell, but not the
app or the pane. Outputs are rendered by `render`.
Begin with host.py, which serves commands, then viewer.py.
"""
