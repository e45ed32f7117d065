"""What tests in more than one room share: waiting for a condition, and where things are."""

from __future__ import annotations

import asyncio
import errno
import inspect
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "tests" / "notebooks"
CORPUS = ROOT.parent / "shared" / "corpus"
"""A folder of real notebooks beside the repository; tests that read it skip where it is absent."""
JUPYTER_FOLDERS = os.environ.get("JUPYTER_PATH", "")
"""Folders of whoever runs the tests, which may have more kernelspecs; tests see none of them by themselves."""


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


def shut(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets nobody look into a folder, root included."""
    seen = os.stat

    def stat(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:  # noqa: ANN401 - whatever os.stat takes
        if str(path).startswith(f"{folder}{os.sep}"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return seen(path, *args, **kwargs)

    monkeypatch.setattr(os, "stat", stat)


def write_notebook(path: Path, *sources: str, **metadata: object) -> Path:
    """Writes a notebook of code cells with these sources, as Jupyter would, and returns its path."""
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": source.splitlines(keepends=True),
        }
        for number, source in enumerate(sources)
    ]
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
