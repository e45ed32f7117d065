"""Language servers: programs that read code without running it, and answer questions about it by the Language Server Protocol.

Pure are `framing`, `positions`, `documents`, `edits` and `answers`; `process` has the process, `client` the dialogue with one
server. Knows no session and no screen. Begin with `client`; `session/languages.py` joins servers with a notebook.
"""
