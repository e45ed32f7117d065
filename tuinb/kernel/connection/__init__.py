"""The connection to one kernel: its process, its ZeroMQ sockets and its heartbeat.

port.py has the Protocols. connection.py is the state machine of a connection. zmq_channels.py has the sockets. scripted.py is a
kernel without a process, for tests. Nothing here knows cells or notebooks. Begin with port.py.
"""
