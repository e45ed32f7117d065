"""What is queued and in flight on a kernel, as a state machine without I/O.

`executor.Executor` maps message ids to cells: events go in, changes of the notebook, events for the session and requests come
out. It knows no socket, clock or task; the client passes the time in. Begin with the invariants at the top of executor.py.
"""
