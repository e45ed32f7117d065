"""Help on one key, command or ex command."""

from __future__ import annotations

import pytest

from tuinb.commands.keymap.keymap import Keymap
from tuinb.commands.keymap.sets import SETS
from tuinb.commands.keymap.topics import help_on


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("dw", ["dw  normal mode: Delete; the start of the next word"]),
        ("dd", ["dd  on cells: Cut the selected cells", "dd  normal mode: Delete; the line"]),
        ("ciw", ["ciw  normal mode: Change; word"]),
        ("d", ["d  normal mode: Delete, before a motion or an object", "d  visual mode: Delete"]),
        ("iw", ["iw  normal mode: A text object, after an operator: Word", "iw  visual mode: Word"]),
        ("w", ["w  on cells: Open an output in another program", "w  normal mode: The start of the next word"]),
        ("v_u", ["u  visual mode: Make lower-case"]),
        ("i_CTRL-W", ["Ctrl+W  insert mode: Delete the word before"]),
        ("CTRL-R", ["Ctrl+R  on cells: Redo what was undone last", "Ctrl+R  normal mode: Redo"]),
        ("<C-v>", ["Ctrl+V  normal mode: Select a block"]),
        ("Space r", ["Space r  on cells: Run the selected cells and do not advance"]),
        (":s", [":[range]s/pattern/text/[flags]  in a cell: Replace matches"]),
        (":w", [":w[!] [FILE]  Save, under another name", ":[range]w[!] FILE or !PROGRAM  in a cell: Write lines"]),
        (":help", [":help [TOPIC]  Show all keys"]),
        ("save-as", [":save-as  Save the notebook under another name"]),
        ("qa", [":qa[!]  Close all notebooks"]),
        ("xall", [":wqa  Save all notebooks"]),
        ("split", ["Space -  Split the cell at the cursor"]),
        ("digraph", ["Ctrl+K  Insert a digraph"]),
        ("nothingatall", []),
        ("Ctrl+", []),
        ("x_x", []),
    ],
)
def test_topics_of_vim(word: str, found: list[str]) -> None:
    lines = [str(topic) for topic in help_on(Keymap.from_tables(SETS["vim"]), word)]
    assert len(lines) >= len(found)
    assert bool(lines) is bool(found)
    for line, start in zip(lines, found, strict=False):
        assert line.startswith(start)


@pytest.mark.parametrize(
    ("key_set", "word", "found"),
    [
        ("jupyter", "dd", ["dd  on cells: Delete the selected cells"]),
        ("jupyter", "dw", []),
        ("jupyter", "F9", ["F9  on cells: Run the selected cells", "F9  edit mode: Run the selected cells"]),
        ("emacs", "C-x", []),
        ("emacs", "Ctrl+X Ctrl+S", ["Ctrl+X Ctrl+S  on cells: Save the notebook", "Ctrl+X Ctrl+S  edit mode: Save"]),
        ("vscode", ":set", [":set OPTION…  Set number"]),
    ],
)
def test_topics_of_other_sets(key_set: str, word: str, found: list[str]) -> None:
    lines = [str(topic) for topic in help_on(Keymap.from_tables(SETS[key_set]), word)]
    assert len(lines) == len(found)
    assert [line[: len(start)] for line, start in zip(lines, found, strict=True)] == found
