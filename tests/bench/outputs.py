"""The figures that are about outputs: long ones that grow, huge messages, updates, progress bars, many images, differences."""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.bench import notebooks
from tests.bench.figures import RUN_AND_ADVANCE, Row, Setting, changes, flood_rows
from tests.bench.notebooks import SEEN
from tests.terminal_emulator import PAGE_DOWN
from tuinb.files.load import load
from tuinb.headless.ansi_lines import context_for
from tuinb.notebook import changes as c
from tuinb.notebook.document import Notebook
from tuinb.ui.view.output_area import OutputArea

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNKS = 10_000
"""Messages that arrive one by one."""
_PAINTED_EVERY = 200
_MB = 1_000_000


def append(setting: Setting) -> Iterator[Row]:
    """What arrives costs the same, however much is there already: into the notebook, and the last rows painted."""
    for name, chunk in (("lines", "line %d\n"), ("a progress bar", "\r%d%%"), ("two bars", "a %d\n\r\x1b[A")):
        onto_nothing = min(_appending(0, chunk) for _ in range(setting.runs))
        onto_much = min(_appending(50 * _MB, chunk) for _ in range(setting.runs))
        detail = f"{onto_much:.3f} s; {onto_nothing:.3f} s"
        yield Row(f"10,000 chunks of {name} onto 50 MB ÷ onto nothing", onto_much / onto_nothing, "", 1.5, 1.1, detail)


