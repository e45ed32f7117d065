"""Answers of a real vim: what text and cursor become by keys. All cases of a call are answered by one process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

_SCRIPT = r"""
set nocompatible nomore noswapfile viminfo= shiftwidth=4 softtabstop=4 expandtab autoindent cpo&vim startofline nojoinspaces
set wrapscan ignorecase smartcase belloff=all noshowcmd nohlsearch incsearch textwidth=0 undolevels=1000 whichwrap=b,s
set backspace=indent,eol,start lines=40 columns=200 nrformats= selection=inclusive encoding=utf-8
let s:special = {"\uf700": "\<Up>", "\uf701": "\<Down>", "\uf702": "\<Left>", "\uf703": "\<Right>", "\uf728": "\<Del>"}
let s:special = extend(s:special, {"\uf729": "\<Home>", "\uf72b": "\<End>", "\uf727": "\<Insert>"})
let s:special = extend(s:special, {"\uf740": "\<C-Left>", "\uf741": "\<C-Right>"})
let s:out = []
for s:line in readfile($CASES)
  let s:c = json_decode(s:line)
  enew!
  call setline(1, 'Y')
  silent! call feedkeys("rZ:s/ZZZZ//e\<CR>", 'tx')
  enew!
  setlocal bufhidden=wipe undolevels=-1
  call setline(1, s:c.lines)
  for s:r in split('abcdefghijklmnopqrstuvwxyz0123456789"-*+/', '\zs')
    if len($REGISTERS)
      silent! call setreg(s:r, $REGISTERS)
    else
      silent! call setreg(s:r, [])
    endif
  endfor
  let @/ = ''
  delmarks!
  call setcharsearch({'char': 'Q', 'forward': 1, 'until': 0})
  let @/ = ''
  setlocal undolevels=1000
  call setcursorcharpos(s:c.row + 1, s:c.col + 1)
  let s:keys = s:c.keys
  for [s:key, s:name] in items(s:special)
    let s:keys = join(split(s:keys, s:key, 1), s:name)
  endfor
  silent! call feedkeys(s:keys, 'tx')
  call add(s:out, json_encode({'lines': getline(1, '$'), 'row': line('.') - 1, 'col': charcol('.') - 1, 'reg': getreg('"')}))
endfor
call writefile(s:out, $OUT)
qa!
"""


class Case(NamedTuple):
    """A text, a cursor, and the keys that are typed."""

    lines: tuple[str, ...]
    row: int
    column: int
    keys: str


class Answer(NamedTuple):
    """What became of it."""

    lines: tuple[str, ...]
    row: int
    column: int


def is_there() -> bool:
    """Whether there is a vim that can answer: one with `json_decode`, not a tiny one."""
    vim = shutil.which("vim")
    if vim is None:
        return False
    done = subprocess.run([vim, "--version"], capture_output=True, text=True, check=False)
    return "+eval" in done.stdout


def answers(cases: list[Case], registers: str = "") -> list[Answer]:
    """Returns the answers of vim to the cases, in their order. All registers have the text `registers` at first."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "script.vim").write_text(_SCRIPT)
        lines = [json.dumps({"lines": c.lines, "row": c.row, "col": c.column, "keys": c.keys}) for c in cases]
        (folder / "cases").write_text("\n".join(lines) + "\n")
        environ = {"CASES": str(folder / "cases"), "OUT": str(folder / "out"), "TERM": "xterm", "HOME": name, "LANG": "C.UTF-8"}
        environ |= {"REGISTERS": registers, "PATH": os.environ["PATH"]}
        command = [str(shutil.which("vim")), "-es", "-N", "-u", "NONE", "-i", "NONE", "-S", str(folder / "script.vim")]
        subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        found = [json.loads(line) for line in (folder / "out").read_text().splitlines()]
    return [Answer(tuple(one["lines"]), one["row"], one["col"]) for one in found]


def steady(cases: list[Case], registers: str = "") -> list[tuple[Case, Answer]]:
    """Returns the cases whose answer does not depend on those before: vim keeps state that no command resets."""
    forwards, backwards = answers(cases, registers), answers(cases[::-1], registers)[::-1]
    return [(case, one) for case, one, other in zip(cases, forwards, backwards, strict=True) if one == other]
