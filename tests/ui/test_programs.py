"""Files and pages for other programs: private, only below the notebook's folder, and a reason where nothing opens them."""

from __future__ import annotations

import stat
import sys
from typing import TYPE_CHECKING

import pytest

from tuinb.ui.programs import ExternalPrograms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="macOS opens files by other rules")


async def at_once(work: Callable[[], bool]) -> bool:
    return work()


def outside(environ: Mapping[str, str]) -> ExternalPrograms:
    return ExternalPrograms(at_once, environ)


def opener(folder: Path, body: str) -> dict[str, str]:
    """An environment whose xdg-open is a script."""
    folder.mkdir(exist_ok=True)
    (folder / "xdg-open").write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    (folder / "xdg-open").chmod(0o755)
    return {"DISPLAY": ":1", "PATH": str(folder)}  # no browser of this machine


def test_what_is_kept_is_private() -> None:
    programs = outside({})
    one, two = programs.write_file("../a.png", b"1"), programs.write_file("../a.png", b"2")
    assert (one.name, one.read_bytes(), two.read_bytes()) == ("a.png", b"1", b"2")
    assert stat.S_IMODE(one.stat().st_mode) == 0o600
    assert stat.S_IMODE(one.parent.stat().st_mode) == 0o700


async def test_a_viewer_is_given_the_file(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    programs = outside(opener(tmp_path / "bin", f'printf %s "$1" > {seen}'))
    assert await programs.view(tmp_path / "x y.png") == ""
    assert seen.read_text(encoding="utf-8") == str(tmp_path / "x y.png")


async def test_why_a_viewer_does_not_open(tmp_path: Path) -> None:
    assert "No display is available" in await outside({}).view(tmp_path)
    assert "SSH" in await outside({"SSH_CONNECTION": "1"}).view(tmp_path)
    assert "not installed" in await outside({"DISPLAY": ":1", "PATH": str(tmp_path)}).view(tmp_path)
    assert "exit code 3" in await outside(opener(tmp_path / "bin", "exit 3")).view(tmp_path)


async def test_a_browser_of_the_terminal_gets_the_terminal() -> None:
    given: list[str] = []

    async def suspended(work: Callable[[], bool]) -> bool:
        given.append("terminal")
        return work()

    path = {"PATH": "/usr/bin:/bin"}
    assert await ExternalPrograms(suspended, {"BROWSER": "true", **path}).browse("https://example.org") == ""
    failing = ExternalPrograms(suspended, {"BROWSER": "false", **path})
    assert await failing.browse("https://example.org") == "The browser could not be started."
    assert given == ["terminal", "terminal"]


async def test_a_browser_with_windows_does_not_write_on_the_screen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    environ = opener(tmp_path / "bin", f"echo noise; echo noise >&2; printf %s $1 > {tmp_path}/seen")
    background = {"BROWSER": f"{tmp_path}/bin/xdg-open %s &"}
    assert await outside({**environ, **background}).browse("https://example.org/%s") == ""
    assert (tmp_path / "seen").read_text(encoding="utf-8") == "https://example.org/%s"
    assert capfd.readouterr() == ("", "")
    background = {"BROWSER": f"{tmp_path}/bin/none %s &"}
    assert await outside({**environ, **background}).browse("https://example.org") == "The browser could not be started."


async def test_no_browser(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path)}
    assert "no text browser was found" in await outside(nothing).browse("https://example.org")
    assert await outside({"DISPLAY": ":1", **nothing}).browse("https://example.org") == "No browser was found."


async def test_a_browser_that_python_knows(tmp_path: Path) -> None:
    environ = opener(tmp_path, f"echo noise; echo $* > {tmp_path}/seen")
    (tmp_path / "xdg-open").rename(tmp_path / "firefox")
    assert await outside({**environ, "BROWSER": "firefox"}).browse("https://example.org/a") == ""
    assert "https://example.org/a" in (tmp_path / "seen").read_text(encoding="utf-8")


async def test_the_browser_is_that_of_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session may have begun on a terminal without a display, and another $BROWSER."""
    monkeypatch.setenv("BROWSER", "false")
    monkeypatch.delenv("DISPLAY", raising=False)
    seen = tmp_path / "seen"
    environ = opener(tmp_path / "bin", f'printf %s "$1" > {seen}')
    assert await outside(environ).browse("https://example.org/a") == ""
    assert seen.read_text(encoding="utf-8") == "https://example.org/a"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://example.org/x",
        "https:",
        "../secret.txt",
        "/etc/passwd",
        "none.txt",
        "run.sh",
        "a.desktop",
        "%00",
        "//host/x",
        "#top",
        "http://[x",
    ],
)
async def test_links_that_are_not_followed(tmp_path: Path, url: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "run.sh").write_text("", encoding="utf-8")
    (folder / "run.sh").chmod(0o755)
    (folder / "a.desktop").write_text("", encoding="utf-8")
    seen = tmp_path / "seen"
    assert await outside(opener(tmp_path / "bin", f"touch {seen}")).open_link(url, folder)
    assert not seen.exists()


async def test_links_that_are_followed(tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_text("text", encoding="utf-8")
    seen = tmp_path / "seen"
    programs = outside(opener(tmp_path / "bin", f'printf %s "$1" > {seen}'))
    assert await programs.open_link("a%20b.txt", tmp_path) == ""
    assert seen.read_text(encoding="utf-8") == str(tmp_path / "a b.txt")
    assert await programs.open_link((tmp_path / "a b.txt").as_uri(), tmp_path) == ""
    assert await programs.open_link("https://example.org/a", tmp_path) == ""
    assert seen.read_text(encoding="utf-8") == "https://example.org/a"
    assert await programs.open_link("https://example.org/\x7fé \u202e\ud800", tmp_path) == ""
    assert seen.read_text(encoding="utf-8") == "https://example.org/%7F%C3%A9%20%E2%80%AE%3F"
