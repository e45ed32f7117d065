"""Notebooks from reports: run on a real kernel, then stripped."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.headless.support import content, tuinb
from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

REPORTS = ROOT / "tests" / "reports"


@pytest.mark.kernel
def test_what_an_output_widget_captured_is_stripped(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    shutil.copy(REPORTS / "strip-widget-state-keeps-output.ipynb", path)
    stripped = set()
    for _ in range(2):
        assert tuinb("run", "-q", "--in-place", path, cwd=tmp_path).returncode == 0
        assert b"SECRET-TOKEN" in path.read_bytes()
        assert tuinb("strip", "--check", path, cwd=tmp_path).returncode == 1
        assert tuinb("strip", path, cwd=tmp_path).returncode == 0
        assert b"SECRET-TOKEN" not in path.read_bytes()
        assert tuinb("strip", "--check", path, cwd=tmp_path).returncode == 0
        stripped.add(path.read_bytes())
    assert len(stripped) == 1


@pytest.mark.kernel
def test_an_odd_output_is_shown_run_and_stripped(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    shutil.copy(REPORTS / "output-metadata-list.ipynb", path)
    shown = tuinb("show", path, cwd=tmp_path)
    assert (shown.returncode, shown.stdout.split()[-1:]) == (0, [b"2"])
    assert tuinb("strip", cwd=tmp_path, stdin=path.read_bytes()).stdout.count(b'"metadata": []') == 0
    assert tuinb("run", "-q", "--in-place", path, cwd=tmp_path).returncode == 0
    assert content(path)["cells"][0]["outputs"][0]["metadata"] == {}
