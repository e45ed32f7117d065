"""What is read from code and tracebacks without running them: names that a cell defines and uses, and the line that failed.

Pure functions over text. Knows no kernel, session or screen. Begin with dataflow.py; failing_line.py reads tracebacks.
"""
