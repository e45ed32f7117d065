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
        await t.press("ctrl+r", "enter")
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
        await t.press("ctrl+r", "enter")
        await t.type("ab")
        opened.set()
        await t.shows("name?")
        await t.type("cd")
        assert t.sources()[1] == "otherabcd"
