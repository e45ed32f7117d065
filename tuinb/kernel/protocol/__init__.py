"""Messages of the Jupyter protocol as frozen records, and their encoding. No I/O.

events.py has the messages that a kernel sends, requests.py those that a client sends, and lifecycle.py the events of the
kernel's process. codec.py converts between records and messages. wire.py signs messages and packs them into frames. Begin with
codec.py.
"""
