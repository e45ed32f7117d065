"""Journals: what was changed since a notebook was read or saved, kept on the disk until the next save.

A journal survives kill -9, a crash and a power cut. `records` is the format, `folder` finds journals and their owners,
`writer` writes one, and `recovered` reads what can be restored.
"""
