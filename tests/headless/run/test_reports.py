"""Notebooks made from public reports, run by the program on a real kernel."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.headless.support import code, notebook, tuinb
from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel


def report(name: str, folder: Path) -> Path:
    """Returns a copy of a notebook."""
    return shutil.copyfile(ROOT / "tests" / "reports" / f"{name}.ipynb", folder / "x.ipynb")


def test_the_message_of_an_exception_group(tmp_path: Path) -> None:
    path = report("exception-group-not-reported", tmp_path)
    done = tuinb("run", "-q", path, cwd=tmp_path)
    assert done.returncode == 1
    assert b"cell 1, line 1: ExceptionGroup: g (2 sub-exceptions)\n" in done.stderr
    told = json.loads(tuinb("run", "--json", path, cwd=tmp_path).stdout)["error"]
    assert (told["name"], told["value"]) == ("ExceptionGroup", "g (2 sub-exceptions)")
    assert tuinb("run", "--allow-errors", "--in-place", path, cwd=tmp_path).returncode == 0
    assert tuinb("verify", path, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("speed", ["quick", "slow"])
def test_exit_ends_the_run_whatever_the_timing(speed: str, tmp_path: Path) -> None:
    path = report(f"exit-call-outcome-depends-on-timing-{speed}", tmp_path)
    done = tuinb("run", path, cwd=tmp_path)
    assert done.returncode == 3
    assert b"x.ipynb: cell 1 ended the kernel (exit or quit): the cells below it were not run\n" in done.stderr
    assert b"reached" not in done.stdout


def test_julia_is_not_run_on_python(tmp_path: Path) -> None:
    done = tuinb("run", report("julia-kernelspec-stale-python-language-info", tmp_path), cwd=tmp_path)
    assert done.returncode == 3
    assert b"there is no kernelspec 'julia-1.5'" in done.stderr


def test_julia_is_not_run_on_a_kernel_of_python_that_its_metadata_names(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", code("println(1)"))
    content = json.loads(path.read_text())
    content["metadata"] = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "julia"},
        "language_info": {"name": "julia"},
    }
    path.write_text(json.dumps(content))
    done = tuinb("run", path, cwd=tmp_path)
    assert done.returncode == 3
    assert b"the notebook's code is in julia, and its kernel python3 runs python" in done.stderr