def _appending(size: int, chunk: str) -> float:
    notebook = Notebook((), {}, nbformat=4, nbformat_minor=5)
    cell = notebook.new_id()

    def apply(change: c.Change) -> None:
        notebook.apply(c.Transaction((change,), c.KERNEL, c.Step.OUTPUT))

    apply(c.InsertCell(c.CellData(cell, "code", "", {"id": cell, "metadata": {}}), None))
    block = ("x" * 79 + "\n") * 6250
    for _ in range(size // len(block)):
        apply(c.AppendStream(cell, "stdout", block))
    area = OutputArea(notebook[cell].outputs, context_for(100, None), 20)
    area.sync(whole=True)
    gc.collect()
    began = time.perf_counter()
    for number in range(CHUNKS):
        apply(c.AppendStream(cell, "stdout", chunk % number if "%d" in chunk else chunk))
        if number % _PAINTED_EVERY == 0:
            area.sync(whole=True)
            for row in range(max(0, area.height - 30), area.height):
                area.line(row)
    return time.perf_counter() - began


def message(setting: Setting) -> Iterator[Row]:
    """One message of 50 MB."""
    loop = "import sys; n = sys.stdout.write(('y' * 79 + '\\n') * 625_000)"
    yield from flood_rows(setting, "one message of 50 MB", loop, 250, 100, text=50 * _MB)


def saving(setting: Setting) -> Iterator[Row]:
    """Saves outputs of 100 MB in a thread, and the same cell again after an edit."""
    lines, line = ("y" * 79 + "\n") * 1_250_000, "é" * 100_000_000
    for name, data in (("lines", {"text/html": lines}), ("one line", {"text/plain": line})):
        path = notebooks.write(setting.folder / "saving.ipynb", [notebooks.code(0, "x")])
        loaded = load(path)
        (cell,) = loaded.notebook.order
        output = c.OutputData({"output_type": "display_data", "metadata": {}, "data": data})
        steps = (("", c.SetOutputs(cell, (output,)), 30, 10), (", edited", c.SpliceSource(cell, 0, "", "x"), 100, 50))
        for what, change, must, aim in steps:
            loaded.notebook.apply(c.Transaction((change,), c.KERNEL))
            longest, used = held(partial(loaded.file.save_now, loaded.notebook))
            detail = f"{used:.2f} s in all"
            yield Row(f"longest hold of other threads, saving 100 MB of {name}{what}", longest, "ms", must, aim, detail)


def held(work: Callable[[], object]) -> tuple[float, float]:
    """Does work in a thread. Returns its milliseconds of processor time during which this thread did not run, at most, and its
    seconds in all.
    """
    switch = sys.getswitchinterval()
    sys.setswitchinterval(0.001)
    used: list[float] = []

    def timed() -> None:
        work()
        used.append(time.thread_time())

    thread = threading.Thread(target=timed)
    thread.start()
    clock = time.pthread_getcpuclockid(thread.ident or 0)
    longest = before = 0.0
    while not used:
        time.sleep(0.0005)
        with suppress(OSError):  # it has ended
            now = time.clock_gettime(clock)
            longest, before = max(longest, now - before), now
    thread.join()
    sys.setswitchinterval(switch)
    return longest * 1000, used[0]


def updates(setting: Setting) -> Iterator[Row]:
    """One display that is updated as fast as the kernel can."""
    count = 20_000 if setting.quick else 100_000
    loop = f"shown = display(0, display_id=True)\nfor i in range({count}): shown.update(i)"
    yield from flood_rows(setting, f"{count:,} updates of a display", loop, 60, 25)


def bars(setting: Setting) -> Iterator[Row]:
    """Two nested progress bars that move 40 times a second."""
    seconds = 4 if setting.quick else 10
    loop = (
        "import time\nfrom tqdm import tqdm\n"
        f"for i in tqdm(range({seconds}), mininterval=0):\n"
        "    for j in tqdm(range(40), leave=False, mininterval=0): time.sleep(1 / 40)"
    )
    with setting.program(notebooks.flood(setting.folder / "bars.ipynb", loop)) as terminal:
        terminal.wait_for("6 * 7")
        terminal.wait_for(lambda: "idle" in terminal.status)
        terminal.send(RUN_AND_ADVANCE + RUN_AND_ADVANCE)
        terminal.wait_for("it/s", within=30)
        terminal.watch(1)
        written, began = len(terminal.raw), time.perf_counter()
        terminal.watch(seconds - 2)
        sent = (len(terminal.raw) - written) / (time.perf_counter() - began)
    yield Row("two nested bars, 40 updates a second", sent / 1000, "kB/s", 12, 4)


def pictures(setting: Setting) -> Iterator[Row]:
    """Pages through a notebook of 2,000 plots, as text."""
    with setting.program(notebooks.plots(setting.folder / "plots.ipynb", 2_000)) as terminal:
        terminal.wait_for(SEEN)
        terminal.settle(2)
        found = [changes(terminal, PAGE_DOWN, quiet=0.5) for _ in range(15)]
    times, sizes = zip(*found, strict=True)
    yield Row("a page down, 2,000 images", median(times), "ms", 25, 10, f"worst {max(times):.1f} ms")
    yield Row("bytes a page of images", median(sizes) / 1000, "kB", 40, 20)


_LOAD = "import json, sys; [json.load(open(name)) for name in sys.argv[1:]]"


def diff(setting: Setting) -> Iterator[Row]:
    """`tuinb diff` of two versions of 48 MB, in processor time, as a multiple of reading both."""
    old, new = notebooks.images(setting.folder / "images.ipynb"), setting.folder / "edited.ipynb"
    book = json.loads(old.read_bytes())
    for cell in book["cells"][::30]:
        cell["source"] = ["edited\n", *cell["source"]]
    new.write_text(json.dumps(book, indent=1) + "\n")
    ours, load = [], []
    for _ in range(setting.runs):
        ours.append(_used(sys.executable, "-m", "tuinb", "diff", str(old), str(new)))
        load.append(_used(sys.executable, "-c", _LOAD, str(old), str(new)))
    theirs = _used(str(Path(sys.executable).with_name("nbdiff")), str(old), str(new))
    detail = f"{median(ours):.2f} s; json.load {median(load):.2f} s; nbdime {theirs:.2f} s"
    yield Row("diff of two versions of 48 MB ÷ json.load of both", median(ours) / median(load), "", 4, 2, detail)


def _used(*command: str) -> float:
    """Runs a program. Returns its seconds of processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


FIGURES = {
    "append": append,
    "message": message,
    "saving": saving,
    "updates": updates,
    "bars": bars,
    "pictures": pictures,
    "diff": diff,
}
