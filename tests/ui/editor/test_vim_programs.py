"""Programs and files of vim's keys in the program."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import wait_for, write_notebook
from tests.ui.editor.test_vim_keys import VIM, keys
from tests.ui.harness import running


@pytest.mark.parametrize(
    ("typed", "after"),
    [
        ("<exclamation_mark>Gsort\nx", "\nb\nc"),
        (":%<exclamation_mark>sort\nu", "c\nb\na"),
        (":r <exclamation_mark>echo x\ndd", "c\nb\na"),
        (":<exclamation_mark>true\nx", "\nb\na"),
    ],
)
async def test_keys_wait_for_a_program(tmp_path: Path, typed: str, after: str) -> None:
    async with running(write_notebook(tmp_path / "filter.ipynb", "c\nb\na"), config=VIM, completions=()) as t:
        await t.press("enter", *keys(typed))
        await wait_for(lambda: t.sources() == [after])


async def test_a_program_that_fails_or_writes_no_text_changes_nothing(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "fail.ipynb", "c\nb"), config=VIM, completions=()) as t:
        await t.press("enter", *keys(":%<exclamation_mark>echo why >&2; exit 3\n"))
        await wait_for(lambda: "why. Nothing was changed" in "\n".join(t.rows()))
        await t.press(*keys(":%<exclamation_mark>printf 'a\\000b'\n"))
        await wait_for(lambda: "it wrote no text" in "\n".join(t.rows()))
        await t.press(*keys(":%<exclamation_mark>exit 4\n"))
        await wait_for(lambda: "exit code 4. Nothing was changed" in "\n".join(t.rows()))
        assert t.sources() == ["c\nb"]


async def test_ctrl_c_ends_a_program(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "slow.ipynb", "c\nb"), config=VIM, completions=()) as t:
        await t.press("enter", *keys(":%<exclamation_mark>sleep 60\nx"))
        await wait_for(lambda: "Ctrl+C ends the program" in "\n".join(t.rows()))
        assert t.sources() == ["c\nb"]
        await t.press("ctrl+c")
        await wait_for(lambda: t.sources() == ["\nb"])  # the key that waited
        assert "Ctrl+C ends the program" not in "\n".join(t.rows())


async def test_files_are_read_and_written(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "files.ipynb", "c\nb")
    out, binary = tmp_path / "out.txt", tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    async with running(path, config=VIM, completions=()) as t:
        await t.press("enter", *keys(f":1w {out}\n"))
        assert out.read_text() == "c\n"
        assert "Wrote 1 line to out.txt." in "\n".join(t.rows())
        await t.press(*keys(f":w <exclamation_mark>cat > {tmp_path}/all.txt\n"))
        await wait_for((tmp_path / "all.txt").exists)
        for line, said in [
            (f"1w {out}", "out.txt: there is a file of that name already. :w! replaces it."),
            (f"1w {path}", "That is the notebook, which :w saves."),
            (f"1w {tmp_path}/no/x", "x: its folder does not exist."),
            (f"1w<exclamation_mark> {tmp_path}/link", "That is the notebook, which :w saves."),
            (f"1w<exclamation_mark> {tmp_path}/pipe", "pipe is no regular file."),
            (f"1w >> {out}", "Nothing can be appended to a file. `:w !cat >> FILE` does it."),
            (f"r {tmp_path}/none", "none: there is no such file."),
            (f"r {binary}", "binary: that is no text in UTF-8."),
        ]:
            await t.press(*keys(f":{line}\n"))
            assert said in "\n".join(t.rows())
        await t.press(*keys(f":2w<exclamation_mark> {out}\n:r {out}\n"))
        assert t.sources() == ["c\nb\nb"]


async def test_the_path_of_the_notebook_is_a_percent_sign(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "my book.ipynb", "c"), config=VIM, completions=()) as t:
        await t.press("enter", *keys(":%<exclamation_mark>basename % .ipynb; echo \\%\n"))
        await wait_for(lambda: t.sources() == ["my book\n%"])


async def test_no_name_of_a_notebook_is_a_command_of_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(write_notebook(tmp_path / "x.ipynb", "c"), config=VIM, completions=()) as t:
        monkeypatch.setattr(type(t.app.pane.session), "path", Path("/http:/host/a;touch hit;.ipynb"))
        await t.press("enter", *keys(":%<exclamation_mark>echo %\n"))
        await wait_for(lambda: t.sources()[0].endswith("a;touch hit;.ipynb"))


async def test_the_selected_lines_are_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(write_notebook(tmp_path / "run.ipynb", "a = 1\nb = 2\nc = 3"), config=VIM, completions=()) as t:
        ran: list[str] = []
        monkeypatch.setattr(t.session, "run_part", lambda _cell, code: ran.append(code))
        await t.press("enter", "V", "j", "f7")
        assert ran == ["a = 1\nb = 2\n"]
        assert " NORMAL " in t.rows()[-1]
        await t.press(*keys("jvl<f7>"))
        assert ran[1:] == ["c "]
        await t.press(*keys("gg<ctrl+v>jl<f7>"))
        assert ran[2:] == ["a = 1\nb "]
