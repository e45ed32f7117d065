"""`tuinb diff`: what counts as a difference, how it is shown, and exit codes."""

from __future__ import annotations

import io
import json
import subprocess
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.files.journal.support import Journaled
from tests.headless.support import code, content, notebook, tuinb
from tuinb import themes
from tuinb.capabilities import Capabilities, Colors
from tuinb.headless.diff.command import main
from tuinb.headless.diff.compare import DiffLine, diff_lines
from tuinb.notebook.changes import SpliceSource
from tuinb.render.block import plain
from tuinb.render.styles import ThemeStyles

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.headless.diff.command import MakeRows


def stream(text: str) -> dict[str, Any]:
    return {"name": "stdout", "output_type": "stream", "text": text}


def image(width: int, color: str = "red") -> dict[str, Any]:
    data = io.BytesIO()
    Image.new("RGB", (width, 2), color).save(data, "PNG")
    bundle = {"image/png": b64encode(data.getvalue()).decode(), "text/plain": "<Figure>"}
    return {"data": bundle, "metadata": {}, "output_type": "display_data"}


class Files:
    def __init__(self, folder: Path) -> None:
        self.old, self.new = folder / "old.ipynb", folder / "new.ipynb"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def diff(files: Files, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
    exit_code = main([str(files.old), str(files.new), *words])
    out = capsys.readouterr().out.splitlines()
    return exit_code, out[2:] if out[:1] == [f"--- {files.old}"] else out


def test_cells_lines_and_outputs(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(files.old, "import os", code("a = 1\nb", outputs=[stream("1\n2\n")]), "gone")
    new = notebook(files.new, "import os", code("new"), code("a = 2\nb", outputs=[stream("1\n3\n")]))
    book = content(new)
    for cell, name in zip(book["cells"], ("cell-1", "fresh", "cell-2"), strict=True):
        cell["id"] = name
    new.write_text(json.dumps(book))
    assert diff(files, capsys) == (1, [
        "@@ cell 2 (code), added", "+new",
        "@@ cell 3, was cell 2 (code)", "-a = 1", "+a = 2", " b", "   output: stdout", " 1", "-2", "+3",
        "@@ cell 3 (code), deleted", "-gone",
    ])  # fmt: skip
    assert diff(files, capsys, "--no-output")[1][4:7] == ["+a = 2", " b", "@@ cell 3 (code), deleted"]


def test_counts_ids_times_and_metadata_are_passed_over(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = (stream(f"Wall time: {seconds} s\n<f at 0x7f{seconds}0000000>\n") for seconds in (12, 34))
    notebook(files.old, code("a", outputs=[old], count=1, own=1), title="t")
    notebook(files.new, {**code("a", outputs=[new], count=2, own=2), "id": "other"}, title="u")
    assert diff(files, capsys) == (0, [])
    assert diff(files, capsys, "--exact")[0] == 1
    assert diff(files, capsys, "--metadata") == (1, [
        "@@ the notebook", '-metadata title: "t"', '+metadata title: "u"',
        "@@ cell 1 (code)", "-metadata own: 1", "+metadata own: 2",
    ])  # fmt: skip


def test_images_are_compared_by_pixels(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(files.old, code("a", outputs=[image(3)]), code("b", outputs=[image(3)]), code("c", outputs=[image(3)]))
    new = [image(3), image(3, "blue"), image(4)]
    new[0]["data"]["image/png"] += "\n"
    notebook(files.new, *(code(name, outputs=[one]) for name, one in zip("abc", new, strict=True)))
    assert diff(files, capsys) == (1, [
        "@@ cell 2 (code)", "   output: image differs (3×2, 100 % of the pixels)",
        "@@ cell 3 (code)", "   output: image differs (4×2, was 3×2)",
    ])  # fmt: skip


def test_moved_cells_types_and_attachments(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    text = {
        "cell_type": "markdown",
        "metadata": {},
        "source": "![](attachment:a.png)",
        "attachments": {"a.png": {"image/png": "1"}},
    }
    notebook(files.old, "a", "b", "c", text)
    new = content(notebook(files.new, "a", "b", "c", {**text, "attachments": {"a.png": {"image/png": "2"}}}))
    new["cells"] = [new["cells"][at] for at in (2, 0, 1, 3)]
    new["cells"][1]["cell_type"] = "raw"
    for key in ("outputs", "execution_count"):
        del new["cells"][1][key]
    files.new.write_text(json.dumps(new))
    assert diff(files, capsys) == (1, [
        "@@ cell 1, was cell 3 (code), moved", "@@ cell 2, was cell 1 (code → raw)",
        "@@ cell 4 (markdown)", "   attachment a.png: changed",
    ])  # fmt: skip


def test_words_within_changed_lines() -> None:
    (removed, added) = diff_lines(["x = f(a, b)"], ["x = f(a, c)"])
    assert removed == DiffLine("-", (("x = f(a, ", False), ("b", True), (")", False)))
    assert added.pieces[1] == ("c", True)
    signs = [
        line.sign
        for line in diff_lines([str(number) for number in range(20)], [*map(str, range(10)), "x", *map(str, range(10, 20))])
    ]
    assert "".join(signs) == "…   +   …"


def test_colours_if_asked_for(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(files.old, "x = 1")
    notebook(files.new, "x = 2")
    assert "\x1b[" not in capsys.readouterr().out
    main([str(files.old), str(files.new), "--color", "always"])
    assert "\x1b[7" in capsys.readouterr().out.replace("\x1b[0;", "\x1b[").replace(";7m", "\x1b[7m")


def test_control_characters_do_not_reach_the_terminal(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(files.old, "x")
    notebook(files.new, code("\x1b]0;y\x07", outputs=[stream("\x1b]52;c;eA==\x07\n")]))
    _, lines = diff(files, capsys)
    assert not any("\x1b" in line for line in lines)


def test_as_json(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(files.old, "x = 1", title="t")
    notebook(files.new, code("x = 2", outputs=[stream("1\n")]))
    assert main([str(files.old), str(files.new), "--json", "--metadata"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["same"] is False
    assert found["metadata"] == [{"path": ["title"], "old": "t"}]
    (cell,) = found["cells"]
    assert (cell["status"], cell["old"], cell["new"], cell["type"]) == ("changed", 1, 1, ["code"])
    assert cell["source"][0] == {"sign": "-", "pieces": [["x = ", False], ["1", True]]}
    assert cell["outputs"][0]["what"] == "stdout"


def test_versions_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    path = notebook(tmp_path / "sub" / "x.ipynb", "a")
    me = ["-c", "user.name=me", "-c", "user.email=me"]
    for words in (["init", "-q"], ["add", "."], [*me, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *words], check=True)
    notebook(path, "b")
    assert main(["HEAD:sub/x.ipynb", "sub/x.ipynb"]) == 1
    assert main(["sub/x.ipynb"]) == 1
    monkeypatch.chdir(tmp_path / "sub")
    assert main(["HEAD:x.ipynb", "x.ipynb"]) == 1
    assert main(["HEAD:x.ipynb", "HEAD:sub/x.ipynb"]) == 0
    assert capsys.readouterr().out.count("-a\n+b\n") == 3
    assert main(["HEAD:y.ipynb", "x.ipynb"]) == 2
    assert "tuinb: HEAD:y.ipynb: there is no such file, and git says: " in capsys.readouterr().err


def test_the_screen_gets_rows_with_folds(
    files: Files, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinb.headless.diff.command.require_terminal", lambda: None)
    notebook(files.old, "same", code("a", outputs=[image(3)]), title="t")
    notebook(files.new, "same", code("a", outputs=[image(3, "blue")]), title="u")
    found: list[tuple[str, list[str], str | None]] = []

    def show(title: str, make_rows: MakeRows, theme: str | None) -> int:
        made = make_rows(ThemeStyles(themes.load("light")), Capabilities(Colors.TRUE), 60)
        found.append((title, [plain(row.line) for row in made], theme))
        return 0

    words = [str(files.old), str(files.new), "--screen", "--theme", "light", "--metadata"]
    assert main(words, show) == 1
    ((title, rows, theme),) = found
    assert (title, theme) == (f"{files.old} → {files.new}", "light")
    assert rows[:6] == [
        "@@ the notebook", '-metadata title: "t"', '+metadata title: "u"',
        "… cell 1 is the same", "@@ cell 2 (code)", "   output: image differs (3×2, 100 % of the pixels)",
    ]  # fmt: skip
    assert [row for row in rows[6:] if row.strip("▀▄█ ")] == ["   was:", "   is now:"]
    assert main([str(files.old), str(files.old), "--screen"], show) == 0
    assert capsys.readouterr().out == f"{files.old} and {files.old}: no differences\n"
    assert main([*words, "--json"], show) == 2
    assert "--screen can't be combined with --json" in capsys.readouterr().err
    assert main(words) == 2


def test_unsaved_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = notebook(tmp_path / "x.ipynb", "a")
    assert main([str(path), "--unsaved"]) == 2
    assert "x.ipynb: it has no unsaved changes" in capsys.readouterr().err
    journaled = Journaled(path)
    journaled.desk.do(SpliceSource(journaled.notebook.order[0], 1, "", "b"))
    assert main([str(path), "--unsaved"]) == 1
    assert capsys.readouterr().out.splitlines()[1:] == [f"+++ {path}, unsaved", "@@ cell 1 (code)", "-a", "+ab"]
    assert main([str(path), str(path), "--unsaved"]) == 2


def test_what_can_not_be_compared(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(files.old, "a")
    assert main([str(files.old), str(files.new)]) == 2
    assert "new.ipynb: there is no such file" in capsys.readouterr().err
    files.new.write_text('{"cells": [\n<<<<<<< HEAD\n')
    assert main([str(files.old), str(files.new)]) == 2
    assert "conflict markers of a merge, the first at line 2" in capsys.readouterr().err


def test_through_pipes(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "a")
    done = tuinb("diff", "-", "x.ipynb", cwd=tmp_path, stdin=path.read_bytes())
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
