"""Formulas on a grid of characters."""
