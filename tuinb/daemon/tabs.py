"""The tabs of a terminal, as the command keeps them: notebooks in an order, each with a session of its own.

Only the notebook that is shown has the terminal. Of the others the command is told what a tab line shows, by a connection to
each session on which something comes only when that changes. A terminal with one notebook has no such connection.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tuinb.daemon import frames
from tuinb.daemon.places import Place
from tuinb.errors import SessionError, shown

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from tuinb.daemon.frames import Message
    from tuinb.session.target import Arguments

ANSWERS_WITHIN: Final = 10.0
"""Seconds that a session which runs has to take a connection, and then a terminal."""
_IPYNB: Final = ".ipynb"


class Tab:
    """One notebook of the terminal. `arguments` are what it was opened with."""

    def __init__(self, path: Path, arguments: Arguments, place: Place | None = None) -> None:
        self.path = path
        self.arguments = arguments
        self.place = place or Place.of(path)
        self.state: Message | None = None
        """What its session said of itself last. None if no session runs, or it has not answered yet."""
        self._watch: socket.socket | None = None
        self._decoder = frames.Decoder()
        self._has_run = False

    @property
    def has_ended(self) -> bool:
        """Whether its session ran, and takes no connections any more."""
        try:
            daemon = self.place.connect(ANSWERS_WITHIN) if self._has_run else None
        except SessionError:
            return False  # who is shown it is told why
        if daemon is not None:
            daemon.close()
        return self._has_run and daemon is None

    @property
    def watch_fd(self) -> int | None:
        """The descriptor on which its session says what changes. None if it is not watched."""
        return None if self._watch is None else self._watch.fileno()

    def watch(self) -> None:
        """Asks its session, if one runs, to say what changes. Raises SessionError."""
        if self._watch is not None or (daemon := self.place.connect(ANSWERS_WITHIN)) is None:
            return
        try:
            frames.send(daemon, {"t": "ask", "what": "tab"})
        except OSError:  # it has just ended
            daemon.close()
            return
        self._watch, self._decoder = daemon, frames.Decoder()

    def read(self) -> bool:
        """Reads what its session says. Returns False if the session has ended."""
        assert self._watch is not None
        try:
            data, _ = frames.receive(self._watch)
            messages = self._decoder.feed(data)
        except (OSError, SessionError):
            data, messages = b"", []
        if not data:
            self.forget()
            return False
        for message in messages:
            if message["t"] == "part":
                self._take(message)
            elif self.state is None:  # one that can't say it: who attaches is told why
                self.state = {}
        return True

    def _take(self, message: Message) -> None:
        self.state, self._has_run = message, True
        path, address = message.get("path"), message.get("socket")
        if isinstance(path, str) and isinstance(address, str):  # others than before, if it was saved under another name
            self.path = Path(path)
            self.place = Place(Path(address).parent, Path(address).stem)

    def forget(self) -> None:
        """Stops watching."""
        if self._watch is not None:
            self._watch.close()
        self._watch, self.state = None, None

    def detach(self) -> None:
        """Leaves the descriptor to another process, in which it was closed."""
        if self._watch is not None:
            self._watch.detach()

    def described(self, label: str) -> Message:
        """Returns what a screen is told."""
        state = self.state or {}
        flags = {name: state.get(name) is True for name in ("modified", "busy", "waits")}
        return {"name": label, **flags, "runs": self.state is not None}


class Tabs:
    """The tabs of one terminal. There is always one that is shown, or is about to be."""

    def __init__(self, *tabs: Tab) -> None:
        self._all = list(tabs)
        self.current = self._all[0]

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Tab]:
        return iter(self._all)

    def __getitem__(self, index: int) -> Tab:
        return self._all[index]

    def find(self, place: Place) -> Tab | None:
        """Returns the tab of a notebook."""
        return next((tab for tab in self._all if tab.place == place), None)

    def append(self, tab: Tab) -> None:
        """Puts a tab behind all others."""
        self._all.append(tab)

    def add(self, tab: Tab) -> None:
        """Puts a tab behind the current one."""
        self._all.insert(self._all.index(self.current) + 1, tab)

    def remove(self, tab: Tab) -> None:
        """Removes a tab, but not the only one. If it is the current one, the next one becomes that, or the last one."""
        at = self._all.index(tab)
        self._all.remove(tab)
        tab.forget()
        if tab is self.current:
            self.current = self._all[min(at, len(self._all) - 1)]

    def remove_ended(self) -> None:
        """Removes the tabs beside the current one whose sessions have ended, as by `tuinb sessions end --all`."""
        for tab in list(self._all):
            if tab is not self.current and tab.has_ended:
                self.remove(tab)

    def watch(self) -> None:
        """Watches all sessions that run, if there are several tabs. One that can't be is shown without its state."""
        for tab in self._all if len(self._all) > 1 else ():
            try:
                tab.watch()
            except SessionError:
                tab.forget()

    def described(self) -> Message:
        """Returns what the screen is told of the tabs."""
        labels = _labels([tab.path for tab in self._all])
        entries = [tab.described(label) for tab, label in zip(self._all, labels, strict=True)]
        return {"tabs": entries, "at": self._all.index(self.current)}

    def detach(self) -> None:
        """Leaves all descriptors to another process, in which they were closed."""
        for tab in self._all:
            tab.detach()


def _labels(paths: list[Path]) -> list[str]:
    """Returns short names: without `.ipynb`, and with the folder where two have the same name."""
    names = [path.stem if path.suffix == _IPYNB else path.name for path in paths]
    return [
        shown(f"{path.parent.name}/{name}" if names.count(name) > 1 else name) for path, name in zip(paths, names, strict=True)
    ]
