"""Vim's keys over one text: normal, insert, replace, visual and command-line modes, registers, macros, ex commands.

Must not know the screen, the notebook or the session: what is asked of them is in state.Host. The text is anything with the
methods of editing.buffer.Buffer. Each key is one character; keys that type none are those of keys.py. Begin with machine.py,
which takes keys; state.py has what they change; grammar.py reads commands; tables.py names all keys. Real vim is the oracle:
tests/editing/vim.
"""
