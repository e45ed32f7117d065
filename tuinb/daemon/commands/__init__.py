"""The commands about running sessions: `tuinb sessions`, `attach` and `do`, and what `run` and `show` do with a session.

Each module has `main(words)` and `arguments()`, as those of headless/. They import neither asyncio nor Textual.
"""
