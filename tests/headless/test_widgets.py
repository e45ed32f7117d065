"""Widgets of a real kernel: what a run saves of them is what nbclient saves, and `tuinb show` draws it.

Differences that are meant: the kernel is told of captured outputs when their capture ends, not at each, and the keys of such an
output stand in alphabetical order, so an `Output` that is printed by the same cell, or printed at all, reads otherwise.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.headless.support import content, job, notebook, run, tuinb
from tests.headless.test_nbclient import NBCLIENT, PYTHON, by_tuinb
from tuinb.kernel.connection import scripted
from tuinb.mime import WIDGET_VIEW
from tuinb.notebook.widgets import STATE

if TYPE_CHECKING:
    from pathlib import Path

CELLS = [
    "from tqdm.notebook import tqdm\nfor i in tqdm(range(3), desc='outer'): pass\nfor i in tqdm(range(3), leave=False): pass",
    "import ipywidgets as w\nfrom IPython.display import display, clear_output\nout = w.Output()\n"
    "with out:\n    print('a'); display('d'); print('b')\nprint('outside')\nout",
    "[output['output_type'] for output in out.outputs]",
    "with out:\n    clear_output(wait=True); print('new')\nwith out:\n    1/0\nprint('after')",
    "@w.interact(x=(0, 10))\ndef f(x): print(x)",
    "w.Image(value=b'\\x89PNG', format='png')",
    "inner = w.Output()\nwith out:\n    print('before')\n    with inner: print('within')\n    print('after')",
    "[[output['output_type'] for output in one.outputs] for one in (out, inner)]",
]
_IDS = re.compile(r"[0-9a-f]{32}|[0-9a-f-]{30,40}_\d+_\d+")
_VARIES = re.compile(r"0x[0-9a-f]+|ipykernel_\d+/\d+|\?it/s|[\d.]+it/s")


def canonical(value: object) -> str:
    """A value with its ids numbered as they come, and without what differs from run to run."""
    numbers: dict[str, str] = {}
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return _VARIES.sub("…", _IDS.sub(lambda match: numbers.setdefault(match[0], f"#{len(numbers)}"), text))


def models(found: dict[str, Any]) -> list[str]:
    section = found["metadata"]["widgets"][STATE]
    assert (section["version_major"], section["version_minor"]) == (2, 0)
    return sorted(map(canonical, section["state"].values()))


@pytest.mark.kernel
def test_a_run_saves_what_nbclient_saves(tmp_path: Path) -> None:
    for package in ("ipywidgets", "tqdm"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    path = notebook(tmp_path / "in.ipynb", *CELLS, **PYTHON)
    code, ours = by_tuinb(path, tmp_path / "ours.ipynb")
    assert code == 0
    command = [sys.executable, "-c", NBCLIENT, str(path), str(tmp_path / "theirs.ipynb"), "{}", str(tmp_path)]
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=30)
    except subprocess.TimeoutExpired:
        pytest.skip("nbclient did not end within 30 s: with Output widgets it sometimes waits for ever")
    theirs = content(tmp_path / "theirs.ipynb")
    for mine, other in zip(ours["cells"], theirs["cells"], strict=True):
        assert canonical(mine["outputs"]) == canonical(other["outputs"])
    assert models(ours) == models(theirs)
    shown = tuinb("show", tmp_path / "ours.ipynb", cwd=tmp_path).stdout.decode()
    bars = [line for line in shown.splitlines() if "█" in line]
    assert len(bars) == 1
    assert bars[0].strip().startswith("outer:\u2007100% ▕███")


async def test_the_state_of_widgets_is_saved_beside_the_cells(tmp_path: Path) -> None:
    steps = [
        scripted.widget("bar", _model_name="IntProgressModel", _model_module="@jupyter-widgets/controls", value=1),
        scripted.display({WIDGET_VIEW: {"model_id": "bar"}, "text/plain": "bar"}),
        scripted.widget_update("bar", value=7),
    ]
    path = notebook(tmp_path / "in.ipynb", "show it", **PYTHON)
    await run(job(path, {"show it": steps}, tmp_path / "out.ipynb"))
    saved = json.loads((tmp_path / "out.ipynb").read_bytes())["metadata"]["widgets"][STATE]["state"]
    assert saved["bar"]["model_name"] == "IntProgressModel"
    assert saved["bar"]["state"]["value"] == 7
