"""Errors that nobody waits for: named at once, told whole at the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support import wait_for
from tuinb.ui.error_reporter import ErrorReporter

if TYPE_CHECKING:
    import pytest


async def test_an_error_in_a_callback_is_named_and_told_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[tuple[str, str]] = []
    unexpected = ErrorReporter(lambda text, severity: said.append((text, severity)))
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(unexpected)

    def fails() -> None:
        raise KeyError("\x1b]0;x\x07\nnot there")

    for _ in range(30):
        loop.call_soon(fails)
    await wait_for(lambda: bool(said))
    text, severity = said[0]
    assert text == "Internal error: KeyError: '\\x1b]0;x\\x07\\nnot there'. The traceback is printed when tuinb ends."
    assert severity == "error"
    assert len(said) == 10, "an error that comes with every paint is said for a while"
    assert capsys.readouterr().err == ""
    told = "".join(unexpected.report())
    assert told.count("in fails") == 10
    assert "\x1b" not in told
    assert unexpected.report() == []


async def test_what_is_no_error_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []
    loop = asyncio.get_running_loop()
    ErrorReporter(lambda text, severity: said.append(text))(loop, {"message": "a task was destroyed"})
    assert said == []
    assert "a task was destroyed" in caplog.text
