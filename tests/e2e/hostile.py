# ruff: noqa: E501  what is hostile is written as it comes
"""Hostile notebooks: whatever a terminal might obey, in every place of a notebook whose content somebody else chose."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from random import Random
from typing import Any

NASTY = (
    "\x1b]52;c;cHduZWQ=\x07", '\x1bP$q"p\x1b\\', "\x1b]0;owned\x07", "\x1b]2;owned\x1b\\", "\x1b[21t", "\x1b[6n", "\x1b[c",
    "\x1bPq#0;2;0;0;0#0!10~\x1b\\", "\x1b_Ga=T,f=24,s=1,v=1;AAAA\x1b\\", "\x1b]1337;File=inline=1:AAAA\x07",
    "\x1bPtmux;\x1b\x1b]0;x\x07\x1b\\", "\x9b31m", "\x9d0;x\x9c", "\x90q\x9c", "\x85", "\u202eevil\u202c", "\u2066x\u2069",
    "\x00", "\ud800", "\udc00\ud800", "\x1b", "\x1b[", "\x1b]", "\x1b]8;;javascript:alert(1)\x1b\\x\x1b]8;;\x1b\\",
    "\x1b]8;;http://x/\x1b]52;c;YQ==\x07\x1b\\y", "\x1b]8;;https://ok.example/\xe9\x07z\x1b]8;;\x07", "\x1b]8;id=\x07;file:///x\x07",
    "\x1b]8;;data:text/html,x\x1b\\", "\x1b[999999999999999999m", "\x1b[" + "1;" * 5000 + "m", "\x1b[?1049l", "\x1b[?1003h",
    "\x1bc", "\x1b(0", "\x0e", "\x0f", "\x07", "\x7f", "\x1b[38;5;300m", "\x1b[38:2::1:2:3m", "\x1b[38;2;1;2;3;48m", "\x1b[5;8m",
    "\U0010eeee\u0305\u0305", "\u200b\u2060\ufeff", "\U000e0041", "\U000f0000", "\ufffe", "e" + "\u0301" * 50, "\u0301",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "\ufdfd", "\u0627\u0644", "\x1b[200~", "\x1b[201~q",
    "\x1b[>4;2m", "\x1b[=7u", "\r\n", "\r", "\b\b", "\t", "\x0b\x0c", "\u2028", "\x1bXx\x1b\\", "\x1b^x\x1b\\", "\x18", "\x1a",
    "\x1b]11;rgb:ff/ff/ff\x07", "\x1b[8;1;1t", "\x1b%@", "\x1b#8", "\x1b[2J\x1b[H", "\x1b[1000A", "\x1b[1;1r", "[/b][@click=app.bell]",
    "<b onclick=x>", "&#27;]0;x&#7;", "\\u001b]0;x", "%1b]0;x", "$\\href{javascript:x}{y}$", "`" * 7, "|", "\n\n",
)  # fmt: skip
ELSEWHERE = "192.0.2.1"
"""An address that nobody may be asked for (RFC 5737)."""


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG that says it has this size, with as much of it as is given."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


GOOD = png(2, 2, b"\0" + bytes(6) + b"\0" + bytes(6))


class Source:
    """Nasty texts, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def text(self, pieces: int = 4) -> str:
        """Some of NASTY among letters."""
        return "".join(self.random.choice(NASTY) + self.random.choice("aZ 9é") for _ in range(pieces))

    def word(self) -> str:
        """The same without line ends."""
        return self.text(2).replace("\n", "").replace("\r", "")

    def cut(self) -> list[str]:
        """A text in chunks, torn wherever it may be."""
        text = self.text(12)
        places = sorted(self.random.sample(range(len(text)), min(6, len(text))))
        return [text[start:stop] for start, stop in zip([0, *places], [*places, len(text)], strict=True)]


