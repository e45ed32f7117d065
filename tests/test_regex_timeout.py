"""Expressions without an end are given up, and nothing else."""

from __future__ import annotations

import re
import signal

import pytest

from tuinb import regex_timeout


def test_an_expression_that_would_take_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regex_timeout, "SECONDS", 0.05)
    handler = signal.getsignal(signal.SIGVTALRM)
    with pytest.raises(TimeoutError), regex_timeout.regex_timeout():
        re.search("(a+)+$", "a" * 200 + "b")
    assert signal.getsignal(signal.SIGVTALRM) is handler


def test_what_was_to_ring_rings_later() -> None:
    handler = signal.getsignal(signal.SIGVTALRM)
    before, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 1000)
    try:
        with regex_timeout.regex_timeout():
            assert 0 < signal.getitimer(signal.ITIMER_VIRTUAL)[0] <= regex_timeout.SECONDS + 0.01  # the kernel rounds up
        assert 900 < signal.getitimer(signal.ITIMER_VIRTUAL)[0] <= 1000.1
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, before)
    assert signal.getsignal(signal.SIGVTALRM) is handler
