"""`tuinb verify`: runs a notebook and compares it with what is saved.

compare.py decides whether two outputs are the same, verdicts.py what that means for a cell. Begin with command.py.
"""
