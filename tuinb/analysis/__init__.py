"""What is read from code and tracebacks without running them: names, stale cells, and the line that failed.

Knows no kernel, session or screen. Begin with effects.py, which says what a source does with names; names.py finds it, by the
handlers of syntax nodes in reading/, and bodies.py what functions do. By that, dataflow.py finds names that are missing on a
fresh kernel, staleness.py cells that no longer follow from those above: history/ follows the values of names, comparison.py
tells what differs from a run, judgement.py in which words.
"""