def notebook(seed: int) -> dict[str, Any]:
    """A notebook that is hostile everywhere."""
    s = Source(seed)
    cells = [
        _cell(
            "markdown",
            _markdown(s),
            attachments={s.word(): {"image/png": b64(GOOD)}, "a.png": {"image/png": b64(png(70_000, 7))}},
        ),
        _cell("raw", s.text(9), **{s.word(): s.text()}),
        _code(s, [{"output_type": "stream", "name": name, "text": s.cut()} for name in ("stdout", "stderr", s.word())]),
        _code(s, [_error(s), _error(s)]),
        *(_code(s, [_display(s, bundle)]) for bundle in _bundles(s)),
    ]
    spec = {"name": s.word(), "display_name": s.text(), "language": s.word()}
    language = {"name": s.word(), "version": s.text(), "file_extension": s.word(), "pygments_lexer": s.word()}
    metadata = {"kernelspec": spec, "language_info": language, "title": s.text(), "widgets": _widgets(s), s.word(): s.text()}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _cell(kind: str, source: str, **more: object) -> dict[str, Any]:
    number = zlib.crc32(source.encode(errors="replace"))
    return {"cell_type": kind, "id": f"c{number}", "metadata": {"tags": [source[:20]]}, "source": source, **more}


def _code(s: Source, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    return _cell("code", f"# {s.text(6)}", execution_count=s.random.randrange(10**9), outputs=outputs)


def _error(s: Source) -> dict[str, Any]:
    frames = [s.text(6) for _ in range(4)]
    return {"output_type": "error", "ename": s.word(), "evalue": s.text(), "traceback": frames}


def _display(s: Source, bundle: dict[str, Any]) -> dict[str, Any]:
    shape = {
        "width": s.random.choice([1e308, -1, "9" * 40, 10**30, None]),
        "height": s.text(1),
        "expanded": True,
        "root": s.text(),
    }
    return {"output_type": "display_data", "data": bundle, "metadata": dict.fromkeys(bundle, shape) | {s.word(): s.text()}}


def _bundles(s: Source) -> list[dict[str, Any]]:
    nasty = {s.word(): [s.text(), {s.word(): s.text(9)}, 10**400, None] for _ in range(3)}
    return [
        {"text/plain": s.cut()},
        {"text/html": _html(s), "text/plain": s.text()},
        {"text/html": [s.text(), "<table><tr><td>", s.text(9), "</table>", "<div>" * 300]},
        {"text/latex": f"$${s.text()}\\frac{{{s.text()}}}{{2}}\\text{{{s.word()}}}\\href{{{s.word()}}}{{x}}$$"},
        {"text/markdown": _markdown(s)},
        {"application/json": nasty},
        {"application/geo+json": nasty},
        {"image/svg+xml": _svg(s)},
        {
            "image/svg+xml": "<!DOCTYPE svg ["
            + "".join(f'<!ENTITY l{n} "&l{n - 1};&l{n - 1};">' for n in range(1, 30))
            + "]><svg>&l29;</svg>"
        },
        *({mime: data} for mime in ("image/png", "image/jpeg", "image/gif", "image/webp") for data in _images(s)),
        {"image/png": [s.text()], "text/plain": {"a": 1}},
        {"application/pdf": b64(b"%PDF" + s.text().encode(errors="replace"))},
        {"application/javascript": s.text(), s.word(): s.text()},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "box", "version_major": 2}, "text/plain": s.text()},
        {"application/vnd.vegalite.v5+json": _chart(s), "text/plain": s.text()},
        {
            "application/vnd.plotly.v1+json": {
                "data": [{"type": "bar", "name": s.text(), "x": [s.text()], "y": [1]}],
                "layout": {"title": s.text()},
            }
        },
    ]


def _images(s: Source) -> list[str]:
    return [b64(GOOD), b64(GOOD[:40]), b64(png(2**31 - 1, 2**31 - 1)), b64(png(50_000, 50_000, bytes(10**6))), s.text(), ""]


def _chart(s: Source) -> dict[str, Any]:
    fields = {"x": {"field": s.word(), "type": "nominal", "title": s.text()}, "y": {"field": "b", "type": "quantitative"}}
    return {"data": {"url": f"http://{ELSEWHERE}/data.csv"}, "mark": "bar", "encoding": fields, "title": s.text()}


