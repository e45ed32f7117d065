"""The list of completions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Key

from tests.support import write_notebook
from tests.ui.harness import Driver, running
from tuinb.config import Config
from tuinb.kernel.connection.scripted import ScriptedKernel, hang
from tuinb.kernel.protocol.requests import Complete, Inspect
from tuinb.ui.editor.completion import CompletionList
from tuinb.ui.editor.documentation import Note, arguments_of, signature_of, summary_of
from tuinb.ui.layer import Taken

if TYPE_CHECKING:
    from pathlib import Path


async def test_completion_narrows_and_takes_a_match(two: Path) -> None:
    async with running(two, completions=["alpha", "alpine", "beta"]) as t:
        await t.press("b", "enter")
        await t.type("al")
        await t.press("tab")
        await t.shows("alpine")
        await t.type("pi")
        await t.until(lambda: "alpha" not in t.text())
        await t.press("enter")
        await t.until(lambda: t.sources()[1] == "alpine")


async def test_completions_stand_below_the_row_that_is_written_on(two: Path) -> None:
    async with running(two, size=(50, 20), completions=["alpha", "alpine"]) as t:
        await t.press("b", "m", "enter")
        t.app.pane.insert_text("word " * 19)
        await t.type("al")
        await t.press("tab")
        await t.shows("alpine")
        at = next(row for row, text in enumerate(t.rows()) if text.endswith(" al"))
        assert ["alpha" in row for row in t.rows()[at - 1 : at + 3]] == [False, False, False, True]
        assert t.rows()[at + 2].index("alpha") == t.rows()[at].rindex("al")


async def open_list(t: Driver, typed: str, shows: str) -> None:
    """Asks for completions at the end of a new cell."""
    await t.press("b", "enter")
    await t.type(typed)
    await t.press("tab")
    await t.shows(shows)


async def test_the_list_closes_when_the_word_is_gone(two: Path) -> None:
    async with running(two, completions=["alpha", "alpine"]) as t:
        await open_list(t, "alp", "alpine")
        await t.press("backspace")
        assert t.app.pane.completion.is_open
        await t.press("backspace", "backspace")
        assert not t.app.pane.completion.is_open


async def test_an_answer_is_shown_that_comes_while_one_types_on(two: Path) -> None:
    async with running(two, completions=["alpha", "alpine"]) as t:
        await t.press("b", "enter")
        await t.type("al")
        t.app.pane.completer.ask()
        t.app.pane.editor.widget.type_text("pi")  # before the kernel had a turn
        await t.shows("alpine")
        assert "alpha" not in t.text()
        assert t.sources()[1] == "alpi"


async def test_an_answer_for_another_place_is_dropped(two: Path) -> None:
    async with running(two, completions=["alpha", "alpine"]) as t:
        await t.press("b", "enter")
        await t.type("al")
        t.app.pane.completer.ask()
        t.app.pane.editor.widget.type_text("(")
        await t.until(lambda: any(isinstance(sent, Complete) for sent in t.kernel.sent))
        await t.pilot.pause()
        assert not t.app.pane.completion.is_open


@pytest.mark.parametrize(
    ("keys", "source"),
    [
        (["tab"], "alpha"),
        (["down", "tab"], "alpine"),
        (["up", "enter"], "alpine"),
        (["pagedown", "ctrl+p", "enter"], "alpha"),
        (["escape", "x"], "alx"),
    ],
)
async def test_keys_of_the_list(two: Path, keys: list[str], source: str) -> None:
    async with running(two, completions=["alpha", "alpine"]) as t:
        await open_list(t, "al", "alpine")
        await t.press(*keys)
        assert t.sources()[1] == source


@pytest.mark.parametrize("key", ["down", "up", "pageup", "tab", "escape"])
async def test_what_is_not_on_the_screen_yet_takes_no_keys(two: Path, key: str) -> None:
    async with running(two) as t:
        pane = t.app.pane
        completion, note = CompletionList(pane.editor, pane.view), Note(t.app.role)
        assert completion.offer_key(key, Key(key, None)) is Taken.BELOW
        assert completion.candidate is None
        assert not note.display


async def test_the_list_opens_after_a_dot_and_leaves_enter_to_the_editor(two: Path) -> None:
    async with running(two, completions=["df.max", "df.mean"]) as t:
        await t.press("b", "enter")
        await t.type("df.")
        await t.shows("df.mean")
        await t.press("enter")
        assert t.sources()[1] == "df.\n"
        await t.press("backspace")
        await t.type("m")
        await t.press("tab")
        await t.shows("df.mean")
        await t.press("down", "enter")
        assert t.sources()[1] == "df.mean"


async def test_the_list_opens_also_if_one_types_on_fast(two: Path) -> None:
    async with running(two, completions=["df.max", "df.mean"]) as t:
        await t.press("b", "enter")
        t.app.pane.editor.widget.type_text("df.me")
        await t.shows("df.mean")
        assert "df.max" not in t.text()
        t.app.pane.editor.widget.type_text(" ")
        assert t.app.pane.completer._opening is None


async def test_escape_leaves_the_cell_with_a_list_that_opened_by_itself(two: Path) -> None:
    async with running(two, completions=["df.max", "df.mean"]) as t:
        await t.press("b", "enter")
        await t.type("df.")
        await t.shows("df.mean")
        await t.press("escape")
        assert "COMMAND" in t.rows()[-1]
        assert not t.app.pane.completion.is_open


@pytest.mark.parametrize(
    ("completion", "typed", "opens"),
    [("off", "df.", False), ("all", "al", True), ("dots", "'df.", False), ("dots", "1.", False)],
)
async def test_when_the_list_opens_by_itself(two: Path, completion: str, typed: str, opens: bool) -> None:
    async with running(two, config=Config(completion=completion), completions=["alpha", "alpine", "df.max", "df.mean"]) as t:
        await t.press("b", "enter")
        await t.type(typed)
        if opens:
            await t.until(lambda: t.app.pane.completion.is_open)
        else:
            assert t.app.pane.completer._opening is None or completion == "dots"
            t.app.pane.completer.edited(text_changed=False, typed="")
            assert not t.app.pane.completion.is_open


async def test_what_is_asked_by_itself_brings_nothing_else_up_to_date(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    monkeypatch.setattr("tuinb.ui.linter._START_SERVERS", 3600)
    async with running(two, config=Config(completion="all")) as t:
        await t.press("b", "enter")
        monkeypatch.setattr(t.app.pane, "sync", lambda: synced.append(True))
        monkeypatch.setattr(type(t.session), "languages", property(lambda _: pytest.fail("no language server runs")))
        await t.type("al")
        await t.until(lambda: any(isinstance(sent, Complete) for sent in t.kernel.sent) and not t.app.tasks._tasks)
        assert synced == []


async def test_names_of_the_notebook_are_offered_while_the_kernel_is_busy(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "loop", "value_one = value_two = 1", "va")
    async with running(path, {"loop": [hang()]}, size=(90, 24)) as t:
        await t.press("ctrl+e")
        await t.until(lambda: bool(t.session.queue()))
        await t.press("G", "enter", "ctrl+end", "tab")
        await t.shows("Names of the notebook; the kernel is busy.")
        await t.press("tab")
        assert t.sources()[2] == "value_one"
        await t.type(".x")
        await t.press("tab")
        await t.shows("No completions: the kernel is busy.")


def documented() -> ScriptedKernel:
    text = "\x1b[31mSignature:\x1b[39m alpha(a, b=[1, 2], *, c)\nDocstring: Does what it\nsays.\nType: function"
    return ScriptedKernel({"loop": [hang()]}, completions=["alpha", "alpine"], documentation=text)


@pytest.mark.parametrize("size", [(120, 30), (42, 20)])
async def test_documentation_stands_beside_the_list_or_below(two: Path, size: tuple[int, int]) -> None:
    async with running(two, kernel=documented(), size=size) as t:
        await open_list(t, "al", "alpine")
        await t.shows("Does what it")
        row = next(index for index, line in enumerate(t.rows()) if "Does what it" in line)
        assert ("alp" in t.rows()[row]) == (size[0] > 100)
        assert "Type:" not in t.text()
        await t.press("escape")
        assert "Does what it" not in t.text()


async def test_the_signature_of_a_call_is_above_it_until_it_is_left(two: Path) -> None:
    async with running(two, kernel=documented()) as t:
        await t.press("b", "enter", "enter")
        await t.type("alpha(")
        await t.shows("alpha(a, b=[1, 2], *, c)")
        assert t.app.pane.completer.signature._bold == (6, 7)
        await t.type("1,")
        assert t.app.pane.completer.signature._bold == (9, 17)
        await t.type("2, 3, 4")
        assert t.app.pane.completer.signature._bold == (22, 23)
        await t.type(")")
        await t.until(lambda: "b=[1, 2]" not in t.text())


async def test_inspecting_opens_a_panel_of_half_the_screen_at_most(two: Path) -> None:
    async with running(two, kernel=documented()) as t:
        await t.press("b", "enter")
        await t.type("alpha")
        await t.press("shift+tab")
        await t.shows("Does what it")
        assert "INSPECT" in t.rows()[-1]
        assert "alpha" in t.text().partition("Signature")[0]
        await t.press("ctrl+f", "s", "x", "backspace", "a", "enter")
        assert "Inspect  4/4" in t.text()
        await t.press("ctrl+f", "z", "enter")
        assert "'z' is not on this page" in t.text()
        await t.press("shift+tab")
        await t.shows("Inspect with source")
        assert [sent.detail for sent in t.kernel.sent if isinstance(sent, Inspect)][-1] == 1
        await t.press("shift+tab")
        await t.until(lambda: "INSPECT" not in t.rows()[-1])
        assert "Signature" in t.rows()[0], "the whole screen"
        await t.press("q")
        await t.type("!")
        assert t.sources()[1] == "alpha!"


@pytest.mark.parametrize(
    ("typed", "after"),
    [("quick=1", "alpha(quick=1)"), ("/nN", "alpha(/nN)"), ("\n", "alpha(\n    \n)"), ("(", "alpha(())")],
)
async def test_what_is_typed_while_inspecting_is_typed(two: Path, typed: str, after: str) -> None:
    async with running(two, kernel=documented()) as t:
        await t.press("b", "enter")
        await t.type("alpha(")
        await t.press("shift+tab")
        await t.shows("Does what it")
        await t.press("down", "pagedown", "up")
        await t.shows("you can type on")
        await t.type(typed)
        await t.until(lambda: "INSPECT" not in t.rows()[-1])
        assert t.sources()[1] == after


def test_what_ipython_tells_is_read() -> None:
    several = "Signature:\nf(\n    a,\n    b=1,\n) -> int\nDocstring:\nWhat.\n\nMore: yes\nFile: x\nType: function"
    assert signature_of(several) == "f(a, b=1) -> int"
    assert summary_of(several) == "Signature:\nf(\n    a,\n    b=1,\n) -> int\nWhat.\n\nMore: yes"
    assert signature_of("Type: int") == ""
    signature = "f(a, /, b=(1, ','), *, c)"
    assert [signature[start:end] for start, end in arguments_of(signature)] == ["a", "b=(1, ',')", "c"]
    assert arguments_of("f") == []
    assert arguments_of("f()") == []


async def test_the_mouse_accepts_a_candidate(two: Path) -> None:
    async with running(two, completions=["alpha", "alpine", "also"]) as t:
        await open_list(t, "al", "alpine")
        completion = t.app.pane.completion
        for _ in range(5):
            completion.on_mouse_scroll_down()
        assert completion.candidate is not None
        assert completion.candidate.text == "also"
        for _ in range(5):
            completion.on_mouse_scroll_up()
        assert completion.candidate.text == "alpha"
        await t.pilot.click(completion, offset=(3, 0))  # on the border
        assert completion.is_open
        await t.pilot.click(completion, offset=(3, 2))
        await t.until(lambda: t.sources()[1] == "alpine")
        await t.type("!")
        assert t.sources()[1] == "alpine!"
