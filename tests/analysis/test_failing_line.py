"""The failing line, from tracebacks that kernels sent (tests/analysis/tracebacks, recorded) and from some that they might."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.analysis.failing_line import failed, failing_line, line_of
from tuinb.notebook.changes import CellData, CellId, OutputData
from tuinb.notebook.document import Notebook

RECORDED: list[dict[str, Any]] = json.loads((Path(__file__).parent / "tracebacks" / "python.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("it", RECORDED, ids=lambda it: f"{it['kernel']}, {it['name']}")
def test_recorded(it: dict[str, Any]) -> None:
    line = line_of(it, it["source"], it["count"])
    assert line is not None
    assert line + 1 == it["line"]


@pytest.mark.parametrize("it", RECORDED, ids=lambda it: f"{it['kernel']}, {it['name']}")
def test_recorded_without_the_count(it: dict[str, Any]) -> None:
    """A notebook whose counts were stripped: the outermost frame says which cell it is."""
    line = line_of(it, it["source"], None)
    assert line is not None
    assert line + 1 == it["line"]


R_STOP = ["Error in f(): bad\nTraceback:\n", "1. f()", '2. stop("bad")   # at line 3 of file <text>']
R_PARSE = ["Error in parse(text = x, srcfile = src): <text>:2:6: unexpected '='\n1: x <- 1\n2: y <- =\n        ^\nTraceback:\n"]
JULIA = [
    "bad\n\nStacktrace:\n [1] error(s)\n   @ Base ./error.jl:35\n"
    " [2] f()\n   @ Main ./In[4]:2\n [3] top-level scope\n   @ In[4]:5"
]
OLD = ["KeyError  Traceback", "<ipython-input-7-0a1b2c> in <module>\n      1 a\n----> 2 b\n", "KeyError: 1"]
OLD_SYNTAX = ['  File "<ipython-input-7-0a1b2c>", line 3\n    c\n        ^\nSyntaxError: invalid syntax\n']


@pytest.mark.parametrize(
    ("traceback", "count", "line"),
    [
        (R_STOP, 1, 3),
        (R_PARSE, 1, 2),
        (JULIA, 4, 2),
        (JULIA, None, 2),
        (JULIA, 9, None),
        (OLD, 7, 2),
        (OLD_SYNTAX, 7, 3),
        (["nothing of the kind"], 1, None),
        ([], 1, None),
        ("no list", 1, None),
        (["Cell In[1], line 77"], 1, None),
        (["Cell In[1]", "", "File x.py:3, in f", "----> 3 c"], 1, None),
        (["Cell In[1]", "   e"], 1, 5),
        (["Cell In[1]", "   not there"], 1, None),
        ([12, "Cell In[1], line 2"], 1, 2),
        ([f"Cell In[1], line {'9' * 5000}"], 1, None),
        (["Cell In[1]", f"----> {'9' * 5000} b"], 1, None),
        ([f"@ In[1]:{'9' * 5000}"], 1, None),
        ([f"@ In[{'9' * 5000}]:2"], 1, None),
        ([f"bad at line {'9' * 5000} of file <text>"], 1, None),
    ],
)
def test_other_tracebacks(traceback: object, count: int | None, line: int | None) -> None:
    found = line_of({"traceback": traceback, "evalue": ""}, "a\nb\nc\nd\ne", count)
    assert found == (None if line is None else line - 1)


def test_a_message_that_looks_like_a_frame_is_none() -> None:
    traceback = ["Cell In[1], line 1", "----> 1 a", "", "E: Cell In[1], line 2\n----> 2 b"]
    assert line_of({"traceback": traceback, "ename": "E"}, "a\nb", 1) == 0


def test_blank_lines_at_the_start_that_a_kernel_counts() -> None:
    """The text decides where it is told."""
    assert line_of({"traceback": ["Cell In[1], line 3", "----> 3 b"]}, "\n\nb\n\nc", 1) == 2
    assert line_of({"traceback": ["Cell In[1], line 1", "----> 1 b"]}, "\n\nb\n\nc", 1) == 2


def test_a_line_that_is_not_in_the_cell_is_marked_nowhere() -> None:
    """Some tracebacks come from elsewhere: a cluster, another kernel. Magics are told as what they become."""
    assert line_of({"traceback": ["Cell In[1], line 1", "----> 1 elsewhere()"]}, "a\nb", 1) is None
    assert line_of({"traceback": ["Cell In[1], line 1", "----> 1 b"]}, "a\nb", 1) == 1
    assert line_of({"traceback": ["Cell In[1], line 2", "----> 2 get_ipython().system('x')"]}, "a\n!x", 1) == 1


@given(st.lists(st.text(), max_size=5), st.text(), st.none() | st.integers(0, 9))
def test_anything_gives_a_line_of_the_cell_or_none(frames: list[str], source: str, count: int | None) -> None:
    found = line_of({"traceback": frames, "ename": "E", "evalue": "v"}, source, count)
    assert found is None or 0 <= found < len(source.split("\n"))


def _cell(*outputs: dict[str, Any]) -> Notebook:
    return Notebook([CellData(CellId("c"), "code", "a\nb", {}, tuple(map(OutputData, outputs)), 3)])


ERROR = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["Cell In[3], line 2", "----> 2 b", "E: v"]}
TEXT = {"output_type": "stream", "name": "stdout", "text": "x\n"}
GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/venv/IPython/core/interactiveshell.py", line 3823, in run_code
  |     exec(code_obj, self.user_global_ns, self.user_ns)
  |   File "/tmp/ipykernel_10063/533289462.py", line 2, in <module>
  |     b
  | ExceptionGroup: many (1 sub-exception)
  +-+---------------- 1 ----------------
    |   File "/tmp/ipykernel_10063/533289462.py", line 1, in <module>
    | ValueError: 1
    +------------------------------------
"""


def test_of_a_cell() -> None:
    cell = _cell(TEXT, ERROR, TEXT).at(0)
    assert failed(cell)
    assert failing_line(cell) == 1


def test_of_an_exception_group_that_was_only_printed() -> None:
    cell = _cell({"output_type": "stream", "name": "stderr", "text": GROUP}).at(0)
    assert failed(cell)
    assert failing_line(cell) == 1


def test_of_a_cell_without_an_error() -> None:
    cell = _cell(TEXT, {**TEXT, "name": "stderr"}).at(0)
    assert not failed(cell)
    assert failing_line(cell) is None
