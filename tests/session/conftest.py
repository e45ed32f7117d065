"""The fixture of sessions on scripted kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.session.support import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


@pytest.fixture
async def worlds() -> AsyncIterator[Callable[..., World]]:
    """Makes Worlds, whose sessions are shut down after the test."""
    made: list[World] = []

    def make(*args: object, **kwargs: object) -> World:
        made.append(World(*args, **kwargs))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for world in made:
        await world.session.shut_down()
