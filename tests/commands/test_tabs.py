"""Commands on tabs: where they go, what they open, and what they say where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands.conftest import FakeTabs
from tuinb.commands import ex_line
from tuinb.commands.host import Link, Tab
from tuinb.commands.keymap.keymap import Keymap
from tuinb.commands.keymap.sets import SETS
from tuinb.errors import NotebookFileError
from tuinb.notebook.changes import CellId
from tuinb.workspace import remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

NO_TABS = "This notebook was opened without a session, so it has no tabs: `tuinb FILE` opens another one elsewhere."


@pytest.fixture(params=sorted(SETS))
def at_tabs(request: pytest.FixtureRequest, desk: Callable[[str], Desk], tmp_path: Path) -> Desk:
    """A desk with the keys of each set, whose terminal has three tabs."""
    it = desk("a*")
    it.keymap = Keymap.from_tables(SETS[request.param])
    it.host.tabs = FakeTabs("analysis", "load", "plot", at=1)
    it.host.environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    it.session.path = tmp_path / "analysis.ipynb"
    it.session.path.write_text("")
    return it


def went(it: Desk) -> list[tuple[object, ...]]:
    assert it.host.tabs is not None
    return it.host.tabs.log


@pytest.mark.parametrize(
    ("keys", "at", "to"),
    [
        ("g t", 1, 2),
        ("g t", 2, 0),
        ("ctrl+pagedown", 0, 1),
        ("g T", 1, 0),
        ("g T", 0, 2),
        ("ctrl+pageup", 2, 1),
    ],
)
def test_keys_go_from_tab_to_tab(at_tabs: Desk, keys: str, at: int, to: int) -> None:
    assert at_tabs.host.tabs is not None
    at_tabs.host.tabs.at = at
    at_tabs.press(keys)
    assert went(at_tabs) == [("go", to)]


@pytest.mark.parametrize(
    ("line", "then"),
    [
        (":tab 3", [("go", 2)]),
        (":tab 2", []),
        (":tabnext", [("go", 2)]),
        (":tabp", [("go", 0)]),
    ],
)
def test_lines_go_to_a_tab(at_tabs: Desk, line: str, then: list[object]) -> None:
    ex_line.execute(at_tabs.context, line)
    at_tabs.settle()
    assert went(at_tabs) == then


@pytest.mark.parametrize(
    ("modified", "others", "then", "said"),
    [
        (False, (), [], ["No notebook has unsaved changes."]),
        (True, (), [], []),
        (False, (2,), [("save_others",)], []),
        (True, (0, 2), [("save_others",)], []),
        (False, (1,), [], ["No notebook has unsaved changes."]),
    ],
)
def test_all_are_saved(at_tabs: Desk, modified: bool, others: tuple[int, ...], then: list[object], said: list[str]) -> None:
    tabs = at_tabs.host.tabs
    assert tabs is not None
    tabs.entries = [tab._replace(modified=index in others) for index, tab in enumerate(tabs.entries)]
    at_tabs.session.modified = modified
    ex_line.execute(at_tabs.context, ":wa")
    at_tabs.settle()
    assert went(at_tabs) == then
    assert at_tabs.said() == said
    assert [entry[0] for entry in at_tabs.session.log] == (["save"] if modified else [])


def test_a_tab_that_does_not_exist_is_named(at_tabs: Desk) -> None:
    for line in (":tab 4", ":tab 0", ":tab load"):
        ex_line.execute(at_tabs.context, line)
    at_tabs.settle()
    assert went(at_tabs) == []
    assert at_tabs.said() == [
        "There is no tab 4: the tabs are 1 analysis, 2 load, 3 plot.",
        "There is no tab 0: the tabs are 1 analysis, 2 load, 3 plot.",
        "'load' is not the number of a tab.",
    ]


@pytest.mark.parametrize(
    ("line", "answers", "name"),
    [
        (":new data", [], "data.ipynb"),
        (":new data.py", [], "data.py"),
        (":new", ["mine"], "mine.ipynb"),
        (":new", [None], ""),
    ],
)
def test_a_new_notebook_gets_a_tab(at_tabs: Desk, line: str, answers: list[str | None], name: str) -> None:
    at_tabs.host.folder = at_tabs.session.path.parent
    at_tabs.host.answers = list(answers)
    ex_line.execute(at_tabs.context, line)
    at_tabs.settle()
    opened = [str(entry[1]) for entry in went(at_tabs) if entry[0] == "open"]
    assert opened == ([str(at_tabs.session.path.with_name(name))] if name else [])


def test_a_tab_is_chosen_from_a_list_with_its_signs(at_tabs: Desk) -> None:
    assert at_tabs.host.tabs is not None
    at_tabs.host.tabs.entries = [Tab("a", modified=True), Tab("b"), Tab("c", busy=True, waits=True)]
    at_tabs.host.answers = ["c  runs  waits for input", None]
    ex_line.execute(at_tabs.context, ":tabs")
    at_tabs.settle()
    ex_line.execute(at_tabs.context, ":tab")
    at_tabs.settle()
    assert went(at_tabs) == [("go", 2)]


def test_the_only_tab_has_no_next_one(at_tabs: Desk) -> None:
    at_tabs.host.tabs = FakeTabs("analysis")
    at_tabs.press("g t")
    assert went(at_tabs) == []
    assert at_tabs.said() == ["There is one tab. `:e FILE` opens another one."]


@pytest.mark.parametrize("line", [":next-tab", ":tab 1", ":tabs", ":e other.ipynb", ":open-file"])
def test_without_a_session_there_are_no_tabs(desk: Callable[[str], Desk], line: str) -> None:
    it = desk("a*")
    ex_line.execute(it.context, line)
    it.settle()
    assert it.said() == [NO_TABS]


# ---- files


def test_e_opens_another_file_and_reads_the_same_one_again(at_tabs: Desk, tmp_path: Path) -> None:
    at_tabs.host.folder = tmp_path / "here"
    for line in (":e sub/x.ipynb", ":tabedit ~/y.ipynb", ":e ../analysis.ipynb"):
        ex_line.execute(at_tabs.context, line)
        at_tabs.settle()
    assert went(at_tabs)[0] == ("open", f"{tmp_path}/here/sub/x.ipynb")
    assert went(at_tabs)[1] == ("open", str(Path("~/y.ipynb").expanduser()))
    assert len(went(at_tabs)) == 2


@pytest.mark.parametrize("touched", ["modified", "ran", "another terminal", "saved", ""])
def test_a_new_notebook_gives_its_place_only_if_nothing_was_done_in_it(at_tabs: Desk, touched: str) -> None:
    it = at_tabs
    it.session.path.unlink()
    it.session.modified = touched == "modified"
    if touched == "ran":
        it.session.running = CellId("c0")
    it.host.other_screens = int(touched == "another terminal")
    if touched == "saved":
        it.session.path.write_text("")
    ex_line.execute(it.context, ":e /other.ipynb")
    it.settle()
    assert went(it) == [("open", "/other.ipynb", *([] if touched else ["instead"]))]


def test_the_picker_has_the_folder_and_the_recent_notebooks(at_tabs: Desk, tmp_path: Path) -> None:
    it = at_tabs
    for name in ("old.ipynb", "analysis.ipynb"):
        (tmp_path / name).write_text("")
        remembered.write(tmp_path / name, {}, it.host.environ)
    it.host.answers = [str(tmp_path / "old.ipynb"), None]
    it.press("g f")
    assert it.host.log[0] == ("pick_file", str(tmp_path), str(tmp_path / "old.ipynb"))
    assert went(it) == [("open", f"{tmp_path}/old.ipynb")]
    it.host.folder = tmp_path.parent
    it.press("g f")
    assert it.host.log[2][:2] == ("pick_file", str(tmp_path.parent))
    assert len(went(it)) == 1
    assert it.said() == ["Opening old.ipynb…"]


def test_a_link_to_a_notebook_opens_it_in_a_tab(at_tabs: Desk, tmp_path: Path) -> None:
    it = at_tabs
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b c.ipynb").write_text("")
    it.host.links = [Link("", "sub/b%20c.ipynb#Results"), Link("", "gone.ipynb"), Link("", "https://example.org/x.ipynb")]
    it.run("follow-link", 0)
    with pytest.raises(NotebookFileError, match=r"gone\.ipynb: there is no such file"):
        it.run("follow-link", 1)
    it.run("follow-link", 2)
    assert went(it) == [("open", f"{tmp_path}/sub/b c.ipynb")]
    assert it.host.log[-1][:2] == ("open_link", "https://example.org/x.ipynb")
