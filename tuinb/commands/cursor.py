"""Commands that move the cursor in the edited cell, select and delete: each is a motion or an operator of `tuinb.editing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import EDITOR, Command, Group
from tuinb.editing import motions, operators, structure

if TYPE_CHECKING:
    from tuinb.commands.context import Context
    from tuinb.editing.selection import Motion, Operator


def say_not_editing(context: Context) -> None:
    """Says that no cell is being edited, and what edits one."""
    context.dialogs.notify("No cell is being edited.", hint="{enter-edit-mode} edits one.")


def move(context: Context, motion: Motion, *, extend: bool = False) -> None:
    """Moves the cursor of the editor, or says that it is closed."""
    if context.editor.is_open:
        context.editor.move(motion, extend=extend)
    else:
        say_not_editing(context)


def change(context: Context, operator: Operator) -> None:
    """Changes the text in the editor, or says that it is closed."""
    if context.editor.is_open:
        context.editor.change(operator)
    else:
        say_not_editing(context)


def perform(context: Context, action: str) -> None:
    """Performs an action of the editor by its name, or says that it is closed."""
    if context.editor.is_open:
        context.editor.perform(action)
    else:
        say_not_editing(context)


def _moves(name: str, motion: Motion, doc: str) -> Command:
    return Command(name, doc, Group.CURSOR, EDITOR, lambda context: move(context, motion), repeats=True)


def _selects(name: str, motion: Motion, doc: str) -> Command:
    return Command(name, doc, Group.CURSOR, EDITOR, lambda context: move(context, motion, extend=True), repeats=True)


def _changes(name: str, operator: Operator, doc: str) -> Command:
    return Command(name, doc, Group.EDIT, EDITOR, lambda context: change(context, operator), repeats=True)


cursor_left = _moves("cursor-left", motions.left, "Move the cursor left")
cursor_right = _moves("cursor-right", motions.right, "Move the cursor right")
cursor_up = _moves("cursor-up", motions.up, "Move the cursor up; from the first row, to the cell above")
cursor_down = _moves("cursor-down", motions.down, "Move the cursor down; from the last row, to the cell below")
cursor_word_left = _moves("cursor-word-left", motions.word_left, "Move the cursor to the start of a word")
cursor_word_right = _moves("cursor-word-right", motions.word_right, "Move the cursor to the end of a word")
cursor_line_start = _moves(
    "cursor-line-start", motions.line_start, "Move the cursor to the start of the text of the line, or to column 1"
)
cursor_line_end = _moves("cursor-line-end", motions.line_end, "Move the cursor to the end of the line")
cursor_page_up = _moves("cursor-page-up", motions.page_up, "Move the cursor a page up")
cursor_page_down = _moves("cursor-page-down", motions.page_down, "Move the cursor a page down")
cursor_cell_start = _moves("cursor-cell-start", motions.text_start, "Move the cursor to the start of the cell")
cursor_cell_end = _moves("cursor-cell-end", motions.text_end, "Move the cursor to the end of the cell")

cursor_whole_line_start = _moves("cursor-whole-line-start", motions.whole_line_start, "Move the cursor to column 1 of the line")
cursor_whole_line_end = _moves(
    "cursor-whole-line-end", motions.whole_line_end, "Move the cursor to the end of the line, however many rows it has"
)
cursor_indentation = _moves("cursor-indentation", motions.indentation, "Move the cursor to the start of the text of the line")
cursor_previous_word = _moves("cursor-previous-word", motions.previous_word, "Move the cursor back over letters and digits")
cursor_next_word = _moves("cursor-next-word", motions.next_word, "Move the cursor on over letters and digits")
cursor_previous_paragraph = _moves(
    "cursor-previous-paragraph", motions.previous_paragraph, "Move the cursor to the empty line above the paragraph"
)
cursor_next_paragraph = _moves(
    "cursor-next-paragraph", motions.next_paragraph, "Move the cursor to the empty line below the paragraph"
)

cursor_next_expression = _moves(
    "cursor-next-expression", structure.next_expression, "Move the cursor over the next name, string or pair of brackets"
)
cursor_previous_expression = _moves(
    "cursor-previous-expression", structure.previous_expression, "Move the cursor back over a name, string or pair of brackets"
)
cursor_out_of_brackets = _moves(
    "cursor-out-of-brackets", structure.out_of_brackets, "Move the cursor to the bracket that is open around it"
)
cursor_into_brackets = _moves("cursor-into-brackets", structure.into_brackets, "Move the cursor into the next pair of brackets")
cursor_sentence_start = _moves(
    "cursor-sentence-start", structure.sentence_start, "Move the cursor to the start of the sentence; in code, of the statement"
)
cursor_sentence_end = _moves(
    "cursor-sentence-end", structure.sentence_end, "Move the cursor to the end of the sentence; in code, of the statement"
)
cursor_definition_start = _moves(
    "cursor-definition-start", structure.definition_start, "Move the cursor to the start of the function or class"
)
cursor_definition_end = _moves(
    "cursor-definition-end", structure.definition_end, "Move the cursor behind the end of the function or class"
)

go_to_bracket = _moves("go-to-bracket", motions.to_bracket, "Move the cursor to the matching bracket")

select_left = _selects("select-left", motions.left, "Extend the selection to the left")
select_right = _selects("select-right", motions.right, "Extend the selection to the right")
select_up = _selects("select-up", motions.up, "Extend the selection up")
select_down = _selects("select-down", motions.down, "Extend the selection down")
select_word_left = _selects("select-word-left", motions.word_left, "Extend the selection to the start of a word")
select_word_right = _selects("select-word-right", motions.word_right, "Extend the selection to the end of a word")
select_line_start = _selects("select-line-start", motions.line_start, "Extend the selection to the start of the line")
select_line_end = _selects("select-line-end", motions.line_end, "Extend the selection to the end of the line")
select_page_up = _selects("select-page-up", motions.page_up, "Extend the selection a page up")
select_page_down = _selects("select-page-down", motions.page_down, "Extend the selection a page down")
select_cell_start = _selects("select-cell-start", motions.text_start, "Extend the selection to the start of the cell")
select_to_bracket = _selects("select-to-bracket", motions.to_bracket, "Extend the selection to the matching bracket")
select_cell_end = _selects("select-cell-end", motions.text_end, "Extend the selection to the end of the cell")

new_line = _changes("new-line", operators.new_line, "Start a new line, indented")
delete_left = _changes("delete-left", operators.delete_left, "Delete the selected text, or the character before the cursor")
delete_right = _changes("delete-right", operators.delete_right, "Delete the selected text, or the character after the cursor")
delete_word_left = _changes("delete-word-left", operators.delete_word_left, "Delete back to the start of a word")
delete_word_right = _changes("delete-word-right", operators.delete_word_right, "Delete up to the end of a word")
delete_to_line_start = _changes("delete-to-line-start", operators.delete_to_line_start, "Delete back to the start of the line")
delete_to_line_end = _changes("delete-to-line-end", operators.delete_to_line_end, "Delete up to the end of the line")
delete_lines = _changes("delete-lines", operators.delete_lines, "Delete the selected lines")
indent = _changes("indent", operators.indent, "Indent the selected lines")
dedent = _changes("dedent", operators.dedent, "Dedent the selected lines")
toggle_comment = _changes("toggle-comment", operators.toggle_comment, "Comment or uncomment the selected lines")
comment_lines = _changes("comment-lines", operators.comment_lines, "Comment the selected lines, also those that are comments")
uncomment_lines = _changes(
    "uncomment-lines", operators.uncomment_lines, "Uncomment those of the selected lines that are comments"
)
move_line_up = _changes("move-line-up", operators.move_lines_up, "Move the selected lines up")
move_line_down = _changes("move-line-down", operators.move_lines_down, "Move the selected lines down")
duplicate_lines_up = _changes("duplicate-lines-up", operators.duplicate_lines_up, "Copy the selected lines above themselves")
duplicate_lines_down = _changes(
    "duplicate-lines-down", operators.duplicate_lines_down, "Copy the selected lines below themselves"
)
join_lines = _changes("join-lines", operators.join_lines, "Join the selected lines, or the line and the next one")
sort_lines = _changes("sort-lines", operators.sort_lines, "Sort the selected lines, or all")
reverse_lines = _changes("reverse-lines", operators.reverse_lines, "Reverse the order of the selected lines, or of all")
unique_lines = _changes("unique-lines", operators.unique_lines, "Delete repeated lines of the selected ones, or of all")
trim_lines = _changes("trim-lines", operators.trim_lines, "Delete blanks at the end of the selected lines, or of all")
tabs_to_spaces = _changes("tabs-to-spaces", operators.tabs_to_spaces, "Indent the selected lines, or all, by spaces")
spaces_to_tabs = _changes("spaces-to-tabs", operators.spaces_to_tabs, "Indent the selected lines, or all, by tabs")
upper_case = _changes("upper-case", operators.upper_case, "Turn the selected text, or the word, into upper case")
lower_case = _changes("lower-case", operators.lower_case, "Turn the selected text, or the word, into lower case")
title_case = _changes("title-case", operators.title_case, "Begin the words of the selected text, or the word, with capitals")
transpose = _changes("transpose", operators.transpose, "Exchange the characters around the cursor")
open_line = _changes("open-line", operators.open_line, "End the line at the cursor, which stays before the line end")
join_line_above = _changes("join-line-above", operators.join_line_above, "Join the line to the one above")
upper_word = _changes("upper-word", operators.upper_word, "Turn the rest of the word into upper case, and move behind it")
lower_word = _changes("lower-word", operators.lower_word, "Turn the rest of the word into lower case, and move behind it")
capital_word = _changes("capital-word", operators.capital_word, "Begin the word with a capital, and move behind it")
transpose_words = _changes("transpose-words", operators.transpose_words, "Exchange the word at the cursor with the next one")
transpose_expressions = _changes(
    "transpose-expressions", operators.transpose_expressions, "Exchange the expression before the cursor with the next one"
)
transpose_lines = _changes("transpose-lines", operators.exchange_line_above, "Exchange the line with the one above it")
delete_blank_lines = _changes(
    "delete-blank-lines", operators.delete_blank_lines, "Leave one of the empty lines around the cursor, or none"
)
comment_line = _changes(
    "comment-line", operators.comment_line, "Start a new line, indented; in a comment, with a comment on it"
)
delete_blanks = _changes("delete-blanks", operators.delete_blanks, "Delete the blanks around the cursor")
one_space = _changes("one-space", operators.one_space, "Leave one space of the blanks around the cursor")
comment = _changes("comment", operators.comment, "Comment the selected lines, or write a comment at the end of the line")
indent_lines = _changes("indent-lines", operators.indent_lines, "Indent the line, or the selected lines")
