"""One notebook with its file and its kernel.

`session.Session` is what screens and headless commands drive, through port.SessionPort; kernel.py is its kernel part,
kernel_status.py the table of the kernel's states, opening.py how a notebook gets a kernel. Knows no screen. Begin with port.py.
"""
