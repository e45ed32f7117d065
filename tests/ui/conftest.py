"""What the tests of the screen share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A notebook of two code cells."""
    return write_notebook(tmp_path / "two.ipynb", "1 + 1", "2 + 2")


@pytest.fixture(autouse=True)
def _no_servers_that_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed here must not change what tests show."""
    monkeypatch.setattr("tuinb.lsp.servers.DEFAULTS", {})
