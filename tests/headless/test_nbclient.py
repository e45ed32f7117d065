"""The same notebooks run by tuinb and by nbclient, on real kernels: outputs, counts, errors, tags, displays, clearing, stdin.

Differences that are meant, and taken out here: nbclient's tracebacks name its own temporary file's number and memory address;
tuinb saves a stream as a terminal would show it (`\\r`, `\\b`); it writes no times into the cells' metadata, and leaves the
notebook's language_info alone where it names the same language.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.headless.support import code, content, notebook, tuinb
from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

PYTHON = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}

NBCLIENT = """
import json, sys, warnings
warnings.simplefilter("ignore")
sys.modules["rfc3987_syntax"] = None  # nbformat's import builds a parser with it for more than a second
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
book = nbformat.read(sys.argv[1], 4)
options = {"timeout": 60, "record_timing": False, "kernel_name": "python3", **json.loads(sys.argv[3])}
client = NotebookClient(book, **options)
try:
    client.execute(cwd=sys.argv[4])
except (CellExecutionError, CellTimeoutError):
    code = 1
except DeadKernelError:
    code = 3
else:
    code = 0
nbformat.write(book, sys.argv[2])
sys.exit(code)
"""

SEQUENCES = [
    "import sys, time\nfrom IPython.display import display, clear_output, update_display, HTML, Markdown, JSON",
    "print('out', end=''); print(); print('err', file=sys.stderr)\nfor i in range(50): print(i, flush=True)",
    "1 + 1",
    "# nothing but a comment",
    "display(HTML('<b>x</b>'), metadata={'isolated': True}); display(Markdown('*x*')); JSON({'a': [1]})",
    "h = display('first', display_id='here'); display('again', display_id='here')\nh.update('second')",
    "update_display('third', display_id='here'); update_display('nobody', display_id='nowhere')",
    "print('gone'); clear_output(); print('kept')",
    "for i in range(3):\n    clear_output(wait=True); print('turn', i)",
    "print('still here'); clear_output(wait=True)",
    "display('old', display_id='cleared'); clear_output(); display('new', display_id='cleared')\n"
    "update_display('newest', display_id='cleared')",
    "%%capture kept\nprint('hidden')",
    "kept.show()",
    "print?",
    "get_ipython().set_next_input('x = 1')",
    "%%bash\necho from bash; echo to stderr >&2",
    "import subprocess; subprocess.run(['echo', 'a child']); 'é ∞ \U0001f600'",
    "import os; os.write(1, b'raw\\n'); None",
    "display({'text/plain': 'p', 'application/x-own+json': {'a': 1}}, raw=True)",
    "b'\\x00' * 3, 1.10, 10**30",
    "_, In[-2][:5], len(Out) > 3",
]


def by_nbclient(path: Path, out: Path, **options: object) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-c", NBCLIENT, str(path), str(out), json.dumps(options), str(path.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    return done.returncode, content(out)


def by_tuinb(path: Path, out: Path, *words: str) -> tuple[int, dict[str, Any]]:
    done = tuinb("run", path, "-o", out, *words, cwd=path.parent)
    assert done.returncode in (0, 1, 3), done.stderr
    return done.returncode, content(out)


def comparable(found: dict[str, Any]) -> list[object]:
    """The cells, with what differs by intention made the same."""
    return [
        (cell.get("execution_count"), cell["source"], cell["metadata"], streams(cell.get("outputs", [])))
        for cell in found["cells"]
    ]


def streams(outputs: list[dict[str, Any]]) -> list[object]:
    """Outputs with the texts of each stream joined, stdout before stderr: their order is not the kernel's to keep."""
    texts: dict[str, str] = {}
    others: list[object] = []
    for output in outputs:
        if output["output_type"] == "stream":
            texts[output["name"]] = texts.get(output["name"], "") + "".join(output["text"])
        elif output["output_type"] == "error":
            traceback = re.sub(r"0x[0-9a-f]+|ipykernel_\d+/\d+", "…", str(output["traceback"]))
            others.append((output["ename"], output["evalue"], traceback))
        else:
            others.append(output)
    return [*sorted(texts.items()), *others]


def test_every_sequence_of_messages(tmp_path: Path) -> None:
    markdown = {"cell_type": "markdown", "metadata": {}, "source": ["# title"]}
    skipped = code("1/0", "skip-execution", outputs=[{"name": "stdout", "output_type": "stream", "text": ["kept\n"]}], count=3)
    cells: list[dict[str, Any] | str] = [*SEQUENCES, markdown, skipped, code("1/0", "raises-exception"), "'after'"]
    path = notebook(tmp_path / "in.ipynb", *cells, **PYTHON)
    ours, theirs = by_tuinb(path, tmp_path / "ours.ipynb"), by_nbclient(path, tmp_path / "theirs.ipynb")
    assert ours[0] == theirs[0] == 0
    for mine, other in zip(comparable(ours[1]), comparable(theirs[1]), strict=True):
        assert mine == other
    assert [cell["id"] for cell in ours[1]["cells"]] == [cell["id"] for cell in theirs[1]["cells"]]


