"""`tuinb kernels --running`: lists the kernels of this user that run, whoever started them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from tuinb.headless.console import tell

if TYPE_CHECKING:
    from tuinb.session.state import RunningKernel

_HEADS = ("name", "kernel", "language", "state", "process", "notebook")


def list_running(*, as_json: bool) -> None:
    """Prints the kernels, as JSON or as a table."""
    from tuinb.session.running_kernels import survey

    kernels = survey()
    if as_json:
        entries = [asdict(kernel) for kernel in kernels]
        for entry in entries:
            del entry["question"]
        tell(json.dumps({"kernels": entries}, indent=1))
    elif not kernels:
        tell("No kernel of yours runs.")
    else:
        tell(*_table([_HEADS, *map(_row, kernels)]))
        tell(*(warning for kernel in kernels for warning in kernel.warnings))


def _row(kernel: RunningKernel) -> tuple[str, ...]:
    where = f"at {kernel.address}" if kernel.address else str(kernel.pid or "?")
    known = (kernel.kernel_name, kernel.language, kernel.activity, where, kernel.notebook)
    return kernel.name, *(text or "?" for text in known)


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    from tuinb.render.safe import clean

    shown = [[clean(text) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in shown]
