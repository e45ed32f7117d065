"""Finds a kernelspec and its interpreter, and starts, watches and ends the kernel's process.

A provisioner plug-in of jupyter_client may run the process instead. Nothing here sends or reads a message of the protocol.
Begin with kernelspecs.py. quirks.py has one row for each kernel that behaves differently.
"""
