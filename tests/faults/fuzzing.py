"""Hostile input of every kind, at random: notebooks, kernel messages, terminal text, outputs, settings, journals, keys.

A number gives a target and its input: `python -m tests.faults --fuzz 0 --seed NUMBER` repeats a try. It fails with an exception
that is no error for users, a text that a terminal would obey, content that is lost, or if it takes more than LONGEST.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import faulthandler
import json
import os
import random
import signal
import time
import traceback
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from tests.commands.conftest import Desk
from tests.faults import commands, mutation
from tests.faults.tally import Tally, say
from tests.files.journal.support import Journaled, state
from tests.headless.merge import random_notebooks
from tests.render.images.support import data_of, quarters
from tests.support import NOTEBOOKS, write_notebook
from tests.ui.harness import running
from tests.wire_grammar import foreign
from tuinb import config, themes
from tuinb.capabilities import Colors
from tuinb.commands.keymap.jupyter import DEFAULT_KEYS
from tuinb.daemon import registry
from tuinb.daemon.frames import Decoder
from tuinb.errors import ChangeError, TuinbError
from tuinb.files import load, unmerged
from tuinb.files.claim import Owner
from tuinb.files.journal import records
from tuinb.files.journal.recovered import recover
from tuinb.headless.ansi_lines import context_for
from tuinb.headless.diff.compare import Parts, compare
from tuinb.headless.diff.report import as_json, as_lines
from tuinb.headless.merge.command import merged
from tuinb.headless.show import show
from tuinb.headless.strip.command import strip
from tuinb.kernel.connection import scripted
from tuinb.kernel.connection.port import KernelDescription
from tuinb.kernel.launch import connection_files
from tuinb.kernel.protocol import codec, lifecycle, requests
from tuinb.kernel.protocol.wire import MalformedMessageError, Wire
from tuinb.notebook import changes as c
from tuinb.notebook.difference import Content
from tuinb.notebook.plain import plain, replay
from tuinb.notebook.streams.text import StreamText
from tuinb.notebook.widgets import Widgets
from tuinb.render.registry import render_bundle, render_output, stream_block
from tuinb.session.session import Session
from tuinb.terminal.input_parser import InputParser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tuinb.kernel.connection.port import Sink
    from tuinb.kernel.connection.scripted import Step
    from tuinb.kernel.protocol.events import Channel
    from tuinb.kernel.protocol.lifecycle import InterruptMeans
    from tuinb.notebook.document import Notebook
    from tuinb.render.block import Block, Line
    from tuinb.render.context import RenderContext

LONGEST: Final = 5.0
"""Seconds of processor time that an input may take."""
_LONGEST_SCREEN: Final = 30.0
"""The same for 40 keys on a screen."""
_HANGS: Final = 300.0
"""Seconds after which a try ends the program."""
_ME = c.ClientId("fuzz")
_MOST_ROWS: Final = 60


class TooSlowError(BaseException):
    """An input takes too long. No handler of the program may catch this."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises TooSlowError if the block takes more processor time."""

    def stop(_number: int, _frame: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def fuzz(scratch: Path, minutes: float, seed: int) -> Tally:
    """Tries inputs for a time, at least one. Prints each that fails, and how often each target was tried."""
    tally, counts = Tally("hostile input", seed), dict.fromkeys(TARGETS, 0)
    end = time.monotonic() + 60 * minutes
    while not tally.tries or time.monotonic() < end:
        counts[_attempt(seed + tally.tries, scratch, tally)] += 1
    tally.more = "; " + ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return tally


def fuzz_notebooks(scratch: Path, tries: int, seed: int) -> Tally:
    """Tries so many notebooks. Prints each that fails: `--notebooks 1 --seed NUMBER` repeats it."""
    tally = Tally("hostile notebook", seed)
    for number in range(seed, seed + tries):
        _attempt(number, scratch, tally, "notebooks")
    return tally


def _attempt(number: int, scratch: Path, tally: Tally, name: str = "") -> str:
    """Tries one input of a target, or of one that `number` gives. Returns the target. Counts and prints what was wrong."""
    scratch.mkdir(parents=True, exist_ok=True)
    # Code that is not Python's may hold all of it. Then this ends the program, with the number in the name of a file.
    faulthandler.dump_traceback_later(_HANGS, exit=True)
    last = scratch / f"try-{number}"
    last.touch()
    chance = random.Random(number)
    name = name or chance.choices(list(TARGETS), [weight for _, weight in TARGETS.values()])[0]
    problem = _problem(name, chance, scratch)
    last.unlink()
    tally.add(f"{name}, seed {number}: {problem.splitlines()[-1]}" if problem else "")
    if problem:
        say(f"{name}, seed {number}: {problem}")
    faulthandler.cancel_dump_traceback_later()
    return name


def _problem(name: str, chance: random.Random, scratch: Path) -> str:
    """Tries one input of a target. Returns what was wrong with it."""
    try:
        with limited(LONGEST if name != "screens" else _LONGEST_SCREEN), patch("tuinb.render.registry._failure_text", _fail):
            TARGETS[name][0](chance, scratch)
    except TooSlowError:
        return f"{traceback.format_exc(limit=-12)}\ntakes too long"
    except Exception:
        return traceback.format_exc()
    return ""


def _fail(what: str, error: Exception) -> str:
    """Takes the place of the text that stands for what can't be drawn: that is a bug."""
    raise AssertionError(f"{what} can't be drawn") from error


def _check_rows(lines: Iterator[Line]) -> None:
    for number, line in enumerate(lines):
        if number == _MOST_ROWS:
            return
        text = "".join(span.text for span in line)
        assert not foreign(text.encode()), foreign(text.encode())


def _check_block(block: Block, context: RenderContext) -> None:
    height = block.height
    rows = [*range(min(height, _MOST_ROWS)), *range(max(_MOST_ROWS, height - 5), height)]
    for row in rows:
        text = "".join(span.text for span in block.line(row))
        assert not foreign(text.encode()), foreign(text.encode())


def _context(chance: random.Random) -> RenderContext:
    colors = chance.choice((Colors.NONE, Colors.TRUE))
    return replace(context_for(chance.choice((1, 2, 7, 40, 80, 200)), "dark", None, colors), folder=NOTEBOOKS)


# ---- notebooks


def _books() -> list[dict[str, Any]]:
    found = random_notebooks.corpus()
    found.append(json.loads((NOTEBOOKS / "analysis.ipynb").read_bytes()))
    return [book for book in found if len(json.dumps(book)) < 100_000]


_SEEDS: list[dict[str, Any]] = []


def _book(chance: random.Random) -> dict[str, Any]:
    if not _SEEDS:
        _SEEDS.extend(_books())
    if chance.random() < 0.3:
        return copy.deepcopy(chance.choice(_SEEDS))
    book = random_notebooks.notebook(chance)
    if book["cells"] and chance.random() < 0.5:
        cell = chance.choice(book["cells"])
        cell |= {"cell_type": "code", "execution_count": 1, "outputs": [_output(chance)]}
    return book


def _file(chance: random.Random) -> bytes:
    """Returns a damaged notebook."""
    book = _book(chance)
    for _ in range(chance.randrange(4)):
        mutation.damage(chance, book)
    with suppress(RecursionError, ValueError):
        data = json.dumps(book, indent=chance.choice((None, 1, 2)), ensure_ascii=chance.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )
        return mutation.damaged(chance, data) if chance.random() < 0.4 else data
    return b"[" * 5_000


def _fuzz_notebook(chance: random.Random, scratch: Path) -> None:
    path, data = scratch / "a.ipynb", _file(chance)
    path.write_bytes(data)
    with suppress(TuinbError):
        strip(data, path)
    try:
        loaded = load.load(path)
    except TuinbError:
        unmerged.opened(path)
        return
    context = replace(_context(chance), widgets=Widgets(loaded.notebook))
    _check_rows(show(loaded.notebook, list(loaded.notebook)[:8], context))
    keeps_bytes = not loaded.file.upgraded and data.strip() != b""
    if not loaded.read_only:
        assert not keeps_bytes or loaded.file.render(loaded.notebook) == data, "opening changes the bytes"
        _edit(chance, loaded.notebook, loaded.file.render)
        if keeps_bytes:
            assert loaded.file.render(loaded.notebook) == data, "undo does not bring the bytes back"


def _edit(chance: random.Random, notebook: Notebook, render: Callable[[Notebook], bytes]) -> None:
    """Edits a notebook, reads what would be saved, and undoes all of it."""
    done: list[c.Applied] = []
    for _ in range(chance.randint(1, 4)):
        with suppress(ChangeError):
            done.append(notebook.apply(c.Transaction((_change(chance, notebook),), _ME)))
    again = load.parse(Path("again.ipynb"), render(notebook))
    assert not again.read_only, again.read_only
    assert [_shown(cell.source) for cell in again.notebook] == [_shown(cell.source) for cell in notebook], (
        "an edit is not saved"
    )
    assert [cell.kind for cell in again.notebook] == [cell.kind for cell in notebook]
    for applied in reversed(done):
        notebook.apply(c.Transaction(applied.inverse, _ME, c.Step.UNDO))


def _shown(source: str) -> str:
    """Returns a source as a file has it: no lone surrogates."""
    return source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _change(chance: random.Random, notebook: Notebook) -> c.Change:
    cell = chance.choice(list(notebook)) if len(notebook) else None
    if cell is None or chance.random() < 0.2:
        new = notebook.fresh(
            c.CellData(c.CellId(""), chance.choice(("code", "markdown", "raw")), mutation.text(chance), {"metadata": {}})
        )
        return c.InsertCell(new, cell.id if cell is not None else None)
    match chance.randrange(7):
        case 0 | 1:
            at = chance.randint(0, len(cell.source))
            removed = cell.source[at : at + chance.randrange(5)]
            return c.SpliceSource(cell.id, at, removed, mutation.text(chance))
        case 2:
            return c.DeleteCell(cell.id)
        case 3:
            return c.SetKind(cell.id, chance.choice(("code", "markdown", "raw")))
        case 4:
            return c.SetOutputs(cell.id)
        case 5:
            return c.MoveCell(cell.id, None)
        case _:
            return c.AppendStream(cell.id, "stdout", mutation.text(chance))


def _damaged(chance: random.Random, scratch: Path) -> Path:
    """Writes a damaged notebook to a folder without another one. Returns its path."""
    path = scratch / "damaged.ipynb"
    path.write_bytes(_file(chance))
    return path


def _fuzz_run(chance: random.Random, scratch: Path) -> None:
    commands.run(chance, _damaged(chance, scratch), _steps(chance))


def _fuzz_verify(chance: random.Random, scratch: Path) -> None:
    commands.verify(chance, _damaged(chance, scratch), _steps(chance))


def _fuzz_show(chance: random.Random, scratch: Path) -> None:
    commands.show(chance, _damaged(chance, scratch))


def _fuzz_strip(chance: random.Random, scratch: Path) -> None:
    commands.strip(chance, _damaged(chance, scratch))


def _fuzz_diff(chance: random.Random, scratch: Path) -> None:
    base = _book(chance)
    try:
        books = [random_notebooks.edited(chance, base) for _ in range(2)]
        for book in (base, *books):
            if chance.random() < 0.6:
                mutation.damage(chance, book)
        loaded = [
            load.parse(Path(f"{number}.ipynb"), random_notebooks.data_of(book)) for number, book in enumerate((base, *books))
        ]
    except (TuinbError, RecursionError, ValueError):
        return
    if any(one.read_only for one in loaded):
        return
    parts = Parts(outputs=True, metadata=chance.random() < 0.5, exact=chance.random() < 0.5)
    diff = compare(Content.of(loaded[0].notebook), Content.of(loaded[1].notebook), parts)
    json.dumps(as_json(diff, ("a", "b")))
    context = _context(chance)
    _check_rows(iter(as_lines(diff, ("a", "b"), context.styles, None)))
    with suppress(TuinbError):
        data, _ = merged(*loaded)
        again = load.parse(Path("merged.ipynb"), data)
        assert not again.read_only, again.read_only


# ---- outputs

_HTML = (
    "<table border=1><thead><tr><th>a<th>b</tr></thead><tr><td rowspan=2>1<td colspan=3>2</table>",
    "<div><p>a<b>b<i>c</p><ul><li>x<ol><li>y</ul><pre>z</pre><details><summary>s</summary>t</details></div>",
    "<a href='javascript:alert(1)'>x</a><img src='data:image/png;base64,iVBORw0KGgo=' width=99999999><script>1</script>",
    "<math><mfrac><mi>a</mi><msup><mi>b</mi><mn>2</mn></msup></mfrac></math><svg><rect width=5/></svg><style>a{}</style>",
    "<select><option>1<option selected>2</select><input value=3 type=checkbox checked><textarea>4</textarea><progress value=5>",
)
_MARKDOWN = (
    "# a\n\n- [ ] b\n  1. c\n\n"
    "| a | b |\n|--:|:-:|\n| 1 | `2|3` |\n\n> [!NOTE]\n> x\n\n```python\nx = 1\n```\n\n[^1]\n\n[^1]: y\n",
    "a **b _c_ d** ~~e~~ ![f](g.png) [h](http://i 'j') <b>k</b> &amp; $x^2$ \\(y\\)\n\n"
    "term\n: definition\n\n$$\n\\frac{a}{b}\n$$\n",
    "* a\n" * 30 + "> " * 40 + "x\n" + "[" * 60 + "](" * 60,
)
_LATEX = (
    "$\\begin{align} a &= \\sum_{i=0}^{n} \\frac{x_i}{\\sqrt[3]{y}} "
    "\\\\ b &= \\left( \\begin{matrix} 1 & 2 \\\\ 3 & 4 \\end{matrix} \\right) \\end{align}$",
    "$\\mathbb{R} \\text{ if } \\overline{x}_{1}^{2} \\xrightarrow{a} "
    "\\underbrace{b}_{c} \\operatorname{lim}\\limits_{x \\to 0}$",
)
_PLOTLY = {
    "data": [{"type": "scatter", "x": [1, 2], "y": [3, 4], "name": "a"}, {"type": "bar", "x": ["a", "b"], "y": [1, None]}],
    "layout": {"title": {"text": "t"}},
}
_VEGA = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "data": {"values": [{"a": 1}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a"}},
}
_ANSI = (
    "\x1b[31mred\x1b[0m",
    "\x1b[38;5;200mx",
    "\x1b[38;2;1;2;3my",
    "\x1b[1;4;7mz",
    "\x1b[2K",
    "\x1b[A",
    "\x1b[1000B",
    "\x1b[5C",
    "\x1b[99999999999D",
    "\x1b[3;4H",
    "\x1b[?25l",
    "\x1b]0;t\x07",
    "\x1b]8;;http://a\x1b\\b\x1b]8;;\x1b\\",
    "\x1b[",
    "\x1b",
    "\x9b",
    "\r",
    "\b",
    "\n",
    "\r\n",
    "\t",
    "\x0c",
    "\x07",
    "\x1bP",
    "\x1b\\",
    "\x1b[38;5m",
    "\x1b[;;;;m",
    "\x1b[1" + ";1" * 400 + "m",
    "100 %",
    "é漢👩",
    "\x1b[J",
    "\x1b[s\x1b[u",
    "\x1b[0K",
    "\x1bM",
    "\x1b7\x1b8",
)


def _spliced(chance: random.Random, text: str) -> str:
    return mutation.damaged(chance, text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


def _damaged_json(chance: random.Random, value: Any) -> Any:  # noqa: ANN401
    found = [copy.deepcopy(value)]
    for _ in range(chance.randint(0, 4)):
        mutation.damage(chance, found)
    return found[0] if found else None


def _bundle(chance: random.Random) -> dict[str, Any]:
    """Returns a MIME bundle with one or two types, whose values are odd."""
    found: dict[str, Any] = {}
    for _ in range(chance.randint(1, 2)):
        mime, value = _typed(chance)
        found[mime] = chance.choice((value, value, value, mutation.value(chance), [value, value]))
    return found


def _typed(chance: random.Random) -> tuple[str, Any]:
    match chance.randrange(10):
        case 0:
            return "text/html", _spliced(chance, chance.choice(_HTML) + chance.choice(_HTML))
        case 1:
            return "text/markdown", _spliced(chance, chance.choice(_MARKDOWN))
        case 2:
            return "text/latex", _spliced(chance, chance.choice(_LATEX))
        case 3:
            return "application/vnd.plotly.v1+json", _damaged_json(chance, _PLOTLY)
        case 4:
            return "application/vnd.vegalite.v5+json", _damaged_json(chance, _VEGA)
        case 5:
            return "application/json", _damaged_json(chance, {"a": [1, {"b": None}], "c": "d"})
        case 6:
            kind = chance.choice(("PNG", "GIF", "JPEG", "WEBP", "BMP"))
            data = mutation.damaged(chance, data_of(quarters((8, 8)), kind))
            return f"image/{kind.lower()}", base64.b64encode(data).decode()
        case 7:
            return "application/vnd.jupyter.widget-view+json", _damaged_json(chance, {"model_id": "m", "version_major": 2})
        case 8:
            return chance.choice(("text/plain", "image/svg+xml", "application/pdf", "x/y", "", "a/b+json")), _terminal_text(
                chance
            )
        case _:
            return "text/plain", _terminal_text(chance)


def _terminal_text(chance: random.Random) -> str:
    return "".join(chance.choice(_ANSI if chance.random() < 0.8 else mutation.ODD_TEXT) for _ in range(chance.randrange(40)))


def _output(chance: random.Random) -> dict[str, Any]:
    match chance.randrange(4):
        case 0:
            return {"output_type": "stream", "name": "stdout", "text": _terminal_text(chance)}
        case 1:
            frames = [_terminal_text(chance) for _ in range(chance.randrange(4))]
            return {"output_type": "error", "ename": mutation.text(chance), "evalue": "e", "traceback": frames}
        case _:
            return {
                "output_type": "display_data",
                "data": _bundle(chance),
                "metadata": _damaged_json(chance, {"image/png": {"width": 5}}),
            }


def _fuzz_output(chance: random.Random, scratch: Path) -> None:
    context = _context(chance)
    metadata = chance.choice((None, {}, {"image/png": {"width": 10**9, "height": -1}}, mutation.value(chance)))
    _check_block(render_bundle(_bundle(chance), context, metadata), context)


def _fuzz_terminal(chance: random.Random, scratch: Path) -> None:
    text = _terminal_text(chance)
    whole, pieces = StreamText(text), StreamText()
    at = 0
    while at < len(text):
        length = chance.choice((1, 2, 5, 100))
        pieces.append(text[at : at + length])
        at += length
    assert whole.text() == pieces.text(), "pieces of a text give another text"
    context = _context(chance)
    _check_block(stream_block(pieces, context), context)
    _check_block(render_bundle({"text/plain": text}, context), context)


# ---- kernels


class _Kernel:
    """A connection whose messages are given to `sink`."""

    def __init__(self) -> None:
        self.sent: list[requests.Request] = []
        self.sink: Sink = lambda events: None
        self.pid = None

    def describe(self) -> KernelDescription:
        return KernelDescription("fuzz", "fuzz", "python", "")

    async def open(self, sink: Sink) -> None:
        self.sink = sink
        sink([lifecycle.KernelStarting(), lifecycle.KernelConnected()])

    def send(self, request: requests.Request) -> None:
        self.sent.append(request)

    def interrupt_means(self) -> tuple[InterruptMeans, ...]:
        return ()

    def interrupt(self, means: InterruptMeans) -> None: ...

    async def restart(self) -> None: ...

    async def log(self) -> str:
        return ""

    async def shut_down(self) -> None: ...

    async def leave(self) -> None: ...


_KINDS = (*codec._READERS, "debug_event", "")
_CONTENTS: tuple[dict[str, Any], ...] = (
    {"execution_state": "idle"},
    {"execution_state": "busy"},
    {"name": "stdout", "text": "x\n"},
    {"name": 3, "text": ["a", 1]},
    {"data": {"text/plain": "1"}, "metadata": {}, "execution_count": 1, "transient": {"display_id": "d"}},
    {"ename": "E", "evalue": "v", "traceback": ["a"], "status": "error", "execution_count": 2},
    {"wait": True},
    {"wait": False},
    {"code": "x", "execution_count": 1},
    {"comm_id": "c", "target_name": "jupyter.widget", "data": {"state": {"_model_name": "OutputModel", "msg_id": "m"}}},
    {
        "comm_id": "c",
        "data": {"method": "update", "state": {"value": 1, "children": ["IPY_MODEL_c"]}, "buffer_paths": [["value"]]},
    },
    {"comm_id": "c", "data": {"method": "echo_update", "state": {}}},
    {"status": "ok", "execution_count": 1, "payload": [{"source": "page", "data": {"text/plain": "p"}}]},
    {
        "status": "ok",
        "payload": [{"source": "set_next_input", "text": "t", "replace": True}, {"source": "ask_exit", "keepkernel": True}],
    },
    {"matches": ["a"], "cursor_start": 0, "cursor_end": 1},
    {"found": True, "data": {"text/plain": "d"}},
    {"prompt": "? ", "password": False},
    {
        "protocol_version": "5.4",
        "implementation": "i",
        "banner": "b",
        "language_info": {"name": "python", "file_extension": ".py"},
    },
)


_CHANNELS: tuple[Channel, ...] = ("iopub", "iopub", "iopub", "shell", "stdin", "control")


def _message(chance: random.Random, wire: Wire, parents: Sequence[str]) -> tuple[Channel, list[bytes]]:
    channel = chance.choice(_CHANNELS)
    kind = chance.choice(_KINDS)
    content = copy.deepcopy(chance.choice(_CONTENTS))
    if "data" in content and "comm_id" not in content and chance.random() < 0.5:
        content["data"] = _bundle(chance)
    if "text" in content and chance.random() < 0.5:
        content["text"] = _terminal_text(chance)
    header: dict[str, Any] = {"msg_id": f"k{chance.randrange(9)}", "msg_type": kind, "session": "fuzz"}
    parent: Any = {"msg_id": chance.choice(parents), "session": chance.choice(("own", "other"))}
    parts: list[Any] = [header, parent, {}, content]
    if chance.random() < 0.4:
        mutation.damage(chance, parts)
    encoded = [_encoded(part) for part in parts]
    if chance.random() < 0.1:
        encoded.append(b"buffer")
    if chance.random() < 0.1 and encoded:
        at = chance.randrange(len(encoded))
        encoded[at] = mutation.damaged(chance, encoded[at])
    return channel, [b"<IDS|MSG>", wire._sign(encoded[:4]), *encoded]


def _encoded(part: Any) -> bytes:  # noqa: ANN401
    try:
        return json.dumps(part).encode()
    except RecursionError:
        return b"[" * 50_000 + b"]" * 50_000


def _fuzz_kernel(chance: random.Random, scratch: Path) -> None:
    # Messages are small here; large ones are cut at these sizes.
    with patch("tuinb.kernel.protocol.wire._PIECE", 50), patch("tuinb.deep_json._WINDOW", chance.randint(10, 500)):
        asyncio.run(_talk(chance, scratch))


async def _talk(chance: random.Random, scratch: Path) -> None:
    problems: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(str(context)))
    path = write_notebook(scratch / "kernel.ipynb", "a", "b", "c")
    loaded, copied = load.load(path), load.load(path).notebook
    kernel = _Kernel()
    session = Session(loaded.notebook, kernels=lambda _name: kernel, store=loaded.file)
    session.listen(lambda event: _follow(event, session.notebook, copied))
    await session.start_kernel()
    session.run(list(session.notebook.order))
    wire = Wire(b"key", "own")
    for _ in range(chance.randint(1, 25)):
        parents = ["", "m", "?", *(request.id for request in kernel.sent if isinstance(request, requests.Execute))]
        events = []
        for _ in range(chance.randint(1, 4)):
            channel, frames = _message(chance, wire, parents)
            with suppress(MalformedMessageError):
                messages = wire.unpack_large(frames) if chance.random() < 0.3 else [wire.unpack(frames)]
                events += [codec.parse(channel, *message) for message in messages]
        kernel.sink(events)
        if chance.random() < 0.1:
            session.run([chance.choice(list(session.notebook.order))])
        if chance.random() < 0.1:
            await session.save(overwrite=True, endorse=False)
    for _ in range(50):
        running = [request.id for request in kernel.sent if isinstance(request, requests.Execute)]
        kernel.sink(
            [codec.parse("shell", {"msg_type": "execute_reply"}, {"msg_id": one}, {}, {"status": "ok"}) for one in running]
        )
        kernel.sink(
            [codec.parse("iopub", {"msg_type": "status"}, {"msg_id": one}, {}, {"execution_state": "idle"}) for one in running]
        )
        if not session.queue():
            break
    assert not session.queue(), "a cell is not freed"
    assert state(session.notebook) == state(copied), "the journal has another notebook"
    await session.save(overwrite=True, endorse=False)
    again = load.load(path)
    assert not again.read_only, again.read_only
    context = replace(_context(chance), widgets=session.widgets)
    for cell in session.notebook:
        for output in cell.outputs:
            _check_block(render_output(output, context), context)
    await session.shut_down(discard=True)
    assert not problems, problems[0]


def _follow(event: object, notebook: Notebook, copied: Notebook) -> None:
    """Makes the same change in a copy, from what a journal would have."""
    if isinstance(event, c.Applied):
        transactions = [plain(event, notebook)]
        with suppress(RecursionError):  # such a value leads to a snapshot, not to a record
            transactions = records.unpack_changes(memoryview(records.pack_changes(transactions)))
        for transaction in transactions:
            replay(copied, transaction)


# ---- what is read of files and sockets

_CONFIG = (
    'theme = "light"\nline_numbers = true\noutput_lines = 20\nkernel = "python3"\nsession_idle = "12h"\nautosave = 3\n'
    '[keys.command]\n"ctrl+l" = "clear-outputs"\n"g g" = ""\n[keys.edit]\n"f5" = "run-in-place"\n'
)


def _fuzz_config(chance: random.Random, scratch: Path) -> None:
    path = scratch / "config.toml"
    path.write_bytes(mutation.damaged(chance, _CONFIG.encode()))
    found, problems = config.read(path)
    for problem in problems:
        str(problem).encode("utf-8", "backslashreplace")
    from tuinb.commands.keymap.keymap import Keymap

    with suppress(TuinbError):
        Keymap.from_tables(DEFAULT_KEYS, found.keys)
    name = chance.choice(themes.names())
    theme = mutation.damaged(chance, themes._files()[name].read_bytes())
    folder = scratch / "settings" / "tuinb" / "themes"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mine.toml").write_bytes(theme)
    with patch.dict(os.environ, XDG_CONFIG_HOME=str(scratch / "settings")), suppress(TuinbError):
        themes.load("mine")


def _fuzz_small_files(chance: random.Random, scratch: Path) -> None:
    entry = {
        "id": "a",
        "host": "h",
        "boot": "b",
        "pid": 1,
        "started": "s",
        "since": 1.0,
        "locked": True,
        "notebook": "/a",
        "socket": "/b",
    }
    entry |= {"transport": "tcp", "ip": "127.0.0.1", "key": "k", "signature_scheme": "hmac-sha256"}
    entry |= {f"{name}_port": 5000 + number for number, name in enumerate(("shell", "iopub", "stdin", "control", "hb"))}
    value = _damaged_json(chance, entry)
    with suppress(RecursionError):
        data = json.dumps(value).encode()
        data = mutation.damaged(chance, data) if chance.random() < 0.5 else data
        Owner.parse(data)
        file = scratch / "kernel-1.json"
        file.write_bytes(data)
        file.chmod(0o600)
        with suppress(TuinbError):
            connection_files.read(file)
        registry.folder().mkdir(parents=True, exist_ok=True)
        (registry.folder() / f"a{registry.SUFFIX}").write_bytes(data)
        registry.read()
    frames = mutation.damaged(chance, b"".join(len(text).to_bytes(4) + text for text in (b'{"t": "ask", "what": "x"}',) * 3))
    decoder = Decoder()
    with suppress(TuinbError):
        for at in range(0, len(frames), 7):
            decoder.feed(frames[at : at + 7])


def _fuzz_journal(chance: random.Random, scratch: Path) -> None:
    work = Journaled(write_notebook(scratch / "journal.ipynb", "a = 1", "b = 2"))
    for _ in range(chance.randint(1, 12)):
        with suppress(ChangeError):
            work.desk.do(_change(chance, work.notebook))
    data = work.bytes()
    found = recover(data)
    assert found is not None
    assert state(found.restored.notebook) == state(work.notebook), "not all is restored"
    with suppress(TuinbError):
        recover(_damaged_journal(chance, data))
    work.writer.remove()


def _damaged_journal(chance: random.Random, data: bytes) -> bytes:
    """Returns a journal with damage that its checksums do not show."""
    import zlib

    pieces = [records.MAGIC]
    for kind, payload in records.scan(data):
        content = bytes(payload)
        if chance.random() < 0.3:
            if kind is records.Kind.CHANGES and chance.random() < 0.8:
                value = json.loads(zlib.decompress(content))
                mutation.damage(chance, value)
                with suppress(RecursionError):
                    content = zlib.compress(json.dumps(value).encode())
            else:
                content = mutation.damaged(chance, content)
        pieces += records.frame(kind, content)
    return b"".join(pieces)


# ---- keys

_OUTSIDE = {"edit-externally", "edit-all-externally", "page-output", "open-output", "save-output", "follow-link", "suspend"}
_OUTSIDE.add("contents")
"""Commands that run other programs, write files, or ask for more than a choice."""
_BOUND = [bound for table in DEFAULT_KEYS.values() for bound in table.items()]
_KEYS = tuple(sorted({key for key, _ in _BOUND}.difference(key for key, name in _BOUND if name in _OUTSIDE)))
_TYPED = (
    b"a",
    b"\r",
    b"\x1b",
    b"\x1b[A",
    b"\x1b[1;5C",
    b"\x1bOP",
    b"\x1b[200~paste\x1b[201~",
    b"\x1b[200~",
    b"\x1b[<0;5;5M",
    b"\x1b[<64;1;1m",
    b"\x1b[M   ",
    b"\x1b[?62;4c",
    b"\x1b]11;rgb:0/0/0\x07",
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1bP>|kitty\x1b\\",
    b"\x1b[27;2;13~",
    b"\x1b[97;5u",
    b"\x1b[I",
    b"\x1b[O",
    b"\x9b",
    b"\xc3",
    b"\xff",
    b"\x00",
    b"\x1b[99999999999999999999A",
    b"\x1b[<99999;99999;99999M",
    b"\x1b[" + b"1;" * 500 + b"A",
    b"\x1b]" + b"x" * 3000,
    b"\x1b[?2026;2$y",
)


def _fuzz_input(chance: random.Random, scratch: Path) -> None:
    now = [0.0]
    parser = InputParser(0.05, clock=lambda: now[0])
    for _ in range(chance.randint(1, 40)):
        data = chance.choice(_TYPED)
        if chance.random() < 0.3:
            data = mutation.damaged(chance, data)
        for message in parser.feed(data.decode("utf-8", "replace")):
            repr(message)
        now[0] += chance.choice((0.0, 0.01, 1.0))
        parser.tick()


def _fuzz_keys(chance: random.Random, scratch: Path) -> None:
    it = Desk("m:a|b/c=1*|d=2|r:e|f")
    for _ in range(chance.randint(1, 60)):
        key = chance.choice(_KEYS)
        source = it.notebook[it.view.active].source if it.view.active is not None else ""
        it.host.open_editor.cursor = min(chance.randrange(3), len(source))
        it.host.answers[:] = [chance.choice((None, 0))] * 5
        with suppress(TuinbError):
            it.press(key)
        assert it.view.active in it.notebook
        assert set(it.view.selected(it.notebook)) <= set(it.notebook.order)


_PRESSED = (
    *"abcdfghijklmnopqrstuvxyzABCDFGHIJKMNOPRSTUVXYZ0123456789",
    "enter",
    "enter",
    "escape",
    "escape",
    "up",
    "down",
    "left",
    "right",
    "pageup",
    "pagedown",
    "home",
    "end",
    "tab",
    "shift+tab",
    "backspace",
    "delete",
    "space",
    "ctrl+r",
    "ctrl+e",
    "ctrl+f",
    "ctrl+g",
    "ctrl+y",
    "ctrl+v",
    "ctrl+x",
    "ctrl+a",
    "ctrl+k",
    "ctrl+w",
    "ctrl+s",
    "ctrl+backslash",
    "ctrl+left",
    "shift+down",
    "alt+up",
    "alt+down",
    "alt+a",
    "f1",
    "f8",
    "f9",
    "slash",
    "question_mark",
    "left_square_bracket",
    "right_square_bracket",
    "equals_sign",
    "left_parenthesis",
    "right_parenthesis",
    "less_than_sign",
    "greater_than_sign",
    "quotation_mark",
    "backslash",
)
"""Without the keys that leave, and those that run other programs."""


def _fuzz_screen(chance: random.Random, scratch: Path) -> None:
    asyncio.run(_use(chance, scratch))


async def _use(chance: random.Random, scratch: Path) -> None:
    """Presses keys on a screen with a damaged notebook, over a kernel that prints and shows odd things."""
    problems: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(str(context)))
    path = _damaged(chance, scratch)
    try:
        loaded = load.load(path)
    except TuinbError:
        return  # the program says so, and opens no screen
    steps = _steps(chance)
    script = {cell.source: chance.sample(steps, 3) for cell in loaded.notebook}
    size = chance.choice(((80, 24), (120, 40), (20, 5), (3, 2)))
    async with running(path, script, size=size) as driver:
        for _ in range(40):
            await driver.press(chance.choice(_PRESSED))
            if chance.random() < 0.03:
                await driver.pilot.resize_terminal(chance.randint(1, 150), chance.randint(1, 50))
        for row in driver.rows():
            assert not foreign(row.encode()), foreign(row.encode())
        if not loaded.read_only:
            await driver.session.save(overwrite=True, endorse=False)
    assert not problems, problems[0]
    again = load.load(path)
    assert bool(again.read_only) == bool(loaded.read_only), again.read_only


def _steps(chance: random.Random) -> list[Step]:
    """Returns what a kernel prints and shows, of which an error is the last."""
    return [
        *(scripted.stream(_terminal_text(chance)) for _ in range(3)),
        *(scripted.display(_bundle(chance)) for _ in range(2)),
        scripted.error(mutation.text(chance), mutation.text(chance), [_terminal_text(chance)]),
    ]


TARGETS: Final[dict[str, tuple[Callable[[random.Random, Path], None], int]]] = {
    "notebooks": (_fuzz_notebook, 20),
    "run": (_fuzz_run, 6),
    "verify": (_fuzz_verify, 6),
    "show": (_fuzz_show, 10),
    "strip": (_fuzz_strip, 10),
    "diffs and merges": (_fuzz_diff, 8),
    "outputs": (_fuzz_output, 30),
    "terminal texts": (_fuzz_terminal, 20),
    "kernels": (_fuzz_kernel, 15),
    "settings": (_fuzz_config, 8),
    "small files": (_fuzz_small_files, 8),
    "journals": (_fuzz_journal, 8),
    "input": (_fuzz_input, 10),
    "keys": (_fuzz_keys, 5),
    "screens": (_fuzz_screen, 2),
}
"""The targets, with how often each is tried."""
