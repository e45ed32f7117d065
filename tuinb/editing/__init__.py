"""Editing of one text, without a screen: the rules of languages.

Owns no state. Must not know the notebook, the screen or the kernel; the standard library is enough.
"""
