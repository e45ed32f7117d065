"""The commands without a screen, each a module or a sub-room with `arguments()` and `main(words)`.

They drive the same Session as the screen. console.py is how they print; arguments.py has the exit codes. Begin with
run/command.py.
"""
