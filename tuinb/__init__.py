"""A Jupyter notebook front end for the terminal."""

__version__ = "0.1.0"
