"""Messages of the Jupyter protocol as frozen records, and the way between records and wire. No I/O.

events.py is what a kernel says, requests.py what it is asked, lifecycle.py what happens to its process; codec.py translates,
wire.py signs and splits frames. Begin with codec.py.
"""
