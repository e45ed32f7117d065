"""`tuinb sessions`: lists the sessions of the user, and ends, interrupts or detaches them.

Every session is asked at once, so that those that do not answer cost one time limit together.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

from tuinb import processes
from tuinb.config import home_relative
from tuinb.daemon import asking, registry
from tuinb.errors import SessionError, TuinbError, UsageError, is_remote, shown
from tuinb.headless.arguments import Exit, parser
from tuinb.headless.console import complain, tell
from tuinb.kernel.launch.spawn import remove_files
from tuinb.session.recovery import shown_time

if TYPE_CHECKING:
    import argparse
    import socket
    from collections.abc import Callable, Sequence

    from tuinb.daemon.frames import Message
    from tuinb.daemon.registry import Entry

ANSWERS_WITHIN: Final = 3.0
"""Seconds that a session has for an answer. A session that draws a large output takes a tenth of it."""
ENDS_WITHIN: Final = 20.0
"""Seconds that a session has to end: its kernel is asked first, and then killed."""

_POLL: Final = 0.02
_HEADERS: Final = ("notebook", "since", "terminals", "kernel", "state", "memory")
_LESS_NEEDED: Final = ("memory", "terminals", "since", "kernel")
"""Columns that a narrow terminal does without, the first one first."""
_NAME: Final = 20
"""Columns of a notebook's name at least."""


@dataclass(slots=True)
class Seen:
    """A session, with what it says of itself."""

    entry: Entry
    status: Message | None = None
    problem: str = ""
    """Why it does not answer. Empty if it does, or runs on another host."""

    def as_json(self) -> dict[str, object]:
        """Returns the session for --json."""
        entry, status = self.entry, self.status or {}
        kernel = dict(status.get("kernel") or {})
        memory: dict[str, int | None] = {"session": None, "kernel": None}
        if entry.is_here:
            memory = {"session": processes.resident_bytes(entry.pid), "kernel": _memory_of_kernel(entry, kernel)}
        found = {name: value for name, value in asdict(entry).items() if not name.startswith("kernel_")}
        answers = self.status is not None if entry.is_here else None
        more = {name: value for name, value in status.items() if name not in ("t", "what")}
        return {**found, "answers": answers, "problem": self.problem or None, **more, "kernel": kernel, "memory": memory}


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = arguments().parse_intermixed_args(argv)
    try:
        if parsed.action in (None, "list"):
            return _list(parsed)
        return _act(parsed)
    except UsageError as error:
        complain(error)
        return Exit.USAGE
    except TuinbError as error:
        complain(error)
        return Exit.FAILED


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "sessions",
        "List the notebooks that are open in sessions, or end, interrupt or detach some of them. Unsaved changes of a session\n"
        "that is ended are kept: opening the notebook offers them.\n"
        "Exit: 0; 1 a session was not found or does not answer; 2 the command line.",
        "tuinb sessions",
        "tuinb sessions interrupt analysis.ipynb",
        "tuinb sessions end --all",
    )
    options.add_argument("action", nargs="?", choices=["list", *_ACTIONS], metavar="ACTION", help="list (default), " + _WORDS)
    options.add_argument("names", nargs="*", metavar="NAME", help="the path of a notebook, or a part of it")
    options.add_argument("--all", action="store_true", help="all sessions of this computer")
    options.add_argument("--json", action="store_true", help="list as a JSON array")
    return options


# ---- asking


def listed() -> list[Entry]:
    """Returns the sessions in the registry. Complains about entries that can't be read."""
    listing = registry.read()
    for problem in listing.problems:
        complain(problem)
    return listing.entries


def look(entry: Entry) -> Seen:
    """Asks a session for its status."""
    seen = Seen(entry)
    if not entry.is_here:
        return seen
    if entry.left_kernel is not None:
        seen.problem = (
            f"the session was killed, but its kernel (process {entry.left_kernel}) still runs: "
            f"`tuinb {shlex.quote(_name(entry))}` takes it over, `tuinb sessions end {entry.id}` ends it"
        )
        return seen
    try:
        seen.entry, daemon = _connected(entry)
        with daemon:
            seen.status = asking.ask(daemon, "status", ANSWERS_WITHIN)
    except SessionError as error:
        seen.problem = error.what
    return seen


def _ask(entry: Entry, what: str) -> Message:
    _, daemon = _connected(entry)
    with daemon:
        return asking.ask(daemon, what, ANSWERS_WITHIN)


def _connected(entry: Entry) -> tuple[Entry, socket.socket]:
    entry, daemon = registry.connect(entry, ANSWERS_WITHIN)
    if daemon is None:
        raise SessionError("it does not listen yet, or any more")
    return entry, daemon


