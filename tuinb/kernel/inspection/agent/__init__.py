"""The code that runs in the user's kernel and reads its variables. It is sent as text: see ../requests.py.

Begin with service.py, which answers; values.py has the rules for all modules here.
"""