@pytest.mark.parametrize("allow", [False, True])
def test_errors(tmp_path: Path, allow: bool) -> None:
    cells = ["x = 1", "input('?')", "def f():\n    raise KeyError('é')\nf()", "x +", "raise SystemExit(3)", "x"]
    cells = cells if allow else [cells[0], cells[2], cells[5]]
    path = notebook(tmp_path / "in.ipynb", *cells, **PYTHON)
    ours = by_tuinb(path, tmp_path / "ours.ipynb", *(["--allow-errors"] if allow else []))
    theirs = by_nbclient(path, tmp_path / "theirs.ipynb", allow_errors=allow)
    assert ours[0] == theirs[0] == (not allow)
    for mine, other in zip(comparable(ours[1]), comparable(theirs[1]), strict=True):
        assert mine == other
    if allow:
        assert ours[1]["cells"][1]["outputs"][0]["ename"] == "StdinNotImplementedError"


def test_a_limit_of_time(tmp_path: Path) -> None:
    """tuinb interrupts the cell, and the run ends: nbclient with interrupt_on_timeout does; without, it only ends."""
    cells = ["'before'", "print('begun', flush=True)\nimport time; time.sleep(60)", "'after'"]
    path = notebook(tmp_path / "in.ipynb", *cells, **PYTHON)
    code_, ours = by_tuinb(path, tmp_path / "ours.ipynb", "--timeout", "2")
    left, theirs = by_nbclient(path, tmp_path / "left.ipynb", timeout=2)
    went_on, interrupted = by_nbclient(path, tmp_path / "on.ipynb", timeout=2, interrupt_on_timeout=True)
    assert (code_, left, went_on) == (1, 1, 1)
    mine, others, third = (comparable(found) for found in (ours, theirs, interrupted))
    assert mine[0] == others[0] == third[0]
    assert mine[1] == third[1]
    assert mine[2] == others[2]
    assert [output["output_type"] for output in ours["cells"][1]["outputs"]] == ["stream", "error"]


def test_a_kernel_that_dies(tmp_path: Path) -> None:
    path = notebook(tmp_path / "in.ipynb", "print('before')", "import os; os._exit(7)", "'after'", **PYTHON)
    (mine, ours), (other, theirs) = by_tuinb(path, tmp_path / "o.ipynb"), by_nbclient(path, tmp_path / "t.ipynb")
    assert mine == other == 3
    assert [cell[3] for cell in comparable(ours)] == [cell[3] for cell in comparable(theirs)]  # type: ignore[index]


def test_ctrl_c_saves(tmp_path: Path) -> None:
    path = notebook(tmp_path / "in.ipynb", "print('ready', flush=True)\nimport time\ntime.sleep(60)", "2", **PYTHON)
    command = [sys.executable, "-m", "tuinb", "run", "--in-place", "--stream", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode == 130
    first, second = content(path)["cells"]
    assert [output["output_type"] for output in first["outputs"]] == ["stream", "error"]
    assert second["outputs"] == []


def test_a_killed_run_leaves_a_notebook(tmp_path: Path) -> None:
    waits = f"while 'so' + ' far' not in open({str(tmp_path / 'in.ipynb')!r}).read(): pass"
    source = f"{waits}\nprint('seen', flush=True)\nimport time; time.sleep(60)"
    path = notebook(tmp_path / "in.ipynb", "print('so', 'far')", source, **PYTHON)
    command = [sys.executable, "-m", "tuinb", "run", "--in-place", "--stream", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"so far\n"
        assert process.stdout.readline() == b"seen\n"
        process.kill()
    assert content(path)["cells"][0]["outputs"][0]["text"] == ["so far\n"]


def test_parameters_and_the_folder(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"b": [1, null], "a": 0}')
    shows = "print(repr((a, b, c)))\nimport os; print(os.path.basename(os.getcwd()))"
    path = notebook(tmp_path / "in.ipynb", code("a = b = c = None", "parameters"), shows, **PYTHON)
    (tmp_path / "work").mkdir()
    words = ["--params", "p.json", "-p", "a", "1.5", "-p", "c", "True", "--cwd", "work"]
    done = tuinb("run", path, *words, cwd=tmp_path)
    assert done.stdout.splitlines()[:2] == [b"(1.5, [1, None], True)", b"work"]


def test_a_kernel_that_is_none(tmp_path: Path) -> None:
    path = notebook(tmp_path / "in.ipynb", "1", **PYTHON)
    done = tuinb("run", path, "--kernel", "none", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"there is no kernelspec 'none'" in done.stderr
