"""The layers hold: as import-linter reads them from the source, and as they are when the program runs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from typing import TYPE_CHECKING

import grimp
import pexpect
import pytest

from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXAMPLE = ROOT / "tests" / "notebooks" / "analysis.ipynb"
HEAVY = {"textual", "rich", "pygments", "markdown_it", "zmq", "jupyter_client", "nbformat", "asyncio", "tornado", "traitlets"}


def imported(statement: str) -> set[str]:
    """The modules that a fresh interpreter has after the statement, beyond what it has anyway."""
    code = f"import sys; before = set(sys.modules)\n{statement}\nprint(*set(sys.modules) - before, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def packages(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_the_contracts_of_import_linter() -> None:
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("tuinb", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert circles(imports) == set()


def circles(imports: dict[str, set[str]]) -> set[frozenset[str]]:
    """Returns the groups of modules that reach each other by imports, also inside functions and for types alone."""
    reached = {module: reachable(module, imports) for module in imports}
    groups = {frozenset(other for other in targets if module in reached[other]) for module, targets in reached.items()}
    return groups - {frozenset()}


def reachable(start: str, imports: dict[str, set[str]]) -> set[str]:
    """Returns the modules that `start` imports, directly or through others."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = imports[waiting.pop()] - found
        found |= new
        waiting += new
    return found


@pytest.mark.parametrize(
    ("imports", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, set()),
        ({"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"e"}, "e": {"c"}, "f": {"a"}}, {frozenset("ab"), frozenset("cde")}),
    ],
)
def test_circles_are_found(imports: dict[str, set[str]], found: set[frozenset[str]]) -> None:
    assert circles(imports) == found


def test_every_room_has_its_place_in_the_contracts() -> None:
    layers = [layer for contract in SETTINGS["tool"]["importlinter"]["contracts"] for layer in contract.get("layers", ())]
    placed = {name.strip() for layer in layers for name in re.split(r"[|:]", layer)}
    rooms = {path for path in (ROOT / "tuinb").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    rooms |= {path for path in (ROOT / "tuinb" / "kernel").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    named = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in rooms}
    assert named - placed == {"tuinb.__init__", "tuinb.kernel", "tuinb.kernel.__init__"}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import tuinb.cli", set()),
        ("import tuinb.session.opening", set()),
        ("import tuinb.kernel.launch.kernelspecs, tuinb.kernel.launch.spawn", set()),
        ("import tuinb.kernel.connection.connection", {"asyncio", "zmq"}),
        ("import tuinb.files.load", {"asyncio"}),
        ("import tuinb.commands.registry, tuinb.commands.keymap.keymap, tuinb.commands.keymap.jupyter", {"asyncio"}),
        ("import tuinb.session.session", {"asyncio"}),
        ("import tuinb.render.registry", {"rich", "pygments", "markdown_it"}),
    ],
)
def test_no_module_brings_in_more_than_it_may(statement: str, allowed: set[str]) -> None:
    assert packages(imported(statement)) & HEAVY <= allowed


def test_a_terminal_attaches_to_a_session_without_what_a_start_needs() -> None:
    needs = "import tuinb.cli, tuinb.foreground, tuinb.terminal.textual_environ, tuinb.daemon.start"
    found = imported(f"{needs}\ntuinb.session.target.Target.of(tuinb.cli._arguments(['notebook.ipynb']))")
    assert "tuinb.daemon.client" in found
    assert packages(found) & {*HEAVY, "argparse", "dataclasses", "inspect", "tomllib"} == set()


LATE = {
    "zmq", "jupyter_client", "nbformat", "pygments", "rich.markdown", "rich.syntax", "textual.widgets._text_area",
    "textual.widgets._markdown", "tuinb.session.kernel", "tuinb.session.kernel_status", "tuinb.session.events",
    "tuinb.kernel.protocol.events", "tuinb.kernel.execution.executor",
    "tuinb.kernel.client", "tuinb.kernel.connection.connection", "tuinb.commands.registry",
    "tuinb.files.journal", "tuinb.session.recovery", "tuinb.session.autosave", "tuinb.notebook.difference",
    "tuinb.notebook.plain", "tuinb.notebook.json_codec", "tuinb.session.json_codec",
    "tuinb.files.atomic", "tuinb.files.ipynb.build", "tuinb.files.trust", "tuinb.files.ipynb.upgrade",
    "tuinb.ui.editor.text_area", "PIL", "tuinb.render.images.gallery", "tuinb.terminal.graphics", "tuinb.terminal.queries",
    "tuinb.ui.pictures", "tuinb.ui.linter", "tuinb.analysis.problems", "tuinb.ui.editor.suggester",
    "tuinb.ui.inspection.contents_panel",
    "tuinb.lsp", "tuinb.session.languages",
}  # fmt: skip
"""What nobody needs to see a notebook: each of these would make the first paint later."""


