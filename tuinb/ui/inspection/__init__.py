"""What stands beside the notebook: the panels of variables, calls and headings; and the viewer of tables.

They show session.variables, session.debugger, the notebook and session.table_view, and hold nothing of their own but where the
cursor is. Begin with host.py.
"""
