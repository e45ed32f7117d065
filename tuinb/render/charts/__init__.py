"""Vega, Vega-Lite and Plotly charts as pictures.

Owns all use of vl-convert, which runs in a child process. Must fetch no data from outside the bundle.
Begin with `charts`; `plotly` converts figures to Vega-Lite.
"""
