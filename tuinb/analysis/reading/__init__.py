"""Reads the syntax tree of a cell, node by node, for what it does with names.

Begin with reader.py. Its Reader keeps what was found so far, and hands each node to the handler of its class. The other modules
have the handlers, one kind of nodes each, with the table HANDLERS at their end. `analysis/names.py` puts the tables together.
"""
