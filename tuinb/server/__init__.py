"""Jupyter servers: their addresses, their REST interface, how a user logs in. Knows no notebook, file or kernel.

Blocks while it waits for the network: everybody calls it in a thread, or before there is an event loop. address.py has no I/O.
Begin with rest.py.
"""