def _all_at_once(work: Callable[[Entry], Seen], entries: Sequence[Entry]) -> list[Seen]:
    found: dict[str, Seen] = {}
    threads = [Thread(target=lambda entry=entry: found.update({entry.id: work(entry)})) for entry in entries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[entry.id] for entry in entries]


# ---- the list


def _list(parsed: argparse.Namespace) -> int:
    if parsed.names or parsed.all:
        raise UsageError("a list has all sessions", hint="leave out the names; `tuinb sessions end NAME` ends one")
    seen = _all_at_once(look, listed())
    if parsed.json:
        tell(json.dumps([found.as_json() for found in seen], indent=1))
    else:
        tell(*_as_text(seen, os.get_terminal_size(1).columns if os.isatty(1) else None))
    return Exit.FAILED if any(found.problem for found in seen) else Exit.OK


def _as_text(seen: Sequence[Seen], columns: int | None) -> list[str]:
    """Returns the list as lines. Those of the table are at most `columns` wide; None for any width."""
    from tuinb.render.safe import clean

    if not seen:
        return ["No session is running. `tuinb FILE` begins one."]
    lines = _table([tuple(map(clean, row)) for row in (_HEADERS, *map(_row, seen))], columns)
    elsewhere = [f"On {found.entry.host}: {way_to(found.entry)}" for found in seen if not found.entry.is_here]
    problems = [f"{_name(found.entry)}: {found.problem}{_remedy(found)}" for found in seen if found.problem]
    return [clean(line) for line in (*lines, *elsewhere, *problems)]


def _table(rows: Sequence[Sequence[str]], columns: int | None) -> list[str]:
    """Returns rows as lines. What is too wide loses columns, then the starts of paths, and says so."""
    from tuinb.render.safe import width

    shown, left_out = list(range(len(_HEADERS))), list[str]()
    widths = [max(width(row[column]) for row in rows) for column in shown]

    def surplus() -> int:
        return 0 if columns is None else sum(widths[at] + 2 for at in shown) - 2 - columns

    for name in _LESS_NEEDED:
        if surplus() > 0:
            shown.remove(_HEADERS.index(name))
            left_out.append(name)
    widths[0] = min(widths[0], max(_NAME, widths[0] - max(0, surplus())))
    lines = []
    for row in rows:
        texts = [_end_of(row[0], widths[0]), *row[1:]]
        lines.append("  ".join(texts[at] + " " * (widths[at] - width(texts[at])) for at in shown).rstrip())
    return [*lines, f"({', '.join(left_out)}: in a wider terminal, or by --json)"] if left_out else lines


def _end_of(path: str, columns: int) -> str:
    """Returns the end of a path that is too wide, which tells more than its start."""
    from tuinb.render.safe import width

    if width(path) <= columns:
        return path
    while width(path) >= columns:
        path = path[1:]
    return f"…{path}"


def _row(found: Seen) -> tuple[str, ...]:
    entry, status = found.entry, found.status
    name, since = _name(entry), shown_time(entry.since)
    if not entry.is_here:
        return name, since, "?", "?", f"on {entry.host}", "?"
    kernel = (status or {}).get("kernel") or {}
    megabytes = [
        f"{size / 1e6:.0f} MB"
        for size in (processes.resident_bytes(entry.pid), _memory_of_kernel(entry, kernel))
        if size is not None
    ]
    memory = " + ".join(megabytes)
    if entry.left_kernel:
        return name, since, "0", "?", "kernel without a session", memory
    if status is None:
        return name, since, "?", "?", "does not answer", memory
    return name, since, str(status.get("terminals")), str(kernel.get("display_name") or "none"), _state(status), memory


def _state(status: Message) -> str:
    queue = status.get("queue")
    words = [str((status.get("kernel") or {}).get("state"))]
    run = status.get("run")
    runs = isinstance(run, dict) and run.get("exit") is None
    if isinstance(run, dict) and runs:
        words.append(f"ran {run.get('done')} of {run.get('cells')} cells")
    if status.get("prompt"):
        words.append("waits for input")
    if isinstance(queue, int) and queue and not runs:
        words.append(f"{queue} cell{'s' * (queue > 1)} to run")
    if status.get("modified"):
        words.append("unsaved")
    return ", ".join(words)


def _memory_of_kernel(entry: Entry, kernel: Message) -> int | None:
    pid = kernel.get("pid") or entry.kernel_pid
    return processes.resident_bytes(pid) if isinstance(pid, int) and pid else None


def _name(entry: Entry) -> str:
    return shown(entry.notebook) if is_remote(entry.notebook) else home_relative(Path(entry.notebook))


