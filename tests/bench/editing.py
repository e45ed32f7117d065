"""The editor: processor time and bytes of a key, in small and in huge cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import notebooks
from tests.bench.figures import LETTERS, Row, Setting, changes, front_end
from tests.terminal_emulator import CTRL_END, DOWN, ENTER, PAGE_UP, UP, Terminal
from tuinb.config import KEY_SETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LINES, _CHARACTERS = 5_000, 100_000


def _keys(terminal: Terminal, keys: str | list[str]) -> tuple[float, float]:
    """Milliseconds of processor time, and bytes, of each key of the front end, which rests after each."""
    _rest(terminal)
    _, before = front_end(terminal)
    sizes = [changes(terminal, key, quiet=0.12)[1] for key in keys]
    _, after = front_end(terminal)
    return 1000 * (after - before) / len(keys), sum(sizes) / len(keys)


def _rest(terminal: Terminal) -> None:
    """Waits until the program does nothing: the rest of a huge cell is coloured between keys."""
    used = -1.0
    while front_end(terminal)[1] > used + 0.02:
        used = front_end(terminal)[1]
        terminal.watch(1)


def editing(setting: Setting) -> Iterator[Row]:
    yield from _rows(setting)


def editing_full(setting: Setting) -> Iterator[Row]:
    """With line numbers, problems marked and completion by itself, in the keys of each set."""
    for keys in KEY_SETS:
        settings = f'line_numbers = true\nlint = true\ncompletion = "all"\n[keys]\nset = "{keys}"\n'
        yield from _rows(setting, keys, settings)


def _rows(setting: Setting, keys: str = "", settings: str = "") -> Iterator[Row]:
    """Measures the five cases, in a set of keys that `settings` choose."""
    suffix = f", {keys}" if keys else ""
    lines = "\n".join(f"value_{i} = compute({i}, name='x{i}') + other[{i % 7}]  # note {i}" for i in range(_LINES))
    small, huge = "SEEN = compute(1)\nfor i in range(3):\n    print(i)", f"# SEEN\n{lines}\nSEEN_LAST = 1"
    long = f"SEEN = 1\n# {'word ' * (_CHARACTERS // 5)}"
    times = 10 if setting.quick else 30
    letters = (LETTERS * 2)[:times]
    # Vim's keys begin where a key is a command.
    types = "A" if '"vim"' in settings else ""
    with _editor(setting, "small", small, settings) as terminal:
        terminal.send(types)
        spent, size = _keys(terminal, letters)
        yield Row(f"a letter in a small cell, processor time{suffix}", spent, "ms", 5, 4)
        yield Row(f"a letter in a small cell, bytes{suffix}", size, "B", 30, 25)
        yield Row(f"a line up or down, bytes{suffix}", _keys(terminal, [UP, DOWN] * (times // 2))[1], "B", 120, 90)
    with _editor(setting, "huge", huge, settings) as terminal:
        terminal.wait_for("SEEN_LAST", within=60)
        terminal.send(PAGE_UP)  # the first one moves the cursor alone
        yield Row(f"page up in {_LINES:,} lines, processor time{suffix}", _keys(terminal, [PAGE_UP] * times)[0], "ms", 10, 8)
        terminal.send(types)
        yield Row(f"a letter in {_LINES:,} lines, processor time{suffix}", _keys(terminal, letters)[0], "ms", 8, 5)
        yield Row(f"Enter in {_LINES:,} lines, processor time{suffix}", _keys(terminal, [ENTER] * times)[0], "ms", 10, 8)
    with _editor(setting, "long", long, settings) as terminal:
        terminal.send(types)
        spent = _keys(terminal, letters)[0]
        yield Row(f"a letter in a line of {_CHARACTERS:,} characters, processor time{suffix}", spent, "ms", 8, 5)


def _editor(setting: Setting, name: str, source: str, settings: str) -> Terminal:
    """Starts the program on a notebook with one cell, and goes to the end of the cell."""
    folder = setting.folder / "config"
    (folder / "tuinb").mkdir(parents=True, exist_ok=True)
    (folder / "tuinb" / "config.toml").write_text(settings, encoding="utf-8")
    # A name of its own: what another run left unsaved would raise a question.
    file = f"{name}-{len(list(setting.folder.iterdir()))}.ipynb"
    notebook = notebooks.write(setting.folder / file, [notebooks.code(0, source)])
    terminal = setting.program(notebook, "--no-session", "--no-kernel", env={"XDG_CONFIG_HOME": str(folder)})
    terminal.wait_for("SEEN")
    terminal.settle(1.5)
    terminal.send(ENTER)
    terminal.settle(1)
    terminal.send("G" if '"vim"' in settings else CTRL_END)
    return terminal


FIGURES: dict[str, Callable[[Setting], Iterator[Row]]] = {"editing": editing, "editing_full": editing_full}
