"""Saving and leaving, by commands and by ex lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import shut
from tuinb.commands import ex_line
from tuinb.commands.ex_line import ExLine, parse
from tuinb.commands.registry import COMMANDS
from tuinb.errors import NotebookSaveError
from tuinb.kernel.execution.effects import Prompt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Desk

OPTIONS = ["Cancel", "Save as another file", "Overwrite it"]
CHANGED = ["Cancel", "Merge both, then save", "Save as another file", "Overwrite it"]
EXIT = ("exit",)
SAVED = ("save", None, False)


def enter(it: Desk, line: str, *answers: object) -> None:
    it.host.answers.extend(answers)
    ex_line.execute(it.context, line)
    it.settle()


def test_a_file_that_changed_on_disk_is_not_overwritten_unasked(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.session.changed_on_disk = True
    it.run("save", 0)
    it.run("save", None)
    assert it.session.log == []
    assert it.host.log[0] == ("choose", "analysis.ipynb: another program changed it since it was read.", CHANGED)
    it.run("save", "Overwrite it")
    assert it.session.log == [("save", None, True)]


def test_it_may_be_saved_under_another_name_instead(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*")
    it.session.changed_on_disk = True
    it.run("save", "Save as another file", None)
    assert it.session.log == []
    it.run("save", "Save as another file", str(tmp_path / "b.ipynb"))
    assert it.session.log == [("save", str(tmp_path / "b.ipynb"), False)]


def test_what_can_not_be_saved_may_be_saved_elsewhere(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*")
    it.session.full = {None, tmp_path / "full.ipynb"}
    question = "analysis.ipynb was not saved: the disk is full."
    it.run("save", None)
    asked = ("choose", question, ["Cancel", "Save as another file"])
    assert (it.session.log, it.host.log) == ([], [asked, ("notify", "Nothing was saved.", "information")])
    it.run("save", "Save as another file", str(tmp_path / "full.ipynb"), "Save as another file", str(tmp_path / "b.ipynb"))
    assert it.session.log == [("save", str(tmp_path / "b.ipynb"), False)]
    it.session.full.clear()
    enter(it, "wq")
    assert it.host.log[-1] == EXIT


def test_one_that_is_read_only_says_why(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.session.full, it.session.read_only = {None}, "it is cut off"
    with pytest.raises(NotebookSaveError, match="the disk is full"):
        it.run("save")


def test_another_file_is_not_overwritten_unasked(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it, there = desk("a*"), tmp_path / "there.ipynb"
    it.session.other_files = {there}
    it.run("save-as", str(there), 0)
    assert it.host.log == [
        ("ask", "Save as:", "/notebooks/analysis.ipynb"),
        ("choose", "there.ipynb: a file of that name already exists.", OPTIONS),
        ("notify", "Nothing was saved.", "information"),
    ]
    assert it.session.log == []
    it.run("save-as", str(there), 2)
    assert it.session.log == [("save", str(there), True)]


@pytest.mark.parametrize("name", ["shut/a.ipynb", f"{'a' * 300}.ipynb"])
def test_where_nothing_can_be_seen_saving_says_what_is_wrong(
    desk: Callable[[str], Desk], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut(tmp_path / "shut", monkeypatch)
    it = desk("a*")
    enter(it, f"w {tmp_path / name}")
    assert it.session.log == [("save", str(tmp_path / name), False)]


@pytest.mark.parametrize("answer", [None, "  "])
def test_no_name_saves_nothing(desk: Callable[[str], Desk], answer: str | None) -> None:
    it = desk("a*")
    it.run("save-as", answer)
    assert it.session.log == []


NAMES = ["Cancel", "Save as data.csv.ipynb", "Save as data.csv"]


@pytest.mark.parametrize(("answer", "saved"), [(None, ""), (0, ""), (1, "data.csv.ipynb"), (2, "data.csv")])
def test_a_name_that_no_notebook_has_is_asked_about(
    desk: Callable[[str], Desk], answer: int | None, saved: str, tmp_path: Path
) -> None:
    it = desk("a*")
    enter(it, f"w {tmp_path / 'data.csv'}", answer)
    asked = ("choose", "data.csv: the name of a notebook ends in .ipynb.", NAMES)
    assert it.host.log == [asked, *([] if saved else [("notify", "Nothing was saved.", "information")])]
    assert it.session.log == ([("save", str(tmp_path / saved), False)] if saved else [])
    it = desk("a*")
    it.run("save-as", str(tmp_path / "data.csv"), answer)
    assert it.session.log == ([("save", str(tmp_path / saved), False)] if saved else [])


def test_a_forced_name_is_not_asked_about(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*")
    enter(it, f"w! {tmp_path / 'data.csv'}")
    assert it.session.log == [("save", str(tmp_path / "data.csv"), True)]


def test_a_name_starts_from_the_folder_of_the_line(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*")
    ex_line.execute(it.context, "w copy.ipynb", tmp_path)
    it.settle()
    assert it.session.log == [("save", str(tmp_path / "copy.ipynb"), False)]


LEAVING: list[tuple[bool, bool, object, list[Any], bool]] = [
    # modified, running, answer, what is saved, whether it leaves
    (False, False, "unasked", [], True),
    (True, False, "Save", [SAVED], True),
    (True, False, "Discard", [], True),
    (True, False, "Cancel", [], False),
    (True, True, None, [], False),
    (False, True, True, [], True),
    (False, True, False, [], False),
]


@pytest.mark.parametrize(("modified", "running", "answer", "saved", "left"), LEAVING)
def test_leaving(
    desk: Callable[[str], Desk], modified: bool, running: bool, answer: object, saved: list[Any], left: bool
) -> None:
    it = desk("a*")
    it.session.modified = modified
    it.session.running = it.view.active if running else None
    it.run("quit", answer)
    assert it.session.log == saved
    assert (EXIT in it.host.log) is left
    if modified:
        assert it.host.log[0][1] == f"analysis.ipynb has unsaved changes{' and a cell is still running' if running else ''}."


@pytest.mark.parametrize(("running", "first"), [(False, "Save"), (True, "Cancel")])
def test_leaving_with_enter_alone_ends_no_run(desk: Callable[[str], Desk], running: bool, first: str) -> None:
    it = desk("a*")
    it.session.modified = True
    it.session.running = it.view.active if running else None
    it.run("quit", None)
    assert it.host.marked_first == [first]


DETACH = ("detach",)
KEPT: list[tuple[str, bool, bool, int, list[object], tuple[str, ...] | None]] = [
    # what is done, modified, running, other terminals, answers, how it ends
    ("quit", False, False, 0, [], EXIT),
    ("quit", True, False, 0, ["Save"], EXIT),
    ("quit", False, True, 0, [0], DETACH),
    ("quit", True, True, 0, [0], DETACH),
    ("quit", False, True, 0, [1], EXIT),
    ("quit", True, True, 0, [1, "Discard"], EXIT),
    ("quit", True, True, 0, [1, "Cancel"], None),
    ("quit", False, True, 0, [2], None),
    ("quit", False, True, 0, [None], None),
    ("quit", True, True, 1, [], DETACH),
    ("quit", False, False, 1, [], DETACH),
    ("detach", True, True, 0, [], (*DETACH, "terminal")),
    ("quit-all", False, False, 0, [], (*EXIT, "tabs")),
    ("quit-all", True, True, 0, [0], (*DETACH, "tabs")),
    ("quit-all", True, True, 0, [1, "Discard"], (*EXIT, "tabs")),
    ("quit-all", True, False, 0, ["Cancel"], None),
    ("quit-all", True, False, 1, [], (*DETACH, "tabs")),
    ("end", False, False, 1, [], EXIT),
    ("end", True, False, 1, ["Cancel"], None),
    (":q!", True, True, 0, [], EXIT),
    (":qa", True, False, 0, ["Cancel"], None),
    (":qa!", True, True, 0, [], (*EXIT, "discarded")),
    (":qa!", True, True, 1, [], (*DETACH, "discarded")),
    (":wqa", False, False, 0, [], (*EXIT, "saved")),
    (":xa", True, False, 0, [], (*EXIT, "saved")),
    (":wqall", True, True, 0, [0], (*DETACH, "saved")),
    (":q!", True, False, 1, [], DETACH),
    (":wq", True, False, 0, [], EXIT),
    (":wq", True, True, 0, [0], DETACH),
    (":x", False, True, 0, [0], DETACH),
    (":x", True, False, 2, [], DETACH),
]


@pytest.mark.parametrize(("what", "modified", "running", "others", "answers", "end"), KEPT)
def test_leaving_a_session_that_can_go_on(
    desk: Callable[[str], Desk],
    what: str,
    modified: bool,
    running: bool,
    others: int,
    answers: list[object],
    end: tuple[str, ...] | None,
) -> None:
    it = desk("a*")
    it.session.modified = modified
    it.session.running = it.view.active if running else None
    it.host.can_detach, it.host.other_screens = True, others
    if what.startswith(":"):
        enter(it, what, *answers)
    else:
        it.run(what, *answers)
    assert it.host.answers == []
    assert [entry for entry in it.host.log if entry[:1] in (EXIT, DETACH)] == ([end] if end else [])


def test_a_prompt_is_work_that_is_not_ended_unasked(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.host.can_detach = True
    it.session.prompt = Prompt(it.view.active, "who? ", False)
    it.run("quit", 0)
    assert it.host.log[0][1] == "The kernel waits for input."
    assert it.host.marked_first == ["Detach: the session goes on"]
    assert it.host.log[-1] == DETACH


def test_other_terminals_are_detached_if_there_are_some(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("detach-others")
    it.host.can_detach = True
    it.run("detach-others")
    it.host.other_screens = 2
    it.run("detach-others")
    assert it.said() == [
        "This notebook was opened without a session: it ends with its terminal.",
        "No other terminal is attached.",
        "Detached 2 other terminals.",
    ]


def test_leaving_waits_for_a_save_that_was_called_off(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.session.modified = it.session.changed_on_disk = True
    it.run("quit", "Save", "Cancel")
    assert EXIT not in it.host.log


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (":w", ExLine("w")),
        ("w", ExLine("w")),
        (" : w!  my file.ipynb ", ExLine("w", "my file.ipynb", True)),
        (":12", ExLine("12")),
        (":$", ExLine("$")),
        (":run-all", ExLine("run-all")),
        (":", None),
        (":!ls", None),
        ("w|q", None),
        (":1234567890123", None),
    ],
)
def test_parsing(line: str, read: ExLine | None) -> None:
    assert parse(line) == read


@pytest.mark.parametrize(
    ("line", "modified", "log", "left"),
    [
        (":w", True, [SAVED], False),
        (":write", False, [SAVED], False),
        (":w!", True, [("save", None, True)], False),
        (":q", False, [], True),
        (":q!", True, [], True),
        (":quit!", True, [], True),
        (":wq", False, [SAVED], True),
        (":wq!", True, [("save", None, True)], True),
        (":x", True, [SAVED], True),
        (":x", False, [], True),
        (":run-all", False, [("run", "a", "b")], False),
        (":RUN_ALL", False, [("run", "a", "b")], False),
        (":save", True, [SAVED], False),
    ],
)
def test_lines(desk: Callable[[str], Desk], line: str, modified: bool, log: list[object], left: bool) -> None:
    it = desk("a*|b")
    it.session.modified = modified
    enter(it, line)
    assert it.session.log == log
    assert (EXIT in it.host.log) is left


def test_a_line_names_a_file(desk: Callable[[str], Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    it = desk("a*")
    enter(it, ":w new.ipynb")
    enter(it, ":w! ~/over.ipynb")
    enter(it, ":x last.ipynb")
    assert [entry[1:] for entry in it.session.log] == [
        (str(tmp_path / "new.ipynb"), False),
        ("/home/me/over.ipynb", True),
        (str(tmp_path / "last.ipynb"), False),
    ]


def test_quit_asks_and_a_save_called_off_stays(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.session.modified = it.session.changed_on_disk = True
    enter(it, ":q", "Cancel")
    enter(it, ":wq", "Cancel")
    assert EXIT not in it.host.log


@pytest.mark.parametrize(("line", "after"), [(":2", "a|b*|c"), (":0", "a*|b|c"), (":99", "a|b|c*"), (":$", "a|b|c*")])
def test_going_to_a_cell(desk: Callable[[str], Desk], line: str, after: str) -> None:
    it = desk("a*|b|c")
    enter(it, line)
    assert str(it) == after


def test_options_of_the_view(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    enter(it, ":set rnu nowrap")
    assert (it.view.line_numbers, it.view.relative_numbers, it.view.soft_wrap) == (True, True, False)
    enter(it, ":set invwrap nornu")
    enter(it, ":set nu!")
    assert (it.view.line_numbers, it.view.relative_numbers, it.view.soft_wrap) == (False, False, True)


def test_vims_names_of_commands(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.session.modified = True
    enter(it, ":up")
    assert it.session.log == [SAVED]
    it.view.pattern = "a"
    enter(it, ":noh")
    assert it.view.pattern == ""
    assert {name for name in ex_line.ALIASES.values() if name not in ex_line.EX} <= set(COMMANDS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (":rnu-all", ["No command 'rnu-all'. Did you mean 'run-all'?"]),
        (":xyzzy", ["No command 'xyzzy'."]),
        (":!ls", ["':!ls' is not a command."]),
        (":run-all now", ["'run-all' takes no argument."]),
        (":run-all!", ["'run-all' takes no argument."]),
        (
            ":set nu nolist",
            [
                "'nolist' is no option of the view. There are number, relativenumber and wrap. Enter edits a cell; vim's keys "
                "have more options there."
            ],
        ),
        (":set number?", ["nonumber"]),
        (":theme pink", ["No theme 'pink'. Available: dark, light, broken."]),
        ("  : ", []),
    ],
)
def test_what_is_no_command(desk: Callable[[str], Desk], line: str, said: list[str]) -> None:
    it = desk("a*")
    enter(it, line)
    assert it.said() == said


def test_themes_and_help(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    enter(it, ":theme light")
    assert it.host.theme == "light"
    assert 'write theme = "light" into ' in it.said()[0]
    enter(it, ":theme", 0)
    assert it.host.theme == "dark"
    enter(it, ":h")
    assert it.host.log[-1] == ("help",)
