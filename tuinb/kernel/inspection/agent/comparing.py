"""Compares cells with the constants of conditions. Runs in the kernel: see values.py for the rules."""

from __future__ import annotations

import datetime
from typing import Any

from .conditions import ConditionError


def check_constant(kind: str, constant: object) -> None:
    if (kind in "iufcb") != (type(constant) in (int, float, bool)) and kind in "iufcbU":
        raise ConditionError(
            "it holds numbers, and a text is no number" if kind != "U" else "it holds text: put quotes around it"
        )


def compare(one: Any, sign: str, other: Any) -> Any:
    if sign == "==":
        return one == other
    if sign == "!=":
        return one != other
    if sign == "<":
        return one < other
    if sign == "<=":
        return one <= other
    return one > other if sign == ">" else one >= other


def text_test(item: object, sign: str, text: str) -> bool:
    if type(item) is not str:
        return False
    if sign == "has":
        return text in item
    return item.startswith(text) if sign == "starts" else item.endswith(text)


def test(item: object, sign: str, constant: Any) -> bool:
    if sign == "in":
        return item in constant
    if item is None or item != item:
        return False
    if isinstance(item, (datetime.date, datetime.datetime)) and type(constant) is str:
        constant = moment(constant, type(item))
    try:
        return bool(compare(item, sign, constant))
    except TypeError:
        return False


def moment(text: str, kind: type) -> Any:
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ConditionError(f"{text!r} is no date: write it as 2024-12-31 or 2024-12-31 23:59") from None
    return found.date() if kind is datetime.date else found
