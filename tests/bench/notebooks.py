"""The notebooks that are measured with, made anew each time and always the same."""

from __future__ import annotations

import base64
import json
import random
import struct
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SEEN = "first output 4"
"""On the screen as soon as the first cell and its output are."""
READY, READY_SHOWN = "print('rea' + 'dy', 6 * 7)", "ready 42"


def code(number: int, source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": number + 1 if outputs else None,
        "id": f"cell-{number:06d}",
        "metadata": {},
        "outputs": list(outputs),
        "source": source.splitlines(keepends=True),
    }


def markdown(number: int, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": f"cell-{number:06d}", "metadata": {}, "source": source.splitlines(keepends=True)}


def stdout(text: str) -> dict[str, Any]:
    return {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}


def write(path: Path, cells: Iterable[dict[str, Any]]) -> Path:
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    content = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def many(path: Path, cells: int) -> Path:
    """Code with five lines of output each; every fifth cell is prose."""

    def cell(number: int) -> dict[str, Any]:
        if number % 5 == 4:
            return markdown(number, f"## Part {number}\n\nProse with *stress*, `code`, and a list:\n\n- this\n- that\n")
        source = (
            f"import statistics\n\n\ndef step_{number}(values, scale={number % 7}):\n    kept = []\n    for value in values:\n"
            f"        kept.append(value * scale)  # part {number}\n    return statistics.fsum(kept)\n"
        )
        word = "first" if number == 0 else f"{number}th"
        return code(number, source, stdout("".join(f"{word} output {line} {number * line / 7:.5f}\n" for line in range(5))))

    return write(path, map(cell, range(cells)))


def images(path: Path, cells: int = 2_000, size: int = 18_000) -> Path:
    """48 MB of images, in base64 as in any notebook."""
    chance = random.Random(48)
    pictures = [base64.b64encode(chance.randbytes(size)).decode() + "\n" for _ in range(16)]

    def cell(number: int) -> dict[str, Any]:
        data = {"image/png": pictures[number % 16], "text/plain": ["<Figure size 640x480 with 1 Axes>"]}
        shown = {"data": data, "metadata": {}, "output_type": "display_data"}
        return code(number, f"plot({number})", *([stdout(f"{SEEN}\n")] if number == 0 else []), shown)

    return write(path, map(cell, range(cells)))


def plots(path: Path, cells: int, width: int = 640, height: int = 480) -> Path:
    """Pictures that differ, of the size that plots have."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def png(number: int) -> str:
        ramp = bytes((x + 5 * number) % 256 for x in range(3 * width))
        rows = b"".join(b"\0" + ramp[3 * (y // 8) :] + ramp[: 3 * (y // 8)] for y in range(height))
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        body = chunk(b"IDAT", zlib.compress(rows, 1))
        return base64.b64encode(b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b"")).decode()

    def cell(number: int) -> dict[str, Any]:
        shown = {"data": {"image/png": png(number), "text/plain": ["<Figure>"]}, "metadata": {}, "output_type": "display_data"}
        return code(number, f"plot({number})", *([stdout(f"{SEEN}\n")] if number == 0 else []), shown)

    return write(path, map(cell, range(cells)))


def varied(path: Path, cells: int = 300) -> Path:
    """No two lines alike, so that nothing is cheap because it repeats."""
    chance = random.Random(25)

    def word() -> str:
        return "".join(chance.choices("abcdefghijklmnoprstuvwyz", k=chance.randint(2, 10)))

    def statement() -> str:
        return f"{'    ' * chance.randint(0, 2)}{word()} = {word()}({word()!r}, {chance.randint(0, 999)})  # {word()} {word()}"

    def cell(number: int) -> dict[str, Any]:
        source = "\n".join(statement() for _ in range(chance.randint(4, 12)))
        told = "".join(f"{' '.join(word() for _ in range(chance.randint(3, 12)))}\n" for _ in range(chance.randint(2, 8)))
        return code(number, source, stdout(f"{SEEN}\n{told}" if number == 0 else told))

    return write(path, map(cell, range(cells)))


def flood(path: Path, loop: str) -> Path:
    """A cell that shows that the kernel is there, one that floods, and one to type into meanwhile."""
    return write(path, [code(0, READY), code(1, loop), code(2, "typed = input('? ')")])
