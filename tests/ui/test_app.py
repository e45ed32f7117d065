"""The screen, driven by keys over a scripted kernel: what a person sees after what they press."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.support import write_notebook
from tests.ui.harness import Driver, running
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.kernel.execution.runs import RunState
from tuinb.session.state import KernelState
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path

ENTER_EDIT = "enter"


def content(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def overwrite(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "two.ipynb", "1 + 1", "2 + 2")


async def test_opens_with_its_cells_and_says_where_it_is(two: Path) -> None:
    async with running(two) as t:
        assert "[ ] 1 + 1" in t.text()
        assert "two.ipynb" in t.rows()[-1]
        assert "1/2" in t.rows()[-1]
        assert "COMMAND" in t.rows()[-1]
        await t.shows("idle")


async def test_runs_a_cell_and_goes_on(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}) as t:
        await t.press("ctrl+r")
        await t.shows("two!")
        await t.shows("[1] 1 + 1")
        assert "2/2" in t.rows()[-1]
        assert t.session.modified


async def test_edits_leave_a_trace_in_the_margin_and_the_status(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("2")]}) as t:
        await t.press("ctrl+e")
        await t.shows("✓")
        await t.press(ENTER_EDIT)
        assert "EDIT" in t.rows()[-1]
        await t.type("0")
        assert t.sources()[0] == "1 + 10"
        await t.shows("edited since")
        assert "●" in t.rows()[-1].split("two.ipynb")[1][:3]
        await t.press("escape")
        assert t.app.pane.view_state.mode is Mode.COMMAND


async def test_typing_is_undone_in_the_cell_and_survives_leaving_it(two: Path) -> None:
    async with running(two) as t:
        await t.press(ENTER_EDIT)
        await t.type("abc")
        await t.press("escape", "j", ENTER_EDIT)
        await t.type("x")
        await t.press("escape", "k", ENTER_EDIT)
        await t.press("ctrl+z")
        assert t.sources() == ["1 + 1", "2 + 2x"]
        await t.press("ctrl+y")
        assert t.sources() == ["1 + 1abc", "2 + 2x"]


async def test_structure_is_undone_with_z(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}) as t:
        await t.press("ctrl+e")
        await t.shows("two!")
        await t.press("d", "d")
        assert t.sources() == ["2 + 2"]
        assert "two!" not in t.text()
        await t.press("z")
        assert t.sources() == ["1 + 1", "2 + 2"]
        await t.shows("two!")
        await t.press("Z")
        assert t.sources() == ["2 + 2"]


async def test_a_sequence_shows_what_it_waits_for(two: Path) -> None:
    async with running(two) as t:
        await t.press("d")
        assert "d…" in t.rows()[-1]
        await t.press("j")
        assert "d…" not in t.rows()[-1]
        assert len(t.sources()) == 2


async def test_new_cells_open_for_writing(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", ENTER_EDIT)
        await t.type("x = 3\ny")
        assert t.sources() == ["1 + 1", "x = 3\ny", "2 + 2"]


async def test_enter_indents_and_backspace_takes_a_step(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", ENTER_EDIT)
        await t.type("if x:\npass\n")
        assert t.sources()[1] == "if x:\n    pass\n"
        await t.type("\n")
        await t.press("tab", "tab", "backspace")
        assert t.sources()[1] == "if x:\n    pass\n\n    "


async def test_up_and_down_go_on_to_the_next_cell(two: Path) -> None:
    async with running(two) as t:
        await t.press(ENTER_EDIT, "down")
        await t.type("!")
        assert t.sources() == ["1 + 1", "2 + 2!"]
        await t.press("up", "home")
        await t.type("?")
        assert t.sources() == ["?1 + 1", "2 + 2!"]


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


async def test_a_prompt_does_not_take_the_keys_from_who_is_typing(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", "other")
    opened = asyncio.Event()
    script = {"ask": [k.gate(opened), k.prompt("name? ")]}
    async with running(path, script) as t:
        await t.press("ctrl+r", ENTER_EDIT)
        await t.type("ab")
        opened.set()
        await t.shows("name?")
        await t.type("cd")
        assert t.sources()[1] == "otherabcd"


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


async def test_a_long_output_folds_and_o_opens_it(two: Path) -> None:
    text = "".join(f"line {i}\n" for i in range(1000))
    async with running(two, {"1 + 1": [k.stream(text)]}, config=Config(output_lines=10)) as t:
        await t.press("ctrl+e")
        await t.shows("line 0")
        assert "… 991 more lines" in t.text()
        assert "line 999" in t.text()
        assert "line 500" not in t.text()
        await t.press("o")
        assert "more lines" not in t.text()
        assert "line 6" in t.text()
        await t.press("o")
        assert "… 991 more lines" in t.text()


async def test_many_outputs_fold_to_both_ends(two: Path) -> None:
    outputs = [k.display({"text/plain": f"value {i}"}) for i in range(2000)]
    async with running(two, {"1 + 1": outputs}, config=Config(output_lines=10)) as t:
        await t.press("ctrl+e")
        await t.shows("value 1999")
        assert "… 2,000 outputs" in t.text()
        await t.press("o")
        await t.shows("value 12")


async def test_outputs_of_every_basic_kind(two: Path) -> None:
    steps = [
        k.stream("one\r1\n"),
        k.stream("bad\n", "stderr"),
        k.display({"text/plain": "old"}, display_id="d"),
        k.update("d", {"text/plain": "new"}),
        k.display({"text/markdown": "# Title\n\nsome *words*", "text/plain": "no"}),
        k.display({"image/png": "iVBORw0KGgoAAAANSUhEUgAAAAMAAAAFCAYAAACAcVaiAAAAAElFTkSuQmCC", "text/plain": "<Figure>"}),
        k.result("\x1b[31mred\x1b[0m"),
        k.error("ValueError", "no good", ["\x1b[31mTraceback\x1b[0m", "ValueError: no good"]),
    ]
    async with running(two, {"1 + 1": steps}, size=(80, 30)) as t:
        await t.press("ctrl+e")
        await t.shows("ValueError: no good")
        await t.shows("image/png 3×5")  # said when it was found to be damaged, elsewhere
        text = t.text()
        for part in ("1ne", "bad", "new", "Title", "some words", "red", "Traceback"):
            assert part in text
        assert "old" not in text


async def test_clear_output_with_wait_waits(two: Path) -> None:
    opened = asyncio.Event()
    async with running(two, {"1 + 1": [k.stream("first\n"), k.clear(wait=True), k.gate(opened), k.stream("second\n")]}) as t:
        await t.press("ctrl+e")
        await t.shows("first")
        opened.set()
        await t.shows("second")
        assert "first" not in t.text()


async def test_the_queue_shows_places_and_can_be_cancelled(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "q.ipynb", "wait", "b", "c")
    opened = asyncio.Event()
    async with running(path, {"wait": [k.gate(opened)]}) as t:
        await t.press(":")
        await t.type("run-all")
        await t.press("enter")
        await t.shows("[*] wait")
        await t.shows("queued, next")
        await t.shows("queued, 2nd")
        t.session.cancel()
        await t.until(lambda: "queued" not in t.text())
        opened.set()
        await t.shows("[1] wait")


async def test_an_error_stops_the_queue_and_marks_the_cell(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "e.ipynb", "boom", "after")
    async with running(path, {"boom": [k.error("ZeroDivisionError", "division by zero")]}) as t:
        t.session.run(t.session.notebook.order)
        await t.shows("✗ ZeroDivisionError")
        assert t.session.run_of(t.cell(1)).state in (RunState.NEVER, RunState.ABORTED)
        assert "[*]" not in t.text()


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


async def test_restart_keeps_outputs_and_marks_them(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}) as t:
        await t.press("ctrl+e")
        await t.shows("two!")
        await t.session.restart()
        await t.shows("run by an earlier kernel")
        assert "two!" in t.text()


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


async def test_saving_and_leaving_ask_where_they_should(two: Path) -> None:
    async with running(two) as t:
        await t.press(ENTER_EDIT)
        await t.type("9")
        await t.press("escape", "ctrl+q")
        await t.shows("unsaved changes")
        await t.press("escape")
        assert "unsaved changes" not in t.text()
        await t.press("s")
        await t.shows("Saved two.ipynb")
        assert '"1 + 19"' in content(two)
        assert not t.session.modified
        await t.press("ctrl+q")
        await t.until(lambda: t.app.return_code == 0)


async def test_a_file_changed_on_disk_is_not_overwritten_unasked(two: Path) -> None:
    async with running(two) as t:
        await t.press(ENTER_EDIT)
        await t.type("9")
        await t.press("escape")
        other = content(two).replace("2 + 2", "somebody else")
        overwrite(two, other)
        await t.press("s")
        await t.shows("another program changed it")
        assert content(two) == other
        await t.press("3")
        await t.shows("Saved")
        assert "1 + 19" in content(two)


async def test_the_palette_finds_commands_and_runs_ex_lines(two: Path) -> None:
    async with running(two) as t:
        await t.press("ctrl+p")
        await t.type("insert")
        await t.shows("insert-above")
        await t.press("escape")
        assert "insert-above" not in t.text()
        await t.press(":")
        await t.type("2")
        await t.press("enter")
        await t.until(lambda: "2/2" in t.rows()[-1])
        await t.press(":")
        await t.type("nonsense")
        await t.press("enter")
        await t.shows("No command 'nonsense'")


async def test_help_lists_keys_and_leaves(two: Path) -> None:
    async with running(two, size=(100, 30)) as t:
        await t.press("question_mark")
        await t.shows("Two modes")
        await t.press("space", "end", "q")
        assert "COMMAND" in t.rows()[-1]
        assert "Two modes" not in t.text()


async def test_a_key_that_looks_like_a_digit_answers_nothing(two: Path) -> None:
    """AZERTY keyboards have one left of the 1."""
    async with running(two) as t:
        await t.press("0", "0")
        await t.shows("Restart the kernel?")
        await t.press("²", "٢")
        await t.until(lambda: "Restart the kernel?" not in t.text())
        assert t.session.kernel.state is KernelState.IDLE


async def test_a_question_is_wrapped_to_a_narrow_screen(two: Path) -> None:
    async with running(two, size=(40, 12)) as t:
        await t.press("0", "0")
        await t.shows("lost.")
        shown = " ".join(row.strip() for row in t.rows())
        assert "Restart the kernel? Its variables will be lost." in shown
        assert "1 Restart" in shown
        await t.pilot.resize_terminal(24, 12)
        await t.until(lambda: " ".join(row.strip() for row in t.rows()).count("Restart") == 2)
        assert "Its variables will be lost." in " ".join(row.strip() for row in t.rows())
        await t.press("escape")
        assert "lost" not in t.text()


async def test_themes_change_live(two: Path) -> None:
    async with running(two) as t:
        before = t.app.pane.view.painter.base
        t.app.screen_theme.choose("light")
        await t.pilot.pause()
        assert t.app.pane.view.painter.base != before
        t.app.screen_theme.choose("ansi")
        await t.pilot.pause()
        assert "1 + 1" in t.text()


async def test_markdown_is_rendered_and_shows_its_source_while_edited(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", "m", ENTER_EDIT)
        await t.type("a **bold** word".replace("*", ""))
        await t.press("escape")
        assert "a bold word" in t.text()
        await t.press("1")
        assert t.sources()[1].startswith("# ")
        await t.press(ENTER_EDIT)
        assert "# a bold word" in t.text()


async def test_line_numbers(two: Path) -> None:
    async with running(two, config=Config(line_numbers=True)) as t:
        assert "1  1 + 1" in t.text()
        await t.press(ENTER_EDIT)
        assert "1  1 + 1" in t.text()


async def test_completion_narrows_and_takes_a_match(two: Path) -> None:
    async with running(two, completions=["alpha", "alpine", "beta"]) as t:
        await t.press("b", ENTER_EDIT)
        await t.type("al")
        await t.press("tab")
        await t.shows("alpine")
        await t.type("pi")
        await t.until(lambda: "alpha" not in t.text())
        await t.press("enter")
        await t.until(lambda: t.sources()[1] == "alpine")


async def test_completions_stand_below_the_row_that_is_written_on(two: Path) -> None:
    async with running(two, size=(50, 20), completions=["alpha", "alpine"]) as t:
        await t.press("b", "m", ENTER_EDIT)
        t.app.pane.insert_text("word " * 19)
        await t.type("al")
        await t.press("tab")
        await t.shows("alpine")
        at = next(row for row, text in enumerate(t.rows()) if text.endswith(" al"))
        assert ["alpha" in row for row in t.rows()[at - 1 : at + 2]] == [False, False, True]
        assert t.rows()[at + 1].index("alpha") == t.rows()[at].rindex("al")


async def test_the_mouse_selects_sets_the_cursor_and_scrolls(two: Path) -> None:
    async with running(two) as t:
        row = next(i for i, r in enumerate(t.rows()) if "2 + 2" in r)
        await t.pilot.click(offset=(3, row))
        assert t.app.pane.view_state.active == t.cell(1)
        assert t.app.pane.view_state.mode is Mode.COMMAND
        await t.pilot.click(offset=(10, row))
        await t.type("X")
        assert t.sources()[1] == "2 X+ 2"


async def test_text_is_selected_across_cells_and_copied_without_the_margin(two: Path) -> None:
    async with running(two) as t:
        rows = t.rows()
        first = next(i for i, r in enumerate(rows) if "1 + 1" in r)
        last = next(i for i, r in enumerate(rows) if "2 + 2" in r)
        await t.pilot.mouse_down(offset=(10, first))
        await t.pilot.hover(offset=(11, last))
        await t.pilot.mouse_up(offset=(11, last))
        await t.shows("Copied")
        assert t.app.system.clipboard == "+ 1\n\n2 +"


async def test_the_active_cell_stays_in_view_while_another_grows(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "g.ipynb", "grow", "below")
    steps = [step for i in range(40) for step in (k.stream(f"line {i}\n"), k.pause())]
    async with running(path, {"grow": steps}, size=(60, 12), config=Config(output_lines=100)) as t:
        await t.press("ctrl+r")
        await t.shows("line 39")
        assert "below" in t.text()


async def test_the_active_cell_stays_in_view_when_others_are_rendered_anew(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "g.ipynb", "grow", "below")
    steps = [k.stream("".join(f"line {i}\n" for i in range(40)))]
    async with running(path, {"grow": steps}, size=(60, 12), config=Config(output_lines=100)) as t:
        await t.shows("below")

        def before_it_is_painted(_: object) -> None:
            if t.session.notebook[t.cell(0)].outputs:
                t.app.pane.view.render_anew()
                t.app.pane.view.viewport.rows()

        t.session.listen(before_it_is_painted)
        await t.press("ctrl+r")
        await t.shows("line 39")
        assert "below" in t.text()


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40), (10, 4), (300, 100)])
async def test_any_size_works(two: Path, size: tuple[int, int]) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}, size=size) as t:
        await t.press("ctrl+e")
        await t.until(lambda: t.session.run_of(t.cell(0)).state is RunState.OK)
        await t.press("question_mark", "q", ":", "escape", ENTER_EDIT, "a", "escape")
        assert t.sources()[0] == "1 + 1a"


async def test_resizing_while_editing_keeps_the_editor_in_place(two: Path) -> None:
    async with running(two) as t:
        await t.press(ENTER_EDIT)
        await t.pilot.resize_terminal(40, 10)
        await t.pilot.pause()
        await t.type("z")
        assert "1 + 1z" in t.text()
        assert "COMMAND" not in t.rows()[-1]


async def test_an_edit_from_elsewhere_reaches_the_open_editor(two: Path) -> None:
    from tuinb.notebook.changes import ClientId, SpliceSource, Step, Transaction

    async with running(two) as t:
        await t.press(ENTER_EDIT, "end")
        change = SpliceSource(t.cell(0), 0, "1", "100")
        t.session.apply(Transaction((change,), ClientId("other"), Step.TYPING))
        await t.pilot.pause()
        await t.type("!")
        assert t.sources()[0] == "100 + 1!"
        assert "100 + 1!" in t.text()


async def test_paste_of_any_size_is_one_step(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", ENTER_EDIT)
        text = "".join(f"x{i} = {i}\r\n" for i in range(5000))
        t.app.post_message(events.Paste(text))
        await t.until(lambda: t.sources()[1].count("\n") >= 5000)
        assert "\r" not in t.sources()[1]
        await t.press("ctrl+z")
        assert t.sources()[1] == ""


async def test_prose_is_wrapped_while_it_is_edited(two: Path) -> None:
    async with running(two, size=(50, 20)) as t:
        await t.press("b", "m", ENTER_EDIT)
        t.app.pane.insert_text("word " * 19)
        await t.type("word end")
        await t.shows("end")
        assert sum("word" in row for row in t.rows()) == 3
        assert t.text().index("end") < t.text().index("2 + 2")
        await t.press("home", "X")
        # The start of the row on the screen, not of the line.
        before, after = t.sources()[1].split("X")
        assert (before + after, after.count("word")) == ("word " * 20 + "end", 4)


async def test_a_line_that_is_too_long_is_cut_and_says_so(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "long.ipynb", "x = [" + "1, " * 50 + "]", "y" * 31, "z" * 32)
    async with running(path, size=(40, 12)) as t:
        rows = t.rows()
        assert rows[1][38] == "…"
        assert rows[3].endswith("y" * 31)
        assert rows[5].endswith("z" * 30 + "…")


def burst(t: Driver, *keys: tuple[str, str | None]) -> None:
    """Keys that arrive in one read, as on a slow line: nothing happens between them."""
    for key, character in keys:
        t.app.post_message(events.Key(key, character))


@pytest.mark.parametrize("key", ["enter", "ctrl+j"])
async def test_enter_runs_a_line_though_it_came_before_raw_mode(two: Path, key: str) -> None:
    """A terminal that is not raw yet makes a line feed of it."""
    async with running(two) as t:
        await t.press("colon", "2", key)
        await t.shows("2/2")


async def test_keys_after_the_palettes_are_for_the_palette(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "many.ipynb", *(f"cell {i}" for i in range(1, 15)))
    async with running(path) as t:
        before = t.sources()
        burst(t, ("colon", ":"), ("1", "1"), ("2", "2"), ("enter", "\r"))
        await t.until(lambda: "12/14" in t.rows()[-1])
        burst(t, ("colon", ":"), ("w", "w"), ("enter", "\r"))
        await t.shows("Saved many.ipynb")
        assert t.sources() == before


async def test_keys_after_enter_are_for_the_editor(two: Path) -> None:
    async with running(two) as t:
        burst(t, ("b", "b"), ("enter", "\r"), ("x", "x"), ("d", "d"), ("d", "d"))
        await t.until(lambda: t.sources()[1] == "xdd")


async def test_a_command_never_overtakes_the_text_before_it(two: Path) -> None:
    async with running(two, {"hello 1": [k.result("all of it")]}) as t:
        text = [(c, c) if c != " " else ("space", " ") for c in "helo 1"]
        # b, Enter, "helx", backspace, "lo 1" and the run key, in one read
        mistake: list[tuple[str, str | None]] = [("x", "x"), ("backspace", None), ("l", "l")]
        burst(t, ("b", "b"), ("enter", "\r"), *text[:3], *mistake, *text[3:], ("ctrl+e", None))
        await t.shows("all of it")
        assert t.sources() == ["1 + 1", "hello 1", "2 + 2"]
        burst(t, ("enter", "\r"), ("z", "z"), ("escape", None), ("j", "j"), ("d", "d"), ("d", "d"))
        burst(t, ("colon", ":"), ("1", "1"), ("enter", "\r"))
        await t.until(lambda: "1/2" in t.rows()[-1])
        assert t.sources() == ["1 + 1", "hello 1z"]


@pytest.mark.parametrize("key", ["alt+j", "alt+shift+g"])
async def test_escape_and_a_key_in_one_read_are_two_keys(two: Path, key: str) -> None:
    async with running(two) as t:
        await t.press(ENTER_EDIT)
        burst(t, (key, None))
        await t.until(lambda: "2/2" in t.rows()[-1])
        assert t.app.pane.view_state.mode is Mode.COMMAND
        assert t.sources() == ["1 + 1", "2 + 2"]


async def test_a_split_can_not_be_half_undone(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", ENTER_EDIT)
        await t.type("ab")
        await t.press("left", "ctrl+backslash")
        assert t.sources() == ["1 + 1", "a", "b", "2 + 2"]
        await t.press("ctrl+z")
        assert t.sources() == ["1 + 1", "a", "b", "2 + 2"]
        await t.press("escape", "z")
        assert t.sources() == ["1 + 1", "ab", "2 + 2"]


async def test_a_click_ends_a_sequence(two: Path) -> None:
    async with running(two) as t:
        await t.press("d")
        row = next(i for i, r in enumerate(t.rows()) if "2 + 2" in r)
        await t.pilot.click(offset=(3, row))
        await t.press("d")
        assert len(t.sources()) == 2


async def test_a_users_sequence_in_edit_mode_loses_no_letter(two: Path) -> None:
    async with running(two, config=Config(keys={"edit": {"j k": "leave-edit-mode"}})) as t:
        await t.press("b", ENTER_EDIT)
        await t.type("just")
        await t.until(lambda: t.sources()[1] == "just")
        await t.type("jx")
        await t.until(lambda: t.sources()[1] == "justjx")
        await t.press("j", "k")
        assert t.app.pane.view_state.mode is Mode.COMMAND
        assert t.sources()[1] == "justjx"


async def test_a_message_does_not_hide_what_is_written(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "m.ipynb", *("x = 1\ny = 2" for _ in range(6)))
    async with running(path, size=(60, 12)) as t:
        await t.press("G", ENTER_EDIT)
        await t.type("here")
        t.app.dialogs.notify("one\ntwo\nthree")
        await t.pilot.pause()
        assert "here" in t.text()
        assert "three" in t.text()


async def test_a_page_waits_until_the_cell_is_left(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "p.ipynb", "help", "other")
    opened = asyncio.Event()
    page = k.payload(source="page", data={"text/plain": "all about it"}, start=0)
    async with running(path, {"help": [k.gate(opened), page]}) as t:
        await t.press("ctrl+r", ENTER_EDIT)
        opened.set()
        await t.shows("something to read")
        await t.type("q")
        assert t.sources()[1] == "otherq"
        await t.press("escape")
        await t.shows("all about it")


async def test_a_failure_out_of_view_is_named(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "f.ipynb", *("x" for _ in range(20)), "boom", "after")
    async with running(path, {"boom": [k.error("KeyError", "x")]}, size=(60, 12)) as t:
        t.session.run(t.session.notebook.order)
        await t.shows("Cell 21 failed: KeyError")


async def test_a_cell_that_lost_its_kernel_did_not_finish(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "d.ipynb", "die", "waits")
    async with running(path, {"die": [k.die()]}) as t:
        t.session.run(t.session.notebook.order)
        await t.shows("did not finish")


async def test_a_question_is_not_disturbed_by_a_page(two: Path) -> None:
    async with running(two) as t:
        t.app.system.run_later(ask_and_remember(t))
        await t.shows("really?")
        t.app.dialogs.page("Page", "text of the page")
        await t.pilot.pause()
        assert "really?" in t.text()
        await t.press("enter")
        await t.shows("text of the page")
        await t.press("q")


async def test_a_page_is_wrapped_from_the_first(two: Path) -> None:
    async with running(two) as t:
        t.app.dialogs.page("Page", "word " * 60 + "END")
        await t.shows("END")


async def ask_and_remember(t: Driver) -> None:
    assert await t.app.dialogs.confirm("really?")


async def test_an_empty_notebook_says_how_to_begin(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "empty.ipynb")
    async with running(path) as t:
        assert "No cells yet" in t.text()
        await t.press(ENTER_EDIT)
        await t.type("x")
        assert t.sources() == ["x"]


async def test_a_prompt_outlives_its_cell(tmp_path: Path) -> None:
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
