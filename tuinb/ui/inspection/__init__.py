"""What the kernel knows, on the screen: the panel of variables, and the viewer of tables.

They show session.variables and session.table_view, and hold nothing of their own but where the cursor is. Begin with host.py.
"""
