"""Outputs for commands: other types, wide ones, copying, saving and opening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.notebook.test_nesting import nested
from tests.ui.harness import running
from tests.ui.notebooks import bundle, failing, notebook, stream, table
from tuinb.files import load
from tuinb.kernel.connection import scripted as k
from tuinb.notebook.nesting import DEEPEST

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_another_type_of_a_bundle(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(text_plain="the text", text_markdown="the *markdown*")]))
    async with running(path) as t:
        await t.shows("the markdown")
        await t.press("t")
        await t.shows("Show the output as")
        assert "text/markdown (default)" in t.text()
        await t.press("down", "enter")
        await t.shows("the text")
        assert "text/plain" in t.rows()[0]
        await t.press("t", "1")
        await t.shows("the markdown")
        assert "text/plain" not in t.text()


async def test_only_one_type_is_no_choice(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [bundle(text_plain="x")]), ("b", [stream("y")]), "m")) as t:
        await t.press("t")
        await t.shows("This output has no other type: text/plain.")
        await t.press("j", "t")
        await t.shows("This output has no other type.")
        await t.press("j", "t")
        await t.shows("This cell has no output.")


async def test_copying_all_outputs_or_one(tmp_path: Path) -> None:
    outputs = [stream("\x1b[31mred\x1b[0m\x07\n"), bundle(application_json={"a": 1}), failing(1, "a")]
    async with running(notebook(tmp_path / "a.ipynb", ("a", outputs))) as t:
        await t.press("Y")
        await t.shows("Copy which output?")
        await t.press("enter")
        await t.shows("Copied")
        assert t.app.system.clipboard.startswith('red\n{\n  "a": 1\n}\nCell In[1], line 1')
        await t.press("Y", "3")
        await t.until(lambda: t.app.system.clipboard.startswith("Cell In[1]"))


async def test_saving_an_image_and_not_over_another(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(image_png="aGVsbG8=", text_plain="words")]))
    async with running(path) as t:
        await t.press("W", "enter")
        await t.shows("Saved image/png, 5 bytes")
        saved = tmp_path / "a-cell-1.png"
        assert saved.read_bytes() == b"hello"
        saved.write_bytes(b"mine")
        await t.press("W", "enter")
        await t.shows("already exists")
        await t.press("enter")
        assert saved.read_bytes() == b"mine"
        await t.press("W", "enter", "3")
        await t.until(lambda: saved.read_bytes() == b"hello")


async def test_the_pager_needs_a_terminal(tmp_path: Path) -> None:
    """Without one the screen says so, and goes on."""
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream("x")]))) as t:
        await t.press("|")
        await t.shows("this terminal can't be given to another program")


async def test_an_image_without_a_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(image_png="aGVsbG8=")]))
    async with running(path) as t:
        await t.press("w")
        await t.shows("No display is available")
        await t.press("1")
        await t.shows("Save the output as:")
        await t.press("escape")


async def test_a_wide_table_is_scrolled_and_found_in(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(text_html=table(60, 40), text_plain="plain")]))
    async with running(path) as t:
        assert "columns 1–71 of" in t.rows()[0]
        await t.press(">", "shift+right")
        assert "columns 47–117 of" in t.rows()[0]
        await t.press("slash")
        await t.type("r20c55")
        await t.shows("1 of 1")
        assert "r20c55" in t.text()
        await t.press("escape")
        assert "columns 47–117 of" in t.rows()[0]
        await t.press("l", "slash")
        await t.type("r20c55")
        await t.shows("1 of 1")
        await t.press("enter")
        assert any("r20c55" in row for row in t.rows()[:-2])
        await t.press("q", "Y")
        await t.until(lambda: t.app.system.clipboard.count("r20c") == 60)


async def test_an_output_that_is_nested_deeper_than_json_reads(tmp_path: Path) -> None:
    """Symptom: its file was read-only, and a copy failed."""
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(application_json="DEEP", text_plain="x")]))
    text = path.read_text(encoding="utf-8").replace('"DEEP"', "[" * 10_000 + "]" * 10_000)
    path.write_text(text, encoding="utf-8")
    async with running(path) as t:
        await t.press("O", "l", "G", "Y")
        await t.until(lambda: '"… 9,5' in t.app.system.clipboard)
        await t.press("q", "enter", "end")
        await t.type(" ")
        await t.press("ctrl+s")
        await t.until(lambda: not t.session.modified)
        assert path.read_text(encoding="utf-8") == text.replace('"source": "a"', '"source": "a "')


async def test_a_part_of_an_output_that_was_not_saved_is_told(tmp_path: Path) -> None:
    """Symptom: nothing was saved until the cell was cleared."""
    path = notebook(tmp_path / "a.ipynb", ("deep", []), ("b", []))
    shown = k.display({"application/json": nested(DEEPEST + 100), "text/plain": "<JSON>"})
    async with running(path, {"deep": [shown, k.stream("kept\n")]}) as t:
        await t.press("ctrl+e")
        await t.shows("kept")
        await t.press("ctrl+s")
        await t.shows("an output of cell 1 is nested more than 400 levels deep")
        assert not t.session.modified
    first, second = (output.raw for output in load.load(path).notebook.at(0).data().outputs)
    assert first["data"] == {"text/plain": "<JSON>"}
    assert second["text"] == "kept\n"
