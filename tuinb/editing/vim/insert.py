"""Insert and replace mode: `f(vim)` for each key that types no character, and what happens at the end of insert mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.vim import keys
from tuinb.editing.vim.state import Failed, Insertion, Mode
from tuinb.editing.vim.walk import FAR, Walker, column_at, first_nonblank, indent_width, screen_column

if TYPE_CHECKING:
    from tuinb.editing.vim.state import Vim


def type_text(vim: Vim, text: str) -> None:
    """Types text, over what is there in replace mode."""
    insertion = _insertion(vim)
    row, column = vim.cursor
    if insertion.replaces:
        old = vim.line_here[column : column + len(text)]
        insertion.replaced += [*old, *[""] * (len(text) - len(old))]
        vim.replace(vim.cursor, Place(row, column + len(old)), text)
    elif vim.type_text(text):
        insertion.indent = None
        return
    else:
        vim.replace(vim.cursor, vim.cursor, text)
    insertion.indent = None
    vim.move(Place(row, column + len(text)))


def _insertion(vim: Vim) -> Insertion:
    assert vim.insertion is not None
    return vim.insertion


def enter(vim: Vim) -> None:
    """Start a line, indented like this one."""
    insertion = _insertion(vim)
    if insertion.replaces:
        insertion.replaced += [""]
    elif vim.type_text("\n"):
        insertion.indent = None
        return
    break_line(vim)
    insertion.indent = vim.cursor.row if vim.cursor.column else None


def break_line(vim: Vim, *, trims: bool = True) -> None:
    """Breaks the line at the cursor. The new line has the indentation of this one. `trims` removes blanks before the cursor."""
    row, column = vim.cursor
    line = vim.line_here
    indent = blanks(vim, line[:column])
    rest = line[column:]
    skipped = len(rest) - len(rest.lstrip(" \t")) if vim.options.autoindent else 0
    before = line[:column]
    kept = before.rstrip(" \t") if trims and indent and (before.strip(" \t") or _is_made(vim)) else before
    vim.replace(Place(row, len(kept)), Place(row, column + skipped), "\n" + indent)
    vim.move(Place(row + 1, len(indent)))


def _is_made(vim: Vim) -> bool:
    """Returns whether the blanks of the line were made for it, and nothing was typed since."""
    return vim.insertion is not None and vim.insertion.indent == vim.cursor.row


def tab(vim: Vim) -> None:
    """Indent to the next step."""
    step = vim.options.shiftwidth
    x = screen_column(vim.line_here, vim.cursor.column, vim.options.tabstop)
    insertion = _insertion(vim)
    if insertion.replaces:
        type_text(vim, " ")
        for _ in range(step - x % step - 1):
            insertion.replaced.append("")
            vim.replace(vim.cursor, vim.cursor, " ")
            vim.move(Place(vim.cursor.row, vim.cursor.column + 1))
        return
    vim.replace(vim.cursor, vim.cursor, " " * (step - x % step))
    insertion.indent = None
    vim.move(Place(vim.cursor.row, vim.cursor.column + step - x % step))


def backspace(vim: Vim) -> None:
    """Delete the character before; in the indentation, back to the previous step."""
    insertion = _insertion(vim)
    row, column = vim.cursor
    if insertion.replaces:
        _restore(vim)
        return
    if not column:
        if row:
            end = len(vim.lines[row - 1])
            vim.replace(Place(row - 1, end), Place(row, 0), "")
            vim.move(Place(row - 1, end))
        return
    line = vim.line_here
    size = 1
    if line[column - 1] == " ":
        x = screen_column(line, column, vim.options.tabstop)
        wanted = (x - 1) // vim.options.shiftwidth * vim.options.shiftwidth
        while size < column and line[column - size - 1] == " " and x - size > wanted:
            size += 1
    insertion.indent = None
    vim.replace(Place(row, column - size), vim.cursor, "")
    vim.move(Place(row, column - size))


def _restore(vim: Vim) -> None:
    """Takes back a character that was typed in replace mode."""
    insertion = _insertion(vim)
    row, column = vim.cursor
    if not insertion.replaced:
        vim.move(Place(row, column - 1) if column else Place(row - 1, len(vim.lines[row - 1])) if row else vim.cursor)
        return
    old = insertion.replaced.pop()
    if not column:
        end = len(vim.lines[row - 1])
        vim.replace(Place(row - 1, end), Place(row, 0), old)
        vim.move(Place(row - 1, end))
        return
    vim.replace(Place(row, column - 1), vim.cursor, old)
    vim.move(Place(row, column - 1))


def delete_word(vim: Vim) -> None:
    """Delete the word before."""
    row, column = vim.cursor
    insertion = _insertion(vim)
    if not column:
        if not insertion.replaces:
            backspace(vim)
        return
    walker = Walker(vim.lines, vim.cursor)
    walker.column -= 1
    while walker.column and not walker.kind:
        walker.column -= 1
    kind = walker.kind
    while walker.column and kind and Walker(vim.lines, Place(row, walker.column - 1)).kind == kind:
        walker.column -= 1
    _delete_from(vim, walker.column)


def delete_line(vim: Vim) -> None:
    """Delete what was typed in the line, or all before the cursor."""
    column = vim.cursor.column
    insertion = _insertion(vim)
    if not column:
        if not insertion.replaces:
            backspace(vim)
        return
    indent = first_nonblank(vim.line_here)
    _delete_from(vim, indent if indent < column else 0)


def _delete_from(vim: Vim, start: int) -> None:
    """Deletes from a column to the cursor, but not past where the insertion began in the middle of that."""
    row, column = vim.cursor
    insertion = _insertion(vim)
    if row == insertion.start.row and start < insertion.start.column < column:
        start = insertion.start.column
    if insertion.replaces:
        for _ in range(column - start):
            _restore(vim)
        return
    vim.replace(Place(row, start), vim.cursor, "")
    insertion.indent = None
    vim.move(Place(row, start))


def delete_right(vim: Vim) -> None:
    """Delete the character at the cursor."""
    row, column = vim.cursor
    if column < len(vim.line_here):
        vim.replace(vim.cursor, Place(row, column + 1), "")
    elif row < vim.last_row:
        vim.replace(vim.cursor, Place(row + 1, 0), "")


def _shift(vim: Vim, step: int) -> None:
    row, column = vim.cursor
    old = len(vim.line_here)
    width = indent_width(vim.line_here, vim.options.tabstop)
    size = vim.options.shiftwidth
    wanted = (width // size + 1) * size if step > 0 else max(0, (width - 1) // size * size)
    line = vim.line_here
    vim.replace(Place(row, 0), Place(row, first_nonblank(line)), " " * wanted)
    _insertion(vim).indent = None
    vim.move(Place(row, max(0, column + len(vim.line_here) - old)))


def indent(vim: Vim) -> None:
    """Indent the line."""
    _shift(vim, 1)


def dedent(vim: Vim) -> None:
    """Dedent the line."""
    _shift(vim, -1)


def _copy_from(vim: Vim, row: int) -> None:
    x = screen_column(vim.line_here, vim.cursor.column, vim.options.tabstop)
    if not 0 <= row <= vim.last_row:
        raise Failed
    line = vim.lines[row]
    column = column_at(line, x, vim.options.tabstop)
    if column >= len(line):
        raise Failed
    type_text(vim, line[column])


def copy_above(vim: Vim) -> None:
    """Insert the character above the cursor."""
    _copy_from(vim, vim.cursor.row - 1)


def copy_below(vim: Vim) -> None:
    """Insert the character below the cursor."""
    _copy_from(vim, vim.cursor.row + 1)


def insert_again(vim: Vim) -> None:
    """Insert the text that was inserted last."""
    if not vim.shared.inserted:
        raise Failed("Nothing was inserted before.")
    put_text(vim, vim.shared.inserted)


def put_text(vim: Vim, text: str) -> None:
    """Inserts text of several lines at the cursor, as it is."""
    if not _insertion(vim).replaces:
        start = vim.text.offset(vim.cursor)
        vim.replace(vim.cursor, vim.cursor, text)
        _insertion(vim).indent = None
        vim.move(vim.text.place(start + len(text)))
        return
    for character in text:
        if character == "\n":
            enter(vim)
        else:
            type_text(vim, character)


# ---- moving


def _moved(vim: Vim, place: Place, wanted: int | None = None) -> None:
    """Moves the cursor: what is typed from here on is another step, and is repeated alone."""
    insertion = _insertion(vim)
    remove_indent(vim)
    vim.end_step()
    vim.insertion = Insertion(place, replaces=insertion.replaces, moved=True, once=insertion.once)
    vim.move(place, wanted)


def left(vim: Vim) -> None:
    """Left."""
    row, column = vim.cursor
    _moved(vim, Place(row, max(0, column - 1)))


def right(vim: Vim) -> None:
    """Right."""
    row, column = vim.cursor
    _moved(vim, Place(row, min(len(vim.line_here), column + 1)))


def up(vim: Vim) -> None:
    """Up."""
    _vertical(vim, -1)


def down(vim: Vim) -> None:
    """Down."""
    _vertical(vim, 1)


def _vertical(vim: Vim, by: int) -> None:
    row = vim.cursor.row + by
    if not 0 <= row <= vim.last_row:
        if vim.host.leave(by):
            return
        raise Failed
    _moved(vim, Place(row, column_at(vim.lines[row], vim.wanted, vim.options.tabstop)), vim.wanted)


def home(vim: Vim) -> None:
    """To the start of the line."""
    _moved(vim, Place(vim.cursor.row, 0))


def end(vim: Vim) -> None:
    """To the end of the line."""
    _moved(vim, Place(vim.cursor.row, len(vim.line_here)), FAR)


def word_left(vim: Vim) -> None:
    """To the start of a word before."""
    walker = Walker(vim.lines, vim.cursor)
    walker.to_previous_word(1)
    _moved(vim, walker.place)


def word_right(vim: Vim) -> None:
    """To the next word."""
    walker = Walker(vim.lines, vim.cursor)
    walker.to_next_word(1, in_line=False)
    _moved(vim, walker.place)


def page_up(vim: Vim) -> None:
    """A page up."""
    _page(vim, "page-up")


def page_down(vim: Vim) -> None:
    """A page down."""
    _page(vim, "page-down")


def _page(vim: Vim, command: str) -> None:
    insertion, before = _insertion(vim), vim.cursor
    if not vim.host.run(command):
        raise Failed
    place, wanted = vim.cursor, vim.wanted
    if vim.insertion is insertion and place != before:
        vim.cursor = before  # where blanks that were made for a line may have to go
        _moved(vim, place, wanted)


def one_command(vim: Vim) -> None:
    """Run one command of normal mode."""
    insertion = _insertion(vim)
    finish(vim, repeats=False)
    vim.insertion = Insertion(vim.cursor, once=True, replaces=insertion.replaces)
    vim.mode = Mode.NORMAL
    row, column = vim.cursor
    # Whether the cursor is behind the end, where it comes back to.
    vim.insertion.moved = column >= len(vim.line_here) > 0
    if vim.insertion.moved:
        vim.move(Place(row, column - 1))


def resume(vim: Vim) -> None:
    """Goes on with insert mode after one command."""
    insertion = _insertion(vim)
    place = vim.cursor
    length = len(vim.line_here)
    was_behind = insertion.moved and insertion.start.row == place.row
    if (was_behind or vim.wanted > vim.wanted_at(place)) and place.column == length - 1:
        place = Place(place.row, length)
    vim.mode = Mode.REPLACE if insertion.replaces else Mode.INSERT
    vim.insertion = Insertion(place, replaces=insertion.replaces, moved=True)
    vim.move(place)


def remove_indent(vim: Vim) -> None:
    """Removes indentation that was made for a line on which nothing was typed."""
    row = _insertion(vim).indent
    if row is not None and row == vim.cursor.row and not vim.line_here.strip(" \t"):
        vim.replace(Place(row, 0), Place(row, len(vim.line_here)), "")
        vim.cursor = Place(row, 0)
    _insertion(vim).indent = None


def finish(vim: Vim, *, repeats: bool = True) -> None:
    """Ends insert mode: repeats what was typed as often as the count says, and in the other rows of a block."""
    insertion = _insertion(vim)
    start, place = vim.text.offset(insertion.start), vim.text.offset(vim.cursor)
    if place > start or not insertion.moved:
        text = vim.text.text[start:place] if place >= start else ""
        if text:
            vim.shared.inserted = text
    typed = "".join(insertion.keys)
    if repeats and insertion.count > 1 and not insertion.moved:
        _repeat(vim, insertion, typed)
    if insertion.block is not None:
        _fill_block(vim, insertion)
    remove_indent(vim)
    vim.marks["^"] = vim.cursor
    if insertion.start <= vim.cursor:
        vim.marks["["], vim.marks["]"] = insertion.start, vim.cursor


def _repeat(vim: Vim, insertion: Insertion, typed: str) -> None:
    repeating, vim.repeating = vim.repeating, True
    count, insertion.count = insertion.count, 1
    try:
        for _ in range(count - 1):
            if insertion.opens:
                remove_indent(vim)
                open_line(vim, below=True)
            vim.play(typed)
    finally:
        vim.repeating = repeating
        insertion.keys[:] = typed


def open_line(vim: Vim, *, below: bool) -> None:
    """Opens an indented line and moves there."""
    row = vim.cursor.row
    line = vim.lines[row]
    ruled = vim.host.indent_below(row) if below else None
    indent = blanks(vim, line) if ruled is None else ruled
    if below:
        vim.replace(Place(row, len(line)), Place(row, len(line)), "\n" + indent)
        row += 1
    else:
        vim.replace(Place(row, 0), Place(row, 0), indent + "\n")
    vim.move(Place(row, len(indent)))
    if vim.insertion is not None:
        vim.insertion.indent = row if indent else None


def blanks(vim: Vim, line: str) -> str:
    """Returns the blanks that a new line after this one begins with."""
    if not vim.options.autoindent:
        return ""
    tab_stop = vim.options.tabstop
    columns = indent_width(line, tab_stop)
    return " " * columns if vim.options.expandtab else "\t" * (columns // tab_stop) + " " * (columns % tab_stop)


def _fill_block(vim: Vim, insertion: Insertion) -> None:
    assert insertion.block is not None
    rows, x, pads, left = insertion.block
    insertion.block = None
    if vim.cursor.row != insertion.start.row:
        return
    text = vim.line_here[insertion.start.column : vim.cursor.column]
    if not text:
        return
    tab_stop = vim.options.tabstop
    for row in rows:
        line = vim.lines[row]
        if x >= FAR:
            vim.replace(Place(row, len(line)), Place(row, len(line)), text)
            continue
        width = screen_column(line, len(line), tab_stop)
        if width < x:
            if not pads:
                continue
            vim.replace(Place(row, len(line)), Place(row, len(line)), " " * (x - width) + text)
            continue
        column = column_at(line, x, tab_stop)
        vim.replace(Place(row, column), Place(row, column), text)
    if left is not None:  # Esc goes one to the left.
        vim.move(Place(insertion.start.row, left + 1))


def press(vim: Vim, key: str) -> None:
    """Handles a key of insert mode that needs no other one after it."""
    function = KEYS.get(key)
    if function is not None:
        function(vim)
    elif keys.is_text(key):
        type_text(vim, key)


KEYS = {
    keys.ENTER: enter,
    "\n": enter,
    keys.TAB: tab,
    keys.BACKSPACE: backspace,
    "\x7f": backspace,
    keys.DELETE: delete_right,
    "\x17": delete_word,
    "\x15": delete_line,
    "\x14": indent,
    "\x04": dedent,
    "\x05": copy_below,
    "\x19": copy_above,
    "\x01": insert_again,
    "\x0f": one_command,
    keys.LEFT: left,
    keys.RIGHT: right,
    keys.UP: up,
    keys.DOWN: down,
    keys.HOME: home,
    keys.END: end,
    keys.WORD_LEFT: word_left,
    keys.WORD_RIGHT: word_right,
    keys.PAGE_UP: page_up,
    keys.PAGE_DOWN: page_down,
}
"""Key → what it does. Esc, Ctrl+R and Ctrl+V, which ends the mode or waits for another key, are the machine's."""
