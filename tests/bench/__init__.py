"""Figures of the real program on a pseudo-terminal, beside those of its limits, measured in the same run.

A limit is what can't be beaten without giving up Textual or jupyter_client: the smallest app of the one, the shortest recipe of
the other. Where a figure is a time to start, its ratio to the limit is what counts, since machines differ; what a person feels
(a key, a page) is in absolute terms. Nothing is asserted.
"""
