"""Kernels: the protocol, the state machine of runs, processes, connections.

Each sub-room imports only those below it: client > connection > launch | execution > protocol. Knows no file and no screen.
Begin with client.py, which joins an executor with a connection; protocol/events.py lists what a kernel can say.
"""
