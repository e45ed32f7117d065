"""Property tests of rendering judge what is shown, never how long it took."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("rendering", deadline=None, max_examples=60)
settings.load_profile("rendering")
