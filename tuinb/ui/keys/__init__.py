"""Keys: routing each key to the layer that handles it, and running commands through the keymap.

Owns keys that wait for a dialog or the editor to open, and the timer of an unfinished sequence. Knows which layer comes before
which, but not what a layer does with a key.
Begin with router.py; keyboard.py joins it to the keymap.
"""
