"""The palette, which is one line for commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.harness import running
from tuinb.commands.keymap.keymap import Keymap
from tuinb.commands.keymap.sets import SETS
from tuinb.files.listing import LocalFolder
from tuinb.ui.dialogs.help import entries
from tuinb.ui.dialogs.prompts import Entry, LineInput, ListRows, Palette, matches

if TYPE_CHECKING:
    from pathlib import Path


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
        await t.press(":")
        await t.type("tabs")
        await t.press("enter")
        await t.shows("it has no tabs")


async def test_a_command_of_the_palette_names_its_key_once(two: Path) -> None:
    async with running(two) as t:
        await t.press("colon", *"insert", "minus", *"below", "enter")
        await t.shows("Next time: b")
        await t.press("colon", *"insert", "minus", *"below", "enter")
        await t.until(lambda: len(t.sources()) == 4)
        assert "Next time" not in t.text()
        await t.press("colon", *"toggle", "minus", *"soft", "enter")
        await t.until(lambda: not t.app.pane.view_state.soft_wrap)
        assert "Next time" not in t.text()


@pytest.mark.parametrize("key", ["enter", "ctrl+j"])
async def test_enter_runs_a_line_though_it_came_before_raw_mode(two: Path, key: str) -> None:
    """A terminal that is not raw yet makes a line feed of it."""
    async with running(two) as t:
        await t.press("colon", "2", key)
        await t.shows("2/2")


async def test_the_palette_is_as_high_as_what_it_finds(two: Path) -> None:
    async with running(two) as t:
        rows = [row for row in t.rows() if "1 + 1" in row]
        await t.press("colon")
        await t.shows("run-and-advance")
        assert sum(row.startswith(("│ ▸ ", "│   ")) for row in t.rows()[-12:-3]) == 9
        await t.type("choose-th")
        await t.until(lambda: t.rows()[-4].startswith("│ ▸ choose-theme"))
        assert t.rows()[-5].startswith("╭─ Commands ─")
        await t.type("zzz")
        await t.until(lambda: t.rows()[-4].startswith("│ No command matches"))
        await t.press("escape")
        assert [row for row in t.rows() if "1 + 1" in row] == rows


async def test_a_description_that_is_cut_ends_in_a_mark(two: Path) -> None:
    async with running(two) as t:
        await t.press("colon")
        await t.type("cancel-all")
        await t.until(lambda: t.rows()[-4].rstrip("│ ").endswith("…"))


async def test_the_mouse_runs_a_command_and_leaves_the_keys_to_the_line(two: Path) -> None:
    async with running(two) as t:
        await t.press("colon")
        await t.shows("run-and-advance")
        palette = t.app.screen.query_one(Palette)
        await t.pilot.click(palette, offset=(5, 0))  # on the border
        rows = palette.query_one(ListRows)
        await t.type("zzz")
        await t.shows("No command matches")
        await t.pilot.click(rows, offset=(5, 0))
        await t.press("backspace", "backspace", "backspace")
        await t.type("insert-")
        await t.shows("insert-below")
        at = next(y for y in range(9) if "insert-below" in rows.render_line(y).text)
        for _ in range(at):
            rows.on_mouse_scroll_down()
        rows.on_mouse_scroll_up()
        await t.until(lambda: rows.render_line(at - 1).text.startswith(" ▸"))
        await t.pilot.click(rows, offset=(5, at))
        await t.until(lambda: len(t.sources()) == 3)


async def test_a_click_opens_a_listed_file_and_looks_into_a_folder(two: Path) -> None:
    (two.parent / "sub").mkdir()
    (two.parent / "sub" / "other.ipynb").write_text("")
    async with running(two) as t:
        lines: list[str | None] = []

        async def ask() -> None:
            palette = Palette(t.app.pane.view.painter.role, [], ":w ", LocalFolder(two.parent))
            line: str | None = await t.app.dialogs.open(palette)
            lines.append(line)

        t.app.system.run_later(ask())
        await t.shows(":w")
        rows = t.app.screen.query_one(ListRows)
        await t.press("s", "u")
        await t.shows("▸ :w sub/")
        await t.pilot.click(rows, offset=(5, 0))
        await t.shows("▸ :w sub/other.ipynb")
        await t.pilot.click(rows, offset=(5, 0))
        await t.until(lambda: lines == [":w sub/other.ipynb"])


def entry(name: str, doc: str = "") -> Entry:
    return Entry(name, doc, "")


COMMANDS = [
    entry("restart-and-run-all", "Restart the kernel and run all cells"),
    entry("run-all", "Run all cells"),
    entry("run-all-below"),
    entry("scroll-all", "Scroll"),
    entry("rename", "A run of all"),
]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("run-all", ["run-all", "run-all-below", "restart-and-run-all"]),
        ("run all", ["run-all", "run-all-below", "restart-and-run-all", "rename"]),
        ("rab", ["run-all-below"]),
        ("RA", ["run-all", "restart-and-run-all", "run-all-below"]),
        ("kernel", ["restart-and-run-all"]),
        ("rnm", ["rename"]),
        ("xyz", []),
        ("", [each.name for each in COMMANDS]),
    ],
)
def test_the_best_fit_is_first(text: str, names: list[str]) -> None:
    assert [found.name for found in matches(COMMANDS, text)] == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("new notebook", "new"),
        ("new", "new"),
        ("rename", "save-as"),
        ("Close and Shut Down", "quit"),
        ("reload notebook", "e"),
        ("Restart Kernel and Run All Cells…", "restart-and-run-all"),
        ("restart kernel and clear", "restart-and-clear"),
        ("Restart Kernel and Run up to Selected", "restart-and-run-to-cell"),
        ("select all cells", "select-all"),
        ("insert cell below", "insert-below"),
        ("table of contents", "contents-panel"),
        ("export notebook", "export"),
        ("settings", "settings"),
        ("clear outputs", "clear-outputs"),
        ("toggle line numbers", "toggle-line-numbers"),
    ],
)
def test_a_name_of_jupyterlab_s_menus_finds_the_command(text: str, name: str) -> None:
    assert matches(entries(Keymap.from_tables(SETS["jupyter"])), text)[0].name == name


async def test_what_tuinb_has_no_command_for_is_told(two: Path) -> None:
    async with running(two) as t:
        await t.press(":")
        await t.type("export html")
        await t.shows("▸ export")
        await t.press("enter")
        await t.shows("jupyter nbconvert --to html")


async def test_what_was_run_last_is_listed_first(two: Path) -> None:
    async with running(two) as t:
        await t.press(":")
        await t.type("centre")
        await t.press("enter", ":")
        await t.shows("▸ centre")
        assert "  run-and-advance" in t.text()


async def test_what_a_key_does(two: Path) -> None:
    async with running(two) as t:
        await t.press("g", "question_mark")
        await t.shows("Press a key to see what it does:")
        await t.press("d")
        await t.shows("see what it does: d…")
        await t.press("d")
        await t.shows("dd in command mode: Delete the selected cells (delete-cells).")
        assert len(t.sources()) == 2
        await t.press("g", "question_mark", "ctrl+s")
        await t.shows("Ctrl+S in command and edit mode:")
        await t.press("g", "question_mark", "escape")
        await t.shows("Esc in command mode: Select only the active cell")
        await t.press("g", "question_mark", "X")
        await t.shows("Shift+X runs no command.")


LINES = [
    ("one two", "alt+backspace x", "one x"),
    ("one two", "ctrl+a alt+d x", "xtwo"),
    ("one two", "ctrl+a ctrl+k x ctrl+y", "xone two"),
    ("one two", "ctrl+w ctrl+a ctrl+y", "twoone "),
    ("one two", "ctrl+u x ctrl+y", "xone two"),
    ("one two", "alt+b x", "one xtwo"),
    ("one two", "ctrl+a alt+f x", "one xtwo"),
    ("one two", "ctrl+b ctrl+b x ctrl+f y", "one txwyo"),
    ("ab", "ctrl+t c", "bac"),
    ("abc", "ctrl+a ctrl+f ctrl+t", "bac"),
    ("a", "ctrl+t", "a"),
    ("", "ctrl+y", "copied"),
    ("one two", "ctrl+w ctrl+y", "one two"),
]


async def test_a_line_has_the_keys_of_a_shell(two: Path) -> None:
    found = []
    async with running(two) as t:
        t.app.pane.context.cells.text = "copied\nhere"
        for initial, typed, _ in LINES:
            await t.press("colon")
            await t.until(lambda: bool(t.app.query(LineInput)))
            line = t.app.query_one(LineInput)
            line.value = initial
            line.cursor_position = len(initial)
            await t.press(*typed.split())
            await t.pilot.pause()
            found.append(line.value)
            await t.press("escape")
            await t.until(lambda: not t.app.query(LineInput))
    assert found == [after for _, _, after in LINES]


async def test_what_is_deleted_last_or_copied_since_comes_back(two: Path) -> None:
    async with running(two) as t:
        await t.press("colon", *"abc", "ctrl+u", "ctrl+y")
        line = t.app.query_one(LineInput)
        await t.until(lambda: line.value == "abc")
        t.app.copy_to_clipboard("x")
        await t.press("ctrl+y", "ctrl+v")
        await t.until(lambda: line.value == "abcxx")
