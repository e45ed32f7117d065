"""Events of the session on the screen: the kernel's state, prompts and pages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.kernel.connection import scripted as k

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_dead_kernel_is_explained_and_started_again(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "d.ipynb", "die", "fine")
    async with running(path, {"die": [k.die("killed by SIGKILL", "Out of memory")], "fine": [k.result("alive")]}) as t:
        await t.press("ctrl+r")
        await t.shows("dead")
        await t.shows("killed by SIGKILL")
        assert "[*]" not in t.text()
        await t.press("0", "0")
        await t.shows("idle")
        await t.press("ctrl+e")
        await t.shows("alive")


async def test_set_next_input_and_page_payloads(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "p.ipynb", "load", "help")
    page = k.payload(source="page", data={"text/plain": "all about it"}, start=0)
    script = {"load": [k.next_input("loaded = 1")], "help": [page]}
    async with running(path, script) as t:
        await t.press("ctrl+e")
        await t.until(lambda: "loaded = 1" in t.sources())
        await t.shows("loaded = 1")
        await t.press("G", "ctrl+e")
        await t.shows("all about it")
        await t.press("q")
        assert "all about it" not in t.text()


async def test_a_page_waits_until_the_cell_is_left(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "p.ipynb", "help", "other")
    opened = asyncio.Event()
    page = k.payload(source="page", data={"text/plain": "all about it"}, start=0)
    async with running(path, {"help": [k.gate(opened), page]}) as t:
        await t.press("ctrl+r", "enter", "ctrl+end")
        opened.set()
        await t.shows("sent a page")
        await t.type("q")
        assert t.sources()[1] == "otherq"
        await t.press("escape")
        await t.shows("all about it")


async def test_a_prompt_does_not_take_the_keys_from_who_is_typing(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", "other")
    opened = asyncio.Event()
    script = {"ask": [k.gate(opened), k.prompt("name? ")]}
    async with running(path, script) as t:
        await t.press("ctrl+r", "enter", "ctrl+end")
        await t.type("ab")
        opened.set()
        await t.shows("name?")
        await t.type("cd")
        assert t.sources()[1] == "otherabcd"
        assert "EDIT" in t.rows()[-1]
        assert "waits for input (^G): name?" in t.rows()[-1]
        await t.press("ctrl+g")
        assert "INPUT" in t.rows()[-1]
        await t.type("bob")
        await t.press("enter")
        await t.until(lambda: t.session.prompt is None)
        await t.type("ef")
        assert t.sources()[1] == "otherabcdef"


PAGES = ["ask", *("x = 1\n" * 20 for _ in range(4))]


async def test_a_prompt_out_of_view_takes_no_keys(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", *PAGES)
    opened = asyncio.Event()
    script = {"ask": [k.gate(opened), k.prompt("name? ", then=lambda line: [k.stream(f"hello {line}\n")])]}
    async with running(path, script) as t:
        await t.press("ctrl+e", "G")
        opened.set()
        await t.shows("waits for input (^G): name?")
        assert "COMMAND" in t.rows()[-1]
        top = t.rows()[0]
        await t.press("K")
        assert t.rows()[-1].startswith(" COMMAND")
        assert top in t.text()
        await t.press("ctrl+g")
        await t.type("bob")
        await t.shows("name? bob")
        assert "INPUT" in t.rows()[-1]
        await t.press("enter")
        await t.until(lambda: t.session.prompt is None)
        assert "COMMAND" in t.rows()[-1]


async def test_an_open_editor_goes_to_a_prompt_out_of_view_and_back(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", *PAGES)
    opened = asyncio.Event()
    async with running(path, {"ask": [k.gate(opened), k.prompt("name? ")]}) as t:
        await t.press("ctrl+e", "G", "enter", "ctrl+end")
        opened.set()
        await t.shows("waits for input (^G): name?")
        await t.press("a", "ctrl+g", "b")
        await t.shows("name? b")
        await t.press("escape", "c")
        assert t.sources()[-1].endswith("\nac")
        assert t.session.prompt is not None


async def test_the_palette_goes_to_the_prompt(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", *PAGES)
    opened = asyncio.Event()
    async with running(path, {"ask": [k.gate(opened), k.prompt("name? ")]}) as t:
        await t.press("ctrl+e", "G")
        opened.set()
        await t.shows("waits for input (^G): name?")
        await t.press("colon")
        await t.press(*"go", "minus", *"to", "minus", *"prompt", "enter")
        await t.until(lambda: "INPUT" in t.rows()[-1])
        await t.shows("name?")
