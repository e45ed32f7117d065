"""Runs the command line: `python -m tuinb`."""

import sys

from tuinb.cli import main

if __name__ == "__main__":
    sys.exit(main())
