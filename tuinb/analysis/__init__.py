"""What is read from code and tracebacks without running them: names, what no longer follows from them, and the line that failed.

Knows no kernel, session or screen. Begin with effects.py: what a source does with names, read by names.py. dataflow.py finds names
that are missing on a fresh kernel, staleness.py cells that no longer follow from the ones above; failing_line.py reads tracebacks.
"""
