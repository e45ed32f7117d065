"""Editing of one text, without a screen: the text and its rows, selections, what keys do to them, the rules of languages.

Must not know the notebook, the screen or the kernel; the standard library is enough. What characters look like is handed in.
Begin with selection.py: motions and operators are functions of its State. pairs.py is what a typed character does.
"""
