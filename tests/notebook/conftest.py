"""Random examples here are judged by what they give, not by how long a busy machine took."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("notebook", deadline=None)
settings.load_profile("notebook")
