"""Parameters as papermill writes them, and stripping as nbstripout strips, where both can; each difference has its reason.

What papermill 2.7.0 writes stands here, to be read; the one that is installed is asked whether it still does.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.headless.support import code, content, notebook, tuinb
from tuinb.errors import UsageError
from tuinb.headless.run import parameters

if TYPE_CHECKING:
    from pathlib import Path

VALUES: dict[str, object] = {
    "i": 1,
    "f": 1.5,
    "big": 1e20,
    "small": 1e-7,
    "neg": -3,
    "t": True,
    "n": None,
    "s": 'it\'s "q" \\ `y`\nline\ttab',
    "e": "",
    "l": [1, "a", None, True, [2.5]],
    "d": {"k": 1, "x y": [1]},
}
TEXT = 's = "it\'s \\"q\\" \\\\ `y`\\nline\\ttab"'
NUMBERS = {
    "i": "i = 1",
    "f": "f = 1.5",
    "big": "big = 1e+20",
    "small": "small = 1e-07",
    "neg": "neg = -3",
    "s": TEXT,
    "e": 'e = ""',
}
PAPERMILL: dict[str, dict[str, str]] = {
    "python": NUMBERS
    | {"t": "t = True", "n": "n = None", "l": 'l = [1, "a", None, True, [2.5]]', "d": 'd = {"k": 1, "x y": [1]}'},
    "R": NUMBERS
    | {
        "t": "t = TRUE",
        "n": "n = NULL",
        "l": 'l = list(1, "a", NULL, TRUE, list(2.5))',
        "d": 'd = list("k" = 1, "x y" = list(1))',
    },
    "julia": NUMBERS
    | {"t": "t = true", "n": "n = nothing", "l": 'l = [1, "a", nothing, true, [2.5]]', "d": 'd = Dict("k" => 1, "x y" => [1])'},
    "bash": {
        **{name: text.replace(" = ", "=") for name, text in NUMBERS.items() if name not in "se"},
        "t": "t=true",
        "n": "n=",
        "e": "e=''",
        "s": "s='it'\"'\"'s \"q\" \\ `y`\nline\ttab'",
    },
}
DIFFERENT: list[tuple[str, object, str, str]] = [
    ("python", "é ∞", 'x = "é ∞"', "readable; papermill writes \\xe9 \\u221e"),
    ("julia", "$x", 'x = "\\$x"', "papermill's is interpolated"),
    ("R", float("nan"), "x = NaN", "papermill writes Python's nan, an unknown name"),
    ("R", float("-inf"), "x = -Inf", "papermill writes -inf, an unknown name"),
    ("julia", float("inf"), "x = Inf", "papermill writes inf, an unknown name"),
]


@pytest.mark.parametrize("language", PAPERMILL)
def test_values_are_written_as_by_papermill(language: str) -> None:
    for name, expected in PAPERMILL[language].items():
        assert parameters.code({name: VALUES[name]}, language) == f"# Parameters\n{expected}\n"


@pytest.mark.parametrize("language", PAPERMILL)
def test_papermill_still_writes_this(language: str) -> None:
    translators = pytest.importorskip("papermill.translators", reason="papermill is not installed")
    translator = translators.papermill_translators.find_translator("", language)
    for name, expected in PAPERMILL[language].items():
        assert translator.codify({name: VALUES[name]}, "Parameters") == f"# Parameters\n{expected}\n"


@pytest.mark.parametrize(("language", "value", "expected", "why"), DIFFERENT)
def test_values_that_papermill_writes_otherwise(language: str, value: object, expected: str, why: str) -> None:
    assert parameters.code({"x": value}, language) == f"# Parameters\n{expected}\n", why


def test_a_list_of_lists_in_bash() -> None:
    """papermill writes `(1 (2))`, which bash can't read."""
    with pytest.raises(UsageError, match="no lists of lists"):
        parameters.code({"x": [1, [2]]}, "bash")


OUTPUTS = [
    {"output_type": "stream", "name": "stdout", "text": ["x\n"]},
    {"output_type": "execute_result", "data": {"text/plain": ["1"]}, "metadata": {}, "execution_count": 3},
]
TIMES = {"collapsed": True, "scrolled": False, "ExecuteTime": {"end": "now"}, "execution": {"iopub.status.busy": "now"}}
STATE: dict[str, object] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}


def stripped(tmp_path: Path, *words: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A notebook after tuinb, and after nbstripout."""
    pytest.importorskip("nbstripout", reason="nbstripout is not installed")
    cells = [
        code("1", outputs=OUTPUTS, count=3),
        code("2", "keep_output", outputs=OUTPUTS, count=4),
        code("3", outputs=OUTPUTS, count=5, keep_output=True),
        code("4", outputs=OUTPUTS, count=5, init_cell=True),
        code("5", outputs=OUTPUTS, count=6, init_cell=False, keep_output=True),
        code("6", outputs=OUTPUTS, count=7, **TIMES),
        {"cell_type": "markdown", "metadata": {}, "source": ["# x"]},
    ]
    ours, theirs = (notebook(tmp_path / f"{name}.ipynb", *cells, widgets=STATE) for name in ("ours", "theirs"))
    assert tuinb("strip", ours, cwd=tmp_path).returncode == 0
    subprocess.run([sys.executable, "-m", "nbstripout", *words, str(theirs)], check=True)
    return content(ours), content(theirs)


def test_outputs_and_counts_go_as_by_nbstripout(tmp_path: Path) -> None:
    ours, theirs = stripped(tmp_path, "--keep-id")
    ours["cells"][5]["metadata"], ours["metadata"] = {}, {}
    assert json.dumps(ours, sort_keys=True) == json.dumps(theirs, sort_keys=True)


def test_ids_and_metadata_stay_which_nbstripout_takes(tmp_path: Path) -> None:
    ours, theirs = stripped(tmp_path)
    assert [cell["id"] for cell in ours["cells"]] == [f"cell-{number}" for number in range(1, 8)]
    assert [cell["id"] for cell in theirs["cells"]] == [str(number) for number in range(7)]
    assert (ours["cells"][5]["metadata"], theirs["cells"][5]["metadata"]) == (TIMES, {})
    # The state of widgets that no output shows any more is output, too: both take it.
    assert ours["metadata"] == theirs["metadata"] == {}
