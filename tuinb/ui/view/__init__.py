"""The view: one widget that paints the visible rows of all cells, with scrolling, selection by mouse, and repainting.

Owns the boxes of cells, the painted strips and the mapping from rows to the screen. The content stays in the notebook, and the
scroll position in the view state. Knows neither the app nor dialogs; the editor and the prompt are placed over it.
Begin with notebook_view.py. viewport.py has the visible rows, cell_box.py their content, repaint.py the time of painting.
"""
