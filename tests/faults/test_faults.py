"""A short pass of the faults. They run in a process of their own, which has no threads when it forks.

The variable TUINB_FAULTS multiplies the tries: `TUINB_FAULTS=20 pytest tests/faults`.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.faults import tracing
from tests.support import ROOT

TIMES = int(os.environ.get("TUINB_FAULTS", "1"))

FUZZED = 0.1
"""Minutes of hostile input."""


def run(fault: str, tries: int) -> None:
    command = [sys.executable, "-m", "tests.faults", f"--{fault}", str(tries * TIMES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert f"tries {tries * TIMES}, survived {tries * TIMES}, lost 0" in done.stdout


@pytest.mark.timeout(120 * TIMES)
def test_kills_while_saving() -> None:
    if missing := tracing.missing():
        pytest.skip(missing)
    run("kills", 25)


@pytest.mark.timeout(120 * TIMES)
@pytest.mark.parametrize(("fault", "tries"), [("journals", 50), ("merges", 50)])
def test_damage_and_merges(fault: str, tries: int) -> None:
    run(fault, tries)


@pytest.mark.timeout(120 * TIMES)
def test_faults_of_a_kernel() -> None:
    run("kernels", 20)


@pytest.mark.timeout(120 * TIMES)
def test_hostile_input() -> None:
    command = [sys.executable, "-m", "tests.faults", "--fuzz", str(FUZZED * TIMES), "--notebooks", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "hostile input: tries " in done.stdout
    assert "hostile notebook: tries 5, survived 5, lost 0" in done.stdout


@pytest.mark.kernel
@pytest.mark.timeout(300 * TIMES)
@pytest.mark.parametrize(("fault", "tries"), [("programs", 3), ("bursts", 2), ("sizes", 8)])
def test_the_whole_program(fault: str, tries: int) -> None:
    run(fault, tries)
