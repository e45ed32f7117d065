"""The text of stream outputs, interpreted as a terminal does: carriage returns, cursor sequences, colours.

Must not know cells or outputs. Begin with text.py; live_tail.py is the part of a stream that the cursor can still reach, and
sgr.py the state of colours.
"""