def _markdown(s: Source) -> str:
    return (
        f"---\ntitle: {s.word()}\n---\n# {s.word()}\n\n{s.text()} [{s.word()}](http://{ELSEWHERE}/{s.word()}) [js](javascript:x) "
        f"<http://{ELSEWHERE}/{s.word()}>\n\n![{s.word()}](http://{ELSEWHERE}/x.png) ![p](/etc/passwd) ![o](../outside/secret.png)\n"
        "![l](link.png) ![f](pipe.png) ![g](good.png) ![d](.) ![n](/dev/zero) ![u](file:///etc/passwd) ![a](attachment:a.png)\n\n"
        f"<script>x</script><img src=http://{ELSEWHERE}/x.png onerror=x><b onclick=x>{s.text()}</b>\n\n```{s.word()}\n{s.text()}\n```\n\n"
        f"| {s.word()} | b |\n|---|---|\n| {s.word()} | {s.word()} |\n\n$${s.text()}$$ and $x_{{{s.word()}}}$\n\n- [ ] {s.text()}\n\n"
        f"[^1]\n\n[^1]: {s.text()}\n\n> {s.text()}\n\n![data](data:image/png;base64,{b64(GOOD)})\n\n<!-- {s.text()} -->\n"
    )


def _html(s: Source) -> str:
    return (
        f"<style>@import url(http://{ELSEWHERE}/x.css)</style><script src=http://{ELSEWHERE}/x.js></script><h1 onclick=x>{s.text()}</h1>"
        f"<a href='javascript:x'>{s.word()}</a><a href='http://{ELSEWHERE}/{s.word()}'>{s.word()}</a><a href='file:///{s.word()}'>f</a>"
        f"<img src=http://{ELSEWHERE}/x.png alt='{s.word()}'><img src=../outside/secret.png><iframe src=file:///etc/passwd></iframe>"
        f"<table><tr><th colspan=99999999>{s.word()}<td rowspan=-1>{s.text()}<tr><td>{s.text()}</table><pre>{s.text()}</pre>"
        f"<details><summary>{s.word()}</summary>{s.text()}</details><ul><li>{s.text()}</ul><object data=/etc/passwd></object>"
        f"<svg><image href=http://{ELSEWHERE}/x.png /></svg><math><mi>{s.word()}</mi></math>&#27;]0;x&#7;&#x9b;31m&#8238;{s.text(9)}"
    )


def _svg(s: Source) -> str:
    return (
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20" onload="x"><script>x</script><text>&x;{s.word()}</text>'
        f'<image xlink:href="http://{ELSEWHERE}/x.png" width="9" height="9"/><image href="../outside/secret.png" width="9" height="9"/>'
        f'<style>@import url("http://{ELSEWHERE}/x.css");</style><rect width="9" height="9"/></svg>'
    )


def _widgets(s: Source) -> dict[str, Any]:
    def model(name: str, **state: object) -> dict[str, Any]:
        return {
            "model_name": name,
            "model_module": "@jupyter-widgets/controls",
            "model_module_version": "2.0.0",
            "state": state,
        }

    names = ("HTMLModel", "LabelModel", "HTMLMathModel", "TextModel", "FloatProgressModel", "ValidModel", s.word())
    parts = {f"w{n}": model(name, value=s.text(), description=s.text(), max=s.text()) for n, name in enumerate(names)}
    parts["out"] = model("OutputModel", outputs=[_error(s), {"output_type": "stream", "name": "stdout", "text": s.text()}])
    parts["box"] = model(
        "TabModel", children=[f"IPY_MODEL_{part}" for part in [*parts, "box"]], titles=[s.text()], _titles={"0": s.text()}
    )
    state = {"state": parts, "version_major": 2, "version_minor": 0}
    return {"application/vnd.jupyter.widget-state+json": state}


def dumps(content: dict[str, Any]) -> str:
    """As a file that JSON can hold, lone surrogates and all."""
    return json.dumps(content, indent=1)
