"""Scanning bytes gives the same values as json."""

from __future__ import annotations

import json

import pytest

from tuinb.files.ipynb.scan import scan_bytes


@pytest.mark.parametrize("value", ["", "é"])
@pytest.mark.parametrize("key", ['"\\u3437"', '"é"', '"é\\u3437"', '"\\u00c3\\u00a9"', '"\\u00e9"', '"\\ud800é"', '"\\n \\""'])
def test_a_key_is_read_as_json_reads_it(key: str, value: str) -> None:
    text = f'{{"cells": [], {key}  :["{value}"], "metadata": {{}}}}'
    scan = scan_bytes(text.encode())
    assert scan.error is None
    assert {**scan.top, "cells": scan.cells} == json.loads(text)
