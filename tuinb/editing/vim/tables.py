"""All keys of vim's modes as data: key → function, from which the grammar, the help and the README are made."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.editing.vim import insert, keys, marks, motions, normal, objects, operators, programs, search, visual
from tuinb.editing.vim.grammar import Entry, Grammar

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHARACTER, _LINE = "character", "line"
_NO_FOLDS = "A cell has no folds. On cells (Esc), zc folds the section, zo unfolds it."


def _outside(name: str, doc: str) -> Entry:
    return Entry(normal.surroundings(name, doc))


MOTIONS: Mapping[str, Entry] = MappingProxyType(
    {
        **{key: Entry(motions.left) for key in ("h", keys.LEFT)},
        **{key: Entry(motions.right) for key in ("l", keys.RIGHT)},
        **{key: Entry(motions.down) for key in ("j", keys.DOWN, "\n", "\x0e")},
        **{key: Entry(motions.up) for key in ("k", keys.UP, "\x10")},
        **{key: Entry(motions.backspace) for key in (keys.BACKSPACE, "\x7f")},
        " ": Entry(motions.space),
        **{key: Entry(motions.line_start) for key in ("0", keys.HOME)},
        "^": Entry(motions.line_text),
        **{key: Entry(motions.line_end) for key in ("$", keys.END)},
        "g_": Entry(motions.line_text_end),
        "|": Entry(motions.column),
        "gm": Entry(motions.middle),
        "gM": Entry(motions.middle),
        "gj": Entry(motions.screen_down),
        "gk": Entry(motions.screen_up),
        "g0": Entry(motions.line_start),
        "g^": Entry(motions.line_text),
        "g$": Entry(motions.line_end),
        **{key: Entry(motions.next_line) for key in ("+", keys.ENTER)},
        "-": Entry(motions.previous_line),
        "_": Entry(motions.this_line),
        "G": Entry(motions.last_line),
        "gg": Entry(motions.first_line),
        "go": Entry(motions.byte),
        "H": Entry(motions.window_top),
        "M": Entry(motions.window_middle),
        "L": Entry(motions.window_bottom),
        "%": Entry(motions.percent),
        "w": Entry(motions.word),
        "W": Entry(motions.big_word),
        keys.WORD_RIGHT: Entry(motions.word),
        "e": Entry(motions.word_end),
        "E": Entry(motions.big_word_end),
        "b": Entry(motions.previous_word),
        "B": Entry(motions.previous_big_word),
        keys.WORD_LEFT: Entry(motions.previous_word),
        "ge": Entry(motions.previous_word_end),
        "gE": Entry(motions.previous_big_word_end),
        ")": Entry(motions.next_sentence),
        "(": Entry(motions.previous_sentence),
        "}": Entry(motions.next_paragraph),
        "{": Entry(motions.previous_paragraph),
        "]]": Entry(motions.next_definition),
        "[[": Entry(motions.previous_definition),
        "]m": Entry(motions.next_definition),
        "[m": Entry(motions.previous_definition),
        "[(": Entry(motions.open_parenthesis),
        "])": Entry(motions.close_parenthesis),
        "[{": Entry(motions.open_brace),
        "]}": Entry(motions.close_brace),
        "f": Entry(search.find_character, _CHARACTER),
        "F": Entry(search.find_character_back, _CHARACTER),
        "t": Entry(search.till_character, _CHARACTER),
        "T": Entry(search.till_character_back, _CHARACTER),
        ";": Entry(search.repeat_find),
        ",": Entry(search.repeat_find_back),
        "/": Entry(search.search_forward, _LINE),
        "?": Entry(search.search_back, _LINE),
        "n": Entry(search.search_again),
        "N": Entry(search.search_again_back),
        "*": Entry(search.search_word),
        "#": Entry(search.search_word_back),
        "g*": Entry(search.search_part),
        "g#": Entry(search.search_part_back),
        "gd": Entry(search.local_definition),
        "`": Entry(marks.mark, _CHARACTER),
        "'": Entry(marks.mark_line, _CHARACTER),
        "g`": Entry(marks.mark_quietly, _CHARACTER),
        "g'": Entry(marks.mark_line_quietly, _CHARACTER),
        "g;": Entry(marks.older_change),
        "g,": Entry(marks.newer_change),
        "gn": Entry(search.match_object),
        "gN": Entry(search.match_object_back),
    }
)

_OBJECTS = {
    "w": objects.word,
    "W": objects.big_word,
    "s": objects.sentence,
    "p": objects.paragraph,
    "t": objects.tag,
    **dict.fromkeys("()b", objects.parentheses),
    **dict.fromkeys("{}B", objects.braces),
    **dict.fromkeys("[]", objects.brackets),
    **dict.fromkeys("<>", objects.angles),
    '"': objects.double_quotes,
    "'": objects.single_quotes,
    "`": objects.back_quotes,
    "c": objects.cell,
    "f": objects.function,
    "C": objects.class_body,
}
OBJECTS: Mapping[str, Entry] = MappingProxyType(
    {around + key: Entry(function) for around in "ia" for key, function in _OBJECTS.items()}
)

KEEP_BLOCK = "wW\"'`"
"""Objects that do not end the selection of a block."""

OPERATORS: Mapping[str, Entry] = MappingProxyType(
    {
        "d": Entry(operators.delete, repeats=True),
        "c": Entry(operators.change, repeats=True),
        "y": Entry(operators.yank),
        ">": Entry(operators.indent, repeats=True),
        "<": Entry(operators.dedent, repeats=True),
        "=": Entry(operators.reindent, repeats=True),
        "gu": Entry(operators.lowercase, repeats=True),
        "gU": Entry(operators.uppercase, repeats=True),
        "g~": Entry(operators.swap_case, repeats=True),
        "g?": Entry(operators.rot13, repeats=True),
        "gq": Entry(operators.fill, repeats=True),
        "gw": Entry(operators.fill_staying, repeats=True),
        "gc": Entry(operators.comment, repeats=True),
        "!": Entry(programs.filter_motion),
    }
)

SURROUNDINGS = {
    "zz": ("centre", "Scroll the cursor to the middle of the view"),
    "z.": ("centre", "Scroll the cursor to the middle of the view"),
    "zt": ("scroll-top", "Scroll the cursor to the top of the view"),
    "z\r": ("scroll-top", "Scroll the cursor to the top of the view"),
    "zb": ("scroll-bottom", "Scroll the cursor to the bottom of the view"),
    "z-": ("scroll-bottom", "Scroll the cursor to the bottom of the view"),
    "\x04": ("half-page-down", "Half a page down"),
    "\x15": ("half-page-up", "Half a page up"),
    "\x06": ("page-down", "A page down"),
    "\x02": ("page-up", "A page up"),
    keys.PAGE_DOWN: ("page-down", "A page down"),
    keys.PAGE_UP: ("page-up", "A page up"),
    "\x05": ("scroll-down", "Scroll a row down"),
    "\x19": ("scroll-up", "Scroll a row up"),
    "ZZ": ("save-and-quit", "Save and quit"),
    "ZQ": ("quit-unsaved", "Quit without saving"),
    "K": ("inspect", "Show the documentation of the name here"),
    "gt": ("next-tab", "Go to the next tab; with a count, to the tab of that number"),
    "gT": ("previous-tab", "Go to the previous tab"),
    "gf": ("open-file", "Open another notebook"),
    "gx": ("follow-link", "Open a link of the cell"),
    "]d": ("next-problem", "Go to the next problem of the code"),
    "[d": ("previous-problem", "Go to the previous problem of the code"),
}

NORMAL: Mapping[str, Entry] = MappingProxyType(
    {
        "x": Entry(normal.delete_character, repeats=True),
        keys.DELETE: Entry(normal.delete_character, repeats=True),
        "X": Entry(normal.delete_character_before, repeats=True),
        "s": Entry(normal.substitute, repeats=True),
        "S": Entry(normal.substitute_line, repeats=True),
        "D": Entry(normal.delete_to_end, repeats=True),
        "C": Entry(normal.change_to_end, repeats=True),
        "Y": Entry(normal.yank_line),
        "r": Entry(normal.replace_character, _CHARACTER, repeats=True),
        "~": Entry(normal.swap_case, repeats=True),
        "J": Entry(normal.join, repeats=True),
        "gJ": Entry(normal.join_closely, repeats=True),
        "p": Entry(normal.put_after, repeats=True),
        "P": Entry(normal.put_before, repeats=True),
        "gp": Entry(normal.put_after_behind, repeats=True),
        "gP": Entry(normal.put_before_behind, repeats=True),
        "]p": Entry(normal.put_after_indented, repeats=True),
        "[p": Entry(normal.put_before_indented, repeats=True),
        "\x01": Entry(normal.increment, repeats=True),
        "\x18": Entry(normal.decrement, repeats=True),
        "i": Entry(normal.insert_before, repeats=True),
        keys.INSERT: Entry(normal.insert_before, repeats=True),
        "a": Entry(normal.insert_after, repeats=True),
        "I": Entry(normal.insert_at_text, repeats=True),
        "gI": Entry(normal.insert_at_start, repeats=True),
        "A": Entry(normal.insert_at_end, repeats=True),
        "gi": Entry(normal.insert_where_left, repeats=True, repeated_as="i"),
        "o": Entry(normal.open_below, repeats=True),
        "O": Entry(normal.open_above, repeats=True),
        "R": Entry(normal.replace_mode, repeats=True),
        "u": Entry(normal.undo),
        "\x12": Entry(normal.redo),
        "U": Entry(normal.undo_line),
        ".": Entry(normal.repeat),
        "&": Entry(normal.repeat_substitution, repeats=True),
        "g&": Entry(normal.repeat_substitution_everywhere, repeats=True),
        "q": Entry(normal.record, _CHARACTER),
        "@": Entry(normal.play_macro, _CHARACTER),
        "m": Entry(normal.set_mark, _CHARACTER),
        "v": Entry(normal.select_characters),
        "V": Entry(normal.select_lines),
        "\x16": Entry(normal.select_block),
        "gv": Entry(normal.select_again),
        "ga": Entry(normal.show_character),
        "g8": Entry(normal.show_bytes),
        "\x07": Entry(normal.show_position),
        ":": Entry(lambda: None, _LINE, doc="Run an ex command"),
        **{key: _outside(name, doc) for key, (name, doc) in SURROUNDINGS.items()},
    }
)

VISUAL: Mapping[str, Entry] = MappingProxyType(
    {
        **{key: Entry(visual.delete, repeats=True) for key in ("d", "x", keys.DELETE)},
        **{key: Entry(visual.change, repeats=True) for key in ("c", "s")},
        "y": Entry(visual.yank),
        "Y": Entry(visual.yank_lines),
        "D": Entry(visual.delete_to_ends, repeats=True),
        "X": Entry(visual.delete_lines, repeats=True),
        "C": Entry(visual.change_to_ends, repeats=True),
        **{key: Entry(visual.change_lines, repeats=True) for key in ("S", "R")},
        ">": Entry(visual.indent, repeats=True),
        "<": Entry(visual.dedent, repeats=True),
        "=": Entry(visual.reindent, repeats=True),
        "u": Entry(visual.lowercase, repeats=True),
        "gu": Entry(visual.lowercase, repeats=True),
        "U": Entry(visual.uppercase, repeats=True),
        "gU": Entry(visual.uppercase, repeats=True),
        "~": Entry(visual.swap_case, repeats=True),
        "g~": Entry(visual.swap_case, repeats=True),
        "g?": Entry(visual.rot13, repeats=True),
        "gq": Entry(visual.fill, repeats=True),
        "gw": Entry(visual.fill_staying, repeats=True),
        "gc": Entry(visual.comment, repeats=True),
        "!": Entry(programs.filter_selected),
        "J": Entry(visual.join, repeats=True),
        "gJ": Entry(visual.join_closely, repeats=True),
        "r": Entry(visual.replace_character, _CHARACTER, repeats=True),
        "p": Entry(visual.put, repeats=True),
        "P": Entry(visual.put_keeping, repeats=True),
        "I": Entry(visual.insert_before, repeats=True),
        "A": Entry(visual.append_after, repeats=True),
        "o": Entry(visual.other_end),
        "O": Entry(visual.other_corner),
        "v": Entry(visual.to_characters),
        "V": Entry(visual.to_lines),
        "\x16": Entry(visual.to_block),
        "\x1b": Entry(visual.escape),
        "\x03": Entry(visual.escape),
        "gv": Entry(normal.select_again),
        "\x01": Entry(visual.increment, repeats=True),
        "\x18": Entry(visual.decrement, repeats=True),
        "g\x01": Entry(visual.increment_more, repeats=True),
        "g\x18": Entry(visual.decrement_more, repeats=True),
        "m": Entry(normal.set_mark, _CHARACTER),
        ":": Entry(lambda: None, _LINE, doc="Run an ex command on the selected lines"),
        **{key: _outside(name, doc) for key, (name, doc) in SURROUNDINGS.items() if key[0] != "Z"},
    }
)

ABSENT: Mapping[str, Entry] = MappingProxyType(
    {
        "\x17": Entry(normal.absent("There are no windows here. gt goes to the next tab."), _CHARACTER),
        **{f"z{key}": Entry(normal.absent(_NO_FOLDS)) for key in "acovxACOMRdDEfFijkmnNrX"},
    }
)
"""Keys that vim users press, and that do nothing here but say so. The help does not list them.

Ctrl+W takes what follows it in vim, which would change the text here.
"""

NORMAL_GRAMMAR = Grammar(MOTIONS, OBJECTS, OPERATORS, MappingProxyType({**NORMAL, **ABSENT}))
VISUAL_GRAMMAR = Grammar(MOTIONS, OBJECTS, MappingProxyType({}), MappingProxyType({**VISUAL, **ABSENT}), selects=True)
_INSERT_DOCS = {
    "\x1b": "Back to normal mode",
    "\x12": "Insert a register, whose name follows",
    "\x16": "Insert a character by its code (065, x41, u20ac), or the next key as it is",
    "\x0b": "Insert a digraph: two characters follow, such as a: for ä",
}
INSERT: Mapping[str, Entry] = MappingProxyType(
    {
        **{key: Entry(function) for key, function in insert.KEYS.items()},
        **{key: Entry(lambda: None, doc=doc) for key, doc in _INSERT_DOCS.items()},
    }
)
