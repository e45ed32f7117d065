"""Regular expressions that are compiled when they are first used."""

from __future__ import annotations

import re
from unittest.mock import Mock

import pytest

from tuinb.late_pattern import late_pattern


def test_a_pattern_is_what_it_would_be_when_compiled() -> None:
    late, compiled = late_pattern("a(b+)", re.IGNORECASE), re.compile("a(b+)", re.IGNORECASE)
    assert late.sub(r"<\1>", "abb xAB") == compiled.sub(r"<\1>", "abb xAB") == "<bb> x<B>"
    assert [found.span() for found in late.finditer("ab ab", 1)] == [(3, 5)]
    assert (late.pattern, late.flags, late.groups) == (compiled.pattern, compiled.flags, compiled.groups)
    with pytest.raises(AttributeError, match="mach"):
        late.mach  # type: ignore[attr-defined]  # noqa: B018


def test_it_is_compiled_when_it_is_used_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiling = Mock(wraps=re.compile)
    monkeypatch.setattr(re, "compile", compiling)
    late = late_pattern("x+", re.ASCII)
    assert compiling.call_count == 0
    assert late.match("xx")
    assert late.match("x")
    compiling.assert_called_once_with("x+", re.ASCII)
