"""Images: rows of text for every terminal, and escape sequences for terminals with graphics.

Owns all use of Pillow and resvg, and the cache of made pictures (`gallery`). Must not decode before a row is shown, and must
not write to the terminal: `tuinb.terminal` sends the payloads.
Begin with `picture`, then `gallery` and `encode`. `kitty`, `sixel` and `iterm` are protocols; `symbols` draws text.
"""
