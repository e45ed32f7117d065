"""A small language server for tests: it keeps what it is told, answers by it, and misbehaves as its arguments say.

It knows names as words. A line with BAD is an error, `display` is reported as undefined, TYPO is fixed to `typed`. Arguments:
`one` (no notebooks), `full` (whole texts only), `encoding=NAME`, and the ways to misbehave that the functions below look for.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import Any

ARGUMENTS = sys.argv[1:]
ENCODING = next((each.partition("=")[2] for each in ARGUMENTS if each.startswith("encoding=")), "utf-16")
documents: dict[str, list[Any]] = {}
"""URI → version, text."""
order: list[str] = []


def units(text: str) -> int:
    if ENCODING == "utf-32":
        return len(text)
    return len(text.encode("utf-8")) if ENCODING == "utf-8" else len(text.encode("utf-16-le")) // 2


def offset(text: str, place: dict[str, int]) -> int:
    lines = text.split("\n")
    at = sum(len(line) + 1 for line in lines[: place["line"]])
    line = lines[place["line"]]
    return at + next(count for count in range(len(line) + 1) if units(line[:count]) >= place["character"])


def position(text: str, at: int) -> dict[str, int]:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return {"line": text.count("\n", 0, at), "character": units(line)}


def send(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    sys.stdout.buffer.flush()


def receive() -> dict[str, Any] | None:
    length = -1
    while line := sys.stdin.buffer.readline().strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return None if length < 0 else json.loads(sys.stdin.buffer.read(length))


def change(uri: str, version: int, changes: list[dict[str, Any]]) -> None:
    text = documents[uri][1]
    assert version > documents[uri][0]
    for one in changes:
        if "range" not in one:
            text = one["text"]
            continue
        assert "full" not in ARGUMENTS
        start, end = offset(text, one["range"]["start"]), offset(text, one["range"]["end"])
        text = text[:start] + one["text"] + text[end:]
    documents[uri] = [version, text]


def publish() -> None:
    for uri in () if "silent" in ARGUMENTS else order:
        version, text = documents[uri]
        found = [
            {
                "range": {"start": position(text, match.start()), "end": position(text, match.end())},
                "message": "Bad thing\nsaid at length" if match[0] == "BAD" else f"Name `{match[0]}` is not defined",
                "severity": 2 if match[0] == "NOTE" else 1,
                "code": "bad" if match[0] == "BAD" else "undefined",
            }
            for match in re.finditer(r"BAD|NOTE|display|set_by_magic", text)
        ]
        params = {"uri": uri, "version": version, "diagnostics": found}
        send({"method": "textDocument/publishDiagnostics", "params": params})


def notebook(method: str, params: dict[str, Any]) -> None:
    global order
    if method == "didOpen":
        order = [cell["document"] for cell in params["notebookDocument"]["cells"]]
        for one in params["cellTextDocuments"]:
            documents[one["uri"]] = [one["version"], one["text"]]
        return
    cells = params["change"]["cells"]
    if structure := cells.get("structure"):
        array = structure["array"]
        order[array["start"] : array["start"] + array["deleteCount"]] = [cell["document"] for cell in array["cells"]]
        for one in structure["didClose"]:
            del documents[one["uri"]]
        for one in structure["didOpen"]:
            documents[one["uri"]] = [one["version"], one["text"]]
        assert set(order) == set(documents)
    for one in cells.get("textContent", ()):
        change(one["document"]["uri"], one["document"]["version"], one["changes"])


def take(method: str, params: dict[str, Any]) -> None:
    global order
    room, _, what = method.partition("/")
    if room == "notebookDocument" and what != "didClose":
        notebook(what, params)
    elif method == "textDocument/didOpen":
        one = params["textDocument"]
        order, documents[one["uri"]] = [one["uri"]], [one["version"], one["text"]]
    elif method == "textDocument/didChange":
        change(params["textDocument"]["uri"], params["textDocument"]["version"], params["contentChanges"])
    else:
        return
    publish()


def word(params: dict[str, Any]) -> str:
    text = documents[params["textDocument"]["uri"]][1]
    at = offset(text, params["position"])
    before, after = re.search(r"\w*$", text[:at]), re.match(r"\w*", text[at:])
    assert before is not None
    assert after is not None
    return before[0] + after[0]


def places(name: str) -> list[dict[str, Any]]:
    return [
        {"uri": uri, "range": {"start": position(text, match.start()), "end": position(text, match.end())}}
        for uri in order
        for text in [documents[uri][1]]
        for match in re.finditer(rf"\b{re.escape(name)}\b", text)
    ]


def renamed(params: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for place in places(word(params)):
        changes.setdefault(place["uri"], []).append({"range": place["range"], "newText": params["newName"]})
    if "outside" in ARGUMENTS:
        changes["file:///etc/passwd"] = [{"range": place["range"], "newText": "x"}]
    if "overlap" in ARGUMENTS:
        changes[place["uri"]] *= 2
    return {"changes": changes}


def answer(method: str, params: dict[str, Any]) -> Any:  # noqa: C901, ANN401 - one branch a method
    match method:
        case "fake/texts":
            return [documents[uri][1] for uri in order]
        case "textDocument/definition":
            found = places(word(params))
            return found[0] if found else None
        case "textDocument/references":
            return places(word(params))
        case "textDocument/prepareRename":
            return None if word(params) == "fixed" else {"defaultBehavior": True}
        case "textDocument/rename":
            return renamed(params)
        case "textDocument/hover":
            return {"contents": {"kind": "markdown", "value": f"```python\n{word(params)}: int\n```\nIt is a name."}}
        case "textDocument/signatureHelp":
            return {"signatures": [{"label": "(first, second=2)"}], "activeSignature": 0}
        case "textDocument/completion":
            return {"items": [{"label": f"server_{number}", "kind": 3, "sortText": str(number)} for number in (2, 1)]}
        case "textDocument/formatting":
            text = documents[params["textDocument"]["uri"]][1]
            whole = {"start": {"line": 0, "character": 0}, "end": {"line": text.count("\n") + 1, "character": 0}}
            return [{"range": whole, "newText": re.sub(" +", " ", text)}]
        case "textDocument/codeAction":
            kind = (params["context"].get("only") or ["quickfix"])[0]
            return [{"title": "Fix\ntypos", "kind": kind, "data": params["textDocument"]["uri"]}]
        case "codeAction/resolve":
            found = [place for place in places("TYPO") if place["uri"] == params["data"] or "notebook" in params["kind"]]
            edits = [
                {"textDocument": {"uri": one["uri"]}, "edits": [{"range": one["range"], "newText": "typed"}]} for one in found
            ]
            return {**params, "edit": {"documentChanges": edits}}
    return None


def misbehave(method: str) -> None:
    if "garbage" in ARGUMENTS:
        sys.stdout.write("Traceback (most recent call last):" + "x" * 5000)
        sys.stdout.flush()
    if "flood" in ARGUMENTS and method == "initialized":
        note = b"Content-Length: 2\r\n\r\n{}" * 1000
        while True:
            sys.stdout.buffer.write(note)
    if "huge" in ARGUMENTS and method == "initialized":
        sys.stdout.buffer.write(b"Content-Length: 99999999999\r\n\r\n{")
        sys.stdout.buffer.flush()
    if "die-at-once" in ARGUMENTS or ("die-on-rename" in ARGUMENTS and method == "textDocument/rename"):
        sys.stderr.write("out of luck")
        sys.stderr.flush()
        os._exit(3)
    if "mute" in ARGUMENTS or ("hang-on-rename" in ARGUMENTS and method == "textDocument/rename"):
        while True:
            time.sleep(10)


def reply(number: object, method: str, params: dict[str, Any]) -> None:
    if "late" in ARGUMENTS:
        send({"id": 99_999, "result": None})
        time.sleep(0.2)
    if "errors" in ARGUMENTS and method != "shutdown":
        send({"id": number, "error": {"code": 1, "message": "cannot do\nthat"}})
    else:
        send({"id": number, "result": answer(method, params)})


def main() -> None:
    sync: dict[str, Any] = {"textDocumentSync": 1 if "full" in ARGUMENTS else {"openClose": True, "change": 2}}
    if "one" not in ARGUMENTS:
        sync["notebookDocumentSync"] = {"notebookSelector": [{"cells": [{"language": "python"}]}]}
    asked = ["definition", "references", "hover", "codeAction", "completion", "signatureHelp", "documentFormatting"]
    abilities: dict[str, Any] = {
        **sync,
        **{f"{each}Provider": True for each in asked},
        "renameProvider": {"prepareProvider": True},
    }
    if ENCODING != "utf-16":
        abilities["positionEncoding"] = ENCODING
    while (message := receive()) is not None:
        method, number = message.get("method", ""), message.get("id")
        misbehave(method)
        if method == "initialize":
            send({"id": number, "result": {"capabilities": abilities, "serverInfo": {"name": "fake", "version": "1.0"}}})
            send({"id": "s1", "method": "workspace/configuration", "params": {"items": [{"section": "ty"}, {}]}})
        elif method == "exit" and "stays" not in ARGUMENTS:
            return
        elif number is None:
            take(method, message.get("params") or {})
        elif method:
            reply(number, method, message.get("params") or {})
    while "stays" in ARGUMENTS:
        time.sleep(10)


if __name__ == "__main__":
    main()
