"""What tests in more than one room share: waiting for a condition, and where things are."""

from __future__ import annotations

import asyncio
import inspect
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "tests" / "notebooks"
CORPUS = ROOT.parent / "shared" / "corpus"
"""A folder of real notebooks beside the repository; tests that read it skip where it is absent."""


async def wait_for(condition: Callable[[], bool | Awaitable[bool]], *, within: float = 20.0, what: str = "") -> None:
    """Returns as soon as `condition` holds; fails the test where it does not within `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        held = condition()
        if inspect.isawaitable(held):
            held = await held
        if held:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {within:g} s: {what or inspect.getsource(condition).strip()}")
        await asyncio.sleep(0.005)
