"""What the tests of the commands share: notebooks with tags, scripted kernels, and the program in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.support import ROOT
from tuinb.headless.run.job import Job, Options
from tuinb.headless.run.report import Report, ReportOptions
from tuinb.kernel.connection.scripted import ScriptedKernel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tuinb.headless.run.job import Outcome
    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.connection.scripted import Script

SILENT = ReportOptions(quiet=True)


def code(
    source: str, *tags: str, outputs: Sequence[object] = (), count: int | None = None, **metadata: object
) -> dict[str, Any]:
    """A code cell, without an id: `notebook` gives it one."""
    if tags:
        metadata["tags"] = list(tags)
    lines = source.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": count, "metadata": metadata, "outputs": list(outputs), "source": lines}


def notebook(path: Path, *cells: dict[str, Any] | str, **metadata: object) -> Path:
    """Writes a notebook; a string is a code cell's source."""
    whole = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    content = {
        "cells": [{"id": f"cell-{number}", **cell} for number, cell in enumerate(whole, 1)],
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def content(path: Path) -> dict[str, Any]:
    """A notebook as JSON."""
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def job(path: Path, kernel: ScriptedKernel | Script, target: Path | None = None, **options: Any) -> Job:  # noqa: ANN401
    """A notebook to be run on a scripted kernel."""
    played = kernel if isinstance(kernel, ScriptedKernel) else ScriptedKernel(kernel)

    def make(_name: str | None) -> KernelConnection:
        return played

    return Job(path, target, Options(**options), make)


async def run(task: Job, voice: ReportOptions = SILENT) -> Outcome:
    """Runs it as the command does."""
    report = Report(voice, 1, 1)
    try:
        outcome = await task.run(report)
        report.finished(task, outcome)
        return outcome
    finally:
        report.close()


def tuinb(*words: str | Path, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The program, away from any terminal."""
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tuinb", *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=environ, input=stdin, capture_output=True, check=False)
