"""A live kernel: its process, its ZeroMQ sockets, its heartbeat.

port.py has the Protocols. connection.py is the state machine over a process that was spawned here or by a provisioner;
scripted.py is a kernel without a process, for tests. Knows no cell and no notebook. Begin with port.py.
"""