def test_what_is_needed_later_exists() -> None:
    assert [name for name in sorted(LATE) if name.startswith("tuinb.") and find_spec(name) is None] == []


def at_first_paint(expression: str, tmp_path: Path) -> set[str]:
    """Returns the names that an expression gives in a program that has just painted a notebook for the first time."""
    code = f"""
import pathlib, re, sys
from tuinb.session.opening import prepare
from tuinb.session.target import Arguments
options = prepare(Arguments({str(EXAMPLE)!r}, no_kernel=True))
from tuinb.ui import startup
def painted(app, opening):
    pathlib.Path({str(tmp_path / "names")!r}).write_text("\\n".join({expression}))
    app.exit()
startup.after_first_paint = painted
startup.run(options)
"""
    child = pexpect.spawn(sys.executable, ["-c", code], cwd=str(ROOT), dimensions=(40, 120), timeout=60)
    child.read()
    child.close()
    assert child.exitstatus == 0
    return set((tmp_path / "names").read_text().split())


def test_what_is_needed_later_is_not_loaded_before_the_first_paint(tmp_path: Path) -> None:
    modules = at_first_paint("sys.modules", tmp_path)
    assert "tuinb.ui.view.notebook_view" in modules
    assert modules & LATE == set()


def test_modules_of_the_first_paint_compile_nothing_when_they_are_imported(tmp_path: Path) -> None:
    """A dataclass compiles six methods, a pattern itself: Record and late_pattern wait for their first use."""
    compiled = "isinstance(value, re.Pattern) or '__dataclass_params__' in getattr(value, '__dict__', ())"
    expression = (
        "f'{module.__name__}.{name}' for module in list(sys.modules.values()) if module.__name__.startswith('tuinb.')"
        f" for name, value in vars(module).items() if {compiled}"
    )
    assert at_first_paint(expression, tmp_path) == set()


OWN_TERMINAL = re.compile(
    r"os\.(environb?|getenvb?|ctermid)|sys\.(__)?std(in|out|err)(__)?|(os|shutil)\.get_terminal_size"
    r"|signal\.(signal|set_wakeup_fd|siginterrupt)|.*\.(add|remove)_signal_handler"
)
"""What is about the terminal that the process was started on, as an expression's dotted name."""
MAY_READ_OWN_TERMINAL = {
    "tuinb/terminal/own.py": {"os.environ", "signal.signal", "loop.add_signal_handler", "loop.remove_signal_handler"},
    "tuinb/ui/startup.py": {"sys.stderr"},  # what is left to say once the terminal is given back
}


def dotted_names(source: str) -> set[str]:
    """The names with a dot that the source reads, those of `from … import` included."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    return names | {f"{node.module}.{alias.name}" for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}


def test_the_screen_takes_the_terminal_that_it_is_given() -> None:
    found: dict[str, set[str]] = {}
    for room in ("ui", "terminal", "commands"):
        for path in (ROOT / "tuinb" / room).rglob("*.py"):
            if names := set(filter(OWN_TERMINAL.fullmatch, dotted_names(path.read_text(encoding="utf-8")))):
                found[path.relative_to(ROOT).as_posix()] = names
    assert found == MAY_READ_OWN_TERMINAL


@pytest.mark.parametrize(
    "statement",
    [
        "x = os.environ.get('TERM')",
        "from os import environ",
        "sys.__stdin__.fileno()",
        "from sys import stderr",
        "shutil.get_terminal_size()",
        "signal.signal(2, f)",
        "asyncio.get_running_loop().add_signal_handler(2, f)",
    ],
)
def test_what_is_about_the_own_terminal_is_found(statement: str) -> None:
    assert any(map(OWN_TERMINAL.fullmatch, dotted_names(statement)))


def test_the_notebook_needs_the_standard_library_alone() -> None:
    modules = packages(imported("import tuinb.notebook.document, tuinb.notebook.history, tuinb.workspace.view_state"))
    assert modules - sys.stdlib_module_names == {"tuinb"}


def test_the_version_is_said_in_one_place() -> None:
    assert SETTINGS["project"]["dynamic"] == ["version"]
    assert "version" not in SETTINGS["project"]


def test_ci_runs_what_the_readme_says() -> None:
    assert readme_commands("test") == ci_commands()


def readme_commands(mark: str) -> str:
    """The lines between the README's `<!-- mark -->` and the end of the code block that follows it."""
    found = re.search(rf"<!-- {mark} -->\n```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found, f"README.md has no commands marked {mark}"
    return found[1].strip()


def ci_commands() -> str:
    """What `.ci/run` takes from the README."""
    done = subprocess.run([ROOT / ".ci" / "run", "--print"], capture_output=True, text=True, check=True)
    return done.stdout.strip()
