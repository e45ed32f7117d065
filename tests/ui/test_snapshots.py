"""Pictures of whole screens, stored as SVG: where things stand and in which colours.

A picture that differs is a mistake or a decision. The message shows what differs and says how to store the new one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui import screenshot
from tests.ui.harness import running
from tests.ui.notebooks import LONG, bundle, notebook, stream
from tuinb.kernel.connection import scripted as k
from tuinb.ui.view import notebook_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.ui.notebooks import Cell

STORED = Path(__file__).parent / "snapshots"

PROSE = """\
# Rainfall of 2024

*Daily* readings of **three** stations, in `mm`; see [the source](data.csv).

- Bergen: wet
- Nice: dry

| station | mean |
|:--------|-----:|
| Bergen  |  6.2 |
| Nice    |  2.0 |
"""
LOAD = """\
import pandas as pd

def load(path: str) -> pd.DataFrame:
    # One row a day.
    return pd.read_csv(path, index_col="day")

load("data.csv").mean()"""
TABLE = (
    "<table><thead><tr><th></th><th>mean</th></tr></thead>"
    "<tbody><tr><th>Bergen</th><td>6.2</td></tr><tr><th>Nice</th><td>2.0</td></tr></tbody></table>"
)
ANALYSIS: tuple[Cell, ...] = (
    PROSE,
    (LOAD, [stream("read 366 rows\n"), bundle(text_html=TABLE, text_plain="table")]),
    ("mean.plot()", []),
)

FAILS = "def share(part, whole):\n    return part / whole\n\nshare(1, 0)"
TRACEBACK = (
    "\x1b[31m---------------------------------------------------------------------------\x1b[39m",
    "\x1b[31mZeroDivisionError\x1b[39m                         Traceback (most recent call last)",
    "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[1]\x1b[39m\x1b[32m, line 4\x1b[39m\n"
    "\x1b[32m      1\x1b[39m \x1b[38;5;28;01mdef\x1b[39;00m share(part, whole):\n"
    "\x1b[32m      2\x1b[39m     \x1b[38;5;28;01mreturn\x1b[39;00m part / whole\n"
    "\x1b[32m----> \x1b[39m\x1b[32m4\x1b[39m share(\x1b[32m1\x1b[39m, \x1b[32m0\x1b[39m)\n",
    "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[1]\x1b[39m\x1b[32m, line 2\x1b[39m, "
    "in \x1b[36mshare\x1b[39m\x1b[34m(part, whole)\x1b[39m\n"
    "\x1b[32m      1\x1b[39m \x1b[38;5;28;01mdef\x1b[39;00m share(part, whole):\n"
    "\x1b[32m----> \x1b[39m\x1b[32m2\x1b[39m     \x1b[38;5;28;01mreturn\x1b[39;00m part / whole\n",
    "\x1b[31mZeroDivisionError\x1b[39m: division by zero",
)
ASKS = 'name = input("Which station? ")'


@dataclass(frozen=True)
class Scene:
    """A notebook, and the keys that lead to the screen of the picture."""

    cells: Sequence[Cell]
    steps: Sequence[tuple[Sequence[str], str]] = ()
    """Keys, and the text that the screen shows after them."""
    script: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    completions: Sequence[str] = ()
    size: tuple[int, int] = (80, 24)
    theme: str = "dark"


SCENES = {
    "page": Scene(ANALYSIS),
    "page_wide": Scene(ANALYSIS, size=(120, 40)),
    "page_light": Scene(ANALYSIS, theme="light"),
    "page_16_colours": Scene(ANALYSIS, theme="ansi"),
    "completion": Scene(
        [("rain = load()", []), ("rain.m", []), ("rain.max()", [])],
        [(["j", "enter", "end", "tab"], "rain.median")],
        completions=["rain.max", "rain.mean", "rain.median", "rain.min", "rain.mode"],
    ),
    "failed": Scene(
        [(FAILS, []), ("share(1, 2)", [])],
        [(["ctrl+e"], "✗ ZeroDivisionError")],
        {FAILS: [k.stream("about to divide\n"), k.error("ZeroDivisionError", "division by zero", TRACEBACK)]},
    ),
    "folded": Scene([("print_all()", [stream(LONG)]), ("1 + 1", [])]),
    "prompt": Scene(
        [(ASKS, []), ("print(name)", [])],
        [(["ctrl+e"], "INPUT"), ([*"Ber"], "Ber")],
        {ASKS: [k.prompt("Which station? ")]},
    ),
    "palette": Scene(ANALYSIS, [([":", *"insert"], "insert-below")]),
    "question": Scene(ANALYSIS, [(["0", "0"], "Restart the kernel?")]),
    "viewer": Scene([("print_all()", [stream(LONG)]), ("1 + 1", [])], [(["l", "space", "j", "j"], "stdout")]),
    "find": Scene(ANALYSIS, [(["slash", *"mean"], "1 of 4")]),
}


@pytest.mark.parametrize("name", SCENES)
async def test_screen(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = SCENES[name]
    # The header of a cell that runs is then the same however long it takes.
    monkeypatch.setattr(notebook_view, "time", SimpleNamespace(time=lambda: 0.0))
    path = notebook(tmp_path / "rain.ipynb", *scene.cells)
    options: dict[str, Any] = {"size": scene.size, "theme": scene.theme, "completions": scene.completions}
    async with running(path, scene.script, clock=lambda: 0.0, **options) as t:
        await t.shows("● idle")
        for keys, text in scene.steps:
            await t.press(*keys)
            await t.shows(text)
        await t.pilot.pause()
        screenshot.compare(screenshot.rows_of(t.strips()), STORED / f"{name}.svg", tmp_path)


def test_each_stored_picture_is_of_a_screen() -> None:
    assert {path.name for path in STORED.iterdir()} == {f"{name}.svg" for name in SCENES}


def test_no_stored_picture_names_a_host() -> None:
    for path in STORED.iterdir():
        assert path.read_text(encoding="utf-8").count("://") == 1, "the name of SVG's namespace alone"
