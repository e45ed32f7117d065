"""From a kernelspec to a running process.

Finds kernelspecs and interpreters, starts and watches processes, or leaves that to a provisioner plug-in of jupyter_client.
Knows no message of the protocol. Begin with kernelspecs.py; quirks.py has one row for each kernel that behaves differently.
"""
