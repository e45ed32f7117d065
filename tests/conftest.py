"""Settings for every test: nothing of the person's own environment leaks in or out."""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Textual reads these when it is imported.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ["TEXTUAL_FPS"] = "120"
# Its pilot sees in steps of 20 ms whether a screen is idle, twice a key. Most of a test's time would go there.
_idle = vars(import_module("textual._wait"))
assert {"SLEEP_GRANULARITY", "SLEEP_IDLE"} <= _idle.keys()
_idle.update(SLEEP_GRANULARITY=0.004, SLEEP_IDLE=0.0004)

# No test judges by the clock: not by that of a machine that has other work, either. Each run of CI draws new
# examples, so that few are enough.
settings.register_profile("tuinb", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tuinb")

PRIVATE = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "IPYTHONDIR": "ipython",
    "XDG_CONFIG_HOME": "xdg-config",
    "XDG_STATE_HOME": "xdg-state",
    "XDG_CACHE_HOME": "xdg-cache",
    "XDG_DATA_HOME": "xdg-data",
}
"""Where programs keep settings and state → a folder of this run's."""


@pytest.fixture(scope="session", autouse=True)
def private_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Every test, and every program and kernel that it starts, has settings and state of its own, all empty."""
    home = tmp_path_factory.mktemp("home")
    patch = pytest.MonkeyPatch()
    # The paths of sockets have to be short.
    temporary = tempfile.mkdtemp(prefix="tt-", dir="/tmp")
    patch.setenv("TMPDIR", temporary)
    for name, folder in PRIVATE.items():
        patch.setenv(name, str(home / folder))
    # No start but one that a test asks for is a user's first.
    state = home / PRIVATE["XDG_STATE_HOME"] / "tuinb"
    state.mkdir(parents=True, mode=0o700)
    (state / "greeted").touch()
    for name in ("TUINB_THEME", "VIRTUAL_ENV", "CONDA_PREFIX", "NO_COLOR", "JUPYTER_PATH"):
        patch.delenv(name, raising=False)
    yield home
    shutil.rmtree(temporary, ignore_errors=True)
