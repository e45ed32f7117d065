"""Follows the values of names from cell to cell, by what the sources do with names: nothing is run.

Begin with values.py. A value has a version, which stands for its history: equal versions are equal histories. reach.py finds
the names and functions that a source comes to, replay.py the values that it gives, caches.py what cached
functions keep.
"""
