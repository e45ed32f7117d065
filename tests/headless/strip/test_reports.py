"""Notebooks from reports: run on a real kernel, then stripped."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.headless.support import content, tuinb
from tests.support import ROOT
from tuinb.files.trust import first_problem

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


def test_git_works_on_with_a_notebook_of_format_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def git(*words: str) -> bytes:
        who = ("-c", "user.name=me", "-c", "user.email=me")
        return subprocess.run(["git", *who, *words], cwd=tmp_path, capture_output=True, check=True).stdout

    path = tmp_path / "x.ipynb"
    shutil.copy(REPORTS / "git-filter-format3.ipynb", path)
    before = path.read_bytes()
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    assert tuinb("strip", "--install", cwd=tmp_path).returncode == 0
    os.utime(path, (1, 1))
    assert git("status", "--porcelain") == b" M x.ipynb\n"
    git("add", "-A")
    git("checkout", "-q", "-b", "other")
    git("commit", "-q", "-m", "y")
    stored = git("show", "HEAD:x.ipynb")
    assert b'"outputs": []' in stored
    assert b'"print(1)"' in stored
    assert path.read_bytes() == before


@pytest.mark.kernel
def test_an_odd_output_is_shown_run_and_stripped(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    shutil.copy(REPORTS / "output-metadata-list.ipynb", path)
    shown = tuinb("show", path, cwd=tmp_path)
    assert (shown.returncode, shown.stdout.split()[-1:]) == (0, [b"2"])
    assert tuinb("strip", cwd=tmp_path, stdin=path.read_bytes()).stdout.count(b'"metadata": []') == 0
    assert tuinb("run", "-q", "--in-place", path, cwd=tmp_path).returncode == 0
    assert content(path)["cells"][0]["outputs"][0]["metadata"] == {}


def test_a_message_names_the_field_of_an_odd_output() -> None:
    data = (REPORTS / "output-metadata-list.ipynb").read_bytes()
    assert first_problem(data) == "cell 1, metadata of output 1: [] is not of type 'object'"
