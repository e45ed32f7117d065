"""Notebook files: reading, saving, signing, journals of unsaved work, and text notebooks.

Owns what is known of the file on the disk, and every write to it. Must not know the session, the kernel or the screen.
`load` opens files and `notebook_file` saves them: begin there. `atomic` and `disk` do the I/O. `ipynb` is the lossless codec.
"""
