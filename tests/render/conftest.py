"""Disables time limits of the property tests."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("rendering", deadline=None, max_examples=60)
settings.load_profile("rendering")
