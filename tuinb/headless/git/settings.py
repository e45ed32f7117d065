"""Git's configuration and attributes, of one repository or of all of a user's: what `tuinb git` and `tuinb strip` write there.

The attributes of a repository are in its info/attributes, which is not committed.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tuinb.errors import UsageError
from tuinb.files import atomic

PATTERN = "*.ipynb"
_APART = "-P"
"""Python's option that keeps the working directory out of sys.path: git runs commands in the repository, whose own json.py or
tuinb must not be imported."""


def command(words: str, *, percent: bool = False) -> str:
    """Returns tuinb's command line for git's configuration. `words` are for the shell.

    `percent` is for a variable in which git replaces what begins with `%`.
    """
    return f"{python(percent=percent)} {_APART} -m tuinb {words}"


def python(*, percent: bool = False) -> str:
    """Returns the path of this Python as a word for the shell. For `percent` see `command`."""
    quoted = shlex.quote(sys.executable)
    return quoted.replace("%", "%%") if percent else quoted


class GitSettings:
    """The settings of the repository of `folder`, or the user's."""

    def __init__(self, folder: Path, *, is_global: bool = False) -> None:
        self._folder = folder
        self._scope = "--global" if is_global else "--local"
        self.attributes = self._global_attributes() if is_global else self._local_attributes()
        """The path of the file of attributes."""

    def _local_attributes(self) -> Path:
        return Path(os.path.normpath(self._folder / self.git("rev-parse", "--git-path", "info/attributes")))

    def _global_attributes(self) -> Path:
        known = self.git("config", "--global", "--type=path", "--get", "core.attributesFile", missing=True)
        folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        return Path(known or Path(folder) / "git" / "attributes")

    def git(self, *words: str, missing: bool = False) -> str:
        """Returns the output of git. With `missing` an exit code of 1 means that nothing was found. Raises UsageError."""
        try:
            done = subprocess.run(["git", *words], cwd=self._folder, capture_output=True, text=True, check=False)
        except OSError as error:
            raise UsageError(f"git can't be run: {error.strerror}", hint="install git") from error
        if done.returncode and not (missing and done.returncode == 1):
            what = done.stderr.strip() or f"git {words[0]} failed"
            raise UsageError(what, where=str(self._folder), hint="go into a git repository")
        return done.stdout.strip()

    def attribute(self, name: str) -> str:
        """Returns the value of an attribute of notebooks in the repository. Empty if it has none."""
        value = self.git("check-attr", name, "--", "any.ipynb").rpartition(": ")[2]
        return "" if value in {"unspecified", "unset"} else value

    def set(self, section: str, values: dict[str, str]) -> None:
        """Sets variables of a section of the configuration."""
        for key, value in values.items():
            self.git("config", self._scope, f"{section}.{key}", value)

    def unset(self, section: str) -> bool:
        """Removes a section of the configuration. Returns whether it existed."""
        pattern = "^" + section.replace(".", r"\.") + r"\."
        known = self.git("config", self._scope, "--get-regexp", pattern, missing=True)
        if known:
            self.git("config", self._scope, "--remove-section", section)
        return bool(known)

    def add_attribute(self, attribute: str) -> None:
        """Adds a line on notebooks to the file of attributes, unless it has it."""
        line = f"{PATTERN} {attribute}"
        try:
            self.attributes.parent.mkdir(parents=True, exist_ok=True)
            text = self.attributes.read_text(encoding="utf-8") if self.attributes.exists() else ""
            if line in map(str.strip, text.splitlines()):
                return
            text += "\n" if text and not text.endswith("\n") else ""
            atomic.replace(self.attributes, f"{text}{line}\n".encode())
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"it can't be written: {error}", where=str(self.attributes)) from error

    def remove_attribute(self, attribute: str) -> bool:
        """Removes that line. Returns whether it existed."""
        line = f"{PATTERN} {attribute}"
        try:
            text = self.attributes.read_text(encoding="utf-8") if self.attributes.exists() else ""
            lines = text.splitlines(keepends=True)
            left = [one for one in lines if one.strip() != line]
            if left != lines:
                atomic.replace(self.attributes, "".join(left).encode())
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"it can't be changed: {error}", where=str(self.attributes)) from error
        return left != lines