def way_to(entry: Entry) -> str:
    return f"ssh {shlex.quote(entry.host)} -t tuinb attach {shlex.quote(shown(entry.notebook))}"


def _remedy(found: Seen) -> str:
    """Returns what the user can do about a session that does not answer."""
    entry = found.entry
    if not entry.is_running:
        return ""
    if processes.is_stopped(entry.pid):
        return f" (it is stopped: `kill -CONT {entry.pid}` lets it go on; `kill -9 {entry.pid}` ends it)"
    return f" (`kill {entry.pid}` ends it and keeps unsaved changes; `kill -9 {entry.pid}` if it does not)"


# ---- the actions


def _act(parsed: argparse.Namespace) -> int:
    entries = listed()
    if parsed.json:
        raise UsageError("--json is for the list", hint="leave it out")
    if parsed.all and parsed.names:
        raise UsageError("--all can't be combined with names", hint="leave out one of them")
    if parsed.all:
        chosen = [entry for entry in entries if entry.is_here]
    elif parsed.names:
        chosen = list({entry.id: entry for entry in (registry.choose(entries, name) for name in parsed.names)}.values())
    else:
        raise UsageError(f"which session is to be acted on by {parsed.action!r}?", hint=registry.existing(entries))
    seen = _all_at_once(lambda entry: _acted(_ACTIONS[parsed.action][0], entry), chosen)
    said = [line for found in seen for line in ((found.status or {}).get("say") or "").splitlines()]
    tell(*said) if said else None
    for found in seen:
        if found.problem:
            complain(f"{_name(found.entry)}: {found.problem}{_remedy(found)}")
    return Exit.FAILED if any(found.problem for found in seen) else Exit.OK


def _acted(action: Callable[[Entry], str], entry: Entry) -> Seen:
    if not entry.is_here:
        return Seen(entry, problem=f"it runs on {entry.host}; `{way_to(entry)}` reaches it")
    try:
        return Seen(entry, {"say": f"{_name(entry)}: {action(entry)}"})
    except SessionError as error:
        return Seen(entry, problem=error.what)


def _end(entry: Entry) -> str:
    if (kernel := entry.left_kernel) is not None:
        _end_left(entry, kernel)
        return "ended the kernel that its session had left"
    try:
        _, daemon = _connected(entry)
        with daemon:
            asking.ask(daemon, "status", ANSWERS_WITHIN)  # so that a stopped one is known soon
            said = asking.end(daemon, within=ENDS_WITHIN)
    except SessionError:
        if not _terminated(entry):
            raise
        return "ended by a signal, which keeps unsaved changes"
    return f"ended\n{said}"


def _terminated(entry: Entry) -> bool:
    """Ends a session that can't be asked to: its socket was removed, or it is of a version that does not know the request.

    Returns False if the process is not the session's, is stopped, or does not end.
    """
    if not entry.is_running or processes.is_stopped(entry.pid):
        return False
    with suppress(ProcessLookupError):
        os.kill(entry.pid, signal.SIGTERM)
    deadline = time.monotonic() + ENDS_WITHIN
    while processes.is_running(entry.pid, entry.started, entry.boot):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def _end_left(entry: Entry, kernel: int) -> None:
    """Kills a kernel without a session, and removes what is left of both. Raises SessionError if it does not end."""
    with suppress(ProcessLookupError):
        os.killpg(kernel, signal.SIGKILL)
    deadline = time.monotonic() + ANSWERS_WITHIN
    # Children of the kernel hold the lock in its folder a moment longer.
    files = Path(entry.kernel_folder or os.devnull)
    while entry.left_kernel or ((files / "lock").exists() and not remove_files(files)):
        if time.monotonic() > deadline:
            raise SessionError(f"its kernel (process {kernel}) or a child of it does not end")
        time.sleep(_POLL)
    entry.place.clean()
    with suppress(OSError):  # the next reader removes it
        registry.remove(entry)


def _interrupt(entry: Entry) -> str:
    queue = _ask(entry, "interrupt").get("queue")
    return "interrupted" if queue else "nothing runs"


def _detach(entry: Entry) -> str:
    count = _ask(entry, "detach").get("terminals")
    return f"detached {count} terminal{'s' * (count != 1)}"


_ACTIONS: Final = {
    "end": (_end, "end it with its kernel"),
    "interrupt": (_interrupt, "interrupt its running cell"),
    "detach": (_detach, "detach its terminals; it goes on"),
}
_WORDS: Final = "; ".join(f"{name}: {what}" for name, (_, what) in _ACTIONS.items())
