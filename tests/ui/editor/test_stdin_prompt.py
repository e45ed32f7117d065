"""The kernel's prompt under its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.support import write_notebook
from tests.ui.harness import running
from tests.ui.notebooks import notebook
from tuinb.kernel.connection import scripted as k
from tuinb.kernel.protocol.events import InputRequest

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_prompt_is_answered_under_its_cell(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", "other")
    script = {"ask": [k.prompt("name? ", then=lambda line: [k.stream(f"hello {line}\n")])]}
    async with running(path, script) as t:
        await t.press("ctrl+r")
        await t.shows("name?")
        await t.shows("INPUT")
        await t.type("bob")
        await t.shows("name? bob")
        await t.press("enter")
        await t.shows("hello bob")
        assert "INPUT" not in t.rows()[-1]


async def test_a_long_question_is_shown_whole_above_its_answer(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", "other")
    question = "\x1b[1mWhich of these?\x1b[0m\n" + "a word " * 15 + "(y/n) "
    async with running(path, {"ask": [k.prompt(question, then=lambda line: [k.stream(f"it is {line}\n")])]}) as t:
        await t.press("ctrl+r")
        await t.shows("(y/n)")
        await t.type("yes")
        at = next(row for row, text in enumerate(t.rows()) if "Which of these?" in text)
        shown = [row.strip("▌ ") for row in t.rows()[at : at + 4]]
        assert "".join(shown[:3]).replace(" ", "") == question[4:19].replace(" ", "") + "aword" * 15 + "(y/n)"
        assert shown[3] == "yes"
        await t.press("enter")
        await t.shows("it is yes")


async def test_a_password_is_not_shown_and_escape_leaves_the_prompt_open(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", "other")
    script = {"ask": [k.prompt("secret: ", password=True, then=lambda line: [k.stream(f"{len(line)} letters\n")])]}
    async with running(path, script) as t:
        await t.press("ctrl+r")
        await t.shows("INPUT")
        await t.type("xyzzy")
        assert "xyzzy" not in t.text()
        await t.press("escape")
        assert "INPUT" not in t.rows()[-1]
        await t.press("k", "enter")
        assert "INPUT" in t.rows()[-1]
        await t.press("enter")
        await t.shows("5 letters")


@pytest.mark.parametrize("password", [False, True])
async def test_what_another_screen_goes_on_with(tmp_path: Path, password: bool) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", "other")
    async with running(path, {"ask": [k.prompt("name? ", password=password)]}) as t:
        prompt = t.app.pane.prompt
        before = prompt.unsent
        assert before is None
        await t.press("ctrl+r")
        await t.shows("INPUT")
        await t.type("bo")
        kept = prompt.unsent
        assert kept is not None
        assert kept.prompt is t.session.prompt
        assert kept.text == ("" if password else "bo")
        t.app.post_message(events.AppBlur())
        await t.until(lambda: not prompt.has_keys)
        assert prompt.unsent == kept
        t.app.post_message(events.AppFocus())
        await t.until(lambda: prompt.has_keys)
        await t.press("escape")
        await t.until(lambda: prompt.unsent is None)


async def test_interrupt_in_a_prompt_and_end_of_file(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", "other")
    async with running(path, {"ask": [k.prompt("name? ")]}) as t:
        await t.press("ctrl+r")
        await t.shows("INPUT")
        await t.press("ctrl+c")
        await t.shows("KeyboardInterrupt")
        assert "INPUT" not in t.rows()[-1]
        await t.press("k", "ctrl+e")
        await t.shows("INPUT")
        await t.press("ctrl+d")
        await t.shows("EOFError")


async def test_an_answer_is_not_sent_while_it_is_out_of_view(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", *("x = 1\n" * 20 for _ in range(4)))
    async with running(path, {"ask": [k.prompt("name? ")]}) as t:
        await t.press("ctrl+e")
        await t.shows("INPUT")
        await t.type("bo")
        t.app.pane.view.scroll_by(50)
        await t.until(lambda: "name?" not in t.text())
        await t.press("enter")
        await t.shows("name? bo")
        assert t.session.prompt is not None
        t.app.pane.view.scroll_by(50)
        await t.type("b")
        await t.shows("name? bob")
        await t.press("enter")
        await t.until(lambda: t.session.prompt is None)


async def test_a_prompt_in_a_folded_section_is_shown_before_it_is_answered(tmp_path: Path) -> None:
    """Symptom: the key that goes to the prompt left the section folded, and the answer was typed without being seen."""
    path = notebook(tmp_path / "ask.ipynb", "# Title", ("ask", []), "# Next")
    async with running(path, {"ask": [k.prompt("name? ")]}) as t:
        await t.press("j", "ctrl+e")
        await t.shows("INPUT")
        for keys in (("ctrl+g",), ("ctrl+g", "b")):
            await t.press("escape", "k", "left")
            await t.until(lambda: "ask" not in "\n".join(t.rows()[:-1]))
            await t.press(*keys)
            await t.shows("    name?")
            await t.shows("INPUT")
        await t.shows("name? b")


async def test_a_prompt_of_a_thread_outlives_its_cell(tmp_path: Path) -> None:
    asks = k.Emit(lambda parent: InputRequest(parent, "thread? ", password=False))
    async with running(write_notebook(tmp_path / "ask.ipynb", "ask", "other"), {"ask": [asks]}) as t:
        await t.press("ctrl+e")
        await t.shows("[1]")
        await t.shows("INPUT")
        await t.type("bob")
        await t.shows("thread? bob")
        await t.press("enter")
        await t.until(lambda: t.session.prompt is None)
        assert "COMMAND" in t.rows()[-1]


async def test_a_prompt_outlives_its_deleted_cell(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", "other")
    async with running(path, {"ask": [k.prompt("name? ")]}) as t:
        await t.press("ctrl+r")
        await t.shows("INPUT")
        await t.press("escape", "k", "d", "d")
        await t.shows("name?")
        await t.press("enter")
        await t.type("bob")
        await t.press("enter")
        await t.until(lambda: "name?" not in t.text())


async def test_earlier_answers_come_back(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", "secret", "ask")
    script = {"ask": [k.prompt("? ", then=lambda line: [k.stream(f"got {line}\n")])], "secret": [k.prompt("p ", password=True)]}
    async with running(path, script) as t:
        for answer in ("one", "two", "two"):
            await t.press("g", "g", "ctrl+e")
            await t.shows("INPUT")
            await t.type(answer)
            await t.press("enter")
            await t.until(lambda: not t.app.pane.prompt.is_open)
        await t.press("down", "ctrl+e")
        await t.shows("INPUT")
        await t.type("hidden")
        await t.press("up", "enter")
        await t.until(lambda: not t.app.pane.prompt.is_open)
        await t.press("G", "ctrl+e")
        await t.shows("INPUT")
        line = t.app.pane.prompt._line
        assert line is not None
        await t.type("x")
        shown = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await t.press(key)
            shown.append(line.value)
        assert shown == ["two", "one", "one", "two", "x", "x"]


@pytest.mark.parametrize(
    ("completions", "value", "says"),
    [(["value", "value_2"], "value", "value  value_2"), (["value"], "value", ""), ([], "va", "No completions here.")],
)
async def test_tab_completes_an_answer_while_the_cell_waits(
    tmp_path: Path, completions: list[str], value: str, says: str
) -> None:
    kernel = k.ScriptedKernel({"ask": [k.prompt("? ")]}, completions=completions, features=["kernel subshells"])
    kernel.implementation = "ipython"
    async with running(write_notebook(tmp_path / "ask.ipynb", "ask", "other"), kernel=kernel) as t:
        await t.press("ctrl+r")
        await t.shows("INPUT")
        await t.type("va")
        await t.press("tab")
        line = t.app.pane.prompt._line
        assert line is not None
        await t.until(lambda: line.value == value)
        await t.shows(says)


async def test_tab_in_an_answer_says_that_the_kernel_can_not_complete(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "ask.ipynb", "ask", "other"), {"ask": [k.prompt("? ")]}) as t:
        await t.press("ctrl+r")
        await t.shows("INPUT")
        await t.press("tab")
        await t.shows("The kernel can't complete while it waits for input.")
