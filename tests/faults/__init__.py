"""Faults: kills at system calls, disks that fail, damaged journals. Nothing may be lost but the last second.

`python -m tests.faults --kills 1000` tries more of them than a plain run of the tests does, and prints a line for each fault.
"""
